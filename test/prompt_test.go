package test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const pushed = "push --force origin main\n"

var push = []string{"guard", "--", "git", "push", "--force", "origin", "main"}

func TestAHeldCommandIsAnsweredWhereItWasTyped(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		code       int
		ran        string
	}{
		{"a lets it run", "a", 0, pushed},
		{"d denies it", "d", 126, ""},
		{"^C denies it", "\x03", 126, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEveryone(t, func(t *testing.T, d *desk) {
				con := d.console(push...)
				con.question("HIGH", "git push --force origin main")
				con.send(c.keys)
				con.ends(c.code)
				if ran := d.ran("git"); ran != c.ran {
					t.Errorf("ran = %q, want %q", ran, c.ran)
				}
				if n := strings.Count(con.all(), "guard: held"); n != 1 {
					t.Errorf("said %d times what is held:\n%q", n, con.all())
				}
			})
		})
	}
}

func TestAQuestionMarkSaysMoreAndAsksAgain(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.console(push...)
	c.question("HIGH", "git push --force origin main")
	c.send("?")
	c.expect("guard: session s_[0-9a-f]{12}, agent git, hold hold_[0-9a-f]{24}\r\n")
	c.expect("guard: approve lets exactly this command run once; unanswered, it is denied at [0-9:]{8}\r\n")
	c.expect(`\[a\]pprove`)
	c.send("d")
	c.ends(126)
}

func TestNothingTypedBeforeTheQuestionAnswersIt(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.shell()
	c.send("guard -- git push --force; echo st''atus $?\raaaa")
	c.question("HIGH", "git push --force")
	c.send("aa") // pasted
	c.expect(`\[a\]pprove`)
	c.send("d")
	c.expect("status 126")
	if ran := d.ran("git"); ran != "" {
		t.Errorf("ran = %q", ran)
	}
}

func TestAnAnswerFromElsewhereTakesTheQuestionAway(t *testing.T) {
	for _, c := range []struct {
		verb, says string
		code       int
		ran        string
	}{
		{"approve", ": approved by .* \\(seen\\)\r+\ngit ran", 0, pushed},
		{"deny", "denied by .* \\(seen\\): do not try the same effect another way\r\n", 126, ""},
	} {
		t.Run(c.verb, func(t *testing.T) {
			forEveryone(t, func(t *testing.T, d *desk) {
				con := d.console(push...)
				id := con.question("HIGH", "git push --force origin main")
				d.says(0, "git push --force origin main", c.verb, id, "--reason", "seen")
				con.expect("^\r\x1b\\[Kguard: .*" + c.says)
				con.ends(c.code)
				if ran := d.ran("git"); ran != c.ran {
					t.Errorf("ran = %q, want %q", ran, c.ran)
				}
				d.says(1, "already", c.verb, id)
			})
		})
	}
}

func TestWhatASessionAsksForIsAnsweredOnGuardsSideOfTheTerminal(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console("guard", "--", "bash", "-c", `
			guard sh -c "git push --force" </dev/null 2>/dev/null & printf a >/dev/tty
			IFS= read -r line; echo "seen=<$line>"; wait $!; echo status $?`)
		c.question("HIGH", "git push --force")
		c.send("a")
		c.expect("git ran: push --force\r\n")
		c.send("word\r")
		c.expect("seen=<word>\r\n")
		c.expect("status 0\r\n")
		c.ends(0)
		if ran := d.ran("git"); ran != "push --force\n" {
			t.Errorf("ran = %q", ran)
		}
		d.says(0, "yes by", "log")
	})
}

// The agent may wriggle as it likes: leave its session, have its parent die, open
// its terminal again.
func TestASessionCannotAnswerItself(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		done := d.pipe("done")
		// Under its own name the hook would not even let it start.
		d.program("agent", fmt.Sprintf(`
			cp $(command -v guard) tool
			guard sh -c "git push --force" </dev/null & asker=$!
			until id=$(guard inbox --json | grep -o 'hold_[0-9a-f]*' | head -n 1) && [ "$id" ]; do :; done
			exec 3>&1 >%[1]s 2>&1
			./tool approve $id
			setsid -w ./tool approve $id
			(setsid bash -c "(env -u GUARD_SESSION ./tool approve $id; echo finished >%[2]s) &" &)
			printf a >/dev/tty
			wait $asker
			echo status $? >&3`, d.path("votes"), d.path("done")))
		c := d.console("guard", "--", "agent")
		c.question("HIGH", "git push --force")
		done.told("finished")
		votes, err := os.ReadFile(d.path("votes"))
		must(t, err)
		if n := strings.Count(string(votes), "asked from inside a guarded session"); n != 3 {
			t.Errorf("%d votes were refused, want 3:\n%s", n, votes)
		}
		c.send("d")
		c.expect("status 126\r\n")
		c.ends(0)
		if ran := d.ran("git"); ran != "" {
			t.Errorf("ran = %q", ran)
		}
	})
}

func TestQuestionsAreAskedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.console("guard", "--", "bash", "-c", `for b in one two; do guard sh -c "git push --force origin $b" </dev/null 2>/dev/null & done; wait`)
	first := c.expect(`guard: held HIGH: /bin/bash -c 'git push --force origin (\w+)'\r\n`)[1]
	c.expect(`\[a\]pprove`)
	c.send("a")
	second := c.expect(`guard: held HIGH: /bin/bash -c 'git push --force origin (\w+)'\r\n`)[1]
	c.expect(`\[a\]pprove`)
	c.send("d")
	c.ends(0)
	if ran := d.ran("git"); ran != "push --force origin "+first+"\n" || first == second {
		t.Errorf("approved %s, denied %s, ran = %q", first, second, ran)
	}
}

// fullScreen starts a program below guard, has a force push held once the program
// has the alternate screen, and returns when guard has rung.
func fullScreen(t *testing.T, d *desk, line string) *console {
	t.Helper()
	up := d.pipe("up")
	d.program("agent", fmt.Sprintf(`(read -r go <%s; guard sh -c "git push --force" </dev/null >%s 2>&1) &
		%s; echo left; wait`, d.path("up"), d.path("agent.out"), line))
	c := d.console("guard", "--", "agent")
	c.expect(`\x1b\[\?(1049|1047|47)h`)
	up.tell("go")
	c.expect(`\x1b\]2;guard: held hold_[0-9a-f]{24}: run guard inbox\x07\x1b\]9;guard: held hold_[0-9a-f]{24}: run guard inbox\x07\x07`)
	return c
}

var screens = []struct{ name, line, keys, shows, leave string }{
	{"sh", `printf '\033[?1049h'; read -r x; echo "<$x>"; read -r x; printf '\033[?1049l'`, "word\r", "<word>", "\r"},
	{"vim", "vim -u NONE -N file", "ihello\x1b:w\r", `"file" .*written`, ":q\r"},
	{"less", "seq 1000 | less", "G", "\n1000\r\n", "q"},
}

func TestWhileAFullScreenProgramIsUpGuardRingsAndDoesNotDraw(t *testing.T) {
	for _, s := range screens {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			need(t, s.name)
			d := ordinaryDesk(t)
			c := fullScreen(t, d, s.line)
			c.send(s.keys)
			c.expect(s.shows)
			c.never("guard: held HIGH")
			c.send(s.leave)
			c.expect(`\x1b\[\?(1049|1047|47)l`)
			c.question("HIGH", "git push --force")
			c.send("a")
			c.ends(0)
			if ran := d.ran("git"); ran != "push --force\n" {
				t.Errorf("ran = %q", ran)
			}
		})
	}
}

func TestAnAnswerFromElsewhereTakesTheTitleAwayAndNothingIsAsked(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := fullScreen(t, d, screens[0].line)
	out, _ := d.guard("inbox", "--json")
	id := out[strings.Index(out, "hold_"):][:29]
	d.says(0, "git push --force", "deny", id)
	c.expect(`\x1b\]2;\x07`)
	c.send("\r\r")
	c.expect(`\x1b\[\?1049l`)
	c.expect("guard: " + id[5:11] + ": denied by ")
	c.ends(0)
	c.never("[a]pprove")
}

// short is enough for a question to be drawn and its keys to be named on a busy
// machine.
const short = `{"presets":{"coding":{"seconds":{"HIGH":15,"CRITICAL":15}}}}`

func TestAQuestionStepsUpAndExpires(t *testing.T) {
	t.Run("about the command itself", func(t *testing.T) {
		t.Parallel()
		d := ordinaryDesk(t)
		d.policy("guard.json", short)
		c := d.console(push...)
		id := c.question("HIGH", "git push --force origin main")
		if again := c.question("CRITICAL", "git push --force origin main"); again != id {
			t.Errorf("asked about %s, then about %s", id, again)
		}
		c.expect("^\r\x1b\\[Kguard: denied: nobody answered " + id + "\\. Silence is not consent: do not try the same effect another way\\.\r\n")
		c.ends(124)
		d.says(124, "nobody answered", "wait", id)
	})
	t.Run("about a command inside", func(t *testing.T) {
		t.Parallel()
		d := ordinaryDesk(t)
		d.policy("guard.json", short)
		c := d.console("guard", "--", "bash", "-c", `guard sh -c "git push --force" </dev/null 2>`+d.path("agent.out")+`; echo status $?; read -r x`)
		id := c.question("HIGH", "git push --force")
		c.question("CRITICAL", "git push --force")
		c.expect("^\r\x1b\\[K(?s:guard: " + id + " expired: nobody answered\r\n.*status 126|status 126.*guard: " + id + " expired: nobody answered)\r\n")
		c.send("\r")
		c.ends(0)
		said, err := os.ReadFile(d.path("agent.out"))
		must(t, err)
		if !strings.Contains(string(said), "guard: nobody answered in time: now CRITICAL") {
			t.Errorf("the asker was told\n%s", said)
		}
	})
}

