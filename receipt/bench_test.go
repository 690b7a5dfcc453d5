package receipt

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sized is a receipt of about 900 bytes, as a command_decision is.
func sized(i int) Draft {
	return Draft{Type: "command_decision", Scroll: "execution", Tags: []string{"exec", "LOW"}, Body: map[string]any{
		"argv": []string{"go", "test", "./...", "-count=1"}, "cwd": "/home/ann/app", "request": fmt.Sprintf("r_%024x", i), "session": "s_0123456789ab",
		"request_hash": genesis, "findings": []map[string]any{{"id": "exec.unknown", "tier": 1, "msg": strings.Repeat("m", 60)}}, "tier": 1, "verdict": "allow",
		"rows": []map[string]any{{"id": "profile", "level": "operator", "verdict": "allow"}, {"id": "trust", "level": "T1", "verdict": "allow"}},
	}}
}

// Budget: 100 us without and 1 ms with waiting for the disk; two of the first
// kind are within every command that guard lets run (0.45 ms, DESIGN 10).
func BenchmarkAppend(b *testing.B) {
	r := &Redactor{key: make([]byte, 32)}
	for _, tt := range []struct {
		name    string
		sync    bool
		writers int
	}{{"written", false, 1}, {"synced", true, 1}, {"synced by 16", true, 16}} {
		b.Run(tt.name, func(b *testing.B) {
			l := open(b, newDir(b), Options{Clock: time.Now, Redact: r})
			b.SetParallelism(tt.writers)
			one := func() {
				rs, err := l.Append(nil, sized(1))
				if err == nil && tt.sync {
					err = l.Sync(context.Background(), rs[0].Chain.JSeq)
				}
				if err != nil {
					b.Error(err)
				}
			}
			if tt.writers == 1 {
				for b.Loop() {
					one()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					one()
				}
			})
		})
	}
}

// Budget: 30,000 receipts/s per core.
func BenchmarkVerify(b *testing.B) {
	dir := newDir(b)
	l := open(b, dir, Options{})
	const n = 5000
	for i := range n {
		add(b, l, sized(i))
	}
	l.Close()
	log, err := os.ReadFile(filepath.Join(dir, segmentName(0)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if _, err := VerifyReader(segmentName(0), bytes.NewReader(log)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "receipts/s")
}

// Budget: 50 ms of the 150 ms in which guardd is ready with 100,000 receipts.
func BenchmarkOpenAtASnapshot(b *testing.B) {
	dir := newDir(b)
	o := Options{Restore: func([]byte) error { return nil }, Replay: func(Receipt) error { return nil }}
	l := open(b, dir, o)
	for i := range 100_000 {
		add(b, l, draft(i))
	}
	if err := l.Snapshot(func() ([]byte, error) { return make([]byte, 100_000), nil }); err != nil {
		b.Fatal(err)
	}
	l.Close()
	for b.Loop() {
		open(b, dir, o).Close()
	}
}
