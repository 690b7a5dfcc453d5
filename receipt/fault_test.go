package receipt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// faultyDisk fails as told, and has room for size bytes in dir if size is not 0.
type faultyDisk struct {
	realDisk
	mu       sync.Mutex
	dir      string // guarded by mu, like the rest
	size     int
	write    error
	truncate error
	sync     error
	create   error
	synced   []*os.File
}

func (d *faultyDisk) set(f func(*faultyDisk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d)
}

func (d *faultyDisk) Create(path string) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.create != nil {
		return nil, d.create
	}
	return d.realDisk.Create(path)
}

// Write writes what fits, as tmpfs does on a full disk.
func (d *faultyDisk) Write(f *os.File, b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.write != nil {
		n, _ := d.realDisk.Write(f, b[:len(b)/2])
		return n, d.write
	}
	if room := d.room(); d.size > 0 && len(b) > room {
		n, _ := d.realDisk.Write(f, b[:room])
		return n, syscall.ENOSPC
	}
	return d.realDisk.Write(f, b)
}

func (d *faultyDisk) used(dir string) int {
	d.dir, d.size = dir, 1<<30
	return d.size - d.room()
}

func (d *faultyDisk) room() int {
	entries, _ := os.ReadDir(d.dir)
	room := d.size
	for _, e := range entries {
		if fi, err := e.Info(); err == nil && fi.Mode().IsRegular() {
			room -= int(fi.Size())
		}
	}
	return max(room, 0)
}

func (d *faultyDisk) Truncate(f *os.File, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.truncate != nil {
		return d.truncate
	}
	return d.realDisk.Truncate(f, size)
}

func (d *faultyDisk) Sync(f *os.File) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced = append(d.synced, f)
	if d.sync != nil {
		return d.sync
	}
	return d.realDisk.Sync(f)
}

func TestAFailedWriteLeavesTheLogAsItWas(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	var folded int
	l := open(t, dir, Options{disk: d, Replay: func(Receipt) error { folded++; return nil }})
	add(t, l, draft(1))
	before, n := verify(t, dir), folded
	d.set(func(d *faultyDisk) { d.write = syscall.EIO })
	if _, err := l.Append(nil, draft(2), draft(3)); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want EIO", err)
	}
	if after := verify(t, dir); after.Next != before.Next || folded != n {
		t.Errorf("%d receipts after a failed write of %d, %d folded", after.Next, before.Next, folded)
	}
	d.set(func(d *faultyDisk) { d.write = nil })
	add(t, l, draft(4))
	verify(t, dir)
}

func TestAHalfWriteThatCannotBeCutOffIsWrittenAnew(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	l := open(t, dir, Options{disk: d})
	add(t, l, draft(1))
	d.set(func(d *faultyDisk) { d.write, d.truncate = syscall.EIO, syscall.EIO })
	if _, err := l.Append(nil, draft(2)); err == nil {
		t.Fatal("appended")
	}
	if l.Healthy() == nil {
		t.Error("healthy with half a line at the end")
	}
	if _, err := Verify(dir); err == nil {
		t.Error("Verify does not see the half line")
	}
	if _, err := l.Append(nil, draft(3)); err == nil {
		t.Error("appended behind half a line")
	}
	d.set(func(d *faultyDisk) { d.write, d.truncate = nil, nil })
	add(t, l, draft(4))
	if rep := verify(t, dir); rep.Next != 3 || l.Healthy() != nil {
		t.Errorf("%d receipts, healthy: %v", rep.Next, l.Healthy())
	}
}

func TestAFileWhoseFlushFailedIsNeverFlushedAgain(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	l := open(t, dir, Options{disk: d})
	rs := add(t, l, draft(1))
	bad := l.f
	d.set(func(d *faultyDisk) { d.sync, d.synced = syscall.EIO, nil })
	if err := l.Sync(t.Context(), rs[0].Chain.JSeq); err == nil {
		t.Error("a failed flush was acknowledged")
	}
	if _, err := l.Append(nil, draft(2)); err == nil {
		t.Error("appended while nothing can be made durable")
	}
	if l.Healthy() == nil {
		t.Error("healthy")
	}
	d.set(func(d *faultyDisk) { d.sync = nil })
	if err := l.Sync(t.Context(), rs[0].Chain.JSeq); err != nil {
		t.Errorf("after the disk came back: %v", err)
	}
	n := 0
	for _, f := range d.synced {
		if f == bad {
			n++
		}
	}
	if n != 1 || l.f == bad {
		t.Errorf("the file was flushed %d times; still in use: %v", n, l.f == bad)
	}
	add(t, l, draft(3))
	if rep := verify(t, dir); rep.Next != 3 || l.Healthy() != nil {
		t.Errorf("%d receipts, healthy: %v", rep.Next, l.Healthy())
	}
}

