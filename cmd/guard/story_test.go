package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// told is the story of a receipt on one line, "" where it is left out.
func told(t *testing.T, typ string, body any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := receipt.Receipt{Type: typ, Body: raw}
	if untold(r) {
		return ""
	}
	what, tier, text := story(r)
	return strings.Join(strings.Fields(what+" "+tier+" "+text), " ")
}

func TestAnExecutionUnderTheHookIsOneLine(t *testing.T) {
	decided := state.Decided{Verdict: proxy.Allow, Label: "LOW", Display: "make -j2", Call: &state.Call{}}
	noted := decided
	noted.Note = "approved by ann (tty)"
	held := decided
	held.Verdict = proxy.Hold
	unhooked := decided
	unhooked.Call = nil
	exe := &state.File{Path: "/usr/bin/make", Ino: 1 << 60}
	cases := []struct {
		typ  string
		body any
		want string
	}{
		{state.CommandDecision, decided, ""},
		{state.CommandDecision, noted, "allow LOW make -j2 approved by ann (tty)"},
		{state.CommandDecision, held, "hold LOW make -j2"},
		{state.CommandDecision, unhooked, "allow LOW make -j2"},
		{state.CommandStarted, state.Loaded{Tier: proxy.Low, Display: "make -j2", Exe: exe}, "started LOW make -j2 exe /usr/bin/make verified"},
		{state.CommandStarted, state.Loaded{Tier: proxy.Low, Display: "gmake", Exe: exe, Argv: []string{"make"}}, "started LOW gmake as make exe /usr/bin/make verified"},
		{state.CommandStarted, state.Loaded{Decision: 4, Exe: exe}, "started SAFE of 4 exe /usr/bin/make verified"},
		{state.CommandFailed, state.Loaded{Tier: proxy.Low, Display: "./x", Error: "exec format error"}, "failed LOW ./x exec format error"},
		{state.CommandsLost, state.Lost{Requests: []string{"r_1", "r_2"}, Error: "guard died"}, "orphaned 2 execution(s): guard died; whether they were loaded is not known"},
		{state.ProfileEscalation, state.Escalation{Session: "s_1", From: "operator", To: "guardian", Type: "threat_detected", Reason: "threat thr_1"}, "raised s_1 operator -> guardian, threat_detected (threat thr_1) unconfirmed"},
		{state.ProfileDeescalation, state.Deescalation{Session: "s_1", From: "guardian", To: "operator", By: "timeout_expired", Reason: "TTL of 60s expired"}, "lowered s_1 guardian -> operator, timeout_expired (TTL of 60s expired)"},
		{state.ProfileConfirmed, state.Confirmed{ID: "esc_1", Session: "s_1", Reason: "seen"}, "confirmed esc_1 of s_1 (seen)"},
		{state.ThreatReported, state.Threat{ID: "thr_1", Type: "scan", ConfidencePPM: 920_000, By: "ann"}, "threat thr_1 (scan, confidence 0.92) by ann"},
		{state.ThreatResolved, state.ResolvedThreat{ID: "thr_1", By: "ann"}, "threat thr_1 is over, says ann"},
		{state.CognitiveDecision, state.Thought{Decision: "elevate", To: "guardian", Reason: "threat thr_1"}, "thought elevate guardian (threat thr_1)"},
		{state.TemInvocation, state.Tem{By: "agent:ann", ThreatID: "thr_1", Profile: "guardian"}, "tem agent:ann weighed thr_1 as guardian"},
		{state.TrustEvaluated, state.Evaluated{Agent: "ann", Evaluation: json.RawMessage(`{"current_tier":1,"target_tier":2,"status":"ELIGIBLE","recommendation":"Agent meets all promotion criteria"}`)}, "trust ann T1 to T2: ELIGIBLE: Agent meets all promotion criteria"},
		{state.TrustPromoted, state.Promoted{Agent: "ann", From: "T1", To: "T2", ApprovedBy: []string{"bob", "eve"}, Assurance: "peercred", Rationale: "does well"}, "trust ann T1 -> T2, by bob, eve (peercred) (does well)"},
		{state.TrustRevoked, state.Revoked{Agent: "ann", From: "T2", To: "T1", Cause: "rollback", By: "guard", Reason: "on_trust_change failed"}, "trust ann T2 -> T1, rollback by guard (on_trust_change failed)"},
		{state.TrustTold, state.Told{Agent: "ann", To: "T2"}, "trust ann T2: on_trust_change was told"},
		{state.TrustTold, state.Told{Agent: "ann", To: "T1", Error: "exit status 3"}, "trust ann T1: on_trust_change failed: exit status 3"},
		{state.TrustReview, state.Review{Agent: "ann", Level: "T3", By: "bob", Items: []string{"clear_rollbacks"}}, "trust ann checked for T3 by bob: clear_rollbacks"},
		{state.SessionKept, state.Kept{Session: "s_1", PID: 7}, "session s_1 goes on: its command ended, and its monitor (pid 7) keeps what it left running"},
	}
	for _, c := range cases {
		if got := told(t, c.typ, c.body); got != c.want {
			t.Errorf("%s: got %q, want %q", c.typ, got, c.want)
		}
	}
}

func TestAnEndIsSaidShort(t *testing.T) {
	for by, want := range map[string]string{
		"ann":                                  "024830: approved by ann (fine)",
		"policy " + strings.Repeat("9ded", 16): "024830: approved by policy 9ded9ded9ded (fine)",
	} {
		if got := endText(proxy.HoldState{ID: "hold_024830aaaaaaaaaaaaaaaaaa", State: proxy.Approved, By: by, Reason: "fine"}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
