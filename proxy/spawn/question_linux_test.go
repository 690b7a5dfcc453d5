package spawn

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const named = "[a]pprove  [d]eny  [?]"

// talker runs until it has read "end", and says what else it reads.
const talker = `echo up; while read x; do echo "got <$x>"; [ "$x" = end ] && exit; done`

func TestThePersonIsAskedInPlaceWhileTheCommandRuns(t *testing.T) {
	for _, c := range []struct{ name, key, want string }{
		{"a approves", "a", "1 <nil>"},
		{"A too", "A", "1 <nil>"},
		{"d denies", "d", "2 <nil>"},
		{"^C denies and interrupts nothing", "\x03", "2 <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t)
			j := con.guard("bash", "-c", talker)
			con.expect("up")
			j.remote.next("started")
			j.remote.say("ask hold_7 held HIGH: rm -rf ./data\u202e\x1b[2J")
			con.expect(`guard: held HIGH: rm -rf ./data\u202e\x1b[2J` + "\r\n")
			con.expect(named)
			con.send(c.key)
			if got := j.remote.next("answer"); got != c.want {
				t.Errorf("answer = %q, want %q", got, c.want)
			}
			con.send("end\r")
			con.expect("got <end>")
			if code := j.code(); code != 0 {
				t.Errorf("code = %d", code)
			}
			if strings.Contains(con.all(), "got <"+c.key) {
				t.Error("the command has seen the answer")
			}
		})
	}
}

func TestQuestionMarkShowsMoreAndAsksAgain(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", talker)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_7 what")
	con.expect(named)
	con.send("?")
	con.expect("guard: more about hold_7\r\n")
	con.expect(named)
	con.send("x") // no answer
	con.expect("\a")
	con.send("d")
	if got := j.remote.next("answer"); got != "2 <nil>" {
		t.Errorf("answer = %q", got)
	}
}

func TestNothingTypedAheadAndNoPasteAnswers(t *testing.T) {
	con, j := typedAhead(t)
	con.expect(named)
	con.send("a\ra") // a paste
	con.expect(named)
	con.send("\x1b[A")
	con.expect(named)
	con.send("d")
	if got := j.remote.next("answer"); got != "2 <nil>" {
		t.Errorf("answer = %q, want the only deliberate key, d", got)
	}
	con.send("end\r")
	con.expect("got <end>")
	if got := con.all(); strings.Count(got, "got <") != 1 {
		t.Errorf("the command has seen what was typed at the question: %q", got)
	}
}

// typedAhead is a question at which a was typed before the keys were named. Where
// that came too late to be sure, another is asked.
func typedAhead(t *testing.T) (*console, *job) {
	t.Helper()
	for {
		con := newConsole(t)
		j := con.guard("bash", "-c", talker)
		con.expect("up")
		j.remote.next("started")
		begin := time.Now()
		j.remote.say("ask hold_7 what")
		con.expect("guard: what\r\n")
		con.send("a")
		if time.Since(begin) < settle {
			return con, j
		}
		j.remote.say("end")
		j.code()
	}
}

func TestTheCommandsOutputWaitsForTheAnswer(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", `echo up; read x; while :; do echo $((n++)); done`)
	con.expect("up")
	pid, _ := strconv.Atoi(j.remote.next("started"))
	con.send("\r")
	con.expect("1000\r\n")
	j.remote.say("ask hold_7 what")
	con.expect("guard: what\r\n")
	mark := len(con.all())
	con.expect(named)
	if between := con.all()[mark:]; strings.Contains(between, "\n") {
		t.Errorf("the command wrote into the question: %q", between)
	}
	con.send("d")
	j.remote.next("answer")
	con.expect("\r\n")
	con.expect("\r\n")
	unix.Kill(pid, unix.SIGKILL)
	j.code()

	// Nothing may be missing or doubled around the question, which ends the line
	// that it met.
	before, after, _ := strings.Cut(con.all(), clean)
	after = after[strings.LastIndex(after, wipe)+len(wipe):]
	_, before, _ = strings.Cut(before, "up\r\n\r\n")
	var want strings.Builder
	for n := 0; want.Len() < len(before)+len(after); n++ {
		fmt.Fprintf(&want, "%d\r\n", n)
	}
	if !strings.HasPrefix(want.String(), before+after) && !strings.HasPrefix(want.String(), strings.TrimSuffix(before, "\r\n")+after) {
		t.Errorf("around the question stands %q and %q", before[max(0, len(before)-30):], after[:min(30, len(after))])
	}
}

