package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// toolDesk is a desk for real tools: its git is the system's, and the system's
// programs go before those of version managers, which are scripts.
func toolDesk(t *testing.T, d *desk) *desk {
	t.Helper()
	must(t, os.Remove(d.path("shims/git")))
	must(t, os.RemoveAll(d.path("app/.git")))
	d.env = append(d.env, "PATH="+d.path("shims")+":"+bin+":/usr/bin:/bin:"+os.Getenv("PATH"))
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		d.env = append(d.env, "GIT_"+who+"_NAME=ann", "GIT_"+who+"_EMAIL=ann@example.invalid")
	}
	if out, err := d.command("git", "init", "-q", ".").CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	return d
}

// write makes files in the project: name, text, name, text ...
func (d *desk) write(files ...string) {
	d.t.Helper()
	for i := 0; i < len(files); i += 2 {
		name := "app/" + files[i]
		must(d.t, os.MkdirAll(filepath.Dir(d.path(name)), 0o755))
		d.own(filepath.Dir(name))
		must(d.t, os.WriteFile(d.path(name), []byte(files[i+1]), 0o644))
		d.own(name)
	}
}

const startsProcesses = `
import multiprocessing, subprocess
def square(x): return x * x
if __name__ == "__main__":
    for how in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(how).Pool(2) as pool:
            print(how, pool.map(square, [1, 2, 3]))
    print(subprocess.run(["/bin/echo", "run"], capture_output=True, text=True).stdout, end="")
    print(subprocess.check_output("/bin/echo shell | cat", shell=True, text=True), end="")
`

// ownFilter is a program that sandboxes itself, as those of agents do.
const ownFilter = `
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void) {
	struct sock_filter all[] = {{6, 0, 0, SECCOMP_RET_ALLOW}};
	struct sock_fprog p = {1, all};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
		return 1;
	execl("/bin/echo", "echo", "filtered", NULL);
	return 2;
}
`

// probes try tools that some machines and containers refuse whoever asks.
var probes = map[string]string{
	"bwrap":  "bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all /bin/true",
	"strace": attachable,
	"gdb":    attachable,
}

const attachable = `! grep -q '[^0]' /proc/sys/kernel/yama/ptrace_scope 2>/dev/null`

