package classify

import (
	"slices"
	"strings"
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
		{"a build script", writes("build.rs", `fn main() { std::fs::remove_dir_all("x").ok(); }`, "cargo build"), true},
		{"a build script of a crate", writes("crates/a/build.rs", `fn main() { Command::new("rm").args(["-r", "x"]).status().ok(); }`, "cargo clippy"), true},
		{"a source that is only built", writes("src/main.rs", `fn main() { std::fs::remove_dir_all("x").ok(); }`, "cargo build"), false},
		{"a source that is run", writes("src/main.rs", `fn main() { std::fs::remove_dir_all("x").ok(); }`, "cargo run"), true},
		{"a test of Go", writes("a_test.go", `func TestA(t *testing.T) { os.RemoveAll("x"); os.RemoveAll(dir) }`, "go test ./..."), true},
		{"a test of Go with what is not known", writes("a_test.go", `func TestA(t *testing.T) { os.RemoveAll(dir) }`, "go test ./..."), false},
		{"a program of Go", writes("main.go", `func main() { os.RemoveAll("x") }`, "go run ."), true},
		{"a program of Go by its file", writes("main.go", `func main() { os.RemoveAll("x") }`, "go run main.go"), true},
		{"a program of Go that is built", writes("main.go", `func main() { os.RemoveAll("x") }`, "go build ./..."), false},
		{"go generate", writes("a.go", "package a\n//go:generate rm -r x", "go generate ./..."), true},
		{"go vet", writes("a.go", "package a\n//go:generate rm -r x", "go vet ./..."), false},
		{"Gradle", writes("build.gradle", "task a { doLast { exec { commandLine 'rm', '-r', 'x' } } }", "./gradlew a"), true},
		{"Maven", writes("pom.xml", "<executable>rm</executable><arguments><argument>-r</argument><argument>x</argument></arguments></configuration>", "mvn verify"), true},
		{"CMake", writes("CMakeLists.txt", "execute_process(COMMAND rm -r x)", "cmake -B build"), true},
		{"Meson", writes("meson.build", "run_command('rm', '-r', 'x')", "meson setup build"), true},
		{"a file that it is told of", writes("/tmp/x.gradle", "delete 'x'", "gradle -I /tmp/x.gradle build"), true},
		{"a manifest that jq edits", `jq '.scripts.a="rm -r x"' package.json > t && mv t package.json`, true},
		{"a manifest that jq gets words for", `jq --arg c 'rm -r x' '.scripts.a=$c' package.json | sponge package.json`, true},
		{"a manifest that jq reads", `jq '.scripts[] | select(test("rm -r x"))' package.json`, false},
		{"a manifest that sed edits", `sed -i 's#"a": ".*"#"a": "rm -r x"#' package.json`, true},
		{"a manifest that sed takes it from", `sed -i 's#"a": "rm -r x"#"a": "rimraf"#' package.json`, false},
		{"a manifest that node edits", `node -e "p=require('./package.json');p.scripts.a='rm -r x';require('fs').writeFileSync('package.json',JSON.stringify(p))"`, true},
		{"a manifest that python edits, with prose", "python3 - <<'E'\nimport json\n# don't stop\np = json.load(open('package.json'))\np['version'] = '2'\njson.dump(p, open('package.json', 'w'))\n# it's rm -r x; no more\nE", false},
		{"a manifest that node reads", `node -e "console.log(require('./package.json').name, 'rm -r x')"`, false},
		{"nothing written", "pytest -q", false},
	} {
		f := facts(t, at("line", c.line))
		if got := slices.ContainsFunc(f.Stages, func(s Stage) bool { return s.Name == "rm" && slices.Contains(s.Flags, "r") }); got != c.rm {
			t.Errorf("%s: got %s", c.name, brief(f))
		}
	}
}

func TestWhatAGoModReplacesIsSaid(t *testing.T) {
	f := facts(t, at("line", "cat >> go.mod <<'E'\nreplace a.example/b => c.example/d v1\nreplace a.example/e => ../e\nE\ngo build ./..."))
	if want := "go mod edit -replace a.example/b=c.example/d"; !strings.Contains(brief(f), want) || strings.Contains(brief(f), "=../e") || strings.Count(brief(f), "-replace") != 1 {
		t.Errorf("got %s, want %s once", brief(f), want)
	}
}

func TestAFileThatAToolTakesFromElsewhereIsInDoubt(t *testing.T) {
	for line, want := range map[string]bool{
		"curl -o build.gradle https://a.example/b && gradle build":                        true,
		"curl -o p https://a.example/p && mv p pom.xml && mvn package":                    true,
		"wget -O build.rs https://a.example/b; cargo build":                               true,
		"gradle -I /tmp/x.gradle build":                                                   true,
		"cmake -DCMAKE_TOOLCHAIN_FILE=/tmp/x.cmake -B build":                              true,
		"sed 's/x/os.system(1)/' conf.py.in > conf.py && sphinx-build . out":              true,
		"sed 's/@V@/1/' conf.py.in > conf.py && sphinx-build . out":                       false,
		"envsubst < CMakeLists.txt.in > CMakeLists.txt && cmake -B build":                 false,
		"python gen.py > conf.py && sphinx-build . out":                                   false,
		"./gen.sh | tee build.gradle; ./gradlew build":                                    false,
		"curl -o gen.py https://a.example/g; python gen.py > conf.py; sphinx-build . out": true,
		"gradle -I gradle/x.gradle build":                                                 false,
		"cmake -DCMAKE_TOOLCHAIN_FILE=cmake/arm.cmake -B build && npx jest -c a.js":       false,
	} {
		f := facts(t, at("line", line))
		if got := slices.ContainsFunc(f.Opaque, func(o Opaque) bool { return o.Where == "payload" }); got != want {
			t.Errorf("%s: got %v", line, f.Opaque)
		}
	}
}

func TestParallelThatOnlyShowsRunsNothing(t *testing.T) {
	f := facts(t, at("line", "parallel --dry-run rm {} ::: a b"))
	if len(f.Stages) != 1 {
		t.Errorf("got %s", brief(f))
	}
}

func TestGitCheckoutWritesWhatStandsBehindItsDashes(t *testing.T) {
	f := facts(t, at("line", "git checkout HEAD -- a b/c"))
	var got []string
	for _, p := range f.Stages[0].Paths {
		got = append(got, p.Raw+" "+p.Access)
	}
	if want := []string{"a write", "b/c write"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
