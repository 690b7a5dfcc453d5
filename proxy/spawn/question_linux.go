package spawn

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// question is a Prompt that is open.
type question struct {
	Prompt
	keys   keys
	visual bool // it stands on the terminal
	rung   bool // the terminal has been rung and titled instead
	waits  bool // the background has been told

	choice Choice
	err    error
	closed chan struct{}
}

func (q *question) drawn() bool { return q != nil && q.visual }

const (
	choices = "guard: [a]pprove  [d]eny  [?]  "
	wipe    = "\r\x1b[K"

	// clean undoes what a program can leave behind to make a question unreadable:
	// an unfinished sequence or string, held-back updates, output to the printer,
	// scroll margins, colours, line-drawing letters, insert mode, no wrapping, no
	// cursor. ESC 7 and ESC 8 bring the cursor back, which setting margins moves.
	clean = "\x18\x1b\\\x1b[?2026l\x1b[4i\x1b7\x1b[r\x1b8\x1b[0m\x0f\x1b(B\x1b[4l\x1b[?7h\x1b[?25h"
)

// ask puts p and waits for what becomes of it.
func (r *relay) ask(ctx context.Context, p Prompt) (Choice, error) {
	q := &question{Prompt: p, closed: make(chan struct{})}
	if !r.post(func() { r.question = q }) {
		return 0, ErrEnded
	}
	stop := context.AfterFunc(ctx, func() {
		r.post(func() {
			if r.question == q {
				r.endQuestion(0, ctx.Err())
			}
		})
	})
	defer stop()
	select {
	case <-q.closed:
		return q.choice, q.err
	case <-r.done:
		return 0, ErrEnded
	}
}

// present brings what is open onto the terminal, in the form that is possible now.
func (r *relay) present() {
	if r.gone || r.question.drawn() {
		return
	}
	q := r.question
	switch {
	case r.screen.alternate:
		if q != nil && !q.rung {
			r.ring(q)
		}
		return
	case !r.front:
		if q != nil && !q.waits {
			q.waits = true
			r.write([]byte(r.lead() + drawn(q.Text) + drawn([]string{"bring this job to the foreground to answer, or: guard inbox"})))
		}
		return
	}
	if len(r.notices) > 0 {
		r.write([]byte(r.lead() + drawn(r.notices)))
		r.notices = nil
	}
	if q != nil {
		r.unring(q)
		r.draw(q)
	}
}

// draw puts q on the terminal. The keys are not yet named: see keys.
func (r *relay) draw(q *question) {
	r.enter()
	r.write([]byte(r.lead() + clean + drawn(q.Text)))
	q.visual = true
	q.keys.restart(time.Now())
}

// lead ends the line on which the cursor stands, if it does not start one.
func (r *relay) lead() string {
	end := ""
	if !r.screen.whole() {
		end = "\x18\x1b\\"
	}
	if r.screen.column {
		end += "\r\n"
	}
	r.screen = screen{alternate: r.screen.alternate}
	return end
}

// drawn is how lines look: prefixed, and without anything a terminal would obey.
func drawn(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("guard: " + proxy.Visible(l) + "\r\n")
	}
	return b.String()
}

// ring points to the inbox without drawing: BEL, OSC 2 (title; pushed first with
// xterm's CSI 22 t) and OSC 9 (a notification).
func (r *relay) ring(q *question) {
	q.rung = true
	text := proxy.Visible("guard: held " + q.ID + ": run guard inbox")
	lead := ""
	if !r.screen.whole() {
		lead = "\x18\x1b\\"
		r.screen = screen{alternate: true}
	}
	r.write([]byte(lead + "\x1b[22;2t\x1b]2;" + text + "\x07\x1b]9;" + text + "\x07\x07"))
}

func (r *relay) unring(q *question) {
	if q.rung {
		q.rung = false
		r.write([]byte("\x1b]2;\x07\x1b[23;2t"))
	}
}

// tick does what is due without input.
func (r *relay) tick() {
	q := r.question
	if !q.drawn() {
		return
	}
	show, key := q.keys.tick(time.Now())
	if show {
		_ = unix.IoctlSetInt(r.in, unix.TCFLSH, unix.TCIFLUSH)
		r.write([]byte(wipe + choices))
	}
	switch key {
	case 'a', 'A':
		r.endQuestion(Approve, nil)
	case 'd', 'D':
		r.endQuestion(Deny, nil)
	case '?':
		r.write([]byte(wipe + drawn(q.More)))
		q.keys.restart(time.Now())
	case 0:
	default:
		r.write([]byte{0x07})
	}
}

// answer takes what was typed while the question is drawn.
func (r *relay) answer(p []byte) {
	switch r.question.keys.input(p, time.Now()) {
	case interrupt:
		r.endQuestion(Deny, nil)
	case suspend:
		r.suspend(unix.SIGTSTP)
	}
}

// redraw draws the open question anew after a stop.
func (r *relay) redraw() {
	if q := r.question; q.drawn() {
		q.visual, q.waits = false, false
		r.present()
	}
}

// endQuestion removes the question and lets bytes flow again.
func (r *relay) endQuestion(c Choice, err error) {
	q := r.question
	if q == nil {
		return
	}
	r.question = nil
	r.unring(q)
	if q.visual {
		r.write([]byte(wipe))
	}
	if r.program == nil {
		r.leave()
	}
	q.choice, q.err = c, err
	close(q.closed)
}

// say queues lines for present.
func (r *relay) say(lines []string) {
	const most = 50 // behind a full-screen display that is never left
	r.notices = append(r.notices, lines...)
	r.notices = r.notices[max(0, len(r.notices)-most):]
}
