package trace

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func init() { roles["spawn"] = spawnMany }

// spawnMany runs /bin/true so many times, in so many goroutines, and prints the
// microseconds each took.
func spawnMany(args []string) error {
	times, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	parallel, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	begin := time.Now()
	var all sync.WaitGroup
	failed := make(chan error, parallel)
	for range parallel {
		all.Go(func() {
			for range times / parallel {
				if err := spawnOne("/bin/true"); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Printf("%.1f\n", float64(time.Since(begin).Microseconds())/float64(max(1, times)))
	return nil
}

// spawnOne does not go through os/exec: looking for a program that has its path
// already is not what is measured.
func spawnOne(path string) error {
	p, err := os.StartProcess(path, []string{path}, &os.ProcAttr{Env: os.Environ(), Sys: &syscall.SysProcAttr{}})
	if err != nil {
		return err
	}
	state, err := p.Wait()
	if err == nil && !state.Success() {
		err = fmt.Errorf("%s: %s", path, state)
	}
	return err
}

// BenchmarkSpawn prints what the hook alone adds to an execution. Budget: 290 us
// on the machine that research/exec.md was measured on, where a bare one takes 780
// (DESIGN 10).
func BenchmarkSpawn(b *testing.B) {
	for _, parallel := range []int{1, 4} {
		b.Run(strconv.Itoa(parallel), func(b *testing.B) {
			const times = 1000
			var bare, hooked, cpu float64
			for range b.N {
				bare += spawnBare(b, times, parallel)
				before := cpuTime()
				hooked += spawnHooked(b, times, parallel)
				cpu += float64((cpuTime() - before).Microseconds()) / times
			}
			n := float64(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(bare/n, "us/bare")
			b.ReportMetric(hooked/n, "us/hooked")
			b.ReportMetric((hooked-bare)/n, "us/added")
			b.ReportMetric(hooked/bare, "ratio")
			b.ReportMetric(cpu/n, "us/cpu")
		})
	}
}

// cpuTime is what this process, the Tracer's, has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func spawnBare(b *testing.B, times, parallel int) float64 {
	cmd := exec.Command(os.Args[0], strconv.Itoa(times), strconv.Itoa(parallel))
	cmd.Env = append(os.Environ(), roleVar+"=spawn")
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	return number1(b, string(out))
}

func spawnHooked(b *testing.B, times, parallel int) float64 {
	tr := plant(b, quick{}, asRole("spawn"), os.Args[0], strconv.Itoa(times), strconv.Itoa(parallel))
	_, out := tr.end()
	return number1(b, out)
}

func number1(b *testing.B, text string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		b.Fatal(err)
	}
	return f
}
