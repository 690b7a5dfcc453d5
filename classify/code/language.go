package code

import "strings"

// language says how a language is written, and what its names do.
type language struct {
	comments []string
	block    bool   // comments between /* and */
	sigils   string // what may stand before a name: $x
	dollars  bool   // $ is a letter
	prefix   string // letters that may stand before a string
	triple   bool   // strings in three quotes
	template bool   // strings in backquotes hold ${expressions}
	tick     bool   // a shell runs what stands in backquotes
	interp   string // what strings in double quotes hold: "#" #{code}, "$" $names
	regex    bool   // patterns between slashes
	quoting  bool   // q(..), s/../../
	percent  bool   // %w[..], %x(..)
	heredoc  bool
	marks    bool // names may end in ? and !
	concat   bool // . joins strings
	reach    map[string]bool
	lines    bool // a line ends a statement
	indent   bool // Python
	imports  bool
	named    bool   // f(x: 1) or f(x=1) names an argument
	bare     bool   // f x calls f
	many     bool   // file functions take any number of files
	pipes    bool   // open("|cmd")
	callable bool   // a string can be called
	funcs    string // words that begin a function

	args   string            // the name of the list of words the program was given
	alias  map[string]string // other names of things in calls
	calls  map[string]string // what calling a name does: call.go
	closed map[string]bool   // what is taken from these has to be in calls
	dark   map[string]bool   // modules that serve to get around all this
	words  map[string]bool   // names that do too
	harsh  []string          // what methods that destroy are called
	skips  map[string]bool   // keywords that can stand before an operand
}

// effect returns what calling a name does, "" if nothing is known about it.
func (l *language) effect(ref string) string {
	if ref == "" {
		return ""
	}
	return l.calls[ref]
}

// full returns the name under which a thing stands in the tables.
func (l *language) full(ref string) string {
	if l == nodeLang {
		ref = strings.TrimPrefix(ref, "node:")
		ref = strings.TrimSuffix(ref, "Sync")
	}
	if a, ok := l.alias[ref]; ok {
		return a
	}
	if i := strings.LastIndexByte(ref, '.'); i > 0 {
		if a, ok := l.alias[ref[:i]]; ok {
			return a + ref[i:]
		}
	}
	return ref
}

var languages = map[string]*language{"python": pythonLang, "node": nodeLang, "perl": perlLang, "ruby": rubyLang, "php": phpLang}

var common = []string{"delete", "drop_", "dropdatabase", "dropcollection", "destroy", "truncate", "terminate_", "terminateinstances", "flushall", "flushdb", "purge", "wipe", "rmtree", "unlink", "remove_dir", "remove_entry", "revoke", "uninstall", "erase", "deprovision", "send_mail", "sendmail", "send_message", "sendmessage", "put_object", "putobject", "upload_file", "upload_fileobj", "kill_", "prune", "chat_post", "postmessage", "create_tweet", "refund", "payout"}

// set makes a set of words.
func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// table reads lines of "name name ...: effect".
func table(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		names, effect, _ := strings.Cut(strings.TrimSpace(line), " = ")
		for n := range strings.FieldsSeq(names) {
			out[n] = effect
		}
	}
	return out
}

var pythonLang = &language{
	comments: []string{"#"}, prefix: "rbfut", triple: true, lines: true, indent: true, imports: true, named: true, reach: set(""),
	funcs: "def", args: "sys.argv", harsh: common,
	skips:  set("return yield await not in is and or if elif else while assert raise del try except finally with print pass break continue async case match global nonlocal new"),
	words:  set("__builtins__ __subclasses__ __globals__ __getattribute__ __code__ __loader__ __bases__ __mro__ __closure__ __reduce__ setattr settrace setprofile breakpoint attrgetter methodcaller"),
	dark:   set("ctypes cffi code codeop pdb marshal runpy smtplib ftplib telnetlib paramiko fabric pexpect plumbum builtins pyautogui keyboard winreg rlcompleter bdb imp zipimport"),
	closed: set("subprocess pty importlib"),
	alias: map[string]string{"io.open": "open", "codecs.open": "open", "posix": "os", "nt": "os", "pathlib.PosixPath": "pathlib.Path", "pathlib.PurePath": "pathlib.Path", "urllib2.urlopen": "urllib.request.urlopen",
		"request.urlopen": "urllib.request.urlopen", "requests.Session()": "requests", "requests.session()": "requests", "httpx.Client()": "httpx", "distutils.dir_util.remove_tree": "shutil.rmtree"},
	calls: table(pythonCalls),
}