func TestAQuestionAnsweredElsewhereIsTakenAway(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", talker)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_7 what")
	con.expect(named)
	j.remote.say("cancel")
	if got := j.remote.next("answer"); got != "0 context canceled" {
		t.Errorf("answer = %q", got)
	}
	con.expect("\r\x1b[K")
	j.remote.say("say approved by ann")
	con.expect("guard: approved by ann\r\n")
	con.send("a\r")
	con.expect("got <a>")
}

func TestQuestionsArePutOneAfterTheOther(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", talker)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_1 number")
	con.expect(named)
	j.remote.say("ask hold_2 number")
	con.send("a")
	j.remote.next("answer")
	con.expect("guard: number\r\n")
	con.expect(named)
	con.send("d")
	if got := j.remote.next("answer"); got != "2 <nil>" {
		t.Errorf("second answer = %q", got)
	}
}

func TestAFullScreenDisplayIsNotDrawnOver(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", `printf '\033[?10'; printf '49hup'; read x; printf 'still full'; read x; printf '\033[?1049l'; echo left; `+talker)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_7 what")
	con.expect("\x1b]2;guard: held hold_7: run guard inbox\a\x1b]9;guard: held hold_7: run guard inbox\a\a")
	con.send("\r") // input and output still flow
	con.expect("still full")
	if got := con.all(); strings.Contains(got, "guard: what") {
		t.Fatalf("the question was drawn over the display: %q", got)
	}
	con.send("\r")
	con.expect("\x1b[?1049l")
	con.expect("\x1b]2;\a\x1b[23;2t")
	con.expect("guard: what\r\n")
	con.expect(named)
	con.send("a")
	if got := j.remote.next("answer"); got != "1 <nil>" {
		t.Errorf("answer = %q", got)
	}
}

func TestAnAnswerFromElsewhereClearsTheTitleOfAFullScreenDisplay(t *testing.T) {
	con := newConsole(t)
	j := con.guard("bash", "-c", `printf '\033[?47hup'; read x`)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_7 what")
	con.expect("run guard inbox\a\a")
	j.remote.say("cancel")
	con.expect("\x1b]2;\a\x1b[23;2t")
	if got := j.remote.next("answer"); got != "0 context canceled" {
		t.Errorf("answer = %q", got)
	}
	con.send("\r")
	j.code()
	if strings.Contains(con.all(), "guard: what") {
		t.Error("the question was drawn")
	}
}

func TestTheEndOfTheCommandEndsTheQuestion(t *testing.T) {
	con := newConsole(t)
	before := con.modes()
	j := con.guard("bash", "-c", `echo up; read x; sleep 1000`)
	con.expect("up")
	pid, _ := strconv.Atoi(j.remote.next("started"))
	j.remote.say("ask hold_7 what")
	con.expect(named)
	unix.Kill(pid, unix.SIGKILL)
	if got, want := j.remote.next("answer"), "0 "+ErrEnded.Error(); got != want {
		t.Errorf("answer = %q, want %q", got, want)
	}
	if code := j.code(); code != 137 {
		t.Errorf("code = %d", code)
	}
	if con.modes() != before {
		t.Error("the modes are not what they were")
	}
}

func TestNobodyIsAskedWhileTheCommandSharesTheTerminal(t *testing.T) {
	con := newConsole(t)
	j := con.guard("-mode=inherit", "bash", "-c", `echo up; read x`)
	con.expect("up")
	j.remote.next("started")
	j.remote.say("ask hold_7 what")
	if got, want := j.remote.next("answer"), "0 "+ErrNoQuestion.Error(); got != want {
		t.Errorf("answer = %q, want %q", got, want)
	}
	if strings.Contains(con.all(), "what") {
		t.Error("the question was drawn where the command reads")
	}
}

func TestNobodyIsAskedOnATerminalThatAnotherGuardsCommandHas(t *testing.T) {
	con := newConsole(t)
	con.guard("-mode=inherit", "bash", "-c", `"$0" __guard -first question echo has run; echo status $?`, os.Args[0]).code()
	con.expect("status 126")
	if got := con.all(); strings.Contains(got, "question") {
		t.Errorf("it was asked: %q", got)
	}
}

func TestTwoQuestionsOnOneTerminalArePutOneAfterTheOther(t *testing.T) {
	con := shell(t)
	con.send("guard -first question1 echo 1 | guard -first question2 cat; echo both ${PIPESTATUS[*]}\r")
	for n := 1; n <= 2; n++ {
		con.expect("\r\n\r\x1b[Kguard: [a]pprove") // after the text, so that one that overtook shows
		if got := strings.Count(con.all(), "guard: question"); got != n {
			t.Fatalf("%d questions have been drawn, want %d", got, n)
		}
		con.send("d")
	}
	con.expect("both 126 126")
}

