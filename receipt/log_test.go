package receipt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clock steps a millisecond at each look.
func clock() func() time.Time {
	at := time.Date(2026, 11, 21, 7, 12, 0, 123456000, time.UTC)
	return func() time.Time { at = at.Add(time.Millisecond); return at }
}

func open(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock()
	}
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func newDir(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "receipts")
}

func draft(n int) Draft {
	return Draft{Type: "command_decision", Scroll: "execution", Tags: []string{"exec", "LOW"}, Body: map[string]any{"n": n}}
}

func add(t testing.TB, l *Log, drafts ...Draft) []Receipt {
	t.Helper()
	rs, err := l.Append(nil, drafts...)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func collect(t testing.TB, dir string, from uint64) []Receipt {
	t.Helper()
	var rs []Receipt
	for r, err := range Read(dir, from) {
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return rs
}

func verify(t testing.TB, path string) Report {
	t.Helper()
	rep, err := Verify(path)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestWhatIsAppendedCanBeReadAndVerified(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{})
	rs := add(t, l, draft(1), Draft{Type: "hold_opened", Scroll: "approvals", Body: map[string]any{"cmd": "rm -rf <x> & \u2028 \x01 é 😀"}})
	rs = append(rs, add(t, l, draft(2))...)
	if err := l.Sync(context.Background(), rs[2].Chain.JSeq); err != nil {
		t.Fatal(err)
	}
	got := collect(t, dir, 1)
	if len(got) != 3 {
		t.Fatalf("read %d receipts, want 3", len(got))
	}
	for i := range got {
		if string(got[i].Line) != string(rs[i].Line) || got[i].Chain.JSeq != uint64(i+1) {
			t.Errorf("receipt %d: got %s, want %s", i, got[i].Line, rs[i].Line)
		}
	}
	rep := verify(t, dir)
	if h := l.Head(); rep.Next != 4 || h.Next != 4 || h.Durable != 4 || !maps.Equal(h.Scrolls, rep.Scrolls) {
		t.Errorf("verified %+v, head %+v", rep, h)
	}
	var body struct{ Cmd string }
	if err := got[1].Decode(&body); err != nil || body.Cmd != "rm -rf <x> & \u2028 \x01 é 😀" {
		t.Errorf("body %q, %v", body.Cmd, err)
	}
}

func TestTheFoldSeesTheSameReceiptsLiveAndOnReplay(t *testing.T) {
	dir := newDir(t)
	var live, again []string
	fold := func(to *[]string) func(Receipt) error {
		return func(r Receipt) error { *to = append(*to, string(r.Line)); return nil }
	}
	l := open(t, dir, Options{Replay: fold(&live), SegmentBytes: 4000})
	for i := range 40 {
		add(t, l, draft(i), draft(-i))
	}
	l.Close()
	open(t, dir, Options{Replay: fold(&again), SegmentBytes: 4000})
	if !slices.Equal(live, again) {
		t.Errorf("%d receipts live, %d on replay", len(live), len(again))
	}
	if rep := verify(t, dir); rep.Segments < 5 || rep.Next != uint64(len(live)) {
		t.Errorf("verified %+v, want %d receipts", rep, len(live))
	}
}

func TestACheckThatFailsWritesNothing(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{})
	moved := errors.New("state moved")
	if _, err := l.Append(func() error { return moved }, draft(1)); !errors.Is(err, moved) {
		t.Errorf("got %v", err)
	}
	if got := collect(t, dir, 1); len(got) != 0 {
		t.Errorf("%d receipts written", len(got))
	}
}

func TestASecondWriterIsRefused(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: %v, want ErrLocked", err)
	}
	l.Close()
	open(t, dir, Options{})
}

func TestAFolderThatOthersMayWriteIsRefused(t *testing.T) {
	dir := newDir(t)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	os.Chmod(dir, 0o777)
	if l, err := Open(dir, Options{}); err == nil {
		l.Close()
		t.Error("opened")
	}
}

func TestAJournalKeepsItsHost(t *testing.T) {
	dir := newDir(t)
	open(t, dir, Options{Host: "h_1"}).Close()
	if l, err := Open(dir, Options{Host: "h_2"}); err == nil {
		l.Close()
		t.Error("opened the journal of another host")
	}
	if h := open(t, dir, Options{}).Head().Host; h != "h_1" {
		t.Errorf("host %q", h)
	}
}