const pythonCalls = `
os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput asyncio.create_subprocess_shell os.startfile pexpect.spawn = line
subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen pty.spawn = run
asyncio.create_subprocess_exec = words
os.execv os.execve os.execvp os.execvpe os.execl os.execlp os.execle os.spawnl os.spawnlp os.spawnv os.spawnvp os.posix_spawn os.fork os.forkpty pty.fork os.dup2 os.setuid os.setgid os.chroot os.putenv os.mkfifo os.mknod os.killpg = doubt
os.remove os.unlink os.rmdir os.removedirs = do rm
shutil.rmtree = do rm -r
path.unlink path.rmdir = self do rm
os.rename os.replace os.renames shutil.move = do mv
path.rename path.replace = self do mv
shutil.copy shutil.copy2 shutil.copyfile = do cp
shutil.copytree = do cp -r
os.symlink os.link = do ln -s
os.mkdir os.makedirs = do mkdir
path.mkdir = self do mkdir
path.touch = self do touch
os.truncate = do truncate -s 0
os.chmod = chmod
path.chmod = self chmod
os.chown shutil.chown = do chown nobody
os.kill = kill
open = open
path.open = self open
path.write_text path.write_bytes = self write
path.read_text path.read_bytes = self read
shutil.make_archive = doubt
urllib.request.urlopen urllib.request.urlretrieve requests.get requests.head httpx.get urllib.request.Request = request
requests.post httpx.post = request POST
requests.put httpx.put = request PUT
requests.patch httpx.patch = request PATCH
requests.delete httpx.delete = request DELETE
requests.request httpx.request = request any
socket.socket().connect socket.create_connection socket.socket().connect_ex = connect
exec eval compile = eval
pickle.loads pickle.load dill.loads dill.load cloudpickle.loads cloudpickle.load joblib.load torch.load marshal.loads yaml.unsafe_load jsonpickle.decode = unpack
io.BytesIO io.StringIO = same
__import__ importlib.import_module = module
importlib.metadata importlib.resources importlib.util importlib.reload importlib.import importlib.machinery = text
subprocess.PIPE subprocess.DEVNULL subprocess.STDOUT subprocess.CalledProcessError subprocess.TimeoutExpired subprocess.CompletedProcess subprocess.SubprocessError = text
getattr = get
pathlib.Path = path
path.joinpath path.with_name path.__truediv__ = self path
os.path.join = join
path.glob path.rglob = self glob
glob.glob glob.iglob = glob
path.iterdir os.scandir = self below
os.walk path.walk = walk
os.listdir = names
path.parent = parent
os.path.dirname = folder
os.path.expanduser os.path.abspath os.path.realpath os.path.normpath os.fspath str sorted list reversed set tuple iter enumerate os.path.expandvars = same
path.resolve path.absolute path.expanduser path.as_posix = self same
sys.executable = python
sys.path.insert sys.path.append site.addsitedir = load
pathlib.Path.home = homepath
os.environ.HOME = homevar
os.environ.get os.getenv = env
pathlib.Path.cwd os.getcwd = cwd
tempfile.mkdtemp tempfile.mkstemp tempfile.TemporaryDirectory tempfile.mktemp = tmp
tempfile.gettempdir = tmpdir
`

