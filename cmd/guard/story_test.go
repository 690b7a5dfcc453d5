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
		{state.SessionKept, state.Kept{Session: "s_1", PID: 7}, "session s_1 goes on: its command ended, and its monitor (pid 7) keeps what it left running"},
	}
	for _, c := range cases {
		if got := told(t, c.typ, c.body); got != c.want {
			t.Errorf("%s: got %q, want %q", c.typ, got, c.want)
		}
	}
}
