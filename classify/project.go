package classify

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/f958ca95/guard/classify/code"
)

// taken says which files a tool takes code from by their names, without being
// told: patterns by language. What stands under tests is code in which much that
// cannot be followed is ordinary; only what it says it does counts.
type taken struct{ python, node, ruby, php, tests string }

var takes = map[string]taken{
	"pytest": {python: "conftest.py", tests: "test_*.py *_test.py"}, "py.test": {python: "conftest.py", tests: "test_*.py *_test.py"},
	"tox": {python: "conftest.py setup.py", tests: "test_*.py *_test.py"}, "nox": {python: "noxfile.py conftest.py", tests: "test_*.py *_test.py"},
	"pip": {python: "setup.py"}, "uv": {python: "setup.py"}, "poetry": {python: "build.py setup.py"}, "build": {python: "setup.py"},
	"invoke": {python: "tasks.py"}, "inv": {python: "tasks.py"}, "fab": {python: "fabfile.py"}, "scons": {python: "SConstruct SConscript"},
	"gunicorn": {python: "gunicorn.conf.py"}, "celery": {python: "celeryconfig.py"}, "sphinx-build": {python: "conf.py"}, "locust": {python: "locustfile.py"},
	"jest": {node: "jest.config.*", tests: "*.test.* *.spec.*"}, "vitest": {node: "vitest.config.* vite.config.*", tests: "*.test.* *.spec.*"},
	"mocha": {node: ".mocharc.*", tests: "*.test.* *.spec.*"}, "ava": {node: "ava.config.*", tests: "*.test.* *.spec.*"}, "playwright": {node: "playwright.config.*", tests: "*.spec.* *.test.*"},
	"cypress": {node: "cypress.config.*", tests: "*.cy.*"}, "webpack": {node: "webpack.config.*"}, "vite": {node: "vite.config.*"}, "rollup": {node: "rollup.config.*"},
	"next": {node: "next.config.*"}, "nuxt": {node: "nuxt.config.*"}, "astro": {node: "astro.config.*"}, "eslint": {node: "eslint.config.* .eslintrc.js .eslintrc.cjs"},
	"prettier": {node: "prettier.config.* .prettierrc.js .prettierrc.cjs"}, "tailwindcss": {node: "tailwind.config.*"}, "gulp": {node: "gulpfile.*"}, "grunt": {node: "Gruntfile.*"},
	"babel": {node: "babel.config.*"}, "karma": {node: "karma.conf.*"}, "hardhat": {node: "hardhat.config.*"},
	"rake": {ruby: "Rakefile rakefile Rakefile.rb *.rake"}, "rspec": {ruby: "spec_helper.rb .rspec", tests: "*_spec.rb"}, "bundle": {ruby: "Gemfile *.gemspec"}, "cap": {ruby: "Capfile deploy.rb"},
	"vagrant": {ruby: "Vagrantfile"}, "fastlane": {ruby: "Fastfile"}, "pod": {ruby: "Podfile"}, "brew": {ruby: "Brewfile"}, "rubocop": {ruby: ".rubocop.rb"},
	"phpunit": {php: "bootstrap.php", tests: "*Test.php"}, "php-cs-fixer": {php: ".php-cs-fixer.php .php-cs-fixer.dist.php"},
}

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
	t, known := takes[family(s.Name)]
	tool := family(s.Name)
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
	for _, in := range []struct{ lang, names string }{{"python", t.python}, {"node", t.node}, {"ruby", t.ruby}, {"php", t.php}} {
		if named(name, in.names) {
			s.Takes = ids(append(s.Takes, b.from...))
			s.Payload = &Payload{Kind: "script", Lang: in.lang, Text: b.text, Read: b.known, written: true}
			w.foreign(sh, s, nil)
			return
		}
	}
	if !named(name, t.tests) {
		return
	}
	lang := map[string]string{".py": "python", ".rb": "ruby", ".php": "php"}[path.Ext(name)]
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