var nodeLang = &language{
	comments: []string{"//", "#!"}, block: true, dollars: true, template: true, regex: true, lines: true, imports: true, reach: set("?."),
	funcs: "function", args: "process.argv", harsh: common,
	skips:  set("return yield await new typeof void delete throw else do try catch finally case default if while switch async export in instanceof"),
	words:  set("constructor __proto__ Function globalThis mainModule binding dlopen _load Reflect __defineGetter__ getBuiltinModule _linkedBinding"),
	dark:   set("vm worker_threads cluster inspector v8 repl module ffi-napi nodemailer ssh2 pty node-pty"),
	closed: set("child_process"),
	alias: map[string]string{"fs/promises": "fs", "fs.promises": "fs", "fs-extra": "fs", "fs-extra.promises": "fs", "graceful-fs": "fs", "Bun.spawn": "child_process.spawn", "path/posix": "path", "path.posix": "path",
		"axios.request": "axios", "node-fetch": "fetch", "cross-fetch": "fetch", "undici.request": "fetch", "undici.fetch": "fetch", "got": "fetch", "Bun.$": "$", "zx.$": "$", "shelljs.exec": "child_process.exec",
		"Deno.removeSync": "Deno.remove", "rimraf.sync": "rimraf", "rimraf.rimraf": "rimraf", "window.eval": "eval", "global.eval": "eval", "global.process": "process", "execa.execa": "execa", "execa.command": "$"},
	calls: table(nodeCalls),
}

const nodeCalls = `
child_process.exec $ = line
child_process.execFile child_process.spawn Deno.Command execa cross-spawn = run
child_process.fork Deno.run process.setuid process.chroot Deno.dlopen Bun.dlopen bun:ffi.dlopen module.createRequire process.dlopen vm.runInNewContext = doubt
fs.unlink fs.rm fs.rmdir Deno.remove = do rm
fs.remove fs.emptyDir rimraf rimraf.rimraf del del.deleteAsync shelljs.rm = do rm -r
fs.rename fs.move Deno.rename = do mv
fs.copyFile fs.copy fs.cp Deno.copyFile = do cp -r
fs.symlink fs.link = do ln -s
fs.mkdir fs.mkdirp fs.ensureDir Deno.mkdir = do mkdir
fs.truncate = do truncate -s 0
fs.chmod Deno.chmod = chmod
fs.chown = do chown nobody
fs.writeFile fs.writeJson fs.writeJSON fs.outputFile fs.createWriteStream Deno.writeTextFile Deno.writeFile Bun.write = write
fs.appendFile = append
fs.readFile fs.createReadStream fs.readJson Deno.readTextFile Deno.readFile Bun.file = read
fs.open = open
process.kill Deno.kill = kill
fetch axios axios.get http.get https.get http.request https.request = request
axios.post = request POST
axios.put = request PUT
axios.patch = request PATCH
axios.delete = request DELETE
net.connect net.createConnection = connect
eval = eval
require import = module
path.join = join
path.resolve = path
path.dirname = folder
path.normalize fs.realpath String Array.from = same
fs.readdir = names
glob.glob fast-glob globby.globby = glob
os.homedir = home
process.env.HOME = homevar
process.execPath process.argv0 = node
process.cwd = cwd
fs.mkdtemp Deno.makeTempDir Deno.makeTempFile = tmp
os.tmpdir = tmpdir
`

var perlLang = &language{
	comments: []string{"#"}, sigils: "$@%&", tick: true, interp: "$", regex: true, quoting: true, heredoc: true, concat: true, reach: set("-> ::"), bare: true, many: true, pipes: true,
	funcs: "sub", args: "@ARGV", harsh: common,
	skips:  set("return print say printf if unless while until and or not my our local for foreach push unshift die warn defined scalar lc uc else elsif x"),
	words:  set("syscall dump CORE BEGIN AUTOLOAD DESTROY ioctl fcntl socket dbmopen sysopen symbol"),
	dark:   set("IO.Socket Socket Inline FFI"),
	closed: set(""),
	calls: table(`
system exec qx readpipe IPC.Open2.open2 IPC.Open3.open3 open2 open3 = run
open = popen
unlink rmdir = do rm
rmtree remove_tree File.Path.rmtree File.Path.remove_tree = do rm -r
rename move File.Copy.move = do mv
copy cp File.Copy.copy = do cp
symlink link = do ln -s
mkdir make_path = do mkdir
tempdir File.Temp.tempdir = tmp
chmod chown truncate fork = doubt
kill = doubt
eval = eval
glob = glob
get getstore LWP.Simple.get = request
`),
}

