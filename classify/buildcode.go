package classify

import "strings"

// buildCode walks what a build tool runs by itself, beside the programs it is
// told to start: cmake's own file commands, lines that npm keeps for later, and
// the program in Maven's properties.
func (w *walk) buildCode(sh *shell, s *Stage, a *reading, c command) {
	words := c.words[1:]
	switch {
	case s.Name == "cmake" && len(words) > 1 && words[0].text == "-E":
		w.cmakeTool(sh, s, c, words[1:])
	case s.Name == "npm" && s.Sub == "pkg set":
		w.npmScripts(sh, s, a)
	case hasWord("mvn mvnw", s.Name):
		w.mavenExec(sh, s, words)
	}
}

// cmakeTools are the commands of cmake -E that change files, as the programs
// they stand for.
var cmakeTools = map[string][]string{
	"rm": {"rm"}, "remove": {"rm"}, "remove_directory": {"rm", "-r"}, "copy": {"cp"}, "copy_directory": {"cp", "-r"},
	"copy_if_different": {"cp"}, "rename": {"mv"}, "env": {"env"}, "time": {"time"}, "touch": {"touch"},
	"make_directory": {"mkdir", "-p"}, "create_symlink": {"ln", "-s"}, "tar": {"tar"},
}

func (w *walk) cmakeTool(sh *shell, s *Stage, c command, words []field) {
	tool, ok := cmakeTools[words[0].text]
	if !ok {
		return
	}
	all := append(literals(tool), words[1:]...)
	w.exec(w.inside(sh, s.ID, "cmake"), command{words: all, env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
}

// npmScripts walks the lines that npm pkg set puts into package.json, for npm
// to run later.
func (w *walk) npmScripts(sh *shell, s *Stage, a *reading) {
	for _, f := range a.operands {
		key, line, ok := strings.Cut(f.text, "=")
		if !ok || !strings.HasPrefix(key, "scripts.") {
			continue
		}
		f.text = line
		in := sh.child(nil)
		in.parent, in.via = s.ID, append(sh.via[:len(sh.via):len(sh.via)], "npm")
		w.laterLine(in, s, f)
	}
}

// mavenExec walks the program that exec:exec starts, which stands in properties.
func (w *walk) mavenExec(sh *shell, s *Stage, words []field) {
	var program, args []field
	for _, f := range words {
		if v, ok := strings.CutPrefix(f.text, "-Dexec.executable="); ok {
			f.text = v
			program = []field{f}
		} else if v, ok := strings.CutPrefix(f.text, "-Dexec.args="); ok && f.usable() {
			args = literals(strings.Fields(v))
		} else if ok {
			args = []field{f}
		}
	}
	if program != nil {
		w.exec(w.inside(sh, s.ID, "mvn"), command{words: append(program, args...), bare: true})
	}
}
