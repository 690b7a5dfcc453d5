package code

import (
	"cmp"
	"strings"
)

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

// arguments returns the words between the bracket at i and the one that closes it,
// and the place of that; without a bracket, those up to the end of the line.
func (b *built) arguments(i int) ([]Word, int) {
	var out []Word
	bare := b.at(i).kind != op
	depth, from, end := 0, i+1, i
	if bare {
		from, depth = i, 1
	}
	for end = i; end < len(b.t); end++ {
		t := b.t[end]
		if bare && t.first && end > i {
			break
		}
		if t.kind != op {
			continue
		}
		switch t.text {
		case "(":
			depth++
		case "[", "{":
			if from == end || b.at(end-1).text == "!" || b.at(end-1).text == "&" { // args(["x", "y"]), vec!["x"], &["x"]
				from = end + 1
			}
		case ")":
			depth--
		case ",", "]", "}":
			if depth == 1 {
				out = b.argument(out, b.t[from:end])
				from = end + 1
			}
		}
		if depth == 0 {
			break
		}
	}
	b.work += 8 + end - i
	return b.argument(out, b.t[min(from, len(b.t)):min(max(end, from), len(b.t))]), end
}

// argument adds the word that some tokens are.
func (b *built) argument(out []Word, t []token) []Word {
	for len(t) > 0 && t[0].kind == op && t[0].text != "-" {
		t = t[1:]
	}
	if len(t) == 0 {
		return out
	}
	plus := false
	for _, one := range t {
		plus = plus || one.text == "+"
	}
	if t[0].kind == str && !plus && !strings.Contains(t[0].text, "${") {
		return append(out, Word{Text: t[0].text})
	}
	names, texts := map[string]bool{}, []string{}
	b.mentions(t, names, &texts, 0)
	return append(out, b.place(names, texts))
}

// mentions collects the names and strings that some tokens come to.
func (b *built) mentions(t []token, names map[string]bool, texts *[]string, depth int) {
	b.work += len(t)
	for _, one := range t {
		switch {
		case one.kind == str:
			*texts = append(*texts, one.text)
		case one.kind == name && !names[one.text] && len(names) < 40:
			names[one.text] = true
			if depth < 4 {
				b.mentions(b.given[one.text], names, texts, depth+1)
			}
		}
	}
}

// place returns the path that names and strings speak of, where that is home or a
// place of the code's own.
func (b *built) place(names map[string]bool, texts []string) Word {
	home, own, below := false, false, ""
	for nm := range names {
		home, own = home || homeNames[nm], own || ownPlaces[nm]
	}
	for _, text := range texts {
		switch {
		case toolVariables[text] != "":
			return Word{Text: toolVariables[text]}
		case text == "HOME" || text == "user.home":
			home = true
		case ownPlaces[text]:
			own = true
		case strings.Contains(text, ".."):
			return Word{Text: "...", Open: "a value is not known before the code runs"}
		case strings.HasPrefix(text, "/") || !strings.ContainsAny(text, " %"):
			below = "/" + strings.Trim(text, "/")
		}
	}
	switch {
	case home && b.home != "" && len(texts) <= 2:
		return Word{Text: b.home + below}
	case own && !home:
		return Word{Text: "/tmp/tmp.made-by-code"}
	}
	return Word{Text: "...", Open: "a value is not known before the code runs"}
}

// toolVariables name the tools that a build is done with.
var toolVariables = map[string]string{"CARGO": "cargo", "RUSTC": "rustc", "RUSTDOC": "rustdoc", "CC": "cc", "CXX": "c++", "PYTHON": "python3"}

// lexBuilt returns the tokens of code. What reaches into something is a "."; a text
// that does not end goes on to the last byte.
func lexBuilt(text string, rust bool) []token {
	var out []token
	first := true
	for i := 0; i < len(text); {
		rest := text[i:]
		t, n := token{kind: op, text: rest[:1]}, 1
		switch {
		case rest[0] == '\n':
			first, i = true, i+1
			continue
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			i++
			continue
		case strings.HasPrefix(rest, "//"):
			i += cmp.Or(max(0, strings.IndexByte(rest, '\n')), len(rest))
			continue
		case strings.HasPrefix(rest, "/*"):
			i += until(rest, 2, "*/")
			continue
		case rust && rest[0] == '\'' && lifetime(rest[1:]):
			i++
			continue
		case strings.HasPrefix(rest, "::"):
			t.text, n = ".", 2
		case rust && strings.HasPrefix(rest, `r#"`):
			n = until(rest, 3, `"#`)
			t.kind, t.text = str, strings.TrimSuffix(rest[3:n], `"#`)
		case strings.HasPrefix(rest, `"""`):
			n = until(rest, 3, `"""`)
			t.kind, t.text = str, strings.TrimSuffix(rest[3:n], `"""`)
		case strings.IndexByte("\"'`", rest[0]) >= 0:
			n = quoteEnd(rest)
			t.kind, t.text = str, builtEscapes.Replace(strings.TrimSuffix(rest[1:n], rest[:1]))
		case isWord(rest[0]):
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			if t.text = rest[:n]; rest[0] < '0' || rest[0] > '9' {
				t.kind = name
			}
		}
		t.first = first
		out, first, i = append(out, t), false, i+n
	}
	return out
}

// until returns where the mark ends that stands behind the first n bytes.
func until(s string, n int, mark string) int {
	if i := strings.Index(s[n:], mark); i >= 0 {
		return n + i + len(mark)
	}
	return len(s)
}

// quoteEnd returns how long the string is that s starts with.
func quoteEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

// lifetime reports whether what stands behind a ' names a lifetime, not a character.
func lifetime(s string) bool {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n > 0 && (n == len(s) || s[n] != '\'')
}

var builtEscapes = strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\\`, `\`, `\n`, "\n", `\$`, "$")
