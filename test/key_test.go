package test

import "testing"

// S3-41: a command inside a session has its key like any other, on the session's
// terminal too. Only root may read what is closed to others of its user, so what
// guard closes here shows as an ordinary user.
func TestACommandInsideASessionTakesAKey(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		twice := `for i in 1 2; do guard --idempotency-key in -- git inside; done; echo got $?`
		d.says(0, "git ran: inside\nguard: done before under this key", "--agent", "bot", "--", "sh", "-c", twice)
		c := d.console("guard", "--agent", "bot", "--", "sh", "-c", `guard --idempotency-key tty -- sh -c 'test -t 1 && git terminal'; echo got $?`)
		c.expect("git ran: terminal\r\n")
		c.expect("got 0\r\n")
		c.ends(0)
		if got := d.ran("git"); got != "inside\nterminal\n" {
			t.Errorf("git ran with %q", got)
		}
	})
}
