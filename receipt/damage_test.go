package receipt

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// noSync is a disk whose flushes cost nothing.
type noSync struct{ realDisk }

func (noSync) Sync(*os.File) error     { return nil }
func (noSync) SyncFolder(string) error { return nil }

// sampleLog writes about 50 lines with groups, several scrolls and a snapshot
// at the end, in one segment, and returns its bytes.
func sampleLog(t testing.TB) []byte {
	t.Helper()
	dir := newDir(t)
	l := open(t, dir, Options{Host: "h_1", disk: noSync{}})
	for i := range 15 {
		add(t, l, draft(i))
		add(t, l, draft(i), Draft{Type: "hold_opened", Scroll: "approvals", Body: map[string]any{"hold": fmt.Sprint(i)}})
	}
	if err := l.Snapshot(func() ([]byte, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	l.Close()
	b, err := os.ReadFile(filepath.Join(dir, segmentName(0)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// groupEnds lists the offsets at which a whole group ends.
func groupEnds(t testing.TB, log []byte) (ends []int) {
	t.Helper()
	at := 0
	for line := range bytes.Lines(log) {
		at += len(line)
		r, err := Parse(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			t.Fatal(err)
		}
		if r.Chain.Left == 0 {
			ends = append(ends, at)
		}
	}
	return ends
}

func TestALogCutAnywhereIsRepairedOrRefused(t *testing.T) {
	log := sampleLog(t)
	ends := groupEnds(t, log)
	whole, next := 0, 0 // bytes and groups before the cut
	base := memoryDir(t)
	for n := range log {
		for next < len(ends) && ends[next] <= n {
			whole, next = ends[next], next+1
		}
		_, err := VerifyReader(segmentName(0), bytes.NewReader(log[:n]))
		if d := (*Damage)(nil); n != whole && !errors.As(err, &d) || n == whole && n > 0 && err != nil {
			t.Fatalf("cut at %d, whole groups end at %d: Verify: %v", n, whole, err)
		}
		if n%37 != 0 && n-whole > 1 && n+1 < len(log) {
			continue // opening takes a while; both sides of each edge and some between will do
		}
		dir := filepath.Join(base, fmt.Sprint(n))
		os.Mkdir(dir, 0o700)
		path := filepath.Join(dir, segmentName(0))
		os.WriteFile(path, log[:n], 0o600)
		seen := 0
		l, err := Open(dir, Options{disk: noSync{}, Clock: clock(), Replay: func(Receipt) error { seen++; return nil }})
		if whole == 0 {
			if err == nil {
				t.Fatalf("cut at %d: opened a log without a whole line", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		l.Close()
		checkRepair(t, path, log[:n], whole, seen)
		os.RemoveAll(dir)
	}
}

// memoryDir is a folder in memory where there is one: thousands of renames make
// a disk flush thousands of times.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "receipt")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func checkRepair(t *testing.T, path string, cut []byte, whole, seen int) {
	t.Helper()
	after, _ := os.ReadFile(path)
	if !bytes.HasPrefix(after, cut[:whole]) {
		t.Fatalf("cut at %d: whole groups were changed", len(cut))
	}
	if rep := verify(t, path); int(rep.Next) != seen {
		t.Fatalf("cut at %d: %d receipts on disk, %d folded", len(cut), rep.Next, seen)
	}
	added := after[whole:]
	if whole == len(cut) {
		if len(added) > 0 {
			t.Fatalf("cut at %d: nothing was torn, yet %s", len(cut), added)
		}
		return
	}
	r, err := Parse(bytes.TrimSuffix(added, []byte("\n")))
	var body recovered
	if err != nil || r.Type != TypeJournalRecovered || r.Decode(&body) != nil {
		t.Fatalf("cut at %d: %q is no journal_recovered: %v", len(cut), added, err)
	}
	if want := digest(cut[whole:]); body.Bytes != int64(len(cut)-whole) || body.Digest != want {
		t.Fatalf("cut at %d: says %+v, want %d bytes, %s", len(cut), body, len(cut)-whole, want)
	}
}

func TestX07EveryFlippedByteIsNoticedAtOrBeforeItsLine(t *testing.T) {
	log := sampleLog(t)
	line, lastLine := 1, bytes.Count(log, []byte("\n"))
	for i := range log {
		bad := bytes.Clone(log)
		bad[i] ^= 1 << (i % 8)
		_, err := VerifyReader(segmentName(0), bytes.NewReader(bad))
		var d *Damage
		switch {
		case errors.As(err, &d) && d.Line <= line:
		case err == nil && line == lastLine && i > bytes.LastIndex(log, []byte(`"tags":`)):
			// The envelope of the very last line is covered by the next receipt only.
		default:
			t.Fatalf("byte %d of line %d flipped: %v", i, line, err)
		}
		if log[i] == '\n' {
			line++
		}
	}
}

func TestALineThatWasDroppedMovedOrDoubledIsNoticed(t *testing.T) {
	lines := strings.SplitAfter(strings.TrimSuffix(string(sampleLog(t)), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for i := range lines {
		for what, bad := range map[string][]string{
			"dropped": append(append([]string{}, lines[:i]...), lines[i+1:]...),
			"doubled": append(append(append([]string{}, lines[:i+1]...), lines[i]), lines[i+1:]...),
			"moved":   append(append(append([]string{}, lines[:i]...), lines[i+1:]...), lines[i]),
		} {
			if i == len(lines)-1 && what != "doubled" {
				continue // dropping the end is what a chain cannot show; moving it there changes nothing
			}
			_, err := VerifyReader(segmentName(0), strings.NewReader(strings.Join(bad, "")))
			if d := (*Damage)(nil); !errors.As(err, &d) || d.Line > i+2 {
				t.Errorf("line %d %s: %v", i+1, what, err)
			}
		}
	}
}

func TestX09DamageBeforeTheEndIsRefusedWithItsPlace(t *testing.T) {
	log := sampleLog(t)
	dir := newDir(t)
	os.Mkdir(dir, 0o700)
	i := bytes.Index(log, []byte(`"n":9`))
	log[i+4] = '8'
	os.WriteFile(filepath.Join(dir, segmentName(0)), log, 0o600)
	_, err := Open(dir, Options{})
	var d *Damage
	want := bytes.Count(log[:i], []byte("\n")) + 1
	if !errors.As(err, &d) || d.Line != want || d.JSeq != uint64(want-1) || !strings.Contains(d.Reason, "root_hash") {
		t.Errorf("got %v, want line %d", err, want)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, segmentName(0))); !bytes.Equal(after, log) {
		t.Error("a refused log was changed")
	}
}

func TestMissingAndForeignSegmentsAreRefused(t *testing.T) {
	write := func(t *testing.T) (string, []segment) {
		dir := newDir(t)
		l := open(t, dir, Options{SegmentBytes: 2500})
		for i := range 20 {
			add(t, l, draft(i))
		}
		l.Close()
		list, _ := segments(dir)
		return dir, list
	}
	for name, spoil := range map[string]func(list []segment){
		"first missing":  func(list []segment) { os.Remove(list[0].path) },
		"middle missing": func(list []segment) { os.Remove(list[1].path) },
		"middle renamed": func(list []segment) {
			os.Rename(list[1].path, filepath.Join(filepath.Dir(list[1].path), segmentName(list[1].first+1)))
		},
		"middle cut":         func(list []segment) { os.Chmod(list[1].path, 0o600); os.Truncate(list[1].path, 700) },
		"middle without end": func(list []segment) { dropLast(list[1].path) },
		"middle longer":      func(list []segment) { appendTo(list[1].path, "{}\n") },
	} {
		t.Run(name, func(t *testing.T) {
			dir, list := write(t)
			if len(list) < 3 {
				t.Fatalf("%d segments", len(list))
			}
			spoil(list)
			var d *Damage
			if _, err := Verify(dir); !errors.As(err, &d) {
				t.Errorf("Verify: %v", err)
			}
			if l, err := Open(dir, Options{}); !errors.As(err, &d) {
				l.Close()
				t.Errorf("Open: %v", err)
			}
		})
	}
}

func dropLast(path string) {
	b, _ := os.ReadFile(path)
	b = bytes.TrimSuffix(b, []byte("\n"))
	os.Chmod(path, 0o600)
	os.WriteFile(path, b[:bytes.LastIndexByte(b, '\n')+1], 0o600)
}

func appendTo(path, text string) {
	os.Chmod(path, 0o600)
	f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString(text)
	f.Close()
}
