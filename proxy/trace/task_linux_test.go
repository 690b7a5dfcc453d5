package trace

import (
	"os"
	"testing"
)

func TestALineOfTheProcessTable(t *testing.T) {
	const rest = " 1 6 5 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 10"
	want := Task{Parent: 17, Start: 987654, State: 'S'}
	for _, name := range []string{"sh", "a b", "x) R 1 (", ""} {
		if got, ok := parseStat([]byte("42 (" + name + ") S 17" + rest)); !ok || got != want {
			t.Errorf("%q: got %+v, %v", name, got, ok)
		}
	}
	whole := "42 (sh) S 17" + rest
	for n := range len("42 (sh) S 17 1 6 5 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 ") {
		if got, ok := parseStat([]byte(whole[:n])); ok {
			t.Errorf("%q: got %+v", whole[:n], got)
		}
	}
}

func TestLookFindsThisProcess(t *testing.T) {
	got, ok := Look(os.Getpid())
	if !ok || got.Parent != os.Getppid() || got.Start == 0 || got.State != 'R' && got.State != 'S' {
		t.Errorf("got %+v, %v", got, ok)
	}
	if got, ok := Look(1 << 30); ok {
		t.Errorf("got %+v for nobody", got)
	}
}