func TestTheFirstCommandIsAskedForBeforeItRuns(t *testing.T) {
	for _, c := range []struct {
		name, key, want string
		code            int
	}{
		{"approved", "a", "1 <nil>", 0},
		{"denied", "d", "2 <nil>", 126},
		{"^C", "\x03", "2 <nil>", 126},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t)
			before := con.modes()
			con.send("a\ra") // typed ahead
			j := con.guard("-first", "may I", "echo", "has run")
			con.expect("guard: may I\r\n")
			con.expect(named)
			asked := len(con.all())
			con.send(c.key)
			if got := j.remote.next("answer"); got != c.want {
				t.Errorf("answer = %q, want %q", got, c.want)
			}
			if code := j.code(); code != c.code {
				t.Errorf("code = %d, want %d", code, c.code)
			}
			if c.code == 0 {
				con.expect("has run")
			}
			if con.modes() != before {
				t.Error("the modes are not what they were")
			}
			if shown := con.all()[asked:]; strings.Contains(shown, c.key+"\r") || strings.HasPrefix(shown, c.key) {
				t.Errorf("the key was echoed: %q", shown)
			}
		})
	}
}

func TestASignalEndsTheFirstQuestionAndRestoresTheModes(t *testing.T) {
	con := newConsole(t)
	before := con.modes()
	j := con.guard("-first", "may I", "echo", "has run")
	con.expect(named)
	if err := j.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := j.remote.next("answer"); got != "0 interrupted by SIGTERM" {
		t.Errorf("answer = %q", got)
	}
	if code := j.code(); code != 126 {
		t.Errorf("code = %d", code)
	}
	if con.modes() != before {
		t.Error("the modes are not what they were")
	}
}

func TestAQuestionCanBeSuspendedAndComesBack(t *testing.T) {
	for _, c := range []struct{ name, command string }{
		{"before the command", " -first question echo has run"},
		{"on the way", " -first question bash -c 'echo has run'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := shell(t)
			con.send("guard" + c.command + "\r")
			con.expect("guard: question\r\n")
			con.expect(named)
			con.send("\x1a")
			con.expect("Stopped")
			con.expect("ready> ")
			con.send("stty -a | grep -o ' icanon'; fg\r")
			con.expect(" icanon")
			con.expect("guard: question\r\n")
			con.expect(named)
			con.send("a")
			con.expect("has run")
			con.expect("ready> ")
		})
	}
}

func TestAQuestionInTheBackgroundWaitsForTheForeground(t *testing.T) {
	con := shell(t)
	con.send("guard -first question echo has run &\r")
	con.expect("guard: question\r")
	con.expect("guard: bring this job to the foreground")
	con.send("\r")
	con.expect("ready> ")
	if strings.Contains(con.all(), named) {
		t.Fatal("keys were named in the background")
	}
	con.send("fg\r")
	con.expect("guard: question\r\n")
	con.expect(named)
	con.send("a")
	con.expect("has run")
}

func TestAProgramCannotMakeTheQuestionUnreadable(t *testing.T) {
	for _, leave := range []string{
		`\033]2;swallow`, `\033Pswallow`, `\033[?1`, `\033`, `\033[8m`, `\033(0`, `\033[?2026h`,
	} {
		con := newConsole(t)
		j := con.guard("bash", "-c", fmt.Sprintf("printf 'up%s'; read x", leave))
		con.expect("up")
		con.expect(strings.NewReplacer(`\033`, "\x1b").Replace(leave))
		j.remote.next("started")
		j.remote.say("ask hold_7 what")
		con.expect("\x18\x1b\\")
		con.expect("\x1b[0m\x0f\x1b(B")
		con.expect("guard: what\r\n")
		con.send("\x03")
		j.remote.next("answer")
		con.send("\r")
		j.code()
	}
}

func TestOnTerminalAndHasTerminalSayWhatIsThere(t *testing.T) {
	if os.Getenv("SPAWN_ASK") != "" {
		fmt.Println("on", OnTerminal(), "has", HasTerminal())
		os.Exit(0)
	}
	t.Setenv("SPAWN_ASK", "1")
	test := os.Args[0] + " -test.run=" + t.Name()
	con := newConsole(t)
	con.start("sh", "-c", test).code()
	con.expect("on true has true")
	con.start("sh", "-c", test+" | cat").code()
	con.expect("on false has true")
	con.start("sh", "-c", test+" < /dev/null").code()
	con.expect("on false has true")
	con.start("sh", "-c", "setsid -w "+test).code()
	con.expect("on true has false")
}
