package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestStagesOfALine(t *testing.T) {
	checkBrief(t, []briefCase{
		{"several commands", "cd /tmp && ls; rm x || true", "cd /tmp; ls; rm x; true"},
		{"a pipeline", "a | b | c", "a; b; c"},
		{"a subshell", "(a; b)", "a; b"},
		{"background", "a & b", "&a; b"},
		{"a coprocess", "coproc rm -rf x", "&rm -rf x"},
		{"a condition", "if a; then b; elif c; then d; else e; fi", "a; b; c; d; e"},
		{"a loop over literals", "for i in a b; do rm $i; done", "*rm a; *rm b"},
		{"a loop over files", "for i in *.o; do rm $i; done", "*rm *.o"},
		{"a loop over input", "while read p; do rm $p; done < f", "; *read p; *rm $p"},
		{"a counting loop", "for ((i=0; i<3; i++)); do rm $i; done", "*rm $i"},
		{"a case", "case $x in a) b;; *) c;; esac", "b; c"},
		{"a function", `f() { rm -rf "$1"; }; f a; f b`, "rm -rf a; rm -rf b"},
		{"a function that was not called", "f() { rm -rf /; }; ls", "ls"},
		{"functions that differ by branch", "if a; then f() { b; }; else f() { c; }; fi; f", "a; b; c"},
		{"a function that may not exist", "if a; then rm() { :; }; fi; rm -rf x", "a; :; rm -rf x"},
		{"a value set first in a list", "X=a; X=b && ls; rm $X", "X=; X=; ls; rm b"},
		{"a value set in a list of several", "X=a; X=b && X=c && ls; rm $X", "X=; X=; X=; ls; rm c"},
		{"a value set within a condition", "X=a; if X=b && ls; then :; fi; rm $X", "X=; X=; ls; :; rm b"},
		{"a value that may be set", "X=a; ls && X=b; rm $X", "X=; ls; X=; rm $X"},
		{"what follows a definition in a list", "f() { a; } && b || c", "b; c"},
		{"what a definition is piped into", "f() { a; } | b && f", "b; f"},
		{"a function replaced in a list", "f() { a; }; f() { b; } && ls; f", "ls; b"},
		{"command goes round a function", "rm() { :; }; command rm x", "command rm x"},
		{"an alias, and what the name means without it", "alias rm='ls -l'; rm x", "alias rm=ls -l; ls -l x; rm x"},
		{"substitutions", "ls $(a) `b` <(c) > >(d)", "a; b; c; d; ls $(a) `b` /dev/fd/63"},
		{"a substitution in a default", "echo ${x:-$(a)}", "a; echo ${x:-$(a)}"},
		{"a substitution in a part of a variable", "echo ${HOME:$(a)} ${x/$(b)/$(c)} ${!x:$(d)}", "a; b; c; d; echo ${HOME:$(a)} ${x/$(b)/$(c)} ${!x:$(d)}"},
		{"a substitution that says where in an array", "x[$(a)]=1; y=([$(b)]=$(c)); declare -A z=([$(d)]=1)", "a; x=; b; c; y=; d; declare -A z="},
		{"text that is expanded twice", `unset 'x[$(a)]'; read "x[\$(b)]"; x='y[$(c)]'; ((x)); [[ x -eq 1 ]]; let 'z=y[$(d)]'; p='$(e)'; echo ${p@P}`, "unset x[$(a)]; a; x=; read x[$(b)]; b; x=; x=; c; y=; (( x; c; y=; [[ x 1; d; y=; let z=y[$(d)]; p=; e; : $(e); echo ${p@P}"},
		{"text that only looks so", `echo 'x[$(a)]'; test '[$(a)]' = b; printf '%s[$(a)]' x`, "echo x[$(a)]; test [$(a)] = b; printf %s[$(a)] x"},
		{"an exported function", "f() { a; }; export -f f; sh -c f", "export -f f; sh -c f; a; f"},
		{"a function that was not exported", "f() { a; }; sh -c f", "sh -c f; f"},
		{"tests", "[[ -d x ]] && (( 1 )) && test -f y", "[[ x; (( 1; test -f y"},
		{"negation and time", "! time rm x", "time rm x"},
		{"a comment", "ls # rm -rf /", "ls"},
		{"a backslash does not continue a comment", "echo a # \\\nrm b", "echo a; rm b; echo a rm b"},
		{"a here-document written to a file", "cat > f <<EOF\nrm -rf /\nEOF", "cat"},
		{"what follows exit is judged all the same", "exit; rm x", "exit; rm x"},
		{"exec", "exec rm x", "exec rm x"},
		{"a bare redirection", "> /etc/passwd", ""},
		{"a program in a build tool's properties", "mvn exec:exec -Dexec.executable=rm -Dexec.args='-rf x'", "mvn exec:exec -Dexec.executable=rm -Dexec.args=-rf x; mvn rm -rf x"},
		{"a build tool without one", "mvn -Dexec.args='-rf x' test", "mvn -Dexec.args=-rf x test"},
		{"a function that the shell calls for an unknown word", "command_not_found_handle() { rm -rf x; }; qqq", "rm -rf x; qqq"},
		{"a program made of the line's own source", "gcc -x c - -o p <<< 'int main(){system(\"rm -rf x\");}'", "gcc -x c - -o p; gcc rm -rf x"},
		{"a program made of a source that is there", "gcc main.c -o p", "gcc main.c -o p"},
		{"a program in a user namespace", "podman unshare rm -rf x", "podman unshare rm -rf x; podman rm -rf x"},
		{"zsh's path of a program", "zsh -c '=rm -r x'", "zsh -c =rm -r x; rm -r x"},
		{"zsh's own programs", "zsh -fc 'zf_rm -r x'", "zsh -fc zf_rm -r x; rm -r x"},
		{"assignments alone", "X=1 Y=2", "X=Y="},
		{"carriage returns", "ls\r\nrm x", "ls; rm x"},
	})
}

