package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// drawn is the timeline of receipts, each so many minutes after the first.
func drawn(t *testing.T, width int, all ...any) string {
	t.Helper()
	p := past{climbs: map[string]*climb{}}
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.Local)
	minutes := 0
	for _, body := range all {
		typ := ""
		switch body := body.(type) {
		case int:
			minutes = body
			continue
		case state.Started:
			typ = state.SessionStarted
		case state.Ended:
			typ = state.SessionEnded
		case state.Escalation:
			typ = state.ProfileEscalation
		case state.Deescalation:
			typ = state.ProfileDeescalation
		case state.Confirmed:
			typ = state.ProfileConfirmed
		}
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.add(receipt.Receipt{Type: typ, Body: raw, Time: start.Add(time.Duration(minutes) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(p.climbs["s_1"].draw(start.Add(20*time.Minute), width), "\n")
}

func TestTheTimelineDrawsTheLadder(t *testing.T) {
	up := func(id, from, to string, confirmed bool) state.Escalation {
		return state.Escalation{ID: id, Session: "s_1", From: from, To: to, Confirmed: confirmed}
	}
	got := drawn(t, 31, state.Started{Session: "s_1", Profile: "operator"},
		4, up("esc_1", "operator", "guardian", false), 8, state.Confirmed{ID: "esc_1", Session: "s_1"},
		12, up("esc_2", "guardian", "phoenix", true), 13, state.Deescalation{ID: "esc_2", Session: "s_1"},
		16, state.Deescalation{ID: "esc_1", Session: "s_1"}, 20, state.Ended{Session: "s_1"})
	want := `
sovereign |                    
phoenix   |           ==       
guardian  |   ----====||===    
operator  |===|           |====
observer  |                    
           12:00:00    12:20:00`
	if got != strings.TrimPrefix(want, "\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
}

func TestTheTimelineLosesNothingShort(t *testing.T) {
	got := drawn(t, 31, state.Started{Session: "s_1", Profile: "observer"},
		10, state.Escalation{ID: "esc_1", Session: "s_1", To: "operator", Confirmed: true}, state.Deescalation{ID: "esc_1", Session: "s_1"})
	if rows := strings.Split(got, "\n"); strings.Count(rows[3], "=") != 1 || strings.Count(rows[4], "=") != 19 {
		t.Errorf("a raise of no length is lost:\n%s", got)
	}
}
