package classify

import (
	"slices"
	"strings"
	"testing"
)

// judged lists the stages of an execution as "via: name args".
func judged(t *testing.T, exe Exe, argv ...string) []string {
	t.Helper()
	f, err := Classify(Command{Kind: "exec", Argv: argv, Cwd: "/w", Home: "/home/u", Workspace: "/w", Exe: &exe, Scene: []Observation{
		{Query: Query{Op: "text", Path: "/w/rm.sh"}, Exists: "yes", Text: "#!/w/i -rf\nfoo\n"},
		{Query: Query{Op: "text", Path: "/w/env.sh"}, Exists: "yes", Text: "#!/usr/bin/env rm\nfoo\n"},
		{Query: Query{Op: "text", Path: "/w/ok.sh"}, Exists: "yes", Text: "#!/bin/sh\nmake x\n"},
		{Query: Query{Op: "text", Path: "/w/ok.py"}, Exists: "yes", Text: "#!/usr/bin/env python3\n"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range f.Stages {
		line := strings.Join(append([]string{s.Name}, s.Args...), " ")
		if len(s.Via) > 0 {
			line = strings.Join(s.Via, " ") + ": " + line
		}
		if s.Exe != nil {
			line += " @" + s.Exe.Zone
		}
		got = append(got, line)
	}
	return got
}

func TestAnExecutionIsJudgedByEveryNameItsProgramGoesBy(t *testing.T) {
	system := func(path, raw string) Exe { return Exe{Path: path, Raw: raw, Origin: "system"} }
	own := func(path, raw string, chain ...string) Exe {
		return Exe{Path: path, Raw: raw, Origin: "session", Chain: chain}
	}
	cases := []struct {
		name string
		exe  Exe
		argv string
		want []string
	}{
		{"its own", system("/usr/bin/rm", "/bin/rm"), "rm -rf x", []string{"rm -rf x @system"}},
		{"a version", system("/usr/bin/python3.11", "/usr/bin/python3"), "python3 -V", []string{"python3 -V @system"}},
		{"an alternative", system("/usr/bin/vim.basic", "/usr/bin/vi"), "vi x", []string{"vi x @system"}},
		{"a platform", system("/usr/bin/x86_64-linux-gnu-gcc-12", "/usr/bin/cc"), "cc x.c", []string{"cc x.c @system"}},
		{"a role", system("/usr/bin/killall5", "/bin/pidof"), "pidof x", []string{"pidof x @system"}},
		{"many roles", system("/bin/busybox", "/bin/rm"), "rm x", []string{"rm x @system"}},
		{"an applet", system("/bin/busybox", "/bin/busybox"), "busybox rm x", []string{"busybox: rm x @system"}},
		{"a login shell", system("/usr/bin/bash", "/bin/bash"), "-bash", []string{"bash @system"}},
		{"a link to something else", system("/usr/bin/rm", "/w/ls"), "ls -l", []string{"rm -l @system", "ls -l @system"}},
		{"another first word", system("/usr/bin/rm", "/bin/rm"), "ls -l", []string{"rm -l @system", "ls -l @system"}},
		{"text for ps", system("/usr/sbin/nginx", "/usr/sbin/nginx"), "nginx:_worker", []string{"nginx @system"}},
		{"a descriptor", system("/usr/bin/rm", "/proc/self/fd/7"), "rm x", []string{"rm x @system"}},
		{"memory", Exe{Origin: "memfd", Raw: "/proc/self/fd/7"}, "ls x", []string{"ls x @unknown"}},
		{"a copy that claims a role", own("/w/busybox", "/w/ls"), "ls x", []string{"busybox: x @workspace", "ls x @workspace"}},
		{"the loader", system("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2"), "/lib64/ld-linux-x86-64.so.2 --library-path /w /bin/rm x",
			[]string{"ld-linux-x86-64.so.2: rm x @system"}},
		{"an own program", own("/w/app", "./app"), "./app x", []string{"app x @workspace"}},
		{"a shell script", own("/w/ok.sh", "./ok.sh", "/usr/bin/dash"), "./ok.sh", []string{"ok.sh @workspace", "make x"}},
		{"a python script", own("/w/ok.py", "./ok.py", "/usr/bin/env"), "./ok.py", []string{"ok.py @workspace"}},
		{"a script of no language", own("/w/rm.sh", "./rm.sh", "/usr/bin/rm"), "./rm.sh y", []string{"rm.sh y @workspace", "rm -rf ./rm.sh y @workspace"}},
		{"a script of env", own("/w/env.sh", "./env.sh", "/usr/bin/env"), "./env.sh y", []string{"env.sh y @workspace", "env: rm ./env.sh y @workspace"}},
		{"an unseen script", own("/w/x.sh", "./x.sh", "/usr/bin/rm"), "./x.sh y", []string{"x.sh y @workspace", "rm ./x.sh y @workspace"}},
		{"a command of git by a link", system("/usr/bin/git", "/usr/lib/git-core/git-push"), "git-push -f", []string{"git -f @system", "git push -f @system"}},
		{"a command of git by its path", system("/usr/bin/git", "/usr/lib/git-core/git-push"), "/usr/lib/git-core/git-push -f", []string{"git -f @system", "git push -f @system"}},
		{"a command of git by a role", system("/usr/bin/git", "/usr/bin/git-upload-pack"), "git-upload-pack x", []string{"git upload-pack x @system"}},
		{"a command of git by its own file", system("/usr/lib/git-core/git-http-push", "/usr/lib/git-core/git-http-push"), "git-http-push -f", []string{"git http-push -f @system"}},
		{"no words", system("/usr/bin/rm", "/bin/rm"), "", []string{"rm @system"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			argv := strings.Fields(strings.ReplaceAll(c.argv, "_", " "))
			if c.name == "text for ps" {
				argv = []string{"nginx: worker"}
			}
			if got := judged(t, c.exe, argv...); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatALoaderLoadsIsJudgedByTheFileThatALinkLeadsTo(t *testing.T) {
	q := Query{Op: "path", Path: "/w/link"}
	c := Command{Kind: "exec", Argv: []string{"ld.so", "./link", "x"}, Cwd: "/w", Workspace: "/w", Exe: &Exe{Path: "/lib64/ld.so", Raw: "/lib64/ld.so", Origin: "system"}}
	f, err := Classify(c)
	if err != nil || !slices.Contains(f.Wants, q) || slices.Contains(f.Names, "rm") {
		t.Fatalf("got %v, wants %v, %v", f.Names, f.Wants, err)
	}
	c.Scene = []Observation{{Query: q, Exists: "yes", Type: "file", Real: "/usr/bin/rm"}}
	if f, err = Classify(c); err != nil || !slices.Contains(f.Names, "rm") || !slices.Contains(f.Names, "link") {
		t.Errorf("got %v, %v", f.Names, err)
	}
}

func TestOnlyASeenScriptIsAskedFor(t *testing.T) {
	for _, chain := range [][]string{nil, {"/usr/bin/dash"}} {
		f, err := Classify(Command{Kind: "exec", Argv: []string{"./app"}, Cwd: "/w", Workspace: "/w", Exe: &Exe{Path: "/w/app", Raw: "./app", Origin: "session", Chain: chain}})
		if err != nil || (len(f.Wants) > 0) != (chain != nil) {
			t.Errorf("chain %q: wants %v, %v", chain, f.Wants, err)
		}
	}
}

func TestAnInstalledScriptIsAProgram(t *testing.T) {
	at := func(path, origin string, argv ...string) Command {
		return Command{Kind: "exec", Argv: argv, Cwd: "/w", Home: "/home/u", Workspace: "/w",
			Exe: &Exe{Path: path, Raw: path, Origin: origin, Chain: []string{"/usr/bin/env"}}}
	}
	shim := []Observation{{Query: Query{Op: "text", Path: "/home/u/shims/py"}, Exists: "yes", Real: "/home/u/shims/py", Text: "exec $X"}}
	linked := []Observation{{Query: Query{Op: "text", Path: "/home/u/shims/py"}, Exists: "yes", Real: "/w/py", Text: "exec $X"}}
	cases := []struct {
		name  string
		c     Command
		scene []Observation
		old   bool
		reads bool
	}{
		{"in the home folder", at("/home/u/shims/py", "writable", "py", "x"), nil, false, false},
		{"written since", at("/home/u/shims/py", "session", "py", "x"), nil, false, true},
		{"in the workspace", at("/w/py", "writable", "./py", "x"), nil, false, true},
		{"in a temporary folder", at("/tmp/py", "writable", "/tmp/py"), nil, false, true},
		{"given to a shell", at("/usr/bin/bash", "system", "bash", "/home/u/shims/py"), shim, true, false},
		{"given to a shell, written since", at("/usr/bin/bash", "system", "bash", "/home/u/shims/py"), shim, false, true},
		{"given to a shell, a link to the workspace", at("/usr/bin/bash", "system", "bash", "/home/u/shims/py"), linked, true, true},
		{"given to an interpreter", at("/usr/bin/python3", "system", "python3", "/home/u/shims/py"), shim, true, false},
		{"sourced", at("/usr/bin/bash", "system", "bash", "-c", "source /home/u/shims/py"), shim, true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.c.Argv[0], "bash") || c.c.Argv[0] == "python3" {
				c.c.Exe.Chain = nil
			}
			for _, o := range c.scene {
				o.Old = c.old
				c.c.Scene = append(c.c.Scene, o)
			}
			f, err := Classify(c.c)
			if err != nil {
				t.Fatal(err)
			}
			if reads := len(f.Wants) > 0 || len(f.Opaque) > 0; reads != c.reads {
				t.Errorf("wants %v, opaque %v: want it read: %v", f.Wants, f.Opaque, c.reads)
			}
		})
	}
}

func TestACommandOfGitThatIsCalledByItsPathIsGits(t *testing.T) {
	f, err := Classify(Command{Kind: "line", Line: "/usr/lib/git-core/git-push --force origin main; ./git-core/x", Cwd: "/w"})
	if err != nil || len(f.Stages) != 2 || f.Stages[0].Name != "git" || f.Stages[0].Sub != "push" || f.Stages[1].Name != "x" {
		t.Errorf("got %+v, %v", f.Stages, err)
	}
	if len(f.Execs) == 0 || f.Execs[0].Argv[0] != "/usr/lib/git-core/git-push" {
		t.Errorf("it covers %v, want what is executed", f.Execs)
	}
}
