package classify

import "strings"

// runner says how a program that belongs to a project's tools runs another one
// of its environment: npx, poetry run, bundle exec.
type runner struct {
	subs  string // the subcommands that do; "" if the program itself does
	short string // short options before the command that take a value
	long  string // long options before the command that take a value
	skip  int    // words between the options and the command
	fetch bool   // the first word may be a package with a version: rimraf@5
	text  string // options whose value is a line for a shell
}

var runners = map[string]runner{
	"npx":     {short: "pcw", long: "package call workspace", fetch: true, text: "c call"},
	"bunx":    {short: "p", long: "package", fetch: true},
	"pnpx":    {short: "pc", long: "package", fetch: true},
	"uvx":     {short: "p", long: "from with python index-url index", fetch: true},
	"npm":     {subs: "exec x", short: "pcw", long: "package call workspace", fetch: true, text: "c call"},
	"pnpm":    {subs: "exec dlx", short: "C", long: "package filter", fetch: true},
	"yarn":    {subs: "exec dlx", short: "p", long: "package", fetch: true},
	"bun":     {subs: "x", fetch: true},
	"pipx":    {subs: "run", long: "spec pip-args python", fetch: true},
	"poetry":  {subs: "run", short: "CP", long: "directory project"},
	"pdm":     {subs: "run", short: "p", long: "project"},
	"rye":     {subs: "run"},
	"hatch":   {subs: "run"},
	"pipenv":  {subs: "run"},
	"uv":      {subs: "run", short: "p", long: "with with-requirements with-editable python extra group env-file directory project package index-url index"},
	"bundle":  {subs: "exec", long: "gemfile"},
	"rbenv":   {subs: "exec"},
	"pyenv":   {subs: "exec"},
	"mise":    {subs: "exec x", skip: 0},
	"conda":   {subs: "run", short: "np", long: "name prefix cwd"},
	"mamba":   {subs: "run", short: "np", long: "name prefix cwd"},
	"doppler": {subs: "run", short: "pct", long: "project config token command", text: "command"},
	"direnv":  {subs: "exec", skip: 1},
	"op":      {subs: "run", long: "env-file account"},
}

// runs walks the command of a runner as a stage below the runner's own.
func (w *walk) runs(sh *shell, s *Stage, a *reading, c command) {
	words := c.words[1:]
	switch {
	case s.Name == "cmake" && len(words) > 1 && words[0].text == "-E":
		w.cmakeTool(sh, s, c, words[1:])
		return
	case s.Name == "npm" && s.Sub == "pkg set":
		w.npmScripts(sh, s, a)
		return
	}
	r, ok := runners[s.Name]
	if !ok {
		return
	}
	if r.subs != "" {
		i := 0
		for i < len(words) && dashed(words[i]) {
			i++
		}
		if i == len(words) || !hasWord(r.subs, words[i].text) {
			return
		}
		words = words[i+1:]
	}
	t := wrapper{short: r.short, long: r.long, skip: r.skip}
	h := t.split(words)
	in := w.inside(sh, s.ID, s.Name)
	if text, ok := h.value(r.text); ok {
		w.shellText(in, command{env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}}, text)
		return
	}
	if h.rest = r.program(s.Name, h.rest); len(h.rest) > 0 {
		w.exec(in, command{words: h.rest, env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
	}
}

// program returns the command with the name that the program has once it is
// there, and nothing where that cannot be told.
func (r *runner) program(name string, words []field) []field {
	if len(words) == 0 || !words[0].usable() {
		return nil
	}
	first := words[0]
	if r.fetch {
		if strings.ContainsAny(first.text, "/:") {
			return nil
		}
		first.text, _, _ = strings.Cut(first.text, "@")
	}
	out := append([]field{first}, words[1:]...)
	if name == "uv" && strings.HasSuffix(first.text, ".py") {
		out = append([]field{literal("python")}, out...)
	}
	return out
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
