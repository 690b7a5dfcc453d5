package spawn

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheTimersOfTheCommandAreAsPunctualAsGuards(t *testing.T) {
	script := fmt.Sprintf(`test "$(cat /proc/self/timerslack_ns)" = %d`, slack())
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			if got := newConsole(t).guard(mode, "sh", "-c", script).code(); got != 0 {
				t.Errorf("the command's timers may be later than guard's")
			}
		})
	}
}

func TestTheCommandHasTheProcessorsThatGuardWasGiven(t *testing.T) {
	for _, given := range []string{"", "GOMAXPROCS=3"} {
		for _, mode := range modes {
			t.Run(given+mode, func(t *testing.T) {
				_, value, set := strings.Cut(given, "=")
				t.Setenv("GOMAXPROCS", value)
				if !set {
					os.Unsetenv("GOMAXPROCS")
				}
				if got := newConsole(t).guard(mode, "sh", "-c", `test "$(env | grep ^GOMAXPROCS)" = "$1"`, "sh", given).code(); got != 0 {
					t.Errorf("the command does not find %q in its environment", given)
				}
			})
		}
	}
}
