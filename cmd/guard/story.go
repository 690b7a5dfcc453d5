package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// printer prints receipts as they are, or as lines of a story.
func printer(w io.Writer, asJSON bool) func(receipt.Receipt) error {
	return func(r receipt.Receipt) error {
		if asJSON {
			_, err := fmt.Fprintf(w, "%s\n", r.Line)
			return err
		}
		what, tier, text := story(r)
		_, err := fmt.Fprintf(w, "%s  %-9s %-8s %s\n", r.Time.Local().Format("15:04:05"), what, tier, strings.TrimRight(text, " "))
		return err
	}
}

// untold reports whether a story leaves a receipt out: that an execution under the
// exec hook may go on is told with what became of it.
func untold(r receipt.Receipt) bool {
	if r.Type != state.CommandDecision || !bytes.Contains(r.Body, []byte(`"call":`)) {
		return false
	}
	var body state.Decided
	return r.Decode(&body) == nil && body.Call != nil && body.Verdict == proxy.Allow && body.Note == ""
}

// story is a receipt in a few words: what happened, its tier if it has one, and
// to what.
func story(r receipt.Receipt) (what, tier, text string) {
	tell, ok := stories[r.Type]
	if !ok {
		return "log", "", strings.ReplaceAll(r.Type, "_", " ")
	}
	what, tier, text, err := tell(r)
	if err != nil {
		return "unread", "", fmt.Sprintf("%s: %v", r.Type, err)
	}
	return what, tier, proxy.Visible(text)
}

type teller func(receipt.Receipt) (what, tier, text string, err error)

// telling decodes the body for a story.
func telling[B any](tell func(B) (what, tier, text string)) teller {
	return func(r receipt.Receipt) (string, string, string, error) {
		var body B
		if err := r.Decode(&body); err != nil {
			return "", "", "", err
		}
		what, tier, text := tell(body)
		return what, tier, text, nil
	}
}

