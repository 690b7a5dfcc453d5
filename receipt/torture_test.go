package receipt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const tortureDir = "GUARD_TEST_TORTURE_DIR"

// TestMain lets the test binary be the writer that gets killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(tortureDir); dir != "" {
		if err := appendUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// splitDisk writes every group in many pieces, so that a kill tears it.
type splitDisk struct{ realDisk }

func (d splitDisk) Write(f *os.File, b []byte) (n int, err error) {
	for piece := range slices.Chunk(b, 8) {
		m, err := d.realDisk.Write(f, piece)
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// appendUntilKilled prints the number and digest of each receipt that was
// acknowledged as durable.
func appendUntilKilled(dir string) error {
	l, err := Open(dir, Options{SegmentBytes: 20000, disk: splitDisk{}})
	if err != nil {
		return err
	}
	fmt.Println("open")
	var wg sync.WaitGroup
	for writer := range 4 {
		wg.Go(func() {
			for i := 0; err == nil; i++ {
				var rs []Receipt
				if rs, err = l.Append(nil, draft(writer), draft(i)); err == nil {
					err = l.Sync(context.Background(), rs[1].Chain.JSeq)
				}
				for _, r := range rs {
					fmt.Println(r.Chain.JSeq, digest(r.Line))
				}
			}
		})
	}
	wg.Wait()
	return err
}

func TestAKillAtAnyMomentLosesNoAcknowledgedReceipt(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	dir := newDir(t)
	acknowledged := map[uint64]string{}
	for range rounds {
		maps.Copy(acknowledged, runAndKill(t, dir))
	}
	open(t, dir, Options{}).Close() // repairs what the last kill tore
	rep := verify(t, dir)
	on := map[uint64]string{}
	repaired := 0
	for _, r := range collect(t, dir, 0) {
		on[r.Chain.JSeq] = digest(r.Line)
		if r.Type == TypeJournalRecovered {
			repaired++
		}
	}
	for n, want := range acknowledged {
		if on[n] != want {
			t.Errorf("receipt %d was acknowledged as %s, the log has %q", n, want, on[n])
		}
	}
	t.Logf("%d kills, %d receipts, %d acknowledged, %d torn ends repaired, %d segments", rounds, rep.Next, len(acknowledged), repaired, rep.Segments)
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged")
	}
}

func runAndKill(t *testing.T, dir string) map[uint64]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), tortureDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	if !in.Scan() || in.Text() != "open" {
		t.Fatalf("the writer did not start: %q %v", in.Text(), in.Err())
	}
	got := map[uint64]string{}
	lines := 1 + rand.IntN(100)
	for in.Scan() {
		var n uint64
		var sum string
		// A line that the kill cut short was not acknowledged to anybody.
		if _, err := fmt.Sscanf(in.Text(), "%d %s", &n, &sum); err == nil && isHash(sum) {
			got[n] = sum
		}
		if lines--; lines == 0 {
			cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); lines > 0 {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return got
}

func TestWritersAtTheSameTimeShareFlushes(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	var inFold sync.Mutex
	var order []uint64
	l := open(t, dir, Options{disk: d, Clock: time.Now, SegmentBytes: 40000, Replay: func(r Receipt) error {
		if !inFold.TryLock() {
			t.Error("two receipts are folded at the same time")
		} else {
			defer inFold.Unlock()
		}
		order = append(order, r.Chain.JSeq)
		return nil
	}})
	var wg sync.WaitGroup
	const writers, each = 16, 25
	for range writers {
		wg.Go(func() {
			for i := range each {
				rs, err := l.Append(nil, draft(i), draft(-i))
				if err == nil {
					err = l.Sync(context.Background(), rs[1].Chain.JSeq)
				}
				if err != nil {
					t.Error(err)
					return
				}
				if rs[1].Chain.JSeq != rs[0].Chain.JSeq+1 {
					t.Errorf("group at %d and %d", rs[0].Chain.JSeq, rs[1].Chain.JSeq)
				}
				if d := l.Head().Durable; d <= rs[1].Chain.JSeq {
					t.Errorf("receipt %d was acknowledged with %d durable", rs[1].Chain.JSeq, d)
				}
			}
		})
	}
	wg.Wait()
	rep := verify(t, dir)
	if !slices.IsSorted(order) || len(order) != int(rep.Next) {
		t.Errorf("%d receipts folded of %d, in order: %v", len(order), rep.Next, slices.IsSorted(order))
	}
	if n := len(d.synced); n >= writers*each {
		t.Errorf("%d flushes for %d groups", n, writers*each)
	}
}

func TestTheRestIsFlushedWithinFiftyMillisecondsAndNothingRunsAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &faultyDisk{}
		l := open(t, newDir(t), Options{disk: d})
		add(t, l, draft(1))
		d.synced = nil
		add(t, l, draft(2))
		if h := l.Head(); h.Durable == h.Next {
			t.Error("durable at once")
		}
		time.Sleep(syncWithin)
		synctest.Wait()
		if h := l.Head(); h.Durable != h.Next || len(d.synced) != 1 {
			t.Errorf("%d of %d durable after %d flushes", h.Durable, h.Next, len(d.synced))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if l.timer != nil || len(d.synced) != 1 {
			t.Errorf("idle, yet %d flushes", len(d.synced))
		}
		l.Close()
	})
}

