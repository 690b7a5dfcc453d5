package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/f958ca95/guard/receipt"
)

// history reads receipts written one a line as TYPE BODY, numbered from 0, a
// second apart.
func history(t *testing.T, text string) []receipt.Receipt {
	t.Helper()
	var all []receipt.Receipt
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		typ, body, ok := strings.Cut(line, " ")
		if !ok || !json.Valid([]byte(body)) {
			t.Fatalf("not TYPE BODY: %s", line)
		}
		n := uint64(len(all))
		all = append(all, receipt.Receipt{
			Type: typ, Scroll: Scroll(typ), Body: json.RawMessage(body), Chain: receipt.Chain{JSeq: n},
			Time: time.Date(2026, 11, 21, 12, 0, int(n), 0, time.UTC),
		})
	}
	return all
}

func fold(all []receipt.Receipt) (*State, error) {
	s := New()
	for _, r := range all {
		if err := s.Apply(r); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func pretty(t *testing.T, s *State) string {
	t.Helper()
	data, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", " "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHistories folds each story in testdata: receipts in, and either lines that
// the state must hold, or the error that ends it.
func TestHistories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			all := history(t, parts["receipts"])
			s, err := fold(all)
			if want := strings.TrimSpace(parts["error"]); want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("got error %v, want %q", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := pretty(t, s)
			for line := range strings.Lines(parts["has"]) {
				if line = strings.TrimSpace(line); line != "" && !strings.Contains(got, line) {
					t.Errorf("state lacks %s\n%s", line, got)
				}
			}
			for line := range strings.Lines(parts["lacks"]) {
				if line = strings.TrimSpace(line); line != "" && strings.Contains(got, line) {
					t.Errorf("state has %s\n%s", line, got)
				}
			}
			checkSnapshots(t, all, got)
		})
	}
}

// checkSnapshots stops after each receipt, goes through a snapshot, and must
// end with the same state.
func checkSnapshots(t *testing.T, all []receipt.Receipt, want string) {
	t.Helper()
	for cut := range all {
		before, err := fold(all[:cut])
		if err != nil {
			t.Fatal(err)
		}
		data, err := before.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		s, err := Restore(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all[cut:] {
			if err := s.Apply(r); err != nil {
				t.Fatalf("after a snapshot at %d: %v", cut, err)
			}
		}
		if got := pretty(t, s); got != want {
			t.Fatalf("a snapshot at %d changes the state:\n%s\nwant\n%s", cut, got, want)
		}
	}
}

func TestAGapInTheReceiptsIsAnError(t *testing.T) {
	s := New()
	err := s.Apply(receipt.Receipt{Type: SessionEnded, Body: json.RawMessage(`{}`), Chain: receipt.Chain{JSeq: 1}})
	if err == nil || !strings.Contains(err.Error(), "got number 1, want 0") {
		t.Errorf("got %v, want an error that names both numbers", err)
	}
}

func TestHoldsThatAreLongOverAreForgotten(t *testing.T) {
	var b strings.Builder
	b.WriteString(`session_started {"session":"s_1"}` + "\n")
	for i := range keptHolds + 10 {
		id, _ := json.Marshal("hold_" + string(rune('a'+i%26)) + strings.Repeat("x", i/26))
		b.WriteString(`hold_opened {"hold":` + string(id) + `,"session":"s_1","terms":{"steps":[]}}` + "\n")
		b.WriteString(`hold_resolved {"hold":` + string(id) + `,"state":"denied","verdict":"deny","at":"2026-11-21T12:00:00Z"}` + "\n")
	}
	s, err := fold(history(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Holds) != keptHolds || len(s.Over) != keptHolds {
		t.Errorf("got %d holds, %d over; want %d of each", len(s.Holds), len(s.Over), keptHolds)
	}
}

func TestRefusedRequestsThatAreLongAgoAreForgotten(t *testing.T) {
	var b strings.Builder
	b.WriteString(`session_started {"session":"s_1"}` + "\n")
	for i := range keptRefused + 10 {
		fmt.Fprintf(&b, `command_decision {"session":"s_1","request":"r_%d","verdict":"deny"}`+"\n", i)
	}
	b.WriteString(`command_decision {"session":"s_1","request":"r_run","verdict":"allow"}` + "\n")
	s, err := fold(history(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	session := s.Sessions["s_1"]
	if len(session.Requests) != keptRefused+1 || session.Requests["r_run"] == nil || session.Requests["r_9"] != nil || session.Requests["r_10"] == nil {
		t.Errorf("got %d requests, want the newest %d refused and the one that runs", len(session.Requests), keptRefused)
	}
}
