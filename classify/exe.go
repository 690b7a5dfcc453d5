package classify

import (
	"path"
	"slices"
	"strings"
)

// Exe is the program file of an execution that waits in the kernel.
type Exe struct {
	Path   string   `json:"path"`   // links followed; "" if it has no name
	Raw    string   `json:"raw"`    // as given to the kernel
	Dev    int64    `json:"dev"`    //
	Ino    int64    `json:"ino"`    //
	Origin string   `json:"origin"` // system, writable (the agent's user can change it), session (and it was changed since the session began), memfd, deleted, foreign (named in another mount namespace)
	Zone   string   `json:"zone"`   // of Path, as of any path
	Setuid bool     `json:"setuid"` // it asks to run as its owner or group
	Traced bool     `json:"traced"` // another process traces the caller
	Chain  []string `json:"chain"`  // of a script: its interpreters, the one that is loaded last
	Names  []string `json:"names"`  // those it is judged by: the file's, the link's, the first word's
	Found  bool     `json:"found"`  // the first word has no slash: it was looked up in PATH
}

// execution walks a call of the kernel under each name that the program goes
// by: the file's own, the link's and the first word's may differ, and a program
// may act by any of them.
func (w *walk) execution(sh *shell, argv []string, exe Exe) {
	if len(argv) == 0 {
		argv = []string{""} // as the kernel does
	}
	exe.Zone = "unknown"
	if abs := clean(exe.Path); abs != "" {
		exe.Zone = w.place.zone(abs)
	}
	list(&exe.Chain)
	exe.Names, exe.Found = exe.names(argv[0]), !strings.Contains(argv[0], "/")
	w.exe = &exe
	for i, name := range exe.Names {
		in := sh.fork()
		in.filled = i > 0
		w.as(in, exe.words(name, argv))
	}
	if words := w.built(argv); words != nil {
		in := sh.fork()
		in.filled = true
		w.as(in, words)
	}
}

// as walks words whose first stage is the program file.
func (w *walk) as(sh *shell, words []string) {
	first := len(w.stages)
	w.argv(sh, words)
	if first < len(w.stages) {
		w.stages[first].Exe = w.exe
	}
}

// names are those the program is to be judged by, without two for one program.
func (e *Exe) names(zero string) []string {
	file, link, zero := baseName(e.Path), baseName(e.Raw), strings.TrimPrefix(baseName(zero), "-")
	if strings.HasPrefix(e.Raw, "/proc/") || strings.HasPrefix(e.Raw, "/dev/fd/") {
		link = "" // a descriptor's number
	}
	if !plainName(zero) {
		zero = "" // text for ps
	}
	var names []string
	for _, name := range []string{file, link, zero} {
		switch {
		case name == "" || slices.Contains(names, name):
		case len(names) > 0 && names[0] == file && e.called(name, file):
			names[0] = name // python3 says more than python3.11
		case !slices.ContainsFunc(names, func(old string) bool { return e.called(name, old) }):
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = []string{zero}
	}
	return names
}

// called reports whether name is how that file is called. Only what the system
// keeps is believed to act as its name says.
func (e *Exe) called(name, file string) bool {
	return family(name) == family(file) || e.Origin == "system" && SameProgram(name, file)
}

// plainName reports whether a name has none but the letters that programs are
// called by.
func plainName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._+-[", r))
	}) < 0
}

// words are those of a call under one of the program's names. git-push is git
// push, whether it is a link to git or a file of its own.
func (e *Exe) words(name string, argv []string) []string {
	if sub, ok := strings.CutPrefix(name, "git-"); ok && (baseName(e.Path) == "git" || strings.HasSuffix(path.Dir(e.Path), "/git-core")) {
		return append([]string{"git", sub}, argv[1:]...)
	}
	return append([]string{e.word(name, argv[0])}, argv[1:]...)
}

// word is the program of that name as a line would have it: by name alone only
// where the file is the system's.
func (e *Exe) word(name, zero string) string {
	switch {
	case e.Origin == "system" && baseName(zero) == name:
		return zero
	case e.Origin == "system":
		return name
	case baseName(e.Raw) == name && strings.Contains(e.Raw, "/"):
		return e.Raw
	case baseName(e.Path) == name:
		return e.Path
	}
	return name
}

// tool reports whether a script is an installed program: the agent has not changed
// it since its session began, and it is no part of what the agent works on. What
// it executes is judged when it does.
func (w *walk) tool(e *Exe) bool {
	return (e.Origin == "system" || e.Origin == "writable") && w.installed(clean(e.Path))
}

// installed reports whether a file stands where people keep programs.
func (w *walk) installed(abs string) bool {
	zone := w.place.zone(abs)
	return abs != "" && (zone == "system" || zone == "home")
}

// built are the words that the kernel puts together for a script whose
// interpreter is no language: env's command, or any program at all. What is
// one, the script's own stage has as its payload.
func (w *walk) built(argv []string) []string {
	e := w.exe
	if len(e.Chain) == 0 || e.Origin == "system" || w.tool(e) {
		return nil
	}
	last := e.Chain[len(e.Chain)-1]
	name := family(baseName(last))
	if _, ok := interpreters[name]; ok || name == "shell" || name == "awk" {
		return nil
	}
	words := []string{last}
	if o := w.scene[Query{Op: "text", Path: clean(join(clean(w.cmd.Cwd), e.Raw))}]; o != nil && len(e.Chain) == 1 {
		if shebang(o.Text) != "unknown" {
			return nil
		}
		line, _, _ := strings.Cut(o.Text, "\n")
		if _, arg, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#!")), " "); ok {
			words = append(words, strings.TrimSpace(arg))
		}
	}
	return append(append(words, e.Raw), argv[1:]...)
}

// load walks what a loader executes. The file it gets is opened by the loader, not
// by the kernel, so a link's own name is not yet the program's.
func (w *walk) load(sh *shell, c command, base string) bool {
	if !w.plain(sh, c, base, loader) {
		return false
	}
	rest := loader.split(c.words[1:]).rest
	if len(rest) == 0 || !rest[0].usable() || sh.remote {
		return true
	}
	abs := join(sh.cwd, rest[0].text)
	w.want("path", abs)
	o := w.scene[Query{Op: "path", Path: abs}]
	if o == nil || clean(o.Real) == "" || SameProgram(baseName(o.Real), baseName(abs)) {
		return true
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], base)
	in.program, in.filled = true, true
	c.words = append([]field{literal(clean(o.Real))}, rest[1:]...)
	w.exec(in, c)
	return true
}