// Issue 3, 7: each line runs below the exec hook as it does without.
func TestToolsRunBelowTheHookAsWithout(t *testing.T) {
	for _, c := range []struct {
		name, needs string
		files       []string
		line, want  string
	}{
		{"make -j", "make", []string{"Makefile", "all: $(foreach n,0 1 2 3 4 5 6 7 8 9,part-a$n part-b$n part-c$n)\npart-%:\n\t@/bin/echo $@ >>made\n"},
			"make -j4 && wc -l <made", "30\n"},
		{"git clone, commit, rebase and push", "git", []string{"a.txt", "a\n"},
			`git init -q --bare there.git && git clone -q there.git here 2>/dev/null && cd here && cp ../a.txt . && git add a.txt && git commit -qm a &&
			git checkout -qb side && cp a.txt b.txt && git add b.txt && git commit -qm b &&
			git checkout -q - && cp a.txt c.txt && git add c.txt && git commit -qm c &&
			git rebase -q side && git push -q origin HEAD:refs/heads/whole && git -C ../there.git log --format=%s whole`, "c\nb\na\n"},
		{"python's multiprocessing and subprocess", "python3", []string{"many.py", startsProcesses},
			"python3 many.py", "fork [1, 4, 9]\nspawn [1, 4, 9]\nforkserver [1, 4, 9]\nrun\nshell\n"},
		{"perl's pipes", "perl", nil, `perl -e 'open(my $p, "-|", "/bin/echo", "piped"); print <$p>'`, "piped\n"},
		{"strace of what runs already", "strace", nil,
			`sleep 1000 & until grep -q sleep /proc/$!/comm; do sleep 0.1; done; strace -o seen -p $! 2>/dev/null & until test -s seen; do kill -0 $! || { kill %1; exit 1; }; sleep 0.1; done; kill %1; wait; grep -c "killed by SIGTERM" seen`, "1\n"},
		{"gdb of what runs already", "gdb", nil, `sleep 1000 & until grep -q sleep /proc/$!/comm; do sleep 0.1; done; gdb -nx -batch -p $! -ex 'info proc' 2>/dev/null | grep "^cmdline"; kill %1`, "cmdline = 'sleep 1000'\n"},
		{"a sandbox with namespaces of its own", "bwrap", nil,
			`bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all /bin/sh -c '/bin/echo inside; /bin/echo again'`, "inside\nagain\n"},
		{"a program with a seccomp filter of its own", "cc", []string{"own.c", ownFilter, "Makefile", "check: own\n\t./own && ./own\nown: own.c\n\tcc -o own own.c\n"}, "make -s check", "filtered\nfiltered\n"},
		{"a shell in one file with its tools", "busybox", nil, "busybox sh -c 'echo one; busybox echo two; /bin/echo three'", "one\ntwo\nthree\n"},
		{"guard in guard", "sh", nil, "guard -- sh -c '/bin/echo nested' && guard sh -c '/bin/echo again'", "nested\nagain\n"},
		{"what goes on in the background", "setsid", nil, "setsid -f sh -c '/bin/echo done >later'; until test -s later; do sleep 0.1; done; cat later", "done\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEveryone(t, func(t *testing.T, d *desk) {
				need(t, c.needs)
				d = toolDesk(t, d)
				if probe := probes[c.needs]; probe != "" {
					if out, err := d.command("bash", "-c", probe).CombinedOutput(); err != nil {
						t.Skipf("%s does not work here without guard: %v\n%s", c.needs, err, out)
					}
				}
				d.write(c.files...)
				if out, code := d.runs(c.line, probes[c.needs] == attachable); code != 0 || out != c.want {
					t.Errorf("status %d, said\n%s\nwant\n%s", code, out, c.want)
				}
			})
		})
	}
}

// runs is what a line says below the exec hook. Attaching to what runs already takes
// a person, even where the line has started it.
func (d *desk) runs(line string, attaches bool) (string, int) {
	d.t.Helper()
	if !attaches {
		return d.guard("--", "bash", "-c", line)
	}
	d.inbox()
	said := d.background("--", "bash", "-c", line)
	d.says(0, "approved", "approve", d.next())
	return said()
}

// What is too large for every machine that runs the tests, but should work where
// it is installed.
func TestLargeToolsRunBelowTheHookWhereTheyAreInstalled(t *testing.T) {
	for _, c := range []struct {
		name, needs string
		files       []string
		line, want  string
	}{
		{"npm install of a local package", "npm", []string{
			"part/package.json", `{"name": "part", "version": "1.0.0", "main": "m.js"}`, "part/m.js", `module.exports = "part used"`,
			"whole/package.json", `{"name": "whole", "version": "1.0.0"}`, "whole/index.js", `console.log(require("part"))`},
			"cd whole && npm install --offline --no-audit --no-fund --update-notifier=false ../part >npm.log 2>&1 && node index.js", "part used\n"},
		{"a JVM that starts a process", "java", []string{"H.java",
			`public class H { public static void main(String[] a) throws Exception { System.out.print(new String(new ProcessBuilder("/bin/echo", "child").start().getInputStream().readAllBytes())); } }`},
			"java H.java", "child\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := exec.LookPath(c.needs); err != nil {
				t.Skip("needs " + c.needs)
			}
			forEveryone(t, func(t *testing.T, d *desk) {
				d = toolDesk(t, d)
				d.write(c.files...)
				if out, code := d.guard("--", "bash", "-c", c.line); code != 0 || out != c.want {
					t.Errorf("status %d, said\n%s\nwant\n%s", code, out, c.want)
				}
			})
		})
	}
}

