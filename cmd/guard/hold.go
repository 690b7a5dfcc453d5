package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/spawn"
)

// askerPatience is how long an asker without a prompt waits before it goes and
// leaves the hold open.
const askerPatience = 60 * time.Second

// silence ends every hold that nobody answered.
const silence = "Silence is not consent: do not try the same effect another way."

// waitHold waits for a hold to be answered. It returns nil once it is approved.
func (s *session) waitHold(ctx context.Context, a proxy.Answer) error {
	h := *a.Hold
	if h.State != proxy.Pending {
		return sayEnded(h)
	}
	patience := min(askerPatience, time.Until(h.Ends))
	if s.terminal != nil {
		patience = time.Until(h.Ends) + askerPatience // as long as the hold lasts; guardd ends it
	}
	sayHeld(a, patience, s.terminal != nil)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.terminal != nil {
		prompted, done := context.WithCancel(waiting)
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			s.promptFor(prompted, h)
		}()
		defer func() { done(); <-asked }()
	}
	h, err := s.follow(waiting, h)
	switch {
	case err == nil && h.State == proxy.Approved:
		return nil
	case err == nil:
		return sayEnded(h)
	case ctx.Err() != nil: // ^C
		s.giveUp(h, false)
		return &exit{130, "cancelled; nothing ran"}
	case errors.Is(waiting.Err(), context.DeadlineExceeded):
		s.giveUp(h, true)
		return &exit{exitHeld, fmt.Sprintf("still held. %s Retry this exact command after approval: guard approve %s", silence, proxy.Short(h.ID))}
	default:
		return err
	}
}

// follow watches a hold until it is over and says when its terms change.
func (s *session) follow(ctx context.Context, h proxy.HoldState) (proxy.HoldState, error) {
	return followHold(ctx, s.client, h, func(h proxy.HoldState) {
		say("nobody answered in time: now %s, %d s left", h.Label, seconds(time.Until(h.StepEnds)))
	})
}

func followHold(ctx context.Context, r proxy.Reader, h proxy.HoldState, stepped func(proxy.HoldState)) (proxy.HoldState, error) {
	for h.State == proxy.Pending {
		view, err := r.Read(ctx, proxy.Look{What: proxy.LookHold, ID: h.ID, Since: h.Change})
		if err != nil {
			return h, err
		}
		next := view.Holds[0]
		if next.State == proxy.Pending && next.Tier != h.Tier {
			stepped(next)
		}
		h = next
	}
	return h, nil
}

// giveUp tells guardd that the asker goes; detached, the hold stays open.
func (s *session) giveUp(h proxy.HoldState, detach bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r := request(proxy.KindCancel, s.state.ID)
	r.Cancel = &proxy.Cancel{Hold: h.ID, Detach: detach}
	if _, err := s.client.Ask(ctx, r); err != nil {
		say("tell guardd that nobody waits any more: %v", err)
	}
}

// promptFor asks the person at the terminal about a hold until it is answered,
// here or elsewhere.
func (s *session) promptFor(ctx context.Context, h proxy.HoldState) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // answered elsewhere: take the question away
		if over, err := followHold(ctx, s.client, h, func(proxy.HoldState) {}); err == nil && over.State != proxy.Pending {
			cancel()
		}
	}()
	choice, err := s.terminal.Ask(ctx, promptText(h))
	if err != nil || ctx.Err() != nil {
		return // what is left are guard approve and guard deny, from elsewhere
	}
	r := request(proxy.KindVote, "")
	r.Vote = &proxy.Vote{Hold: h.ID, Approve: choice == spawn.Approve}
	switch a, err := s.client.Ask(ctx, r); {
	case ctx.Err() != nil:
	case err != nil:
		s.terminal.Say(err.Error())
	case a.Verdict != proxy.Allow:
		why, _ := reason(a.Findings)
		s.terminal.Say("refused: " + why)
	}
}

func promptText(h proxy.HoldState) spawn.Prompt {
	return spawn.Prompt{
		ID: h.ID,
		Text: []string{
			fmt.Sprintf("held %s: %s", h.Label, h.Display),
			fmt.Sprintf("why: %s (%s)   in %s", h.Why, h.Rule, h.Cwd),
		},
		More: []string{
			fmt.Sprintf("session %s, agent %s, hold %s", h.Session, h.Agent, h.ID),
			fmt.Sprintf("approve lets exactly this command run once; %d s left, then it is denied", seconds(time.Until(h.Ends))),
		},
	}
}

func seconds(d time.Duration) int { return int(max(d, 0).Round(time.Second) / time.Second) }
