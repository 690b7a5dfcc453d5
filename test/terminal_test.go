package test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestAtATerminalAnAllowedCommandRunsAsIfGuardWereNotThere(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console("guard", "--", "bash", "-c", `stty size; tty -s <&0 && tty -s <&1 && tty -s <&2 && echo three; env | grep -c ^GUARD_SESSION=s_; read line; echo "<$line>"; exit 7`)
		c.expect("^40 100\r\nthree\r\n1\r\n$")
		c.send("typed\r")
		c.expect("^typed\r\n<typed>\r\n")
		c.ends(7)
		c.never("guard:")
		d.says(0, "exit 7", "log")
	})
}

func TestOutputThatIsNoTerminalIsHandedOnByteForByte(t *testing.T) {
	t.Parallel()
	c := ordinaryDesk(t).shell()
	c.shows(`guard -- printf 'a\nb' | od -An -c`, `a  \\n   b\r\n`)
	c.shows(`printf 'a\nb' | guard -- od -An -c`, `a  \\n   b\r\n`)
	c.shows(`guard -- sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null; echo st''atus $?`, `out\r\nstatus 3\r\n`)
	c.shows(`guard -- sh -c 'tty <&1' </dev/null | cat`, "not a tty")
	c.never("guard: ")
}

func TestTheTiersAtATerminal(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	d.program("mkfs.ext4", "echo ran >"+d.path("ran/mkfs"))
	c := d.shell()
	c.shows("guard -- ls -d .; echo st''atus $?", "\\.\r\nstatus 0")
	c.shows("guard -- touch new; echo st''atus $?", "status 0")
	c.never("guard:")
	c.shows("guard -- mkfs.ext4 /dev/sda1; echo st''atus $?", `guard: blocked CRITICAL: mkfs.ext4 /dev/sda1 \(.+\r\n(?s:.*)status 126`)
	if d.ran("mkfs") != "" {
		t.Error("what was blocked has run")
	}
}

func TestAnInteractiveShellHasJobControl(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.shell()
		c.send("guard -- bash --norc --noprofile\r")
		c.expect(`bash-[0-9.]+[$#] `)
		c.send("PS1='inner''> '\r")
		c.expect("inner> ")
		c.send("bash -c 'trap \"echo con\"tinued CONT; echo begin''ning; while read x; do echo got $x; done'\r")
		c.expect("beginning")
		c.send("\x1a")
		c.expect(`Stopped`)
		c.expect("inner> ")
		c.send("jobs; fg\r")
		c.expect(`\[1\]\+  Stopped`)
		c.expect("continued")
		c.send("word\r")
		c.expect("got word")
		c.send("\x03")
		c.expect("inner> ")
		c.send("until [ \"$(stty size)\" = '33 99' ]; do :; done; echo re''sized\r")
		c.expect("\n") // it runs
		c.resize(33, 99)
		c.expect("resized")
		c.expect("inner> ")
		c.send("suspend\r") // the whole session, as ^Z of a person who wants out
		c.expect("Stopped +guard -- bash")
		c.expect("ready> ")
		c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n")
		c.send("fg\r")
		c.expect("inner> ")
		c.send("exit 5\r")
		c.expect("ready> ")
		c.shows("echo st''atus $?", "status 5")
		c.never("guard: ")
	})
}

func TestControlZStopsGuardWithItsCommand(t *testing.T) {
	for _, mode := range []string{"auto", "inherit"} {
		t.Run("--tty="+mode, func(t *testing.T) {
			t.Parallel()
			c := ordinaryDesk(t).shell()
			// A bash that is stopped on its way into read runs the trap once that returns.
			c.send("guard --tty=" + mode + " -- bash -c 'trap \"echo con\"tinued CONT; echo begin''ning; while :; do read -t 1 x && echo got $x; done'\r")
			c.expect("beginning")
			for range 2 {
				c.send("\x1a")
				c.expect("Stopped")
				c.expect("ready> ")
				c.shows("jobs", "Stopped +guard")
				c.send("fg\r")
				c.expect("continued")
				c.send("word\r")
				c.expect("got word")
			}
			c.send("\x03")
			c.expect("ready> ")
			c.shows("echo st''atus $?", "status 130")
		})
	}
}

