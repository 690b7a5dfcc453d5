package classify

import (
	"slices"
	"strings"
)

// foundBelow returns the folders that everything in a pipe lies below, where
// the pipe holds names that find or git ls-files wrote, perhaps fewer of them.
func (w *walk) foundBelow(sh *shell, in input) []field {
	for range maxLevels {
		if in.kind == "text" || len(in.from) != 1 {
			return nil
		}
		s := w.stages[in.from[0]]
		if s.Cwd != sh.cwd || s.Cwd == "" || s.Remote || len(s.Opaque) > 0 {
			return nil
		}
		switch {
		case s.Name == "find" && s.Payload == nil && !slices.ContainsFunc(s.Flags, writesNames):
			return literals(s.Operands)
		case s.Name == "git" && s.Sub == "ls-files" && !slices.Contains(s.Args, "-C"):
			return literals([]string{"."})
		case s.Name == "ls" && !slices.ContainsFunc(s.Operands, leavesHere):
			return literals([]string{"."})
		case !hasWord("grep egrep fgrep head tail sort uniq", s.Name) || slices.ContainsFunc(s.Paths, func(p Path) bool { return p.Access == "read" }):
			return nil
		}
		in.from = s.ReadsFrom
	}
	return nil
}

// leavesHere reports whether a name may lie outside the working directory.
func leavesHere(name string) bool {
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, "~") || strings.Contains(name, "..")
}

// writesNames reports whether a test or action of find makes it write anything
// but the names of what it found.
func writesNames(flag string) bool {
	return hasWord("printf ls exec execdir ok okdir files0-from", flag)
}