func TestAFailedFlushAtRotationIsMendedToo(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	l := open(t, dir, Options{disk: d, SegmentBytes: 1300})
	add(t, l, draft(1))
	d.set(func(d *faultyDisk) { d.sync = syscall.EIO })
	for range 3 {
		if _, err := l.Append(nil, draft(2)); err == nil {
			t.Fatal("rotated without a flush")
		}
	}
	d.set(func(d *faultyDisk) { d.sync = nil })
	add(t, l, draft(3))
	if rep := verify(t, dir); rep.Segments != 2 || l.Healthy() != nil {
		t.Errorf("%d segments, healthy: %v", rep.Segments, l.Healthy())
	}
}

func TestASegmentThatCannotBeStartedIsStartedLater(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	l := open(t, dir, Options{disk: d, SegmentBytes: 1300})
	add(t, l, draft(1))
	d.set(func(d *faultyDisk) { d.create = syscall.EMFILE })
	for range 3 {
		if _, err := l.Append(nil, draft(2)); !errors.Is(err, syscall.EMFILE) {
			t.Fatalf("got %v, want EMFILE", err)
		}
	}
	d.set(func(d *faultyDisk) { d.create = nil })
	add(t, l, draft(3))
	if rep := verify(t, dir); rep.Segments != 2 || rep.Next != 5 {
		t.Errorf("%+v", rep)
	}
}

func closing(n int) Draft {
	d := draft(n)
	d.Type, d.Closing = "command_outcome", true
	return d
}

func types(rs []Receipt) string {
	var names []string
	for _, r := range rs {
		names = append(names, r.Type)
	}
	return strings.Join(names, " ")
}

func TestAFullDiskTakesClosingReceiptsOnlyAndRecoversByItself(t *testing.T) {
	dir, d := newDir(t), &faultyDisk{}
	l := open(t, dir, Options{disk: d})
	add(t, l, draft(1))
	d.set(func(d *faultyDisk) { d.dir, d.size = dir, d.used(dir)+100 })
	if _, err := l.Append(nil, draft(2)); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "reserve")); err == nil {
		t.Error("the reserve was not freed")
	}
	for range 60 {
		add(t, l, closing(3))
		if _, err := l.Append(nil, draft(2)); !errors.Is(err, ErrFull) {
			t.Fatalf("got %v, want ErrFull", err)
		}
		if _, err := l.Append(nil, draft(2), closing(3)); !errors.Is(err, ErrFull) {
			t.Fatalf("a group that begins something: %v, want ErrFull", err)
		}
	}
	if err := l.Healthy(); !errors.Is(err, ErrFull) {
		t.Errorf("Healthy: %v", err)
	}
	verify(t, dir)
	d.set(func(d *faultyDisk) { d.size = 0 })
	add(t, l, draft(4))
	verify(t, dir)
	rs := collect(t, dir, 0)
	got := types(rs)
	if n := strings.Count(got, TypeAuditDegraded); n < 1 || !strings.HasSuffix(got, "command_outcome audit_degraded command_decision") || l.Healthy() != nil {
		t.Errorf("%d x audit_degraded, healthy: %v, receipts %s", n, l.Healthy(), got)
	}
}

