package main

import (
	"fmt"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// reason is a finding as people read it: its id and what it says.
func reason(findings []proxy.Finding) (why, hint string) {
	if len(findings) == 0 {
		return "no reason given", ""
	}
	f := findings[0]
	for _, other := range findings {
		if other.Hint != "" {
			hint = other.Hint
			break
		}
	}
	return fmt.Sprintf("%s: %s", f.ID, f.Msg), hint
}

// voice is where guard says something in its name: its own standard error, or
// that of a process whose execution it stopped.
type voice func(format string, args ...any)

// sayHeld says at once what is held, why, for how long, and how to answer.
func sayHeld(say voice, a proxy.Answer, patience time.Duration) {
	why, hint := reason(a.Findings)
	say("held %s: %s (%s)", a.Label, a.Display, why)
	if hint != "" {
		say("hint: %s", hint)
	}
	if a.Hold.Needed > 1 {
		say("%s", quorum(*a.Hold))
	}
	short := proxy.Short(a.Hold.ID)
	say("waiting up to %d s, then ask again later; id %s (a person runs: guard approve %s)", seconds(patience), a.Hold.ID, short)
}

// sayBlocked says what was blocked and why, and returns the exit.
func sayBlocked(say voice, a proxy.Answer) error {
	why, hint := reason(a.Findings)
	say("blocked %s: %s (%s)", a.Label, a.Display, why)
	if hint != "" {
		say("do instead: %s", hint)
	}
	if a.Note != "" {
		say("%s", a.Note)
	}
	if a.Hold != nil {
		return sayEnded(say, *a.Hold)
	}
	if len(a.Findings) > 0 {
		say("receipt %d, rule %s  (guard explain %d)", a.Receipt, a.Findings[0].ID, a.Receipt)
	}
	return ended(exitBlocked)
}

// sayBlockedShort is sayBlocked on one line, for the standard error of a program
// that did not expect guard there.
func sayBlockedShort(say voice, a proxy.Answer) error {
	why, hint := reason(a.Findings)
	line := fmt.Sprintf("blocked %s: %s (%s)", a.Label, a.Display, why)
	if hint != "" {
		line += "; do instead: " + hint
	}
	if a.Note != "" {
		line += "; " + a.Note
	}
	if a.Receipt != 0 {
		line += fmt.Sprintf("; receipt %d", a.Receipt)
	}
	say("%s", line)
	if a.Hold != nil {
		return sayEnded(say, *a.Hold)
	}
	return ended(exitBlocked)
}

// sayRefused says why authority was refused.
func sayRefused(a proxy.Answer) {
	why, hint := reason(a.Findings)
	say("refused: %s", why)
	if hint != "" {
		say("do instead: %s", hint)
	}
}

// sayEnded says how a hold ended, other than by approval that can still be used.
func sayEnded(say voice, h proxy.HoldState) error {
	switch h.State {
	case proxy.Approved:
		say("%s was approved by %s and has been used; ask again", proxy.Short(h.ID), h.By)
		return ended(exitHeld)
	case proxy.Expired:
		say("denied: nobody answered %s. %s", proxy.Short(h.ID), silence)
		return ended(exitUnheard)
	case proxy.Cancelled:
		say("denied: %s was cancelled: %s", proxy.Short(h.ID), h.Reason)
	default:
		say("denied by %s%s: do not try the same effect another way", h.By, because(h.Reason))
	}
	return ended(exitBlocked)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// sayHelp gives a person at risk the places to find help. Nothing is offered
// for approval.
func sayHelp(say voice, a proxy.Answer) error {
	say("this reads as if somebody may be at risk. Help is there, now:")
	for _, r := range a.Resources {
		say("  %s", r.Text)
	}
	return ended(exitBlocked)
}