func TestAQuestionInTheBackgroundWaitsForTheForeground(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.shell()
	c.send("guard -- git push --force origin main &\r")
	c.expect("guard: held HIGH: git push --force origin main\r+\n")
	c.expect("guard: bring this job to the foreground to answer, or: guard inbox\r+\n")
	c.send("\r")
	c.expect("ready> ")
	c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n")
	c.send("fg\r")
	c.question("HIGH", "git push --force origin main")
	c.send("a")
	c.expect("git ran: ")
	c.expect("ready> ")
	c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n")
	if ran := d.ran("git"); ran != pushed {
		t.Errorf("ran = %q", ran)
	}
}

func TestAQuestionSurvivesControlZ(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.shell()
	c.send("guard -- git push --force origin main\r")
	id := c.question("HIGH", "git push --force origin main")
	c.send("\x1a")
	c.expect("Stopped")
	c.expect("ready> ")
	c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n")
	c.send("fg\r")
	if again := c.question("HIGH", "git push --force origin main"); again != id {
		t.Errorf("asked about %s, then about %s", id, again)
	}
	c.send("d")
	c.expect("denied by")
	c.expect("ready> ")
}

func TestACommandThatSharesTheTerminalIsAskedAboutElsewhere(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.console("guard", "--tty=inherit", "--", "bash", "-c", `guard sh -c "git push --force"; echo status $?`)
	id := c.expect(`guard: waiting up to 60 s.*\(a person runs: guard approve ([0-9a-f]{6})\)\r\n`)[1]
	d.says(0, "denied", "deny", id)
	c.expect("status 126\r\n")
	c.ends(0)
	c.never("[a]pprove")
}

func TestATerminalThatGoesAwayEndsItsHold(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console(push...)
		id := c.question("HIGH", "git push --force origin main")
		c.hangUp()
		d.says(126, id+" was cancelled", "wait", id)
		if ran := d.ran("git"); ran != "" {
			t.Errorf("ran = %q", ran)
		}
	})
}

func TestKillingTheCommandGivesTheTerminalBack(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console("guard", "--", "sh", "-c", "stty raw -echo; echo pid=$$; exec sleep 1000")
		kill(t, c.expect(`pid=(\d+)`)[1])
		c.ends(137)
		d.says(0, "SIGKILL", "log")
	})
}

func TestKillingGuardHangsUpItsCommand(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		hung := d.pipe("hung")
		d.program("agent", `trap "echo hung up >`+d.path("hung")+`; exit" HUP; echo up; while :; do read -r x; done`)
		c := d.shell()
		c.send("guard -- agent\r")
		c.expect("up\r\n")
		session := d.status().Sessions[0]
		kill(t, fmt.Sprint(session.PID))
		hung.told("hung up")
		c.expect("Killed")
		c.expect("ready> ")
		c.shows("stty -a | grep -o '[ -]icanon'", "[\r\n] icanon\r\n") // the shell's doing: guard could not
		log := d.console("guard", "log", "-f")
		log.expect(session.ID + " ended: guard died")
	})
}

func TestKillingGuardAtItsQuestionRunsNothing(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.shell()
		c.send("guard -- git push --force origin main\r")
		id := c.question("HIGH", "git push --force origin main")
		kill(t, fmt.Sprint(d.status().Sessions[0].PID))
		c.expect("Killed")
		c.expect("ready> ")
		d.says(126, id+" was cancelled: guard died", "wait", id)
		d.says(1, "already", "approve", id)
		if ran := d.ran("git"); ran != "" {
			t.Errorf("ran = %q", ran)
		}
	})
}

func TestKillingGuarddAtAQuestionLosesNothing(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console(push...)
		id := c.question("HIGH", "git push --force origin main")
		old := d.status().PID
		kill(t, fmt.Sprint(old))
		d.says(0, id, "inbox")
		if now := d.status().PID; now == old {
			t.Errorf("guardd is still %d", now)
		}
		c.send("a")
		c.expect("git ran")
		c.ends(0)
		if ran := d.ran("git"); ran != pushed {
			t.Errorf("ran = %q", ran)
		}
	})
}

func TestKillingGuarddWhileASessionRunsLosesNothing(t *testing.T) {
	t.Parallel()
	d := ordinaryDesk(t)
	c := d.console("guard", "--", "bash", "-c", `echo up; read -r x; guard sh -c "git push --force origin main"; echo status $?`)
	c.expect("up")
	kill(t, fmt.Sprint(d.status().PID))
	c.send("\r")
	c.question("HIGH", "git push --force origin main")
	c.send("a")
	c.expect("status 0")
	c.ends(0)
	if ran := d.ran("git"); ran != pushed {
		t.Errorf("ran = %q", ran)
	}
}

func kill(t *testing.T, pid string) {
	t.Helper()
	var n int
	_, err := fmt.Sscan(pid, &n)
	must(t, err)
	must(t, unix.Kill(n, unix.SIGKILL))
}
