package classify

import (
	"strings"
	"testing"
)

// TestAScriptKnowsItsOwnName is about $0 and BASH_SOURCE, which scripts find their
// folder by.
func TestAScriptKnowsItsOwnName(t *testing.T) {
	for _, c := range []struct {
		name, line, text string
		want             string // what is removed; "?" for what is not known
	}{
		{"$0", "tools/x.sh", `rm "$0"`, "/w/tools/x.sh"},
		{"its folder", "tools/x.sh", `rm -rf "$(dirname "$0")/out"`, "/w/tools/out"},
		{"its folder, gone to", "./tools/x.sh", `cd "$(dirname "$0")"; rm out`, "/w/tools/out"},
		{"its folder, in full", "tools/x.sh", `H=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); rm "$H/../out"`, "/w/out"},
		{"either name", "tools/x.sh", `rm "${BASH_SOURCE[0]:-$0}"`, "/w/tools/x.sh"},
		{"in a function", "tools/x.sh", `f() { rm "$(dirname "${BASH_SOURCE[0]}")/$1"; }; f out`, "/w/tools/out"},
		{"by its shell", "bash tools/x.sh", `rm "${0%/*}/out"`, "/w/tools/out"},
		{"after cd, as bash has it", "tools/x.sh", `cd /tmp; rm "$0"`, "/tmp/tools/x.sh"},
		{"sh -c with a name", `sh -c 'rm "$0"' f`, "", "/w/f"},
		{"sh -c without", `sh -c 'rm "$0"'`, "", "?"},
		{"another shell below", "tools/x.sh", `sh -c 'rm "$0"'`, "?"},
		{"a name that is set", "tools/x.sh", `BASH_ARGV0=/etc; rm "$0"`, "?"},
		{"zsh, where functions have it", "tools/x.sh", "#!/bin/zsh\nrm \"$0\"", "?"},
		{"what was sourced", "tools/x.sh", `. tools/lib.sh; g`, "?"},
		{"the script that sources", "tools/x.sh", `. tools/lib.sh; rm "$BASH_SOURCE"`, "/w/tools/x.sh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Classify(Command{Kind: "line", Line: c.line, Cwd: "/w", Workspace: "/w", Scene: []Observation{
				{Query: Query{Op: "text", Path: "/w/tools/x.sh"}, Exists: "yes", Text: c.text},
				{Query: Query{Op: "text", Path: "/w/tools/lib.sh"}, Exists: "yes", Text: `g() { rm "$BASH_SOURCE"; }`},
			}})
			if err != nil {
				t.Fatal(err)
			}
			got := "nothing"
			for _, s := range f.Stages {
				if s.Name == "rm" {
					got = "?"
					if len(s.Paths) > 0 && len(s.Opaque) == 0 {
						got = s.Paths[0].Path
					}
				}
			}
			if got != c.want {
				t.Errorf("removes %s, want %s", got, c.want)
			}
		})
	}
}

func TestAScriptThatRunsItselfIsNotTooDeep(t *testing.T) {
	for _, text := range []string{`"$0" "$@"`, "./x.sh a", "bash x.sh", `sh -c ./x.sh`, "./y.sh"} {
		f, err := Classify(Command{Kind: "line", Line: "./x.sh /", Cwd: "/w", Workspace: "/w", Scene: []Observation{
			{Query: Query{Op: "text", Path: "/w/x.sh"}, Exists: "yes", Text: "[ $# -gt 9 ] && exit\nrm -f \"$1\"\n" + text},
			{Query: Query{Op: "text", Path: "/w/y.sh"}, Exists: "yes", Text: "./x.sh"},
		}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		n := 0
		for _, s := range f.Stages {
			if s.Name == "rm" {
				n++
			}
			for _, o := range s.Opaque {
				if strings.Contains(o.Reason, "itself") {
					t.Errorf("%s: %s", text, o.Reason)
				}
			}
		}
		if n != maxAgain {
			t.Errorf("%s: rm %d times, want what it does, and what it does with the words that it hands on", text, n)
		}
	}
}

func TestWhatCannotBeFollowedInAnInstalledPackageIsNoDoubt(t *testing.T) {
	const loads = "import importlib, shutil\nimportlib.import_module(input()).main()\nshutil.rmtree('/w/data')\n"
	for _, c := range []struct {
		file, real string
		doubts     bool
	}{
		{"venv/lib/python3.11/site-packages/pip/_in_process.py", "", false},
		{"tool.py", "", true},
		{"venv/lib/python3.11/site-packages/tool.py", "/w/tool.py", true},
		{"tool.py", "/w/site-packages/tool.py", false},
		{"my-site-packages/tool.py", "", true},
	} {
		f, err := Classify(Command{Kind: "line", Line: "python3 " + c.file + " x", Cwd: "/w", Workspace: "/w", Scene: []Observation{
			{Query: Query{Op: "text", Path: "/w/" + c.file}, Exists: "yes", Real: c.real, Text: loads},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(f.Stages[0].Opaque) > 0; got != c.doubts {
			t.Errorf("%s, really %s: doubts %v, want %v", c.file, c.real, f.Stages[0].Opaque, c.doubts)
		}
		if len(f.Stages) < 2 {
			t.Errorf("%s: what it does besides is not seen", c.file)
		}
	}
}