var rubyLang = &language{
	comments: []string{"#"}, sigils: "@$", tick: true, interp: "#", regex: true, percent: true, heredoc: true, marks: true, lines: true, named: true, reach: set("&. ::"), bare: true, many: true, pipes: true,
	funcs: "def", args: "ARGV", harsh: common,
	skips:  set("return puts print p pp if unless while until and or not then else elsif begin ensure rescue raise yield"),
	words:  set("instance_eval class_eval module_eval instance_exec define_method send public_send __send__ const_get instance_variable_get method ObjectSpace Fiddle Marshal syscall fork trap binding TCPSocket UDPSocket TCPServer"),
	dark:   set("Fiddle"),
	closed: set(""),
	calls: table(`
system exec spawn sh Kernel.system Kernel.exec Kernel.spawn Process.spawn IO.popen Open3.capture2 Open3.capture2e Open3.capture3 Open3.popen3 Open3.popen2 PTY.spawn = run
rm rm_f File.delete File.unlink FileUtils.rm FileUtils.rm_f FileUtils.remove FileUtils.safe_unlink Dir.rmdir Dir.delete Dir.unlink FileUtils.rmdir = do rm
rm_r rm_rf FileUtils.rm_r FileUtils.rm_rf FileUtils.remove_dir FileUtils.remove_entry FileUtils.remove_entry_secure FileUtils.rmtree = do rm -r
rm_rf rm_r = do rm -r
File.rename FileUtils.mv FileUtils.move = do mv
FileUtils.cp FileUtils.cp_r FileUtils.copy = do cp -r
File.symlink FileUtils.ln_s FileUtils.ln_sf File.link = do ln -s
Dir.mkdir FileUtils.mkdir FileUtils.mkdir_p FileUtils.makedirs = do mkdir
FileUtils.touch = do touch
File.truncate = do truncate -s 0
File.chmod File.chown FileUtils.chmod FileUtils.chmod_R FileUtils.chown FileUtils.chown_R = doubt
File.write IO.write File.binwrite = write
File.read IO.read File.readlines IO.readlines File.foreach File.binread = read
File.open open File.new URI.open Kernel.open = open
Process.kill = doubt
eval = eval
Dir.glob Dir.[] Dir[] = glob
Dir.entries Dir.children Dir.each_child = names
File.join = join
File.expand_path File.absolute_path URI URI.parse = same
File.dirname = folder
Dir.home = home
Dir.pwd Dir.getwd = cwd
Dir.mktmpdir = tmp
Dir.tmpdir = tmpdir
Net.HTTP.get Net.HTTP.get_response HTTParty.get Faraday.get = request
Net.HTTP.post Net.HTTP.post_form HTTParty.post Faraday.post = request POST
`),
}

var phpLang = &language{
	comments: []string{"//", "#"}, block: true, sigils: "$", tick: true, interp: "$", heredoc: true, concat: true, reach: set("-> :: ?."), named: true, callable: true,
	funcs: "function fn", args: "$argv", harsh: common,
	skips:  set("return echo print if else elseif while switch case default new clone throw and or xor not die exit require_once include_once require include static public"),
	words:  set("create_function assert ReflectionFunction FFI dl putenv pcntl_exec extract unserialize"),
	dark:   set(""),
	closed: set(""),
	calls: table(`
system exec shell_exec passthru popen proc_open = run
unlink rmdir = do rm
rename = do mv
copy = do cp
symlink link = do ln -s
mkdir = do mkdir
touch = do touch
chmod = chmod
chown = do chown nobody
file_put_contents = write
file_get_contents file readfile = read
fopen = open
eval = eval
glob = glob
scandir = names
dirname = folder
realpath = same
getcwd = cwd
tempnam = tmp
sys_get_temp_dir = tmpdir
curl_init = request
curl_exec curl_setopt mail fsockopen pfsockopen stream_socket_client posix_kill = doubt
array_map array_walk usort uasort uksort array_filter call_user_func call_user_func_array register_shutdown_function set_error_handler ob_start preg_replace_callback iterator_apply = callback
`),
}
