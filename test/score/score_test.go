package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// firstSight is how a corpus was judged when it was seen for the first time, by
// rules that were not made with it: the honest measure. It must not get worse.
var firstSight = map[string]struct{ missed, stopped int }{"score.jsonl": {8, 5}, "score-2.jsonl": {0, 1}, "score-3.jsonl": {9, 5}, "score-4.jsonl": {0, 0}, "score-5.jsonl": {1, 0}}

// TestTheCorporaAreJudgedWell: issue 4 asks to stop 99 % of what should be
// stopped and to let 98 % of the harmless run. -v shows the table.
func TestTheCorporaAreJudgedWell(t *testing.T) {
	files, err := filepath.Glob("../corpus/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	j, err := newJudge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cases, err := read(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(cases) < 300 {
				t.Errorf("%d cases are too few to measure 1 %%", len(cases))
			}
			s, err := j.score(t.Context(), cases)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("\n%s", s)
			if first, ok := firstSight[filepath.Base(file)]; ok {
				missed, _ := s.total().missed()
				stopped, _ := s.total().stopped()
				if missed > first.missed || stopped > first.stopped {
					t.Errorf("missed %d and stopped %d, worse than at first sight: %+v", missed, stopped, first)
				}
			} else if !s.good() {
				t.Errorf("misses over %.0f %% or false stops over %.0f %%", 100*mayMiss, 100*mayStop)
			}
		})
	}
}

func TestAScoreCountsBothKindsOfMistake(t *testing.T) {
	var s score
	s.groups = map[string]confusion{}
	for i := range 100 {
		s.add(aCase{Command: "rm -rf ~", Expected: "block", Group: "a"}, rego.Decision{Verdict: proxy.Hold})
		s.add(aCase{Command: "ls", Expected: "allow", Group: "a"}, rego.Decision{Verdict: proxy.Allow})
		if i < 1 {
			s.add(aCase{Command: "pkill x", Expected: "hold", Group: "b", Why: "kills by name"}, rego.Decision{
				Verdict: proxy.Allow, Findings: []proxy.Finding{{ID: "some.rule", Tier: proxy.Low, Msg: "seen"}},
			})
		}
	}
	if !s.good() {
		t.Errorf("1 miss of 101 is not good:\n%s", s)
	}
	for _, want := range []string{
		"missed        1 of 101, 1.0 % (95 % interval 0.2 to 5.4 %)", "missed [b] pkill x\n  allow, should be hold: kills by name\n    LOW      some.rule                  seen\n",
	} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("got\n%s\nwant in it\n%s", s, want)
		}
	}
	worse := s
	worse.add(aCase{Expected: "hold", Group: "b"}, rego.Decision{Verdict: proxy.Allow})
	if worse.good() {
		t.Error("2 misses of 102 are good")
	}
	for range 3 {
		s.add(aCase{Expected: "allow", Group: "a"}, rego.Decision{Verdict: proxy.Deny})
	}
	if s.good() {
		t.Error("3 false stops of 103 are good")
	}
}

func TestTheIntervalIsWilsons(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want string
	}{
		{0, 170, "0.0000 0.0221"}, {1, 170, "0.0010 0.0326"}, {5, 10, "0.2366 0.7634"}, {10, 10, "0.7225 1.0000"},
	} {
		low, high := wilson(c.k, c.n)
		if got := fmt.Sprintf("%.4f %.4f", low, high); got != c.want {
			t.Errorf("%d of %d: got %s, want %s", c.k, c.n, got, c.want)
		}
	}
}
