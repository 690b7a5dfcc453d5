package classify

import (
	"path"
	"slices"
	"strings"
)

// path states what a word names, taken as a file.
func (w *walk) path(sh *shell, f field, access string) Path {
	p := Path{Raw: f.text, Zone: "unknown", Access: access, Exists: "unknown", Type: "unknown", Git: "unknown", Made: f.made, Glob: f.glob > 0}
	if sh.remote {
		p.Zone = "remote"
	}
	abs := join(sh.cwd, f.text)
	if !f.usable() || abs == "" || f.text == "" {
		return p
	}
	pattern := abs
	if f.glob > 0 {
		abs = beforeGlob(abs)
	}
	p.Path = abs
	if sh.remote {
		return p
	}
	w.observe(&p, strings.HasSuffix(f.text, "/"))
	if p.Path != abs { // a symbolic link leads elsewhere
		pattern = p.Path + strings.TrimPrefix(pattern, strings.TrimSuffix(abs, "/"))
	}
	p.Zone, p.Covers = w.place.zone(p.Path), w.place.covers(pattern)
	p.Made = p.Made || w.madeHere(p.Path)
	return p
}

// madeHere reports whether the line made a path or a folder above it.
func (w *walk) madeHere(abs string) bool {
	if len(w.made) == 0 {
		return false
	}
	for dir := abs; ; dir = path.Dir(dir) {
		if w.made[dir] {
			return true
		}
		if dir == "/" || dir == "." {
			return false
		}
	}
}

// paths fills a stage's Paths from its operands and options; those of its
// redirections stand there too.
func (w *walk) paths(sh *shell, s *Stage, a *reading, program field) {
	here := sh
	sh = a.elsewhere(sh)
	for i, f := range a.operands {
		access, ok := a.access(i)
		if !ok {
			continue
		}
		if hasWord("scp rsync sftp", s.Name) && isRemoteSpec(f.text) {
			s.Paths = append(s.Paths, Path{Raw: f.text, Zone: "remote", Access: access, Exists: "unknown", Type: "unknown", Git: "unknown", Glob: f.glob > 0})
			continue
		}
		w.addPath(sh, s, f, access)
		if n := len(s.Paths); s.Name == "find" && access == "delete" && a.narrow() && n > 0 { // not all of it
			s.Paths[n-1].Covers, s.Paths[n-1].Glob = nil, true
		}
	}
	for _, o := range a.options {
		if f, ok := uploaded(s, o); ok {
			w.addPath(sh, s, f, "read")
		} else if f, ok := mounted(s, o); ok {
			w.addPath(sh, s, f, "unknown")
		} else if o.access != "" {
			w.addPath(sh, s, o.value, o.access)
		} else if a.spec.files == "" && a.unknown && looksLikePath(o.value) {
			w.addPath(sh, s, o.value, "unknown")
		}
	}
	w.downloads(sh, s, a)
	sh = here
	for _, r := range s.Redirects {
		if r.Path != nil {
			s.Paths = append(s.Paths, *r.Path)
		}
	}
	if program.usable() && strings.Contains(program.text, "/") {
		program.open = ""
		s.Paths = append(s.Paths, w.path(sh, program, "exec"))
	}
	w.adrift(s)
	w.makes(s)
	w.askFor(sh, s)
}

func (w *walk) addPath(sh *shell, s *Stage, f field, access string) {
	if len(f.under) == 0 {
		if f.text == "-" || strings.Contains(f.text, "://") || f.text == "" && f.open == "" {
			return
		}
		s.Paths = append(s.Paths, w.path(sh, f, access))
		return
	}
	for _, top := range f.under {
		p := w.path(sh, top, access)
		p.Raw, p.Glob = f.text, true
		if f.open != "" { // only some of what lies there
			p.Covers = nil
		}
		s.Paths = append(s.Paths, p)
	}
}

// adrift says where it matters that the working directory is not known.
func (w *walk) adrift(s *Stage) {
	if s.Cwd != "" || s.Remote {
		return
	}
	for _, p := range s.Paths {
		if p.Path == "" && p.Access != "read" && p.Access != "unknown" {
			w.doubt(s.ID, "cwd", "the working directory is not known")
			return
		}
	}
}

// elsewhere returns the shell in whose folder the operands are: git -C.
func (a *reading) elsewhere(sh *shell) *shell {
	for _, o := range a.options {
		if o.global && a.sub != "" && o.name == "C" {
			there := sh.fork()
			there.cwd = ""
			if o.value.usable() {
				there.cwd = join(sh.cwd, o.value.text)
			}
			sh = there
		}
	}
	return sh
}

// uploaded returns the file that curl sends for an option: -d @FILE, -F x=@FILE.
func uploaded(s *Stage, o option) (field, bool) {
	if s.Name != "curl" || !hasWord("d data data-binary data-urlencode data-ascii json F form", o.name) {
		return field{}, false
	}
	f := o.value
	i := strings.IndexByte(f.text, '@')
	if i < 0 || i > 0 && !strings.HasSuffix(f.text[:i], "=") {
		return field{}, false
	}
	f.text, _, _ = strings.Cut(f.text[i+1:], ";")
	return f, true
}

// mounted returns the file of this machine that an option gives to a container:
// -v SOURCE:TARGET, --mount type=bind,source=SOURCE. A bare name is a volume.
func mounted(s *Stage, o option) (field, bool) {
	f := o.value
	if family(s.Name) != "docker" || o.global || !hasWord("v volume mount", o.name) {
		return field{}, false
	}
	source, _, _ := strings.Cut(f.text, ":")
	if o.name == "mount" {
		source = ""
		for part := range strings.SplitSeq(f.text, ",") {
			if name, v, _ := strings.Cut(part, "="); name == "source" || name == "src" {
				source = v
			}
		}
	}
	if source == "" || !strings.ContainsAny(source[:1], "/.~$") {
		return field{}, false
	}
	f.text = source
	if !strings.ContainsAny(source, "$`") {
		f.open = ""
	}
	return f, true
}

// looksLikePath reports whether a word of an unknown program may name a file.
func looksLikePath(f field) bool {
	t := f.text
	if t == "" || strings.Contains(t, "://") || strings.ContainsAny(t, "\n") {
		return false
	}
	return t == "." || t == ".." || strings.HasPrefix(t, "./") || strings.HasPrefix(t, "../") || strings.HasPrefix(t, "/") || strings.Contains(t, "/") && !strings.ContainsAny(t, " :@")
}

// makes notes the folders a stage makes, for stages after it. mkdir -p, and what
// follows a mkdir that failed, would also find a folder that was there before.
func (w *walk) makes(s *Stage) {
	if s.Remote || s.Name != "mkdir" {
		return
	}
	for _, p := range s.Paths {
		if p.Path != "" && p.Exists == "no" && !slices.Contains(p.Covers, "workspace") {
			w.made[p.Path] = true
		}
	}
}

// downloads adds the files that curl -O and wget name after what they fetch.
func (w *walk) downloads(sh *shell, s *Stage, a *reading) {
	named := s.Name == "curl" && a.anyFlag("O remote-name remote-name-all") || s.Name == "wget" && !a.anyFlag("O output-document spider i input-file r recursive m mirror")
	if !named {
		return
	}
	dir, _ := a.value("P", "directory-prefix", "output-dir")
	for _, f := range a.operands {
		url, _, _ := strings.Cut(f.text, "?")
		if base := path.Base(url); f.open == "" && strings.Contains(url, "/") && base != "." && base != "/" {
			w.addPath(sh, s, field{text: path.Join(dir.text, base)}, "write")
		}
	}
}