func TestARealFullDisk(t *testing.T) {
	mnt := t.TempDir()
	if err := syscall.Mount("tmpfs", mnt, "tmpfs", 0, "size=400k"); err != nil {
		t.Skipf("mounting a tmpfs: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(mnt, 0) })
	dir := filepath.Join(mnt, "receipts")
	l := open(t, dir, Options{})
	big := draft(1)
	big.Body = map[string]any{"text": strings.Repeat("x", 5000)}
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = l.Append(nil, big)
	}
	if !errors.Is(err, ErrFull) || n < 40 {
		t.Fatalf("after %d: %v", n, err)
	}
	for i := range 60 {
		if _, err := l.Append(nil, closing(i)); err != nil {
			t.Fatalf("closing receipt %d: %v", i, err)
		}
	}
	if err := l.Sync(t.Context(), l.Head().Next-1); err != nil {
		t.Error(err)
	}
	if _, err := l.Append(nil, draft(2)); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	verify(t, dir)
	if err := syscall.Mount("tmpfs", mnt, "tmpfs", syscall.MS_REMOUNT, "size=2m"); err != nil {
		t.Fatal(err)
	}
	add(t, l, draft(3))
	rs := collect(t, dir, 0)
	if got := types(rs); !strings.Contains(got, "audit_degraded command_outcome") || !strings.HasSuffix(got, "audit_degraded command_decision") || l.Healthy() != nil {
		t.Errorf("healthy: %v, receipts end with %s", l.Healthy(), types(rs[len(rs)-4:]))
	}
	l.Close()
	open(t, dir, Options{})
	verify(t, dir)
}

func TestALogThatSomebodyElseChangedTakesNothing(t *testing.T) {
	for name, spoil := range map[string]func(path string){
		"removed":  func(path string) { os.Remove(path) },
		"cut":      func(path string) { os.Truncate(path, 10) },
		"appended": func(path string) { appendTo(path, "{}\n") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			l := open(t, dir, Options{})
			add(t, l, draft(1))
			spoil(filepath.Join(dir, segmentName(0)))
			if _, err := l.Append(nil, draft(2)); !errors.Is(err, ErrChanged) || !errors.Is(l.Healthy(), ErrChanged) {
				t.Errorf("Append: %v, Healthy: %v", err, l.Healthy())
			}
		})
	}
}

func TestALogWhoseOpenSegmentIsGoneIsRefused(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{})
	add(t, l, draft(1))
	l.Close()
	os.Remove(filepath.Join(dir, segmentName(0)))
	if l, err := Open(dir, Options{}); !errors.Is(err, ErrChanged) {
		l.Close()
		t.Errorf("got %v, want ErrChanged", err)
	}
}

func TestAppendingNothingOnlyChecks(t *testing.T) {
	l := open(t, newDir(t), Options{})
	moved := errors.New("moved")
	if rs, err := l.Append(nil); err != nil || len(rs) != 0 || l.Head().Next != 1 {
		t.Errorf("%d receipts, %v", len(rs), err)
	}
	if _, err := l.Append(func() error { return moved }); !errors.Is(err, moved) {
		t.Errorf("got %v", err)
	}
}

func TestAFoldThatFailsStopsTheLog(t *testing.T) {
	bad := errors.New("bad fold")
	l := open(t, newDir(t), Options{Replay: func(r Receipt) error {
		if r.Type == "command_decision" {
			return bad
		}
		return nil
	}})
	if _, err := l.Append(nil, draft(1)); !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
	if _, err := l.Append(nil, closing(1)); !errors.Is(err, bad) || !errors.Is(l.Healthy(), bad) {
		t.Errorf("got %v, Healthy %v", err, l.Healthy())
	}
}

func TestAClosedLogTakesNothing(t *testing.T) {
	l := open(t, newDir(t), Options{})
	add(t, l, draft(1))
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if _, err := l.Append(nil, draft(2)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := l.Sync(t.Context(), 1); err != nil {
		t.Errorf("a receipt that Close made durable: %v", err)
	}
}

func TestSyncGivesUpWithItsContext(t *testing.T) {
	l := open(t, newDir(t), Options{})
	rs := add(t, l, draft(1))
	l.turn <- struct{}{} // a flush that takes for ever
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Sync(ctx, rs[0].Chain.JSeq); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-l.turn
}

func TestRoomThatAPowerLossLeftUnwrittenIsATornEnd(t *testing.T) {
	dir := newDir(t)
	l := open(t, dir, Options{})
	add(t, l, draft(1))
	l.Close()
	path := filepath.Join(dir, segmentName(0))
	appendTo(path, strings.Repeat("\x00", 3*MaxLine))
	open(t, dir, Options{}).Close()
	if rep := verify(t, dir); rep.Next != 3 {
		t.Errorf("%d receipts, want 3", rep.Next)
	}
	appendTo(path, strings.Repeat("x", 3*MaxLine))
	var d *Damage
	if l, err := Open(dir, Options{}); !errors.As(err, &d) || d.Line != 4 {
		l.Close()
		t.Errorf("a long line of something else: %v", err)
	}
}
