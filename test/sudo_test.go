package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSudoIsRunOutsideOnceAPersonHasApproved(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.sudoShell()
	for _, want := range []string{"7", "8"} { // an approval is used once
		c.send("echo typed | sudo -n sh -c 'read x; id -u; pwd; echo \"<$x>\"; exit " + want + "'; echo status''=$?\r")
		c.holdsSudo("sudo -n sh -c '.*'")
		c.send("a")
		c.expect("0\r\n" + d.path("app") + "\r\n<typed>\r\nstatus=" + want + "\r\n")
	}
	c.send("sudo -n touch " + d.path("ran/sudo") + "; echo status''=$?\r")
	c.holdsSudo("sudo -n touch .*")
	c.send("d")
	c.expect("status=126\r\n")
	c.send("exit 0\r")
	c.ends(0)
	if _, err := os.Stat(d.path("ran/sudo")); err == nil {
		t.Error("what was denied ran")
	}
	log := d.says(0, "outside of the session", "log")
	if !strings.Contains(log, "exit 7") || !strings.Contains(log, "exit 8") {
		t.Errorf("the receipts do not say how it ended:\n%s", log)
	}
}

func TestSudoIsRefusedUntilAnOwnFolderSaysOtherwise(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, "{}")
	const refused = "sudo cannot raise rights in a session: the exec hook sets no_new_privs"
	d.says(126, refused, "--", "sudo", "-n", "id", "-u")
	d.policy("guard.json", sudoHeld)
	d.says(126, refused, "--", "sudo", "-n", "id", "-u")
	d.says(0, "sudo: hold would loosen off; that is for the system's or your own folder", "policy", "show")
}

func TestALiveSessionHoldsSudoOnceThatIsAccepted(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, "{}")
	c := d.sudoShell()
	c.send("sudo -n id -u\r")
	c.expect("guard: blocked HIGH: sudo -n id -u .*no_new_privs")
	must(t, os.WriteFile(d.path("home/.config/guard/policy/guard.json"), []byte(sudoHeld), 0o644))
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		out, _ := d.guard("policy", "show")
		if strings.Contains(out, "sudo goes from off to hold") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the new guard.json is not noticed:\n%s", out)
		}
	}
	c.send("sudo -n id -u\r")
	c.expect("guard: blocked HIGH: sudo -n id -u .*no_new_privs")
	d.says(0, "accepted policy", "policy", "accept")
	c.send("sudo -n id -u\r")
	c.holdsSudo("sudo -n id -u")
	c.send("a")
	c.expect("0\r\n")
	c.expect("ready> ")
	c.send("exit 0\r")
	c.ends(0)
}

func TestNothingOfTheCallersReachesSudo(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.console("guard", "--", "bash", "-c", `export LD_PRELOAD= SUDO_ASKPASS=/bin/false SUDO_EDITOR=/bin/false BASH_ENV=/dev/null MINE=yes TERM=xterm/..; sudo -n env | sort`)
	c.holdsSudo("bash -c '.*'")
	c.send("a")
	c.holdsSudo("sudo -n env") // with variables that the line itself has made dangerous
	c.send("a")
	c.expect(`PATH=/usr/local/sbin:`)
	c.ends(0)
	for _, name := range []string{"LD_PRELOAD=", "SUDO_ASKPASS=", "SUDO_EDITOR=", "BASH_ENV=", "MINE=", "TERM=xterm/", "GUARD_", "HOME="} {
		c.never("\r\n" + name)
	}
}