var stories = map[string]teller{
	state.SessionStarted: telling(func(b state.Started) (string, string, string) {
		return "session", "", fmt.Sprintf("%s started: %s, profile %s, trust %s, exec hook %s, policy %.12s", b.Session, b.Agent, b.Profile, b.Trust, b.ExecHook, b.Revision)
	}),
	state.SessionStopping: telling(func(b state.Stopping) (string, string, string) {
		return "session", "", fmt.Sprintf("%s asked to end by %s", b.Session, b.By)
	}),
	state.SessionKept: telling(func(b state.Kept) (string, string, string) {
		return "session", "", fmt.Sprintf("%s goes on: its command ended, and its monitor (pid %d) keeps what it left running", b.Session, b.PID)
	}),
	state.SessionEnded: telling(func(b state.Ended) (string, string, string) {
		return "session", "", fmt.Sprintf("%s ended: %s", b.Session, b.Reason)
	}),
	state.CommandDecision: telling(func(b state.Decided) (string, string, string) {
		text := b.Display
		if b.Kind == "text" {
			text = "(text)"
		}
		if b.Hold != "" {
			text += "   " + proxy.Short(b.Hold)
		}
		if b.Call != nil && b.Verdict == proxy.Allow && b.Note != "" {
			text += "   " + b.Note
		}
		if b.Verdict == proxy.Deny && len(b.Findings) > 0 {
			text += fmt.Sprintf("   %s: %s", b.Findings[0].ID, b.Findings[0].Msg)
		}
		return b.Verdict.String(), b.Label, text
	}),
	state.CommandOutcome: telling(func(b state.Outcome) (string, string, string) {
		end := fmt.Sprintf("exit %d", b.Status)
		if b.Signal != "" {
			end = b.Signal
		}
		if b.Error != "" {
			end = "not started: " + b.Error
		}
		return "ended", "", fmt.Sprintf("of %d: %s after %d ms", b.Decision, end, b.DurationMS)
	}),
	state.CommandOrphaned: telling(func(b state.Outcome) (string, string, string) {
		return "orphaned", "", fmt.Sprintf("of %d: %s; how it ended is not known", b.Decision, b.Error)
	}),
	state.CommandStarted: telling(func(b state.Loaded) (string, string, string) {
		text := b.Display
		if b.Display == "" { // the command that the session was started for
			text = fmt.Sprintf("of %d", b.Decision)
		}
		if b.Argv != nil {
			text += "   as " + strings.Join(b.Argv, " ")
		}
		if b.Outside {
			text += "   outside of the session"
		}
		if b.Exe != nil {
			text += "   exe " + b.Exe.Path + " verified"
		}
		return "started", b.Tier.String(), text
	}),
	state.CommandFailed: telling(func(b state.Loaded) (string, string, string) {
		return "failed", b.Tier.String(), fmt.Sprintf("%s   %s", b.Display, b.Error)
	}),
	state.CommandsLost: telling(func(b state.Lost) (string, string, string) {
		return "orphaned", "", fmt.Sprintf("%d execution(s): %s; whether they were loaded is not known", len(b.Requests), b.Error)
	}),
	state.WelfareResponse: telling(func(b state.Welfare) (string, string, string) {
		return "help", "", "resources were given; nothing of the text is kept"
	}),
	state.HoldOpened: telling(func(b state.Opened) (string, string, string) {
		return "held", b.Tier.String(), fmt.Sprintf("%s   %s: %s   %s", b.Display, b.Rule, b.Why, proxy.Short(b.Hold))
	}),
	state.HoldApproval: telling(func(b state.Approval) (string, string, string) {
		word := "no"
		if b.Approve {
			word = "yes"
		}
		return "vote", "", fmt.Sprintf("%s: %s by %s (%s)%s", proxy.Short(b.Hold), word, b.Approver, b.Assurance, because(b.Reason))
	}),
	state.HoldEscalated: telling(func(b state.Escalated) (string, string, string) {
		return "step-up", b.Tier.String(), proxy.Short(b.Hold) + ": nobody answered in time"
	}),
	state.HoldDetached: telling(func(b state.Detached) (string, string, string) {
		return "detached", "", proxy.Short(b.Hold) + ": the asker went; an approval covers one retry"
	}),
	state.HoldResolved: telling(tellResolved),
	state.HoldExpired:  telling(tellResolved),
	state.GrantUsed: telling(func(b state.Used) (string, string, string) {
		return "used", "", proxy.Short(b.Hold) + ": the approval is spent"
	}),
	state.AuthFailure: telling(func(b state.Failure) (string, string, string) {
		return "refused", "", fmt.Sprintf("%s by %s (pid %d): %s", b.Kind, b.Who, b.PID, b.Error)
	}),
	state.VelocityEscalation: telling(func(b state.Surged) (string, string, string) {
		return "surge", "", fmt.Sprintf("%s: level %d: %s", b.Agent, b.Level, b.Rationale)
	}),
	state.LockoutEnabled: telling(func(b state.LockedOut) (string, string, string) {
		return "lockout", "", fmt.Sprintf("%s is locked out by %s%s", b.Agent, b.By, because(b.Reason))
	}),
	state.LockoutEnforced: telling(func(b state.Surged) (string, string, string) {
		return "lockout", "", fmt.Sprintf("%s is blocked: %s", b.Agent, b.Outcome.Reason)
	}),
	state.LockoutReset: telling(func(b state.LockoutOver) (string, string, string) {
		return "lockout", "", fmt.Sprintf("%s may go on, by %s (%s)%s", b.Agent, strings.Join(b.ApprovedBy, ", "), b.Assurance, because(b.Reason))
	}),
	state.PolicyActivated: telling(func(b state.Activated) (string, string, string) {
		text := fmt.Sprintf("%.12s in force, %d file(s)   %s", b.Revision, len(b.Files), b.Workspace)
		if len(b.Joined) > 0 {
			text += "; joined with what it would loosen until guard policy accept"
		}
		return "policy", "", text
	}),
	state.PolicyRejected: telling(func(b state.Activated) (string, string, string) {
		return "policy", "", fmt.Sprintf("refused: %s; still using %.12s", b.Error, b.Previous)
	}),
	state.ProfileEscalation:   telling(tellRaised),
	state.ProfileDeescalation: telling(tellLowered),
	state.ProfileConfirmed: telling(func(b state.Confirmed) (string, string, string) {
		return "confirmed", "", fmt.Sprintf("%s of %s%s", b.ID, b.Session, because(b.Reason))
	}),
	state.ThreatReported: telling(func(b state.Threat) (string, string, string) {
		return "threat", "", fmt.Sprintf("%s (%s, confidence %s) by %s   %s", b.ID, b.Type, decimal(b.ConfidencePPM), b.By, b.Session)
	}),
	state.ThreatResolved: telling(func(b state.ResolvedThreat) (string, string, string) {
		return "threat", "", fmt.Sprintf("%s is over, says %s%s", b.ID, b.By, because(b.Reason))
	}),
	state.CognitiveDecision: telling(func(b state.Thought) (string, string, string) {
		return "thought", "", fmt.Sprintf("%s %s%s", strings.ReplaceAll(b.Decision, "_", " "), b.To, because(b.Reason))
	}),
	state.TemInvocation: telling(func(b state.Tem) (string, string, string) {
		return "tem", "", fmt.Sprintf("%s weighed %s as %s%s", b.By, b.ThreatID, b.Profile, because(b.Reason))
	}),
	state.TrustEvaluated: telling(tellEvaluated),
	state.TrustPromoted: telling(func(b state.Promoted) (string, string, string) {
		return "trust", "", fmt.Sprintf("%s %s -> %s, by %s (%s)%s", b.Agent, b.From, b.To, strings.Join(b.ApprovedBy, ", "), b.Assurance, because(b.Rationale))
	}),
	state.TrustRevoked: telling(func(b state.Revoked) (string, string, string) {
		return "trust", "", fmt.Sprintf("%s %s -> %s, %s by %s%s", b.Agent, b.From, b.To, b.Cause, b.By, because(b.Reason))
	}),
	state.TrustTold: telling(func(b state.Told) (string, string, string) {
		if b.Error != "" {
			return "trust", "", fmt.Sprintf("%s %s: on_trust_change failed: %s", b.Agent, b.To, b.Error)
		}
		return "trust", "", fmt.Sprintf("%s %s: on_trust_change was told", b.Agent, b.To)
	}),
	state.TrustReview: telling(func(b state.Review) (string, string, string) {
		return "trust", "", fmt.Sprintf("%s checked for %s by %s: %s%s", b.Agent, b.Level, b.By, strings.Join(b.Items, ", "), because(b.Reason))
	}),
	state.TreasuryBudget: telling(tellBudget),
	state.TreasuryLease:  telling(tellLease),
	state.TreasuryDebit:  telling(tellDebit),
	state.TreasuryDenial: telling(tellDenial),
	state.DrillStarted:   telling(tellDrill),
	state.DrillResult:    telling(tellDrillResult),
	state.PolicyAccepted: telling(func(b state.Activated) (string, string, string) {
		return "policy", "", fmt.Sprintf("%.12s accepted by %s", b.Revision, b.By)
	}),
}

func tellRaised(b state.Escalation) (what, tier, text string) {
	text = fmt.Sprintf("%s %s -> %s, %s%s", b.Session, b.From, b.To, b.Type, because(b.Reason))
	if !b.Confirmed {
		text += "   unconfirmed"
	}
	return "raised", "", text
}

func tellLowered(b state.Deescalation) (what, tier, text string) {
	return "lowered", "", fmt.Sprintf("%s %s -> %s, %s%s", b.Session, b.From, b.To, b.By, because(b.Reason))
}

func tellEvaluated(b state.Evaluated) (what, tier, text string) {
	var e proxy.Evaluation
	if err := json.Unmarshal(b.Evaluation, &e); err != nil {
		return "unread", "", fmt.Sprintf("evaluation of %s: %v", b.Agent, err)
	}
	return "trust", "", fmt.Sprintf("%s T%d to T%d: %s: %s", b.Agent, e.Current, e.Target, e.Status, e.Recommendation)
}

func tellResolved(b state.Resolved) (string, string, string) {
	how := ""
	if b.Assurance != "" {
		how = " (" + b.Assurance + ")"
	}
	return b.State, "", fmt.Sprintf("%s by %s%s%s", proxy.Short(b.Hold), b.By, how, because(b.Reason))
}
