package classify

import "strings"

// gitOwn is what git executes of its own accord to do what it was told, by
// subcommand: stash has saved what reset then clears away, and a new worktree or
// clone holds no work yet. (See git's builtin/stash.c, worktree.c and
// submodule--helper.c.)
var gitOwn = map[string][]string{
	"stash":                    gitStash,
	"stash push":               gitStash,
	"stash save":               gitStash,
	"worktree add":             {"reset --hard --no-recurse-submodules", "reset --hard --no-recurse-submodules --quiet"},
	"submodule--helper add":    {"checkout -f -q", "checkout -f -q -B ID ID"},
	"submodule--helper update": {"checkout -q -f ID"},
	"submodule--helper clone":  {"checkout -q -f ID"},
}

var gitStash = []string{
	"reset --hard -q --no-recurse-submodules",
	"clean --force --quiet -d :/", "clean --force --quiet -d :/ -x",
	"checkout --no-overlay ID -- :/",
}

// noteOwn keeps what git executes of its own accord for a stage. A forced update
// of submodules means to discard, and covers nothing.
func (w *walk) noteOwn(s *Stage, a *reading) {
	if s.Sub == "submodule--helper update" && a.anyFlag("f force") {
		return
	}
	for _, line := range gitOwn[s.Sub] {
		if len(w.execs) < maxExecs {
			w.execs = append(w.execs, Exec{Argv: append([]string{"git"}, strings.Fields(line)...), Own: true, Stage: s.ID,
				Loop: strings.HasPrefix(s.Sub, "submodule")})
		}
	}
}

// Own is how the words of an execution stand in Exec.Argv if Exec.Own: the
// program without its folder, ID for an object's name. They are nil for a program
// that none executes of its own accord.
func Own(argv []string) []string {
	if len(argv) == 0 || baseName(argv[0]) != "git" {
		return nil
	}
	words := make([]string, len(argv))
	for i, word := range argv {
		switch {
		case i == 0:
			word = baseName(word)
		case isObjectID(word):
			word = "ID"
		}
		words[i] = word
	}
	return words
}

func isObjectID(word string) bool {
	return (len(word) == 40 || len(word) == 64) && strings.Trim(word, "0123456789abcdef") == ""
}
