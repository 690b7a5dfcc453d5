package classify

import (
	"slices"
	"testing"
)

// writes returns a line that writes a file and then runs something.
func writes(name, text, run string) string {
	return "cat > " + name + " <<'EOF'\n" + text + "\nEOF\n" + run
}

func TestWhatAToolTakesFromFilesOfTheLineIsWalked(t *testing.T) {
	for _, c := range []struct {
		name, line string
		rm         bool
	}{
		{"conftest", writes("conftest.py", "import os\nos.system('rm -r x')", "pytest -q"), true},
		{"conftest of a module", writes("conftest.py", "import os\nos.system('rm -r x')", "python3 -m pytest"), true},
		{"a test", writes("t/test_a.py", "import shutil\nshutil.rmtree('x')", "pytest t"), true},
		{"a test with what is not known", writes("t/test_a.py", "import shutil\ndef test(p):\n    shutil.rmtree(p)", "pytest t"), false},
		{"setup", writes("setup.py", "import os\nos.system('rm -r x')", "pip install ."), true},
		{"a script", writes("package.json", `{"scripts":{"build":"rm -r x"}}`, "npm run build"), true},
		{"another script", writes("package.json", `{"scripts":{"clean":"rm -r x"}}`, "npm run build"), false},
		{"a hook of a script", writes("package.json", `{"scripts":{"pretest":"rm -r x"}}`, "npm test"), true},
		{"a hook of installing", writes("package.json", `{"scripts":{"postinstall":"rm -r x"}}`, "npm ci"), true},
		{"a manifest elsewhere", writes("/tmp/package.json", `{"scripts":{"build":"rm -r x"}}`, "npm run build"), false},
		{"composer", writes("composer.json", `{"scripts":{"build":["rm -r x"]}}`, "composer run build"), true},
		{"a configuration", writes("vite.config.ts", "import {execSync} from 'child_process'\nexecSync('rm -r x')", "npx vite build"), true},
		{"a rakefile", writes("Rakefile", "task :default do\n  sh 'rm -r x'\nend", "bundle exec rake"), true},
		{"a recipe", writes("justfile", "a:\n    rm -r x", "just"), true},
		{"another recipe", writes("justfile", "a:\n    ls\nb:\n    rm -r x", "just a"), false},
		{"a task", writes("Taskfile.yml", "tasks:\n  a:\n    cmds:\n      - cmd: rm -r x", "task a"), true},
		{"a process", writes("Procfile", "web: rm -r x", "foreman start"), true},
		{"nothing written", "pytest -q", false},
	} {
		f := facts(t, at("line", c.line))
		if got := slices.ContainsFunc(f.Stages, func(s Stage) bool { return s.Name == "rm" && slices.Contains(s.Flags, "r") }); got != c.rm {
			t.Errorf("%s: got %s", c.name, brief(f))
		}
	}
}

func TestParallelThatOnlyShowsRunsNothing(t *testing.T) {
	f := facts(t, at("line", "parallel --dry-run rm {} ::: a b"))
	if len(f.Stages) != 1 {
		t.Errorf("got %s", brief(f))
	}
}
