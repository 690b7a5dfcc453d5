package code

import (
	"slices"
	"strings"
	"testing"
)

// did writes acts one in a line: "rm -r /x", a word that is not known as ?.
func did(r Result) []string {
	var out []string
	for _, a := range r.Acts {
		words := []string{}
		if a.Kind != "argv" {
			words = append(words, a.Kind)
		}
		for _, w := range a.Words {
			if w.Open != "" {
				w.Text = "?"
			}
			words = append(words, w.Text)
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

func TestWhatBuildCodeDoesIsFound(t *testing.T) {
	for _, c := range []struct {
		lang, text string
		want       []string
	}{
		{"rust", `fn main() { std::fs::remove_dir_all(std::env::var("HOME").unwrap()).ok(); }`, []string{"rm -r /home/dev"}},
		{"rust", `fn f<'a>(x: &'a str) { let h = env::var("HOME").unwrap(); fs::remove_dir_all(Path::new(&h).join(".cache/x")); let c = 'x'; }`, []string{"rm -r /home/dev/.cache/x"}},
		{"rust", `fn main() { let out = env::var("OUT_DIR").unwrap(); fs::remove_dir_all(&out).ok(); fs::remove_dir_all(x).ok(); }`, []string{"rm -r /tmp/tmp.made-by-code", "rm -r ?"}},
		{"rust", `Command::new("sh").arg("-c").arg("a|b").status().unwrap(); let s = "x";`, []string{"sh -c a|b"}},
		{"rust", `let mut c = Command::new("rm"); c.current_dir("/"); c.args(["-rf", "/x"]); c.arg(y);`, []string{"rm -rf /x ?"}},
		{"rust", `Command::new(env::var("CARGO").unwrap()).args(&["build", "--release"])`, []string{"cargo build --release"}},
		{"rust", `// Command::new("rm")` + "\n" + `let s = "fs::remove_dir_all(\"/x\")"; let r = r#"Command::new("rm")"#;`, nil},
		{"go", `func TestX(t *testing.T) { d := t.TempDir(); defer os.RemoveAll(d); os.RemoveAll("/home/dev") }`, []string{"rm -r /tmp/tmp.made-by-code", "rm -r /home/dev"}},
		{"go", `h, err := os.UserHomeDir(); os.RemoveAll(filepath.Join(h, ".config"))`, []string{"rm -r /home/dev/.config"}},
		{"go", `d, _ := os.MkdirTemp("", "x"); os.RemoveAll(filepath.Join(d, "../..", "home"))`, []string{"rm -r ?"}},
		{"go", "exec.CommandContext(ctx, `rm`, \"-rf\", \"x\").Run(); os.WriteFile(\"/etc/x\", nil, 0o644)", []string{"rm -rf x", "write /etc/x"}},
		{"go", `exec.Command(bin, "x").Run(); s.Remove("x"); os.Remove("x")`, []string{"? x", "rm x"}},
		{"gradle", "task x { exec { commandLine 'rm','-rf','/x' } }\n\"rm -rf y\".execute()\ndelete buildDir\ndelete 'src'", []string{"rm -rf /x", "rm -rf y", "rm -r /tmp/tmp.made-by-code", "rm -r src"}},
		{"gradle", "commandLine(\"git\", \"rev-parse\")\nprintln 'delete x'\ndelete \"${rootDir}/x\"", []string{"git rev-parse", "rm -r ?"}},
		{"build", "run_command('rm', '-rf', '/x')\nval a = Process(\"rm -rf y\").!\nval b = \"rm z\" !\nSystem.cmd(\"rm\", [\"-rf\", \"w\"])", []string{"rm -rf /x", "rm -rf y", "rm z", "rm -rf w"}},
		{"build", `Runtime.getRuntime().exec("rm -rf /x"); list.remove(0);`, []string{"rm -rf /x"}},
		{"c", `int main(){ system("rm -rf ~"); execl("/bin/rm", "rm", "-rf", "/x", NULL); unlink("y"); v.erase(std::remove(v.begin(), v.end(), 2), v.end()); std::filesystem::remove_all("/z"); }`, []string{"line rm -rf ~", "/bin/rm -rf /x", "rm y", "rm -r /z"}},
		{"cmake", "execute_process(COMMAND rm -rf $ENV{HOME} OUTPUT_VARIABLE X) # COMMAND rm y\nfile(REMOVE_RECURSE ${CMAKE_BINARY_DIR}/x \"src\")", []string{"rm -rf /home/dev", "rm -r build/x src"}},
		{"cmake", "add_custom_target(x ALL COMMAND sh -c \"a | b\" COMMAND ${CMAKE_COMMAND} -E touch a)\nexecute_process(COMMAND ${Python3_EXECUTABLE} x.py)", []string{"sh -c a | b", "cmake -E touch a"}},
		{"xml", `<!-- <executable>ls</executable></configuration> --><configuration><executable>rm</executable><arguments><argument>-rf</argument><argument>${user.home}</argument></arguments></configuration>`, []string{"rm -rf /home/dev"}},
		{"xml", `<exec executable="rm"><arg value="-rf"/><arg value="${x}"/></exec><delete dir="${basedir}/src"/><Exec Command="rm -rf &quot;$(HOME)&quot;" />`, []string{"rm -rf ?", `line rm -rf "/home/dev"`, "rm -r ./src"}},
		{"xml", `<project xmlns="http://maven.apache.org/POM/4.0.0"><artifactId>exec-helper</artifactId></project>`, nil},
	} {
		if got := did(Read(c.lang, c.text, Scene{Home: "/home/dev"})); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s\n got %q\nwant %q", c.lang, c.text, got, c.want)
		}
	}
}

func TestWhatCannotBeFollowedInBuildCodeIsInDoubt(t *testing.T) {
	for lang, text := range map[string]string{"rust": `unsafe { libloading::Library::new("x") }`, "go": `syscall.Exec(a, b, c)`, "cmake": `include(/srv/x.cmake)`} {
		if r := Read(lang, text, Scene{}); len(r.Doubts) == 0 {
			t.Errorf("%s: %s: no doubt", lang, text)
		}
	}
}

func TestWhatGoGenerateRunsIsFound(t *testing.T) {
	got := Generates("package x\n//go:generate rm -rf x\n// go:generate no\n\t//go:generate no\n//go:generate stringer -type=T\n")
	if want := []string{"rm -rf x", "stringer -type=T"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFolderThatCodeMadeIsItsOwn(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"node", `const fs=require('fs'),os=require('os'),p=require('path');const d=fs.mkdtempSync(p.join(os.tmpdir(),'t-'));fs.rmSync(d,{recursive:true})`, "rm -r /tmp/tmp.made-by-code"},
		{"node", `const fs=require('fs'),os=require('os');fs.rmSync(os.tmpdir(),{recursive:true})`, "rm -r /tmp"},
		{"ruby", `d = Dir.mktmpdir; FileUtils.rm_rf(d)`, "rm -r /tmp/tmp.made-by-code"},
		{"ruby", `Dir.mktmpdir do |d| FileUtils.rm_rf(d) end`, "rm -r /tmp/tmp.made-by-code"},
		{"ruby", `FileUtils.rm_rf(Dir.tmpdir)`, "rm -r /tmp"},
		{"perl", `my $d = tempdir(); remove_tree($d)`, "rm -r /tmp/tmp.made-by-code"},
		{"python", `import tempfile, shutil; shutil.rmtree(tempfile.gettempdir())`, "rm -r /tmp"},
	} {
		if got := did(Read(c.lang, c.text, Scene{Home: "/home/dev"})); !slices.Contains(got, c.want) {
			t.Errorf("%s: %s\n got %q\nwant %s", c.lang, c.text, got, c.want)
		}
	}
}

func TestArgumentsAreNotAssignedTo(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"python", "import shutil\nd = 'x'\nshutil.rmtree(d, ignore_errors=True)", "rm -r x"},
		{"python", "from pathlib import Path\nd = 'x'\n(Path.home() / d).unlink(missing_ok=True)", "rm /home/dev/x"},
		{"python", "import pathlib\npathlib.Path.home().joinpath('.config/x').write_text('')", "write /home/dev/.config/x"},
		{"node", "const fs=require('fs');const d='x';fs.rmSync(d,{recursive:true,force:true})", "rm -r x"},
	} {
		if got := did(Read(c.lang, c.text, Scene{Home: "/home/dev"})); !slices.Contains(got, c.want) {
			t.Errorf("%s: %s\n got %q\nwant %s", c.lang, c.text, got, c.want)
		}
	}
}
