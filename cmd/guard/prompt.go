package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/spawn"
)

// promptOwn asks about the command that guard itself is to run. The function it
// returns takes the question away if it is still there, and says whether the
// person decided here.
func (s *session) promptOwn(ctx context.Context, a proxy.Answer) func() bool {
	_, hint := reason(a.Findings)
	asking, stop := context.WithCancel(ctx)
	here := make(chan bool, 1)
	go func() {
		over, err := s.promptFor(asking, *a.Hold, hint)
		if err != nil && asking.Err() == nil { // the other ways to answer are left
			sayHeld(s.say, a, time.Until(a.Hold.Ends))
		}
		here <- err == nil && over.State == proxy.Pending
	}()
	return func() bool { stop(); return <-here }
}

// promptInside asks about a command that something inside the session asked for,
// and says how that ended where the person did not decide it here.
func (s *session) promptInside(ctx context.Context, h proxy.HoldState) {
	if over, err := s.promptFor(ctx, h, ""); err == nil && over.State != proxy.Pending {
		s.terminal.Say(endText(over))
	}
}

// promptFor asks the person at the terminal about a hold, anew when it steps up.
// If it is answered elsewhere or expires, the question is taken away and the end
// is returned; if the answer here decides it, the hold as it was when it was asked.
func (s *session) promptFor(ctx context.Context, h proxy.HoldState, hint string) (proxy.HoldState, error) {
	for h.State == proxy.Pending {
		asking, stop := context.WithCancel(ctx)
		moved := make(chan proxy.HoldState, 1)
		go func() {
			defer close(moved)
			if next, err := nextStep(asking, s.client, h); err == nil {
				moved <- next
				stop()
			}
		}()
		choice, err := s.terminal.Ask(asking, promptText(h, hint))
		stop()
		next, ok := <-moved
		switch {
		case err == nil:
			return s.castHere(ctx, h, choice)
		case !ok:
			return h, err
		}
		h = next
	}
	return h, nil
}

// castHere votes as the person at the terminal chose. Where more people have to
// agree it waits for them.
func (s *session) castHere(ctx context.Context, h proxy.HoldState, choice spawn.Choice) (proxy.HoldState, error) {
	r := request(proxy.KindVote, "")
	r.Vote = &proxy.Vote{Hold: h.ID, Approve: choice == spawn.Approve}
	switch a, err := s.client.Ask(ctx, r); {
	case ctx.Err() != nil: // it was, and has had its effect
	case err != nil:
		s.terminal.Say(err.Error())
	case a.Verdict != proxy.Allow:
		why, _ := reason(a.Findings)
		s.terminal.Say("refused: " + why)
	case a.Hold != nil && a.Hold.State == proxy.Pending:
		s.terminal.Say(fmt.Sprintf("%s; another person runs: guard approve %s", approvals(*a.Hold), proxy.Short(h.ID)))
		return followHold(ctx, s.client, *a.Hold, func(proxy.HoldState) {})
	}
	return h, nil
}

// quorum says that one person is not enough.
func quorum(h proxy.HoldState) string {
	return fmt.Sprintf("%d people have to agree; so far %s", h.Needed, approvals(h))
}

func approvals(h proxy.HoldState) string {
	return fmt.Sprintf("%d of %d approvals", h.Votes, h.Needed)
}

func promptText(h proxy.HoldState, hint string) spawn.Prompt {
	next := "then it steps up"
	if h.StepEnds.Equal(h.Ends) {
		next = "then it is denied"
	}
	p := spawn.Prompt{
		ID: h.ID,
		Text: []string{
			fmt.Sprintf("held %s: %s", h.Label, h.Display),
			fmt.Sprintf("why: %s (%s)   in %s", h.Why, h.Rule, h.Cwd),
		},
		More: []string{
			fmt.Sprintf("session %s, agent %s, hold %s", h.Session, h.Agent, h.ID),
			fmt.Sprintf("approve lets exactly this %s; unanswered, it is denied at %s", approvedText(h), clock(h.Ends)),
		},
	}
	if hint != "" {
		p.Text = append(p.Text, "hint: "+hint)
	}
	if h.Needed > 1 {
		p.Text = append(p.Text, quorum(h))
	}
	p.Text = append(p.Text, fmt.Sprintf("until %s, %s; from elsewhere: guard approve %s", clock(h.StepEnds), next, proxy.Short(h.ID)))
	return p
}

func approvedText(h proxy.HoldState) string {
	if h.Kind != "" {
		return "take effect at once"
	}
	return "command run once"
}

// clock is a time of day: unlike a number of seconds it stays true on the screen.
func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }

// endText is how a hold ended, for somebody who did not end it.
func endText(h proxy.HoldState) string {
	if h.State == proxy.Expired {
		return fmt.Sprintf("%s expired: nobody answered", proxy.Short(h.ID))
	}
	by := h.By
	if revision, ok := strings.CutPrefix(by, "policy "); ok {
		by = fmt.Sprintf("policy %.12s", revision) // as everywhere
	}
	return fmt.Sprintf("%s: %s by %s%s", proxy.Short(h.ID), h.State, by, because(h.Reason))
}
