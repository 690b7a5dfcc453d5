package classify

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/f958ca95/guard/classify/code"
)

// project walks the code that a tool takes from the project's files, as far as
// the line itself wrote them: cat > conftest.py, then pytest.
func (w *walk) project(sh *shell, s *Stage, a *reading) {
	if len(w.files) == 0 || s.Remote || s.Cwd == "" || s.Name == "" {
		return
	}
	if composes(s) {
		w.composed(sh, s, a)
		return
	}
	tool := family(s.Name)
	t, known := takes[tool]
	if sub, _, _ := strings.Cut(s.Sub, " "); !known {
		t, known = takes[tool+" "+sub]
	}
	if m, ok := a.value("m"); ok && tool == "python" {
		t, known = takes[m.text]
	}
	for _, abs := range w.writtenBelow(s.Cwd) {
		name, b := path.Base(abs), w.files[abs]
		switch {
		case tool == "npm" || tool == "pnpm" || tool == "yarn" || tool == "bun" || tool == "composer":
			if path.Dir(abs) == s.Cwd && (name == "package.json" || name == "composer.json") {
				w.tasks(sh, s, b, scripts(b.text, a))
			}
		case tool == "just" && strings.ToLower(strings.TrimPrefix(name, ".")) == "justfile":
			w.tasks(sh, s, b, readRules(tabbed(b.text)).commands(texts(a.operands)))
		case tool == "task" && strings.HasPrefix(strings.ToLower(name), "taskfile."):
			w.tasks(sh, s, b, listed(b.text))
		case tool == "go" && name == "go.mod" && s.Sub != "mod edit":
			w.tasks(sh, s, b, replacements(b.text))
		case tool == "go" && s.Sub == "generate" && path.Ext(name) == ".go":
			w.tasks(sh, s, b, code.Generates(b.text))
		case hasWord("foreman honcho overmind hivemind", tool) && strings.HasPrefix(name, "Procfile"):
			w.tasks(sh, s, b, listed(b.text))
		case known:
			w.takesIn(sh, s, t, name, b)
		}
	}
}

// writtenBelow returns the files in a folder, or below it, that the line wrote.
func (w *walk) writtenBelow(dir string) []string {
	var out []string
	for abs := range w.files {
		w.spend(1)
		if inside(abs, dir) {
			out = append(out, abs)
		}
	}
	slices.Sort(out)
	return out
}

// takesIn walks one file as code of the tool's stage.
func (w *walk) takesIn(sh *shell, s *Stage, t taken, name string, b blob) {
	for _, in := range t.files() {
		if named(name, in.names) {
			w.takesFile(sh, s, in.lang, b)
			return
		}
	}
	if !named(name, t.tests) {
		return
	}
	lang := map[string]string{".py": "python", ".rb": "ruby", ".php": "php", ".go": "go", ".rs": "rust"}[path.Ext(name)]
	if lang == "" {
		lang = "node"
	}
	home, _ := sh.lookup("HOME")
	w.spend(64 * len(b.text))
	for _, act := range code.Read(lang, b.text, code.Scene{Home: home.text}).Acts {
		if !slices.ContainsFunc(act.Words, func(word code.Word) bool { return word.Open != "" }) {
			w.does(w.inside(sh, s.ID, s.Name), s, act)
		}
	}
}

// takesFile walks what a file that the line wrote has a tool do.
func (w *walk) takesFile(sh *shell, s *Stage, lang string, b blob) {
	s.Takes = ids(append(s.Takes, b.from...))
	if !b.known {
		if !w.ofProject(b) {
			s.Payload = &Payload{Kind: "script", Lang: lang, written: true}
			w.doubt(s.ID, "payload", "runs a file that the line itself writes")
		}
		return
	}
	old := s.Payload
	s.Payload = &Payload{Kind: "script", Lang: lang, Text: b.text, Read: true, written: true}
	w.foreign(sh, s, nil)
	if old != nil && !old.Read {
		s.Payload.Read = false
	}
}

