package spawn

import (
	"fmt"
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