func TestOpenBeginsAtASnapshotThatAReceiptVouchesFor(t *testing.T) {
	dir := newDir(t)
	var state int
	o := Options{
		SegmentBytes: 5000,
		Replay:       func(r Receipt) error { state++; return nil },
		Restore:      func(b []byte) error { _, err := fmt.Sscan(string(b), &state); return err },
	}
	l := open(t, dir, o)
	for i := range 30 {
		add(t, l, draft(i))
		if i%10 == 7 {
			if err := l.Snapshot(func() ([]byte, error) { return fmt.Append(nil, state), nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := state
	l.Close()
	reopen := func() *Log { state = 0; return open(t, dir, o) }

	l = reopen()
	if state != want || l.Head().Start < 20 {
		t.Errorf("state %d after %d, want %d", state, l.Head().Start, want)
	}
	if err := l.VerifyOld(t.Context()); err != nil {
		t.Error(err)
	}
	start := l.Head().Start
	l.Close()

	names, _ := snapshots(dir)
	if len(names) != keepSnapshot {
		t.Fatalf("snapshots %v", names)
	}
	newest := filepath.Join(dir, names[0])
	os.WriteFile(newest, []byte("99"), 0o600)
	l = reopen()
	if s := l.Head().Start; state != want || s == 0 || s >= start {
		t.Errorf("a forged snapshot: state %d after %d, want %d", state, s, want)
	}
	l.Close()
	os.Remove(filepath.Join(dir, names[1]))
	if l = reopen(); state != want || l.Head().Start != 0 {
		t.Errorf("no snapshot: state %d after %d, want %d", state, l.Head().Start, want)
	}
}

func TestDamageBeforeTheSnapshotIsFoundInTheBackground(t *testing.T) {
	dir := newDir(t)
	o := Options{Restore: func([]byte) error { return nil }}
	l := open(t, dir, o)
	add(t, l, draft(1))
	add(t, l, draft(2))
	if err := l.Snapshot(func() ([]byte, error) { return []byte("x"), nil }); err != nil {
		t.Fatal(err)
	}
	l.Close()
	path := filepath.Join(dir, segmentName(0))
	b, _ := os.ReadFile(path)
	i := slices.Index(b, '\n') + len(`{"body":{"n":`) + 1
	b[i] = '7'
	os.WriteFile(path, b, 0o600)

	l = open(t, dir, o)
	var d *Damage
	if err := l.VerifyOld(t.Context()); !errors.As(err, &d) || d.Line != 2 {
		t.Errorf("VerifyOld: %v, want line 2", err)
	}
	if _, err := l.Append(nil, draft(3)); !errors.As(err, &d) {
		t.Errorf("Append: %v, want the damage", err)
	}
}

func TestTheEnvelopeIsThatOfTheRequirements(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home", "receipts")
	l := open(t, dir, Options{Host: "h_1"})
	rs := add(t, l, Draft{Type: "profile_escalation", Scroll: "identity", Tags: []string{"escalation", "x", "operator", "guardian"}, Body: map[string]any{"b": 1, "a": "é"}})
	t.Run("S0-60 the folder is created on demand and the scroll is a field", func(t *testing.T) {
		if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 || rs[0].Scroll != "identity" {
			t.Errorf("%v, %v, scroll %q", fi.Mode(), err, rs[0].Scroll)
		}
	})
	t.Run("S0-61 the members are exactly these", func(t *testing.T) {
		want := `{"body":{"a":"é","b":1},"chain":{"host":"h_1","jseq":1,"prev_hash":"` + genesis + `","seq":0},"root_hash":"` + digest([]byte(`{"a":"é","b":1}`)) +
			`","schema_version":"2.0.0","scroll":"identity","tags":["escalation","x","operator","guardian"],"timestamp":"2026-11-21T07:12:00.126456Z","type":"profile_escalation"}`
		if string(rs[0].Line) != want {
			t.Errorf("got %s\nwant %s", rs[0].Line, want)
		}
	})
	t.Run("S0-63 root_hash covers the body only", func(t *testing.T) {
		other := add(t, l, Draft{Type: "profile_deescalation", Scroll: "cognitive", Body: map[string]any{"a": "é", "b": 1}})
		if other[0].Root != rs[0].Root {
			t.Errorf("%s and %s", other[0].Root, rs[0].Root)
		}
	})
	t.Run("S0-64 one receipt is one line that ends in a newline", func(t *testing.T) {
		b, err := os.ReadFile(filepath.Join(dir, current))
		if err != nil || strings.Count(string(b), "\n") != 3 || !strings.HasSuffix(string(b), "}\n") {
			t.Errorf("%q, %v", b, err)
		}
	})
}
