package state

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAThreatTooManyForgetsTheOldest(t *testing.T) {
	var lines strings.Builder
	for i := range keptThreats + 1 {
		fmt.Fprintf(&lines, "threat_reported {\"threat_id\":\"thr_%d\",\"at\":\"2026-11-21T12:00:00Z\"}\n", i)
	}
	s, err := fold(history(t, lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Threats) != keptThreats || len(s.Reported) != keptThreats || s.Threats["thr_0"] != nil || s.Reported[0] != "thr_1" {
		t.Errorf("%d threats are known, the oldest is %s; want %d and thr_1", len(s.Threats), s.Reported[0], keptThreats)
	}
}

func TestASnapshotFromBeforeThereWereThreatsIsRead(t *testing.T) {
	s, err := Restore([]byte(`{"next":0,"sessions":{"s_1":{"session":"s_1","profile":"operator"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range history(t, `
threat_reported {"threat_id":"thr_1","at":"2026-11-21T12:00:00Z","active_alerts":1}
profile_escalation {"escalation_id":"esc_1","session":"s_1","from_profile":"operator","to_profile":"guardian","created_at":"2026-11-21T12:00:01Z"}`) {
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	if s.ActiveAlerts() != 1 || s.Sessions["s_1"].Raised() != "guardian" || s.Sessions["s_1"].Runs() != "operator" {
		t.Errorf("got %+v", s)
	}
}

func TestTimesOfAuthorityHaveOneForm(t *testing.T) {
	// S0-23: written with microseconds and Z; read with any offset.
	for text, want := range map[string]string{
		`"2026-11-21T12:00:00Z"`:                `"2026-11-21T12:00:00.000000Z"`,
		`"2026-11-21T12:00:00.5+00:00"`:         `"2026-11-21T12:00:00.500000Z"`,
		`"2026-11-21T14:00:00.123456789+02:00"`: `"2026-11-21T12:00:00.123456Z"`,
	} {
		var s Stamp
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := json.Marshal(s); err != nil || string(got) != want {
			t.Errorf("%s: got %s %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{`1`, `null`, `"noon"`, `"2026-11-21 12:00:00"`} {
		var s Stamp
		if err := json.Unmarshal([]byte(text), &s); err == nil {
			t.Errorf("%s: got %v, want an error", text, s)
		}
	}
	if s := StampOf(time.Date(2026, 11, 21, 12, 0, 0, 999, time.UTC)); s.Nanosecond() != 0 {
		t.Errorf("got %v, want no nanoseconds", s)
	}
}

func TestASnapshotWhoseIncidentNobodyCanConcludeIsRead(t *testing.T) {
	s, err := Restore([]byte(`{"next":0,"incident":"esc_1","sessions":{"s_1":{"session":"s_1","profile":"guardian"}}}`))
	if err != nil || s.Incident != "" {
		t.Errorf("got %q, %v; want no incident: what declared it has ended", s.Incident, err)
	}
}
