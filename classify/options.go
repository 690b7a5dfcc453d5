package classify

import (
	"slices"
	"strings"
)

// spec says how one program, or one of its subcommands, reads its words. The
// zero spec reads them as GNU programs do.
type spec struct {
	short    string // short options that take a value
	long     string // long options: "force suffix= color?" (a value follows; a value only after =); abbreviations of these are completed
	single   bool   // long options are written with one dash: terraform, find
	most     int    // operands beyond these are not files; 0: no bound
	reads    string // options with which the operands are only read: "l list"
	writes   string // options with which they are written: "i in-place"
	posix    bool   // options end at the first operand
	subs     bool   // the first operand is a subcommand
	nests    string // subcommands that are followed by another: "remote stash"
	ops      string // what is done to the operands: read, write, delete, meta, exec, unknown; "-" where they are not files; "" if they may be
	last     string // what is done to the last operand instead, if there are two or more
	into     string // options that name the target, so that no operand is the last: "t target-directory"
	skip     int    // leading operands that are not files
	unless   string // options with which there are none of these: "e f"
	files    string // options whose value is a file: "o=write config=read"
	custom   string // a way of reading words of its own: custom.go
	attached string // short options whose value can only stand in the same word
}

// option is an option with a value, as read.
type option struct {
	name   string
	value  field
	access string // what is done to the file it names; "" if it names none
	global bool   // stands before the subcommand
}

// reading is a program's words, read by its spec.
type reading struct {
	spec     *spec
	top      *spec // of the program, where spec is its subcommand's
	unknown  bool  // no spec: GNU rules assumed
	sub      string
	flags    map[string]bool
	options  []option
	operands []field
	execs    [][]field // the commands of find -exec
}

// read reads the words of a program into s.
func (w *walk) read(sh *shell, s *Stage, words []field) *reading {
	a := &reading{flags: map[string]bool{}, spec: lookupSpec(family(s.Name))}
	if a.spec == nil {
		a.spec, a.unknown = &spec{}, true
	}
	a.top = a.spec
	a.custom(family(s.Name), words[1:])
	s.Sub, s.Flags, s.Operands = a.sub, set(a.flags), texts(a.operands)
	for _, o := range a.options {
		s.Options = append(s.Options, Option{o.name, o.value.text})
	}
	return a
}

// family returns the name under which a program's spec is kept.
func family(name string) string {
	if base, _, ok := strings.Cut(name, "."); ok && (base == "mkfs" || base == "fsck") {
		return base
	}
	bare := strings.TrimRight(name, "0123456789.")
	switch bare {
	case "python", "pip", "perl", "ruby", "php", "lua", "node", "pypy", "gcc", "g++", "clang":
		return bare
	case "nodejs":
		return "node"
	case "gawk", "mawk", "nawk":
		return "awk"
	case "podman", "nerdctl":
		return "docker"
	case "sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "rbash", "fish", "csh", "tcsh":
		return "shell"
	}
	return name
}

// words reads words by the general rules.
func (a *reading) words(name string, words []field) {
	only := false // operands only, after --
	for i := 0; i < len(words); i++ {
		f := words[i]
		switch {
		case only || !dashed(f):
			if f.usable() && a.subcommand(&name, f) {
				continue
			}
			a.operands = append(a.operands, f)
			only = only || a.spec.posix
		case f.text == "--":
			only = true
		default:
			i += a.option(f, words[i+1:])
		}
	}
}

func dashed(f field) bool { return len(f.text) > 1 && f.text[0] == '-' }

// subcommand takes f as (part of) the subcommand if the next one is due.
func (a *reading) subcommand(name *string, f field) bool {
	if !a.top.subs || a.sub != "" && !hasWord(a.top.nests, a.sub) || len(a.operands) > 0 {
		return false
	}
	a.sub = strings.TrimPrefix(a.sub+" "+f.text, " ")
	*name += " " + f.text
	if next := lookupSpec(*name); next != nil {
		a.spec = next
	}
	return true
}