func TestFullScreenProgramsRun(t *testing.T) {
	for _, c := range []struct{ name, line, shows, leave string }{
		{"vim", "vim -u NONE -N file", `~`, ":q!\r"},
		{"less", "seq 1000 | less", `\n39\r\n:`, "q"},
		{"top", "top", `load average`, "q"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			need(t, c.name)
			con := ordinaryDesk(t).console("guard", "--", "bash", "-c", c.line+`; stty -a | grep -o " icanon"`)
			con.expect(c.shows)
			con.send(c.leave)
			con.expect(" icanon")
			con.ends(0)
		})
	}
}

func need(t *testing.T, tool string) {
	t.Helper()
	missing, err := condition("missing:" + tool)
	must(t, err)
	if missing {
		t.Skip("needs " + tool)
	}
}

func TestGuardShWithoutALineIsTheUsersShell(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	must(t, os.WriteFile(d.path("home/.bashrc"), []byte("PS1='own''> '\n"), 0o644))
	c := d.console("guard", "sh")
	c.expect("own> ")
	c.send("echo $0 in ${GUARD_SESSION%_*}\r")
	c.expect("/bash in s\r\n")
	c.send("exit 4\r")
	c.ends(4)
}

func TestABackgroundJobLeavesTheTerminalAlone(t *testing.T) {
	t.Parallel()
	c := ordinaryDesk(t).shell()
	c.send("guard -- sh -c 'echo u''p; exec sleep 1000' &\r")
	c.expect("up\r+\n")
	c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n")
	c.shows("jobs", `Running +guard`)
	c.shows("kill %1; wait %1; echo st''atus $?", "status 143")
}

func TestASignalThatEndsTheCommandIs128PlusItsNumber(t *testing.T) {
	t.Parallel()
	c := ordinaryDesk(t).console("guard", "--", "sh", "-c", "echo up; exec sleep 1000")
	c.expect("up")
	c.send("\x1c") // ^\
	c.ends(131)
}

func TestGuardStopEndsASessionAtItsTerminal(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console("guard", "--", "sh", "-c", "stty raw -echo; echo up; exec sleep 1000")
		c.expect("up")
		before := d.status() // of the guardd that this guard has started
		session := before.Sessions[0].ID
		d.says(0, "asked 1 session(s) to end", "stop", session)
		c.expect("guard: this session was asked to end")
		c.ends(143)
		d.says(0, session+" ended", "log")
		if after := d.status(); after.PID != before.PID {
			t.Errorf("guardd was %d and is %d", before.PID, after.PID)
		}
	})
}

func TestGuardStopEndsAnInteractiveShellWithoutKillingIt(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.console("guard", "--", "bash", "--norc", "--noprofile")
	c.expect(`bash-[0-9.]+[$#] `)
	d.says(0, "asked 1 session(s) to end", "stop", "--all")
	c.ends(129)
}

func TestAnInboxThatIsFollowedCountsAsSomebodyToAsk(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	words := []string{"--", "git", "push", "--force"}
	d.says(126, "nobody can be asked", words...)

	c := d.console("guard", "inbox", "--follow")
	c.expect("guard: following")
	asked := make(chan string, 1)
	go func() {
		out, code := d.guard(words...)
		asked <- strings.Repeat("failed ", code) + out
	}()
	id := c.expect(`held +HIGH +([0-9a-f]{6}) +git +git push --force`)[1]
	d.says(0, "approved once: git push --force", "approve", id, "--reason", "seen")
	if out := <-asked; !strings.HasSuffix(out, "git ran: push --force\n") || strings.HasPrefix(out, "failed") {
		t.Errorf("guard said %q", out)
	}
	c.expect(`approved +HIGH +` + id + `.*\(seen\)`)
	c.send("\x03")
	c.ends(0)
	// guardd learns of it from the end of a connection.
	for n := 0; ; n++ {
		out, code := d.guard("--wait", "0s", "--", "git", "push", "--force", "origin", fmt.Sprint(n))
		if code == 126 && strings.Contains(out, "nobody can be asked") {
			return
		}
		if code != 75 || n == 100 {
			t.Fatalf("after the inbox has gone: status %d\n%s", code, out)
		}
	}
}