func TestPipelinesConnectStages(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"two programs", "a | b", "0>1"},
		{"three programs", "a | b | c", "0>1 1>2"},
		{"a group that reads", "a | { b; c; }", "0>1 0>2"},
		{"a group that writes", "(a; b) | c", "0>2 1>2"},
		{"a loop that reads", "a | while read x; do b; done", "0>1 0>2"},
		{"output that goes elsewhere", "a > f | b", ""},
		{"input that comes from elsewhere", "a | b < f", ""},
		{"a process that reads", "a > >(b)", "1>0"},
		{"a wrapper", "a | sudo b", "0>1"},
		{"a shell's payload", "bash -c 'a' | b", "0>2 1>2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, at("line", c.line))
			var got []string
			for _, s := range f.Stages {
				for _, to := range s.WritesTo {
					got = append(got, fmt.Sprintf("%d>%d", s.ID, to))
					if !slices.Contains(f.Stages[to].ReadsFrom, s.ID) {
						t.Errorf("stage %d does not know that it reads from %d", to, s.ID)
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: got %q want %q", c.line, got, c.want)
			}
		})
	}
}

func TestStagesTakeWhatStandsInTheirWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []int
	}{
		{"rm $(a)", []int{0}},
		{`X=$(a); rm "$X"`, []int{0}},
		{"X=$(a)", []int{0}},
		{"rm <(a) $(b)", []int{0, 1}},
		{"cat > f; sh f", []int{0}},
		{"curl -o f http://x/; sh f", []int{0}},
		{"a; rm b", []int{}},
	} {
		f := facts(t, at("line", c.line))
		if got := f.Stages[len(f.Stages)-1].Takes; !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v want %v", c.line, got, c.want)
		}
	}
}

func TestALineThatDoesNotParseIsOpaqueAndShown(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"rm -rf /\n)", "rm -rf /"},
		{"foo ( bar; rm -rf /", "foo; bar; rm -rf /"},
		{"if true; rm -rf /", "true; rm -rf /"},
		{`echo "unclosed; rm -rf /`, "echo unclosed; rm -rf /"},
		{"INSERT INTO t (a) VALUES (1)", "INSERT INTO t; a; VALUES; 1"},
	} {
		f := facts(t, at("line", c.line))
		if got := brief(f); !strings.HasPrefix(c.line, "INSERT") && got != c.want {
			t.Errorf("%s: got %s want %s", c.line, got, c.want)
		}
		parsed := strings.HasPrefix(c.line, "INSERT") // another shell's language
		if opaque := len(f.Opaque) > 0 && strings.HasPrefix(f.Opaque[0].Reason, "does not parse: "); opaque == parsed {
			t.Errorf("%s: opaque %v", c.line, f.Opaque)
		}
	}
}

func TestAFunctionThatCallsItselfIsRecursive(t *testing.T) {
	for _, line := range []string{":(){ :|:& };:", "bomb() { bomb | bomb & }; bomb", "a() { b & }; b() { a & }; a"} {
		f := facts(t, at("line", line))
		if !slices.ContainsFunc(f.Stages, func(s Stage) bool { return s.Recursive && s.Background }) {
			t.Errorf("%s: no recursive stage in the background: %+v", line, f.Stages)
		}
	}
	if f := facts(t, at("line", "f() { ls; }; f; f")); slices.ContainsFunc(f.Stages, func(s Stage) bool { return s.Recursive }) {
		t.Error("two calls are not a recursion")
	}
}

