package main

import "testing"

func TestTheDigestOfAnEnvironmentFollowsWhatRunsCode(t *testing.T) {
	j := newJudge()
	environ := []string{"PATH=/bin", "HOME=/home/ann"}
	first := j.code(environ)
	if again := j.code([]string{"PATH=/bin", "HOME=/home/ann"}); again != first {
		t.Errorf("the same environment: got %s, want %s", again, first)
	}
	for _, other := range [][]string{{"PATH=/tmp/bin", "HOME=/home/ann"}, {"PATH=/bin", "LD_PRELOAD=/tmp/x.so"}, {}} {
		if got := j.code(other); got == first || got != envDigest(other, "") {
			t.Errorf("%q: got %s, want %s", other, got, envDigest(other, ""))
		}
		if got := j.code(environ); got != first {
			t.Errorf("after %q: got %s, want %s", other, got, first)
		}
	}
}