// Go's tests of os/exec start, pass files to, signal and wait for processes in
// every way they know.
func TestGosOwnTestsOfProcessesPassBelowTheHook(t *testing.T) {
	tests := filepath.Join(t.TempDir(), "exec.test")
	build := exec.Command("go", "test", "-c", "-o", tests, "os/exec")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the tests of os/exec: %v\n%s", err, out)
	}
	text, err := os.ReadFile(tests)
	must(t, err)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	must(t, err)
	forEveryone(t, func(t *testing.T, d *desk) {
		must(t, writeProgram(d.path("exec.test"), text))
		src := filepath.Join(strings.TrimSpace(string(root)), "src/os/exec") // where go test would run them
		d.env = append(d.env, "PWD="+src)
		cmd := d.command("guard", "--", d.path("exec.test"), "-test.short", "-test.skip=TestCredentialNoSetGroups") // which wants a user with a name
		cmd.Dir = src
		if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "PASS\n") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func TestAProgramStartedUnderADebuggerIsAskedAbout(t *testing.T) {
	need(t, "strace")
	forEveryone(t, func(t *testing.T, d *desk) {
		c := toolDesk(t, d).shell()
		c.send("guard -- strace -o seen -e trace=exit_group /bin/true\r")
		c.expect(`guard: held HIGH: /bin/true\r\n`)
		c.expect("is started under a debugger")
		c.expect(`\[a\]pprove`)
		c.send("a")
		c.expect("ready> ")
		c.shows("cat seen", `exit_group\(0\)`)
	})
}

func TestTmuxInsideASessionIsPartOfIt(t *testing.T) {
	need(t, "tmux")
	forEveryone(t, func(t *testing.T, d *desk) {
		d = toolDesk(t, d)
		d.program("mkfs.ext4", "echo ran >"+d.path("ran/mkfs"))
		c := d.console("guard", "--", "bash", "--norc", "--noprofile")
		c.expect(`bash-[0-9.]+[$#] `)
		c.send("tmux -S " + d.path("app/server") + " -f /dev/null new-session 'PS1=pane\\>\\  exec bash --norc --noprofile'\r")
		c.expect(`\[a\]pprove`)
		c.send("a")
		c.expect("pane> ")
		c.send("mkfs.ext4 /dev/sda1\r")
		c.expect("guard: blocked CRITICAL: mkfs.ext4 /dev/sda1")
		c.send("exit\r")
		c.expect(`\[exited\]`)
		c.expect(`bash-[0-9.]+[$#] `)
		c.send("exit 3\r")
		c.ends(3)
		if d.ran("mkfs") != "" {
			t.Error("what was blocked has run")
		}
	})
}

func TestWhoeverCountsOnAnotherUsersRightsIsTold(t *testing.T) {
	t.Parallel()
	need(t, "su")
	need(t, "mount")
	d := toolDesk(t, ordinaryDesk(t))
	d.says(126, "su cannot raise rights in a session", "--", "su", "-c", "true")
	out := d.says(0, "util-linux", "--", "sh", "-c", "mount --version")
	if want := "guard: mount gets no other rights in a session (no_new_privs)"; strings.Count(out, want) != 1 {
		t.Errorf("want one %q in\n%s", want, out)
	}
}

// An agent for keys hides its memory, and so what it executes.
func TestACallerThatHidesWhatItExecutesIsTold(t *testing.T) {
	need(t, "cc")
	forEveryone(t, func(t *testing.T, d *desk) {
		d = toolDesk(t, d)
		d.write("hidden.c", `
#include <sys/prctl.h>
#include <unistd.h>
int main(void) {
	prctl(PR_SET_DUMPABLE, 0);
	execl("/bin/echo", "echo", "ran", NULL);
	return 5;
}
`)
		out, code := d.guard("--", "sh", "-c", "cc -o hidden hidden.c && ./hidden")
		if root := d.cred == nil && os.Geteuid() == 0; !root && (code != 5 || strings.Count(out, "guard: blocked: a program that process ") != 1) {
			t.Errorf("status %d, said\n%s", code, out)
		}
	})
}