func TestWorkingDirectory(t *testing.T) {
	const unknown = ""
	for _, c := range []struct{ name, line, want string }{
		{"none", "x", "/home/dev/app"},
		{"absolute", "cd /tmp; x", "/tmp"},
		{"relative", "cd src/../lib; x", "/home/dev/app/lib"},
		{"home", "cd; x", "/home/dev"},
		{"tilde", "cd ~/a; x", "/home/dev/a"},
		{"back", "cd /tmp; cd -; x", "/home/dev/app"},
		{"in a subshell", "(cd /tmp); x", "/home/dev/app"},
		{"in a pipeline", "cd /tmp | cat; x", "/home/dev/app"},
		{"in the background", "cd /tmp & x", "/home/dev/app"},
		{"pushd and popd", "pushd /a; pushd b; popd; x", "/a"},
		{"a variable", "D=/srv; cd $D/a; x", "/srv/a"},
		{"an unknown variable", "cd $D; x", unknown},
		{"unknown, then absolute", "cd $D; cd /a; x", "/a"},
		{"unknown, then relative", "cd $D; cd a; x", unknown},
		{"in a condition", "if a; then cd b; fi; x", unknown},
		{"in both branches", "if a; then cd /b; else cd /b; fi; x", "/b"},
		{"after a test", "test -d a && cd a; x", unknown},
		{"after a test that ends otherwise", "test -d a && cd a || exit; x", "/home/dev/app/a"},
		{"in the rest of a list", "mkdir a && cd a && x", "/home/dev/app/a"},
		{"or die", "cd a || exit 1; x", "/home/dev/app/a"},
		{"or die by a function", "die() { exit 1; }; cd a || die; x", "/home/dev/app/a"},
		{"or go on", "cd a || true; x", unknown},
		{"where cd failed", "cd a || x", "/home/dev/app"},
		{"in a loop", "while a; do cd b; done; x", unknown},
		{"in a loop's second turn", "while a; do x; cd ..; done", unknown},
		{"in a function", "f() { cd /a; }; f; x", "/a"},
		{"in eval", "eval 'cd /a'; x", "/a"},
		{"in a shell's payload", "bash -c 'cd /a'; x", "/home/dev/app"},
		{"by sudo", "sudo -D /srv x", "/srv"},
		{"by env", "env -C /srv x", "/srv"},
		{"of a fresh folder", "cd $(mktemp -d); x", "/tmp/tmp.0000000001"},
		{"to the top of the repository", `cd "$(git rev-parse --show-toplevel)"; x`, "/home/dev/app"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, at("line", c.line))
			for _, s := range f.Stages {
				if s.Name == "x" && s.Cwd != c.want {
					t.Errorf("%s: got %q want %q", c.line, s.Cwd, c.want)
				}
			}
			if !slices.Contains(f.Names, "x") {
				t.Errorf("%s: x is missing", c.line)
			}
		})
	}
}

func TestAScriptsFolderThatIsNotThereIsUnknown(t *testing.T) {
	c := at("line", "cd gone; x")
	c.Scene = []Observation{{Query: Query{Op: "path", Path: "/home/dev/app/gone"}, Exists: "no"}}
	if f := facts(t, c); f.Stages[1].Cwd != "" {
		t.Errorf("got %q", f.Stages[1].Cwd)
	}
	c.Scene[0].Exists, c.Scene[0].Real = "yes", "/srv/real"
	if f := facts(t, c); f.Stages[1].Cwd != "/srv/real" {
		t.Errorf("got %q", f.Stages[1].Cwd)
	}
}

func TestExportsReachLaterStages(t *testing.T) {
	f := facts(t, at("line", "export A=1; B=2; PATH=/x:$PATH; git status; C=3 ls; bash -c 'env'"))
	for _, s := range f.Stages {
		var names []string
		for _, e := range s.Env {
			names = append(names, e.Name)
		}
		got := strings.Join(names, " ")
		want, ok := map[string]string{"git": "A PATH", "ls": "A PATH C", "bash": "A PATH", "env": "A PATH"}[s.Name]
		if ok && got != want {
			t.Errorf("%s: got %q want %q", s.Name, got, want)
		}
	}
}

func TestCheckoutOfAFileIsKnownByTheScene(t *testing.T) {
	for exists, want := range map[string]int{"yes": 1, "no": 0, "": 0} {
		c := at("line", "git checkout src")
		if exists != "" {
			c.Scene = []Observation{{Query: Query{Op: "path", Path: "/home/dev/app/src"}, Exists: exists}}
		}
		f := facts(t, c)
		if got := len(f.Stages[0].Paths); got != want {
			t.Errorf("exists %q: got %d paths, want %d", exists, got, want)
		}
		if asked := len(f.Wants) > 0; asked != (exists == "") {
			t.Errorf("exists %q: asked %v", exists, asked)
		}
	}
}
