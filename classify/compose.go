package classify

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// composed adds to a stage of docker compose what the files that the line itself
// wrote give to containers of this machine: folders and rights.
func (w *walk) composed(sh *shell, s *Stage, a *reading) {
	home, _ := sh.lookup("HOME")
	for _, abs := range w.writtenBelow("/") {
		if !a.composedFrom(s, abs) {
			continue
		}
		b := w.files[abs]
		w.spend(len(b.text))
		s.Takes = ids(append(s.Takes, b.from...))
		for line := range strings.SplitSeq(b.text, "\n") {
			if o, ok := given(line, home.text); ok {
				w.gives(sh, s, o)
			}
		}
	}
}

// gives adds an option to a stage that was not among its words.
func (w *walk) gives(sh *shell, s *Stage, o option) {
	if f, ok := mounted(s, o); ok {
		w.addPath(sh, s, f, "unknown")
	}
	s.Flags = append(s.Flags, o.name)
	slices.Sort(s.Flags)
	s.Flags = slices.Compact(s.Flags)
	s.Options = append(s.Options, Option{Name: o.name, Value: o.value.text})
}

func composes(s *Stage) bool {
	return strings.HasPrefix(s.Sub, "compose ") || hasWord("docker-compose podman-compose", s.Name)
}

// composedFrom reports whether compose reads a file: by its name, or by -f.
func (a *reading) composedFrom(s *Stage, abs string) bool {
	named := false
	for _, o := range a.options {
		if o.name == "f" || o.name == "file" {
			named = true
			if join(s.Cwd, o.value.text) == abs {
				return true
			}
		}
	}
	return !named && path.Dir(abs) == s.Cwd && composeName.MatchString(path.Base(abs))
}

var (
	composeName = regexp.MustCompile(`^(docker-)?compose(\.override)?\.ya?ml$`)
	composeLine = regexp.MustCompile(`^\s*(?:- *)?(?:(source|privileged|pid|ipc|userns_mode): *)?["']?([^"'#]*?)["']?\s*(?:#.*)?$`)
	capability  = regexp.MustCompile(`^(CAP_)?(ALL|SYS_[A-Z]+|DAC_READ_SEARCH)$`)
)

// given returns the option of docker run that does the same as a line of a
// compose file, where it is about the machine outside the container.
func given(line, home string) (option, bool) {
	m := composeLine.FindStringSubmatch(line)
	if m == nil {
		return option{}, false
	}
	key, value := m[1], m[2]
	if rest, below := strings.CutPrefix(value, "~/"); below {
		value = home + "/" + rest
	}
	o := option{value: field{text: value}}
	switch {
	case key == "privileged":
		o.name = "privileged"
	case key == "pid", key == "ipc":
		o.name = key
	case key == "userns_mode":
		o.name = "userns"
	case key == "source":
		o.name = "volume"
	case capability.MatchString(value):
		o.name = "cap-add"
	case strings.HasPrefix(value, "/dev/") && strings.Contains(value, ":"):
		o.name = "device"
	case strings.Contains(value, ":") && strings.ContainsAny(value[:1], "/.~$"):
		o.name = "volume"
	}
	return o, o.name != ""
}
