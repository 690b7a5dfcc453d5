package classify

import "strings"

// custom reads the words of a program by its spec, or by the program's own way
// where that fits no table.
func (a *reading) custom(name string, words []field) {
	switch a.spec.custom {
	case "assignments":
		a.assignments(words)
	case "modes":
		a.modes(name, words)
	case "signals":
		a.signals(name, words)
	case "find":
		a.find(words)
	case "tar":
		if len(words) > 0 && words[0].open == "" && !strings.HasPrefix(words[0].text, "-") {
			words = append([]field{{text: "-" + words[0].text}}, words[1:]...)
		}
		a.words(name, words)
	case "words":
		a.operands = words
	case "shell":
		for len(words) > 0 && strings.HasPrefix(words[0].text, "+") {
			words = words[1:]
		}
		a.words(name, words)
	default:
		a.words(name, words)
	}
}

// assignments reads dd's words: if=FILE of=FILE.
func (a *reading) assignments(words []field) {
	for _, f := range words {
		name, v, ok := strings.Cut(f.text, "=")
		if !ok {
			a.operands = append(a.operands, f)
			continue
		}
		a.flags[name] = true
		a.put(f, name, v)
	}
}

// modes reads chmod's words, of which -x and -rw are modes.
func (a *reading) modes(name string, words []field) {
	rest := make([]field, 0, len(words))
	var mode []field
	for _, f := range words {
		if len(mode) == 0 && len(f.text) > 1 && f.text[0] == '-' && strings.Trim(f.text[1:], "rwxXst") == "" {
			mode = append(mode, f)
			continue
		}
		rest = append(rest, f)
	}
	a.words(name, rest)
	a.operands = append(mode, a.operands...)
}

// signals reads the words of kill and its kin, where -9 and -KILL name the
// signal and a later -1 is an operand.
func (a *reading) signals(name string, words []field) {
	if len(words) > 0 && dashed(words[0]) && words[0].open == "" {
		if sig := signal(words[0].text[1:]); sig != "" {
			a.flags["s"] = true
			a.note("s", field{text: sig})
			words = words[1:]
		}
	}
	if name != "kill" {
		a.words(name, words)
		return
	}
	for i := 0; i < len(words); i++ {
		switch t := words[i].text; {
		case (t == "-s" || t == "-n" || t == "--signal") && i+1 < len(words):
			a.flags["s"] = true
			a.note("s", words[i+1])
			i++
		case strings.HasPrefix(t, "--signal="):
			a.flags["s"] = true
			a.put(words[i], "s", t[len("--signal="):])
		case t == "-l" || t == "-L" || t == "--list" || t == "--table" || t == "--help" || t == "--version":
			a.flags[strings.TrimLeft(t, "-")] = true
		case t != "--":
			a.operands = append(a.operands, words[i])
		}
	}
}

// signal returns s if it names a signal.
func signal(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return s
	}
	switch strings.TrimPrefix(strings.ToUpper(s), "SIG") {
	case "HUP", "INT", "QUIT", "KILL", "TERM", "STOP", "CONT", "TSTP", "USR1", "USR2", "ABRT", "PIPE", "ALRM", "CHLD", "SEGV", "WINCH":
		if len(s) > 1 && s == strings.ToUpper(s) {
			return s
		}
	}
	return ""
}

// findValues are find's tests and actions that take one word, and what is done
// to a file it names.
const findValues = "D=- amin=- anewer=read atime=- cmin=- cnewer=read context=- ctime=- fls=write fprint=write fprint0=write fprintf=write fstype=- gid=- group=- ilname=- iname=- inum=- ipath=- iregex=- iwholename=- links=- lname=- maxdepth=- mindepth=- mmin=- mtime=- name=- newer=read path=- perm=- printf=- regex=- regextype=- samefile=read size=- type=- uid=- used=- user=- wholename=- xtype=- files0-from=read"

// find reads find's words. The operands are the folders it starts from; the
// commands of -exec stand in execs.
func (a *reading) find(words []field) {
	a.spec = &findSpec
	expr := false
	for i := 0; i < len(words); i++ {
		f := words[i]
		switch {
		case dashed(f) && f.open == "":
			name := f.text[1:]
			a.flags[name] = true
			switch {
			case name == "exec" || name == "execdir" || name == "ok" || name == "okdir":
				end := i + 1
				for end < len(words) && words[end].text != ";" && !(words[end].text == "+" && words[end-1].text == "{}") {
					end++
				}
				a.execs = append(a.execs, words[i+1:end])
				i = end
			case lookupWord(findValues, name) != "" && i+1 < len(words):
				i++
				a.note(name, words[i])
			}
			expr = expr || name != "H" && name != "L" && name != "P" && name != "D"
		case f.text == "(" || f.text == ")" || f.text == "!" || f.text == ",":
			expr = true
		case !expr || f.open != "":
			a.operands = append(a.operands, f)
		}
	}
	if len(a.operands) == 0 {
		a.operands = []field{{text: "."}}
	}
	if a.flags["delete"] {
		a.spec = &findDelete
	}
}

var (
	findSpec   = spec{ops: "read", files: findFiles}
	findDelete = spec{ops: "delete", files: findFiles}
)

const (
	findFiles  = "anewer=read cnewer=read fls=write fprint=write fprint0=write fprintf=write newer=read samefile=read files0-from=read"
	findNarrow = "name iname path ipath regex iregex wholename iwholename lname ilname mtime mmin atime amin ctime cmin newer anewer cnewer size empty user uid group gid perm links inum samefile nouser nogroup used xtype"
)

// narrow reports whether find looks for some of the files only.
func (a *reading) narrow() bool { return a.anyFlag(findNarrow) }
