package rego

import (
	"testing"
	"time"
)

func TestOnlyTheTimeThatWorkHasHadCounts(t *testing.T) {
	const ms = time.Millisecond
	type look struct{ after, worked time.Duration }
	for name, tt := range map[string]struct {
		looks []look // the last one again and again
		want  int    // looks until the time is up
	}{
		"alone on a machine":               {[]look{{50 * ms, 50 * ms}}, 10},
		"beside another evaluation":        {[]look{{50 * ms, 100 * ms}}, 10},
		"the machine stands still":         {[]look{{50 * ms, 50 * ms}, {time.Hour, time.Hour}, {50 * ms, 50 * ms}}, 10},
		"it stands still before the first": {[]look{{time.Hour, 0}, {50 * ms, 50 * ms}}, 10},
		"the processors are another's":     {[]look{{50 * ms, 50 * ms}, {50 * ms, 0}, {50 * ms, 0}, {50 * ms, 50 * ms}}, 12},
		"it has a quarter of a processor":  {[]look{{200 * ms, 50 * ms}, {50 * ms, 12500 * time.Microsecond}}, 37},
		"it waits and does nothing":        {[]look{{50 * ms, 0}}, 100},
		"looked at twice as often":         {[]look{{25 * ms, 25 * ms}}, 20},
	} {
		t.Run(name, func(t *testing.T) {
			now, worked := time.Unix(0, 0), time.Minute
			m := newMeter(500*ms, now)
			for n := 1; ; n++ {
				l := tt.looks[min(n, len(tt.looks))-1]
				now, worked = now.Add(l.after), worked+l.worked
				if m.over(now, worked) {
					if n != tt.want {
						t.Errorf("over after %d looks; want %d", n, tt.want)
					}
					return
				}
			}
		})
	}
}