// option reads one option and returns how many of the following words it took.
func (a *reading) option(f field, rest []field) int {
	text, cut := f.text, false
	if i := strings.IndexAny(text, "$`"); f.open != "" && !f.guess && i > 0 && !strings.Contains(text[:i], "=") {
		text, cut = text[:i], true // what follows is not known
	}
	if strings.HasPrefix(text, "--") {
		return a.long(f, text[2:], rest)
	}
	if a.spec.single {
		return a.long(f, text[1:], rest)
	}
	if a.unknown && len(text) > 2 {
		name, v, has := strings.Cut(text[1:], "=")
		a.flags[name] = true
		if has {
			a.put(f, name, v)
			return 0
		}
	}
	for i, r := range text[1:] {
		name := string(r)
		a.flags[name] = true
		only := strings.ContainsRune(a.spec.attached, r)
		if !only && !strings.ContainsRune(a.spec.short, r) {
			continue
		}
		if v := text[1+i+len(name):]; v != "" {
			a.put(f, name, v)
			return 0
		}
		if only || cut {
			return 0
		}
		return a.take(name, rest)
	}
	return 0
}

// long reads a long option, completing an abbreviation.
func (a *reading) long(f field, text string, rest []field) int {
	name, v, has := strings.Cut(text, "=")
	name, kind := a.complete(name)
	a.flags[name] = true
	if has {
		a.put(f, name, v)
		return 0
	}
	if kind == '=' {
		return a.take(name, rest)
	}
	return 0
}

// complete returns the full name of a long option and its kind: '=' if a value
// follows, '?' if one may stand after =, else 0.
func (a *reading) complete(name string) (string, byte) {
	found, kind, n := name, byte(0), 0
	for known := range strings.FieldsSeq(a.spec.long) {
		bare, k := known, byte(0)
		if last := known[len(known)-1]; last == '=' || last == '?' {
			bare, k = known[:len(known)-1], last
		}
		if bare == name {
			return name, k
		}
		if name != "" && strings.HasPrefix(bare, name) {
			found, kind, n = bare, k, n+1
		}
	}
	if n == 1 && !a.spec.single {
		return found, kind
	}
	return name, 0
}

func (a *reading) note(name string, value field) {
	a.options = append(a.options, option{name: name, value: value, access: lookupWord(a.spec.files, name), global: a.spec == a.top})
}

// put records a value that is part of the option's own word.
func (a *reading) put(f field, name, v string) {
	f.text, f.plain = v, false
	if f.glob > 0 {
		f.glob = max(1, strings.IndexAny(v, "*?[")+1)
	}
	a.note(name, f)
}

// take records the next word as an option's value.
func (a *reading) take(name string, rest []field) int {
	if len(rest) == 0 {
		return 0
	}
	a.note(name, rest[0])
	return 1
}

// access returns what is done to the file that operand i names; ok if it is one.
func (a *reading) access(i int) (string, bool) {
	s := a.spec
	skip := s.skip
	for name := range strings.FieldsSeq(s.unless) {
		if a.flags[name] {
			skip = 0
		}
	}
	switch n := len(a.operands); {
	case i < skip || s.most > 0 && i >= skip+s.most:
		return "", false
	case s.reads != "" && a.anyFlag(s.reads):
		return "read", true
	case s.ops == "-":
		return "", false
	case s.writes != "" && a.anyFlag(s.writes):
		return "write", true
	case s.ops == "exec" && (i > 0 || a.inline()):
		return "unknown", i > 0 && looksLikePath(a.operands[i])
	case s.ops == "":
		return "unknown", looksLikePath(a.operands[i])
	case s.last != "" && i == n-1 && n-skip > 1 && !a.anyFlag(s.into):
		return s.last, true
	case s.last != "" && i == n-2 && n-skip > 2 && a.operands[n-1].many && !a.anyFlag(s.into): // the last may be no word at all
		return s.last, true
	}
	return s.ops, true
}

// inline reports whether an interpreter was given code in its words.
func (a *reading) inline() bool {
	return a.spec.custom == "shell" && a.flags["c"] || a.spec.custom == "" && (a.anyFlag("c e E m eval print") || a.flags["r"] && strings.Contains(a.spec.long, "run="))
}

func (a *reading) anyFlag(names string) bool {
	for name := range strings.FieldsSeq(names) {
		flag, value, told := strings.Cut(name, "=")
		if a.flags[flag] && (!told || slices.Contains(texts(a.values(flag)), value)) {
			return true
		}
	}
	return false
}

// value returns the last value of an option.
func (a *reading) value(names ...string) (field, bool) {
	for i := len(a.options) - 1; i >= 0; i-- {
		if slices.Contains(names, a.options[i].name) {
			return a.options[i].value, true
		}
	}
	return field{}, false
}

func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// lookupWord finds key in a list of key=value words.
func lookupWord(list, key string) string {
	for w := range strings.FieldsSeq(list) {
		if k, v, _ := strings.Cut(w, "="); k == key {
			return v
		}
	}
	return ""
}
