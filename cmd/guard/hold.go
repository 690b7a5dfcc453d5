package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// askerPatience is how long an asker without a prompt waits, at most, before it
// goes and leaves the hold open.
const askerPatience = 60 * time.Second

// silence ends every hold that nobody answered.
const silence = "Silence is not consent: do not try the same effect another way."

// waitHold waits for the hold of a request to be answered. It returns nil once it
// is approved.
func (s *session) waitHold(ctx context.Context, id string, a proxy.Answer) error {
	h := *a.Hold
	switch {
	case h.State == proxy.Approved && !h.Used:
		return nil // while the answer was on its way
	case h.State != proxy.Pending:
		return sayEnded(s.say, h)
	}
	left := time.Until(h.Ends)
	patience := s.patience
	if s.terminal != nil || s.prompts || left <= patience {
		patience = left + askerPatience // as long as the hold lasts; guardd ends it
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	decidedHere := func() bool { return false }
	switch {
	case s.terminal != nil:
		decidedHere = s.promptOwn(waiting, a)
	case !s.quiet:
		sayHeld(s.say, a, min(left, patience))
	}
	h, err := s.follow(waiting, h)
	here := decidedHere() // before anything else is said: it takes the question away
	switch {
	case err == nil && h.State == proxy.Approved:
		if s.terminal != nil && !here {
			s.terminal.Say(endText(h))
		}
		return nil
	case err == nil:
		return sayEnded(s.say, h)
	case ctx.Err() != nil: // ^C
		s.giveUp(id, h, false)
		return context.Cause(ctx)
	case errors.Is(waiting.Err(), context.DeadlineExceeded):
		s.giveUp(id, h, true)
		return &exit{exitHeld, fmt.Sprintf("still held. %s Retry this exact command after approval: guard approve %s", silence, proxy.Short(h.ID))}
	default:
		return err
	}
}

// follow watches a hold until it is over and says when its terms change, unless
// the prompt does.
func (s *session) follow(ctx context.Context, h proxy.HoldState) (proxy.HoldState, error) {
	return followHold(ctx, s.client, h, func(h proxy.HoldState) {
		if s.terminal == nil && !s.quiet {
			s.say("nobody answered in time: now %s, %d s left", h.Label, seconds(time.Until(h.StepEnds)))
		}
	})
}

func followHold(ctx context.Context, r proxy.Reader, h proxy.HoldState, stepped func(proxy.HoldState)) (proxy.HoldState, error) {
	for h.State == proxy.Pending {
		next, err := nextStep(ctx, r, h)
		if err != nil {
			return h, err
		}
		if next.State == proxy.Pending {
			stepped(next)
		}
		h = next
	}
	return h, nil
}

// nextStep waits until a hold is over or has stepped up.
func nextStep(ctx context.Context, r proxy.Reader, h proxy.HoldState) (proxy.HoldState, error) {
	for tier := h.Tier; h.State == proxy.Pending && h.Tier == tier; {
		view, err := r.Read(ctx, proxy.Look{What: proxy.LookHold, ID: h.ID, Since: h.Change})
		if err != nil {
			return h, err
		}
		h = view.Holds[0]
	}
	return h, nil
}

// giveUp tells guardd that the asker of a request goes; detached, the hold stays
// open. Others may wait for it on the same connection.
func (s *session) giveUp(id string, h proxy.HoldState, detach bool) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	r := request(proxy.KindCancel, s.state.ID)
	r.Cancel = &proxy.Cancel{Hold: h.ID, Request: id, Detach: detach}
	if _, err := s.client.Ask(ctx, r); err != nil {
		s.say("tell guardd that nobody waits any more: %v", err)
	}
}

func seconds(d time.Duration) int { return int(max(d, 0).Round(time.Second) / time.Second) }