func TestOneLineIsOneQuestionAboutSudo(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.console("guard", "--", "bash", "-c", `sudo -n id -u; echo status=$?`)
	c.holdsSudo("bash -c '.*'")
	c.send("a")
	c.expect("0\r\nstatus=0\r\n")
	c.ends(0)
	if n := strings.Count(c.all(), "guard: held"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// What a line does any number of times was not approved any number of times.
func TestEachSudoOfALoopIsAskedAbout(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.console("guard", "--", "bash", "-c", `while read x; do sudo -n id -u </dev/null; done <<<$'1\n2'`)
	c.holdsSudo("bash -c .*")
	for range 2 {
		c.send("a")
		c.holdsSudo("sudo -n id -u")
	}
	c.send("d")
	c.ends(126)
}

func TestWhatWouldHandSomethingOnToSudoIsRefused(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	for _, options := range []string{
		"-E", "-nE", "--preserve-env", "--preserve-env=PATH", "--preserve", "-A", "-S", "-C 9", "-D /", "-R /", "-h there", "-b", "-p ask", "X=1", "-n LD_PRELOAD=./x.so",
	} {
		words := append([]string{"--", "sudo"}, strings.Fields(options)...)
		out := d.says(126, "cannot be run outside of the session; leave that out", append(words, "id", "-u")...)
		if strings.Contains(out, "guard: held") {
			t.Errorf("%s: asked about it:\n%s", options, out)
		}
	}
	d.says(126, "cannot raise rights in a session", "--", "sudo", "-e", "/etc/hosts")
	d.says(126, "cannot raise rights in a session", "--", "sudo", "-l")
	d.says(126, "cannot raise rights in a session", "--", "su", "-c", "id")
}

func TestAFileThatOnlyCallsItselfSudoIsNotRunOutside(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	su, err := exec.LookPath("su")
	if err != nil {
		t.Skip(err)
	}
	copied, script, link := d.path("app/copied/sudo"), d.path("app/script/sudo"), d.path("app/link/sudo")
	for _, dir := range []string{"app/copied", "app/script", "app/link"} {
		must(t, os.Mkdir(d.path(dir), 0o755))
		d.own(dir)
	}
	copyProgram(t, copied)
	must(t, os.Chown(copied, stranger, stranger))
	must(t, os.Chmod(copied, 0o755|os.ModeSetuid))
	must(t, writeProgram(script, []byte("#!/bin/sh\nid -u >"+d.path("ran/sudo")+"\n")))
	must(t, os.Chown(script, stranger, stranger))
	must(t, os.Symlink(su, link))
	for _, c := range []struct{ name, run string }{
		{"a copy", copied + " -n touch ran"},
		{"a program of the agent's", script + " -n touch ran"},
		{"another program under that name", "(exec -a sudo " + su + " -n touch ran)"},
		{"a link to another", link + " -n touch ran"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := d.console("guard", "--", "bash", "-c", c.run+"; echo status''=$?")
			for over, tries := false, 0; !over && tries < 60; tries++ {
				found := con.expect(`(status=\d+\r|\[a\]pprove  \[d\]eny  \[\?\]  |guard: blocked)`)[1]
				if over = !strings.HasPrefix(found, "["); !over {
					con.send("a") // whatever is asked, it is not to run outside
				}
			}
			<-con.ended
			if _, err := os.Stat(d.path("app/ran")); err == nil {
				t.Errorf("it ran:\n%s", con.all())
			}
		})
	}
}

func TestAnInterruptEndsSudoAndWhoeverCalledIt(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.sudoShell()
	// A shell that is about to start something can miss an interrupt; perl cannot.
	c.send("sudo -n perl -e '$|=1; print \"u\".\"p\\n\"; sleep 1000'\r")
	c.holdsSudo("sudo -n perl -e '.*'")
	c.send("a")
	c.expect("up\r\n")
	c.send("\x03")
	c.expect("ready> ")
	c.send("echo status''=$?\r")
	c.expect("status=130\r\n")
	c.send("exit 0\r")
	c.ends(0)
}

func TestSudoIsAJobOfTheShellThatCalledIt(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	c := d.sudoShell()
	c.send("sudo -n sh -c 'trap \"echo ba''ck\" CONT; echo u''p; until [ -e go ]; do sleep 0.1; done; exit 9'\r")
	c.holdsSudo("sudo -n sh -c '.*'")
	c.send("a")
	c.expect("up\r\n")
	c.send("\x1a")
	c.expect("Stopped")
	c.expect("ready> ")
	c.send("fg\r")
	c.expect("back\r\n")
	must(t, os.WriteFile(d.path("app/go"), nil, 0o644))
	c.expect("ready> ")
	c.send("echo status''=$?\r")
	c.expect("status=9\r\n")
	c.send("exit 0\r")
	c.ends(0)
}

func TestWhoeverCalledSudoTakesItAlong(t *testing.T) {
	for _, c := range []struct{ signal, status string }{{"TERM", "143"}, {"INT", "130"}, {"HUP", "129"}, {"KILL", "137"}} {
		t.Run(c.signal, func(t *testing.T) {
			t.Parallel()
			d := sudoDesk(t, sudoHeld)
			d.inbox()
			up, kill := d.pipe("up"), d.pipe("kill")
			end := d.background("--", "bash", "-c", fmt.Sprintf(`set -m; sudo -n sh -c 'echo pid $$ up >%s; exec sleep 1000' & read x <%s; kill -%s $!; wait $!; echo status=$?`,
				d.path("up"), d.path("kill"), c.signal))
			d.says(0, "approved once", "approve", d.next())
			pid := strings.Fields(up.told("up"))[1]
			kill.tell("now")
			out, code := end()
			if !strings.Contains(out, "status="+c.status+"\n") || code != 0 {
				t.Errorf("status %d:\n%s", code, out)
			}
			gone(t, pid)
			d.says(0, "SIGTERM", "log") // what became of the one that took its place
		})
	}
}

func TestACallerThatIsKilledWhileSudoIsHeldLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	d.inbox()
	kill := d.pipe("kill")
	end := d.background("--", "bash", "-c", fmt.Sprintf(`set -m; X=-n; sudo $X touch %s & read x <%s; kill -KILL $!; wait $!; echo status=$?`, d.path("ran/sudo"), d.path("kill")))
	line := d.next() // with its $X it spells nothing out
	d.says(0, "approved once", "approve", line)
	id := d.next(line)
	kill.tell("now")
	out, _ := end()
	if !strings.Contains(out, "status=137") {
		t.Errorf("got\n%s", out)
	}
	d.says(1, "", "approve", id)
	if _, err := os.Stat(d.path("ran/sudo")); err == nil {
		t.Error("it ran")
	}
}

