package code

import "strings"

// built walks code of compiled languages and of build files that look like them.
// It knows calls by the last two of their names, and what a name was first given;
// it does not evaluate.
type built struct {
	t       []token
	home    string
	given   map[string][]token // what a name was given
	started map[string]int     // by name: the program that it will start, in r.Acts
	work    int
	r       Result
}

// builtCalls are the calls that do something, by their last names.
var builtCalls = table(`
remove_dir_all os.RemoveAll deleteRecursively FileUtils.deleteDirectory FileUtils.cleanDirectory deleteDir Directory.Delete System.File.rm_rf File.rm_rf deleteTree = rm -r
fs.remove_file os.Remove Files.delete Files.deleteIfExists File.Delete File.rm! = rm
Command.new exec.Command ProcessBuilder Process.Start System.cmd addSystemCommand run_command ctx.execute repository_ctx.execute Process.spawn = run
exec.CommandContext = run later
Process sys.process.Process Runtime.exec getRuntime.exec = run split
fs.write File.create os.WriteFile os.Create Files.write Files.writeString File.WriteAllText = write
Library.new plugin.Open syscall.Exec System.load dlopen = doubt
`)

// gradleCalls are those of Gradle's files, where brackets may be left out.
var gradleCalls = table(`
commandLine = run
delete project.delete = rm -r
`)

// cCalls are those of C, whose names say nothing elsewhere; C++ has a remove of its
// own.
var cCalls = table(`
system popen = line
execl execlp execle = run after
execv execve execvp execvpe fexecve posix_spawn posix_spawnp dlopen = doubt
unlink rmdir unlinkat = rm
remove_all = rm -r
`)

// Names that stand for a place which the code made for itself, and for home.
var (
	ownPlaces = set("OUT_DIR CARGO_TARGET_TMPDIR CARGO_TARGET_DIR temp_dir tempdir TempDir MkdirTemp CreateTemp TempFile tempfile createTempDirectory createTempDir createTempFile buildDir buildDirectory temporaryDir")
	homeNames = set("home_dir UserHomeDir homedir user_home")
)

func readBuilt(lang, text string, in Scene) Result {
	b := &built{t: lexBuilt(text, lang == "rust"), home: in.Home, given: map[string][]token{}, started: map[string]int{}}
	for i, t := range b.t {
		if t.text == "=" && t.kind == op && i > 0 {
			b.assign(i)
		}
	}
	for i := 0; i < len(b.t) && b.bounded(); i++ {
		switch t := b.t[i]; {
		case t.kind == name:
			i = b.name(lang, i)
		case t.kind == str && (lang == "gradle" && b.follows(i, ".", "execute") || lang == "build" && (b.follows(i, ".", "!") || b.follows(i, "!"))):
			b.r.Acts = append(b.r.Acts, Act{Kind: "argv", Words: literalWords(strings.Fields(t.text))})
		}
	}
	return b.r
}

// bounded reports whether there is anything left to be done within the bounds.
func (b *built) bounded() bool {
	if b.work > maxWork || len(b.r.Acts) >= maxActs {
		b.r.Doubts = append(b.r.Doubts, "code that is too involved")
		return false
	}
	return true
}

func literalWords(texts []string) []Word {
	var out []Word
	for _, text := range texts {
		out = append(out, Word{Text: text})
	}
	return out
}

func (b *built) at(i int) token {
	if i < 0 || i >= len(b.t) {
		return token{kind: op}
	}
	return b.t[i]
}

func (b *built) follows(i int, texts ...string) bool {
	for k, text := range texts {
		if b.at(i+1+k).text != text {
			return false
		}
	}
	return true
}

// assign keeps what the name before the = at i is given, up to the statement's end.
func (b *built) assign(i int) {
	at := i - 1
	for at > 0 && (b.at(at).text == ":" || b.at(at).text == "err" || b.at(at).text == "_" || b.at(at).text == ",") {
		at--
	}
	end := i + 1
	for end < len(b.t) && end < i+60 && b.t[end].text != ";" && !b.t[end].first {
		end++
	}
	if nm := b.at(at); nm.kind == name && b.given[nm.text] == nil {
		b.given[nm.text] = b.t[i+1 : end]
	}
}

// name walks the name that stands at i and returns the place of its last token.
func (b *built) name(lang string, i int) int {
	start, last, before := i, b.t[i].text, ""
	for b.at(i+1).text == "." && b.at(i+2).kind == name {
		i += 2
		last, before = b.t[i].text, last
	}
	if before == "" && b.at(start-1).text == "." && b.at(start-2).text == ")" && b.at(start-3).text == "(" { // getRuntime().exec
		before = b.at(start - 4).text
	}
	effect := builtCalls[before+"."+last]
	if effect == "" {
		effect = builtCalls[last]
	}
	if lang == "gradle" && effect == "" {
		effect = gradleCalls[last]
	}
	if lang == "c" && effect == "" {
		effect = cCalls[last]
	}
	open := b.at(i + 1)
	bare := lang == "gradle" && open.kind != op && !open.first
	if n, ok := b.started[before]; ok && hasWord("arg args Args", last) && open.text == "(" { // cmd.arg("x")
		words, _ := b.arguments(i + 1)
		b.r.Acts[n].Words = append(b.r.Acts[n].Words, words...)
		return i
	}
	if effect == "" || open.text != "(" && !bare {
		return i
	}
	words, end := b.arguments(i + 1)
	b.does(effect, before+"."+last, words)
	if strings.HasPrefix(effect, "run") && len(b.r.Acts) > 0 {
		b.chain(end, b.owner(start))
	}
	return i
}

// owner is the name that is given what starts at i, "" if there is none.
func (b *built) owner(i int) string {
	for k := i; k > max(0, i-8); k-- {
		if b.at(k).text == "=" && b.at(k-1).kind == name {
			return b.at(k - 1).text
		}
	}
	return ""
}

// chain adds the words of .arg("x").args(["y"]) to the program that was just
// started.
func (b *built) chain(i int, owner string) {
	n := len(b.r.Acts) - 1
	if owner != "" {
		b.started[owner] = n
	}
	for b.at(i+1).text == "." && b.at(i+3).text == "(" {
		words, end := b.arguments(i + 3)
		if hasWord("arg args Args", b.at(i+2).text) {
			b.r.Acts[n].Words = append(b.r.Acts[n].Words, words...)
		}
		i = end
	}
}

func (b *built) does(effect, what string, words []Word) {
	switch {
	case effect == "doubt":
		b.r.Doubts = append(b.r.Doubts, what)
		return
	case effect == "run split" && len(words) == 1 && words[0].Open == "":
		words = literalWords(strings.Fields(words[0].Text))
	case effect == "run later" && len(words) > 0: // the first is a context
		words = words[1:]
	case effect == "run after" && len(words) > 1: // the first is the file; a null ends the others
		words = append(words[:1], words[2:]...)
		if last := words[len(words)-1]; len(words) > 1 && last.Open != "" {
			words = words[:len(words)-1]
		}
	case effect == "line":
		if len(words) > 0 {
			b.r.Acts = append(b.r.Acts, Act{Kind: "line", Words: words[:1]})
		}
		return
	case effect == "write":
		if len(words) > 0 && words[0].Open == "" {
			b.r.Acts = append(b.r.Acts, Act{Kind: "write", Words: words[:1]})
		}
		return
	case strings.HasPrefix(effect, "rm"):
		words = append(literalWords(strings.Fields(effect)), words...)
	}
	if len(words) > 0 {
		b.r.Acts = append(b.r.Acts, Act{Kind: "argv", Words: words})
	}
}
