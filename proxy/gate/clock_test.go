package gate

import (
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func TestAnApprovalIsNotMadeYoungerByTheWallClock(t *testing.T) {
	for _, c := range []struct {
		name       string
		wall, boot time.Duration
		want       proxy.Verdict
	}{
		{"9 minutes later", 9 * time.Minute, 9 * time.Minute, proxy.Allow},
		{"10 minutes later", 10 * time.Minute, 10 * time.Minute, proxy.Hold},
		{"S0-83 10 minutes later, with the wall clock set back a day", -24 * time.Hour, 10 * time.Minute, proxy.Hold},
		{"the wall clock set on by 10 minutes", 10 * time.Minute, 0, proxy.Hold},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			again := w.approved(w.command("git push --force origin main"))
			w.hands.move(c.wall, c.boot)
			if a := again(func(*proxy.Command) {}); a.Verdict != c.want {
				t.Errorf("got %s, want %s", a.Verdict, c.want)
			}
		})
	}
}

func TestTheWallClockEndsNoSession(t *testing.T) {
	w := newWorld(t)
	w.g.Gone(1)
	w.hands.move(24*time.Hour, 0)
	w.g.settle(t.Context())
	if n := w.types()[state.SessionEnded]; n != 0 {
		t.Error("a session without its connection ended because the wall clock was set on")
	}
	w.hands.move(-48*time.Hour, lostGrace+time.Second)
	w.g.settle(t.Context())
	if n := w.types()[state.SessionEnded]; n != 1 {
		t.Error("a session without its connection lives on because the wall clock was set back")
	}
}