func TestAFollowerSeesEveryReceiptAcrossSegments(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{SegmentBytes: 2500})
	add(t, l, draft(0))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next := uint64(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		for r, err := range Follow(ctx, dir, 0) {
			if err != nil || r.Chain.JSeq != next {
				t.Errorf("receipt %d where %d is due: %v", r.Chain.JSeq, next, err)
				return
			}
			if next++; r.Type == "drill_result" {
				return
			}
		}
	})
	for i := range 60 {
		add(t, l, draft(i), draft(i))
	}
	l.turn <- struct{}{} // a file that was written anew is followed at the same place
	l.mu.Lock()
	if err := l.rebuild(); err != nil {
		t.Error(err)
	}
	l.mu.Unlock()
	<-l.turn
	add(t, l, draft(1))
	add(t, l, Draft{Type: "drill_result", Scroll: "drill", Body: map[string]any{}})
	wg.Wait()
	if want := l.Head().Next; next != want {
		t.Errorf("saw %d receipts of %d", next, want)
	}
	if to, err := os.Readlink(filepath.Join(dir, current)); err != nil || to != filepath.Base(l.path) {
		t.Errorf("%s leads to %q, %v", current, to, err)
	}
}

func TestTailFollowsTheCurrentSegmentByName(t *testing.T) {
	if _, err := exec.LookPath("tail"); err != nil {
		t.Skip("needs tail")
	}
	dir := newDir(t)
	l := open(t, dir, Options{SegmentBytes: 3000})
	cmd := exec.CommandContext(t.Context(), "tail", "-n", "+1", "-s", "0.1", "-F", filepath.Join(dir, current))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	in := bufio.NewReader(out)
	want := uint64(0)
	read := func() {
		for next := l.Head().Next; want < next; want++ {
			line, err := in.ReadString('\n')
			r, bad := Parse([]byte(strings.TrimSuffix(line, "\n")))
			if err != nil || bad != nil || r.Chain.JSeq != want {
				t.Fatalf("tail gave %q where receipt %d is due: %v", line, want, bad)
			}
		}
	}
	for range 4 { // each round fills about one segment
		for i := range 6 {
			add(t, l, draft(i))
		}
		read()
	}
	if list, _ := segments(dir); len(list) < 3 {
		t.Errorf("only %d segments", len(list))
	}
}

func TestClosedSegmentsAreReadOnly(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{SegmentBytes: 1300})
	for i := range 4 {
		add(t, l, draft(i))
	}
	list, _ := segments(dir)
	for i, s := range list {
		want := os.FileMode(0o400)
		if i == len(list)-1 {
			want = 0o600
		}
		if fi, err := os.Stat(s.path); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", s.path, fi.Mode(), want)
		}
	}
}

func TestASegmentEndsAfterItsTime(t *testing.T) {
	dir := newDir(t)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	o := Options{Clock: func() time.Time { return now }}
	l := open(t, dir, o)
	add(t, l, draft(1))
	l.Close()
	l = open(t, dir, o)
	now = now.Add(segmentAge)
	add(t, l, draft(2))
	if rep := verify(t, dir); rep.Segments != 2 {
		t.Errorf("%d segments, want 2", rep.Segments)
	}
}

func TestX09ReadStartsAnywhereAndGoesOnBehindABadLine(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{SegmentBytes: 2500})
	for i := range 30 {
		add(t, l, draft(i))
	}
	l.Close()
	all := collect(t, dir, 0)
	for from := range all {
		if got := collect(t, dir, uint64(from)); len(got) != len(all)-from || got[0].Chain.JSeq != uint64(from) {
			t.Fatalf("from %d: %d receipts", from, len(got))
		}
	}
	if n, err := Next(dir); err != nil || n != uint64(len(all)) {
		t.Errorf("Next: %d, %v, want %d", n, err, len(all))
	}
	list, _ := segments(dir)
	b, _ := os.ReadFile(list[1].path)
	os.Chmod(list[1].path, 0o600)
	os.WriteFile(list[1].path, []byte(strings.Replace(string(b), `"n":`, `"n": `, 1)+"\n"), 0o600)
	good, bad := 0, 0
	for _, err := range Read(dir, 0) {
		if err != nil {
			bad++
		} else {
			good++
		}
	}
	if good != len(all)-1 || bad != 2 {
		t.Errorf("%d good and %d bad lines, want %d and 2", good, bad, len(all)-1)
	}
	for range Read(dir, 0) {
		break
	}
	if err := first(Read(filepath.Join(dir, "none"), 0)); err == nil {
		t.Error("read a folder that does not exist")
	}
}

func first(seq func(func(Receipt, error) bool)) (err error) {
	for _, err := range seq {
		return err
	}
	return io.EOF
}

func TestReadFindsItsPlaceInALargeSegment(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{disk: noSync{}})
	big := draft(0)
	big.Body = map[string]any{"text": strings.Repeat("x", 3000)}
	for range 400 {
		add(t, l, draft(1), big)
	}
	l.Close()
	total := l.tip.next
	for from := uint64(0); from < total; from += 7 {
		want := from
		for r, err := range Read(dir, from) {
			if err != nil || r.Chain.JSeq != want {
				t.Fatalf("from %d: receipt %d, %v", from, r.Chain.JSeq, err)
			}
			if want++; want == from+3 {
				break
			}
		}
	}
	appendTo(filepath.Join(dir, segmentName(0)), "half a line")
	if n, err := Next(dir); err != nil || n != total {
		t.Errorf("Next: %d, %v, want %d", n, err, total)
	}
	appendTo(filepath.Join(dir, segmentName(0)), "\n")
	for _, err := range Read(dir, total-5) {
		var d *Damage
		if errors.As(err, &d) && d.Line != int(total)+1 {
			t.Errorf("bad line at %d, want %d", d.Line, total+1)
		}
	}
}
