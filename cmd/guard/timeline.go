package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// climb is how one session went up and down.
type climb struct {
	session state.Session // as far as profiles go
	from    time.Time
	end     time.Time // zero while it lives
	steps   []step
}

// step is what holds from a moment on.
type step struct {
	at     time.Time
	raised int  // rung of the ladder
	runs   bool // its commands are judged with that, too
}

// climb follows the sessions.
func (p *past) climb(r receipt.Receipt) error {
	switch r.Type {
	case state.SessionStarted:
		var b state.Started
		if err := r.Decode(&b); err != nil {
			return err
		}
		c := &climb{session: state.Session{Started: b}, from: r.Time}
		c.stand(r.Time)
		p.climbs[b.Session] = c
	case state.SessionEnded:
		if c := p.climbs[bodySession(r)]; c != nil {
			c.end = r.Time
		}
	case state.ProfileEscalation, state.ProfileDeescalation, state.ProfileConfirmed:
		if c := p.climbs[bodySession(r)]; c != nil {
			return c.move(r)
		}
	}
	return nil
}

func (c *climb) move(r receipt.Receipt) error {
	var b state.Escalation
	if err := r.Decode(&b); err != nil {
		return err
	}
	ups := &c.session.Elevations
	switch i := c.session.Elevated(b.ID); {
	case r.Type == state.ProfileEscalation:
		*ups = append(*ups, b)
	case i < 0: // began before what is there to read
	case r.Type == state.ProfileConfirmed:
		(*ups)[i].Confirmed = true
	default:
		*ups = slices.Delete(*ups, i, i+1)
	}
	c.stand(r.Time)
	return nil
}

func (c *climb) stand(at time.Time) {
	raised := c.session.Raised()
	c.steps = append(c.steps, step{at: at, raised: max(0, slices.Index(proxy.Profiles(), raised)), runs: raised == c.session.Runs()})
}

func printTimeline(w io.Writer, p past, opt historyOptions) error {
	id := opt.session
	if n := len(p.transitions); id == "" && n > 0 {
		id = p.transitions[n-1].Session
	}
	c := p.climbs[id]
	switch {
	case id != "" && c == nil:
		return &exit{exitNo, fmt.Sprintf("no receipts about session %s", id)}
	case opt.asJSON:
		return json.NewEncoder(w).Encode(c.ladder())
	case id == "":
		say("no session was raised or lowered")
		return nil
	}
	if _, err := fmt.Fprintf(w, "session %s  %s\n", id, proxy.Visible(c.session.Agent)); err != nil {
		return err
	}
	for _, line := range c.draw(time.Now(), termWidth()) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// ladder is what a timeline draws, for programs.
type ladder struct {
	Session string     `json:"session,omitempty"`
	Agent   string     `json:"agent,omitempty"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"` // none while it lives
	Steps   []rung     `json:"steps"`
}

// rung is the profile from a moment on.
type rung struct {
	At        time.Time `json:"timestamp"`
	Profile   string    `json:"profile"`
	Confirmed bool      `json:"confirmed"` // commands are judged with that, too
}

// ladder of no session has no steps.
func (c *climb) ladder() ladder {
	if c == nil {
		return ladder{Steps: []rung{}}
	}
	out := ladder{Session: c.session.Session, Agent: c.session.Agent, Started: &c.from}
	if !c.end.IsZero() {
		out.Ended = &c.end
	}
	for _, s := range c.steps {
		out.Steps = append(out.Steps, rung{At: s.at, Profile: proxy.Profiles()[s.raised], Confirmed: s.runs})
	}
	return out
}

// draw puts time on the columns and profiles on the rows, the highest on top:
// "=" is the profile, "-" one that nobody has confirmed, "|" a change. A column
// shows the highest that was reached in its time, so that nothing short is lost.
func (c *climb) draw(now time.Time, width int) []string {
	const margin = len("sovereign |")
	columns := max(width-margin, 20)
	end := c.end
	if end.IsZero() {
		end = now
	}
	total := max(end.Sub(c.from), time.Second)
	ladder := proxy.Profiles()
	rows := make([][]byte, len(ladder))
	for i := range rows {
		rows[i] = []byte(fmt.Sprintf("%-9s |%*s", ladder[i], columns, ""))
	}
	next, last := 0, c.steps[0]
	for x := range columns {
		until := c.from.Add(total * time.Duration(x+1) / time.Duration(columns))
		low, high, top := last.raised, last.raised, last
		for ; next < len(c.steps) && !c.steps[next].at.After(until); next++ {
			last = c.steps[next]
			low, high = min(low, last.raised), max(high, last.raised)
			if last.raised > top.raised || last.raised == top.raised && last.runs {
				top = last
			}
		}
		for row := low; row < high; row++ {
			rows[row][margin+x] = '|'
		}
		rows[high][margin+x] = '-'
		if top.runs {
			rows[high][margin+x] = '='
		}
	}
	lines := make([]string, 0, len(rows)+1)
	for _, row := range slices.Backward(rows) {
		lines = append(lines, string(row))
	}
	from, to := c.from.Local().Format(time.TimeOnly), end.Local().Format(time.TimeOnly)
	return append(lines, fmt.Sprintf("%*s%s%*s", margin, "", from, columns-len(from), to))
}