// ofProject reports whether all that is not known of a file comes out of the
// project's own files, through programs that only edit, and what they put in says
// nothing of programs: sed 's/@V@/1/' conf.py.in > conf.py.
func (w *walk) ofProject(b blob) bool {
	project := false
	for todo := slices.Clone(b.from); len(todo) > 0; {
		s := w.stages[todo[0]]
		todo = append(append(todo[1:], s.ReadsFrom...), s.Takes...)
		w.spend(len(todo) + 16)
		if w.ownScript(s) {
			project = true
			continue
		}
		if s.Remote || !hasWord("cat sed gsed envsubst jq yq awk gawk head tail tr cut grep sort cp mv install tee sponge", s.Name) || s.Payload != nil && !s.Payload.Read {
			return false
		}
		if slices.ContainsFunc(s.Args, tellsOfPrograms) {
			return false
		}
		for _, p := range s.Paths {
			if p.Access == "read" && p.Zone != "workspace" {
				return false
			}
			project = project || p.Access == "read"
		}
	}
	return project
}

// ownScript reports whether a stage runs a script of the project as it is.
func (w *walk) ownScript(s *Stage) bool {
	file := s.Path
	if p := s.Payload; p != nil && p.Kind == "script" && len(s.Operands) > 0 {
		file = join(s.Cwd, s.Operands[0])
	}
	_, written := w.files[file]
	return file != "" && !written && !s.Remote && w.place.zone(file) == "workspace"
}

func tellsOfPrograms(word string) bool {
	return len(word) > 2 && len(code.Read("", word, code.Scene{}).Doubts) > 0
}

var goReplace = regexp.MustCompile(`(?m)^(?:replace)?[ \t]*([^\s()]+)(?:[ \t]+v\S+)?[ \t]*=>[ \t]*([^\s./]\S*)`)

// replacements returns the commands that would put other modules in the place of some
// as a go.mod does.
func replacements(text string) []string {
	var out []string
	for _, m := range goReplace.FindAllStringSubmatch(text, maxUnroll) {
		out = append(out, "go mod edit -replace "+quote(m[1]+"="+m[2]))
	}
	return out
}

func named(name, patterns string) bool {
	for p := range strings.FieldsSeq(patterns) {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return false
}

// tasks walks the lines that a tool has a shell run.
func (w *walk) tasks(sh *shell, s *Stage, b blob, lines []string) {
	s.Takes = ids(append(s.Takes, b.from...))
	for _, line := range lines {
		w.later(sh, s, field{text: line})
	}
}

// scripts returns the lines of a package.json or composer.json that a command of
// npm, or its like, runs.
func scripts(text string, a *reading) []string {
	var manifest struct {
		Scripts map[string]any `json:"scripts"`
	}
	if json.Unmarshal([]byte(text), &manifest) != nil {
		return nil
	}
	words := append(strings.Fields(a.sub), texts(a.operands)...)
	names := map[string]bool{}
	for _, word := range words {
		names[word], names["pre"+word], names["post"+word] = true, true, true
	}
	if len(words) == 0 || hasWord("install i ci add update", words[0]) {
		for _, hook := range strings.Fields("preinstall install postinstall prepare post-install-cmd post-update-cmd post-autoload-dump") {
			names[hook] = true
		}
	}
	var out []string
	for name, line := range manifest.Scripts {
		if !names[name] {
			continue
		}
		switch line := line.(type) {
		case string:
			out = append(out, line)
		case []any:
			for _, one := range line {
				if text, ok := one.(string); ok {
					out = append(out, text)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// listed returns the commands of a list: "- cmd: x" or "- x" of a task file,
// "web: x" of a Procfile.
func listed(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		line, item := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if key, rest, ok := strings.Cut(line, ": "); ok && !strings.ContainsAny(key, " \"'") {
			line, item = rest, item && key == "cmd" || !item && key != "desc" && key != "version"
		}
		if item && line != "" {
			out = append(out, strings.Trim(line, `"'`))
		}
	}
	return out
}

// tabbed writes the recipes of a justfile as a makefile's.
func tabbed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != line {
			lines[i] = "\t" + trimmed
		}
	}
	return strings.NewReplacer("{{", "$(", "}}", ")").Replace(strings.Join(lines, "\n"))
}
