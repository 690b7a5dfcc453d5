package victim

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// soakVar is the variable that says how many executions the soak makes; the full
// one has 30000.
const soakVar = "GUARD_SOAK"

// TestManyExecutionsOfEveryKind has four processes at once start programs, also
// from threads, as scripts and as orphans: all of it is allowed, so all has to run.
func TestManyExecutionsOfEveryKind(t *testing.T) {
	n := 5000
	if text := os.Getenv(soakVar); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		must(t, err)
	}
	w := newWorld(t)
	p := w.plot(t)
	out, status := p.guard(t, nil, "soak", strconv.Itoa(n))
	got := tallyOf(t, out)
	t.Logf("%d executions (%s sets how many): %+v", n, soakVar, got)
	if got.ran != n || got.sum() != n || status != 0 || !strings.Contains(out, "zombies 0\n") {
		t.Errorf("got %+v, status %d, want %d that ran and no zombie\n%s", got, status, n, out)
	}
	log, err := w.at(w.dir, "guard", "log", "--json", "--scroll", "execution").Output()
	must(t, err)
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, `"type":"command_failed"`) {
			t.Errorf("an execution that was allowed failed, by the receipts: %s", line)
		}
	}
	if started := strings.Count(string(log), `"type":"command_started"`); started < n {
		t.Errorf("%d of %d executions are on record as started", started, n)
	}
	if verify, err := w.at(w.dir, "guard", "verify").CombinedOutput(); err != nil {
		t.Errorf("guard verify: %v\n%s", err, verify)
	}
}