func TestAnApprovalOutlivesAKilledGuardd(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	d.inbox()
	end := d.background("--", "bash", "-c", "sudo -n id -u; echo status=$?")
	id := d.next()
	must(t, syscall.Kill(d.status().PID, syscall.SIGKILL))
	d.says(0, "approved once", "approve", id)
	if out, code := end(); !strings.Contains(out, "0\nstatus=0\n") || code != 0 {
		t.Errorf("status %d:\n%s", code, out)
	}
}

// What sudo starts is not judged, but it is of the session, and so no person.
func TestWhatSudoStartsCannotApprove(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	d.inbox()
	need(t, "setpriv")                       // back to who votes here
	tool := filepath.Dir(d.sudo()) + "/tool" // under its own name nobody would even be asked
	guard, err := os.ReadFile(bin + "/guard")
	must(t, err)
	must(t, writeProgram(tool, guard))
	d.background("--", "git", "push", "--force")
	other := d.next()
	end := d.background("--", "sudo", "-n", "setpriv", fmt.Sprint("--reuid=", stranger), "--clear-groups", "env", "GUARD_HOME="+d.path("state"), tool, "approve", other)
	d.says(0, "approved once", "approve", d.next(other))
	if out, _ := end(); !strings.Contains(out, "asked from inside a guarded session") {
		t.Errorf("got\n%s", out)
	}
}

// monitor is the process that watches over the one session there is.
func (d *desk) monitor() int {
	d.t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", d.status().Sessions[0].PID))
	must(d.t, err)
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			if line, _ := os.ReadFile("/proc/" + child + "/cmdline"); strings.Contains(string(line), "__monitor\x00watch") {
				pid, err := strconv.Atoi(child)
				must(d.t, err)
				return pid
			}
		}
	}
	d.t.Fatal("the session has no monitor")
	return 0
}

func TestNothingIsLeftWaitingWhenTheMonitorIsKilled(t *testing.T) {
	t.Parallel()
	d := sudoDesk(t, sudoHeld)
	d.inbox()
	up := d.pipe("up")
	end := d.background("--", "bash", "-c", fmt.Sprintf(`sudo -n sh -c 'echo pid $$ up >%s; exec sleep 1000'`, d.path("up")))
	d.says(0, "approved once", "approve", d.next())
	pid := strings.Fields(up.told("up"))[1]
	must(t, syscall.Kill(d.monitor(), syscall.SIGKILL))
	if out, code := end(); code == 0 {
		t.Errorf("guard ended with 0:\n%s", out)
	}
	gone(t, pid)
}

func TestTheRealSudoIsRunOutside(t *testing.T) {
	t.Parallel()
	d := realDesk(t, "nobody ALL=(ALL:ALL) NOPASSWD: ALL", "-n", "true")
	c := d.console("guard", "--", "bash", "-c", `LD_LIBRARY_PATH=/x sudo -n sh -c 'id -u; echo "user $SUDO_USER"; exit 7'; echo status''=$?`)
	for over, tries := false, 0; !over && tries < 60; tries++ {
		if found := c.expect(`(status=\d+\r|\[a\]pprove  \[d\]eny  \[\?\]  )`)[1]; strings.HasPrefix(found, "[") {
			c.send("a")
		} else if over = true; found != "status=7\r" {
			t.Errorf("got %q:\n%s", found, c.all())
		}
	}
	<-c.ended
	if !strings.Contains(c.all(), "0\r\nuser nobody\r\n") {
		t.Errorf("the terminal shows\n%s", c.all())
	}
}

func TestTheRealSudoAsksForThePasswordAtTheTerminal(t *testing.T) {
	t.Parallel()
	d := realDesk(t, `Defaults passprompt="secret? "`+"\nnobody ALL=(ALL:ALL) ALL", "-k")
	c := d.console("guard", "--", "sudo", "id", "-u")
	c.holdsSudo("sudo id -u")
	c.send("a")
	c.expect("secret\\? ")
	// sudo forgets what was typed until it has set up the terminal: again, then.
	for over, tries := false, 0; !over && tries < 60; tries++ {
		c.send("\x03")
		select {
		case <-c.ended:
			over = true
		case <-time.After(time.Second):
		}
	}
	c.ends(1) // as sudo does that was interrupted there
}
