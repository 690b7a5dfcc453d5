package spawn

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// substitute is a program that runs in the stead of a process, as its parent knows
// it.
type substitute struct {
	stead   int
	pid     int
	reports *json.Encoder
	beyond  atomic.Bool

	mu   sync.Mutex
	gone bool // guarded by mu; collected
	told bool // guarded by mu; to end
}

// start executes the program that is open as programFD.
func (s *substitute) start(argv []string) (err error) {
	sys := &syscall.SysProcAttr{Setsid: true}
	if p, ok := look(s.stead); ok && Shares(s.stead) {
		sys = &syscall.SysProcAttr{Setpgid: true, Pgid: p.group}
	}
	inheritIgnored(s.stead)
	s.pid, err = syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", programFD), argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: sys,
	})
	return err
}

// inheritIgnored has what this process executes ignore the signals that process pid
// ignores, and no others: what is caught becomes the default.
func inheritIgnored(pid int) {
	ignored := signals("/proc/"+strconv.Itoa(pid)+"/status", "SigIgn")
	caught := make(chan os.Signal, 1)
	for _, sig := range []unix.Signal{
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGPIPE, unix.SIGALRM, unix.SIGUSR1, unix.SIGUSR2,
		unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU,
	} {
		if ignored&bit(sig) != 0 {
			signal.Ignore(sig)
		} else {
			signal.Notify(caught, sig)
		}
	}
}

// await returns how the program ended. Its stops are those of the process in whose
// stead it runs, which somebody waits for, and which is the one that gets continued.
func (s *substitute) await() (status unix.WaitStatus) {
	for {
		err := unix.Waitid(unix.P_PID, s.pid, nil, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		if s.collect(&status) {
			return status
		}
		s.pause(status.StopSignal())
	}
}

// pause stops the process, where a terminal does not do that for both, and continues
// the program when the process is: nobody inside the session may.
func (s *substitute) pause(by unix.Signal) {
	stopped := func() bool { p, ok := look(s.stead); return ok && p.state == 'T' }
	again := time.Tick(glance / 4)
	if !stopped() {
		if by == unix.SIGSTOP {
			_ = unix.PidfdSendSignal(processFD, unix.SIGSTOP, nil, 0)
		}
		for range 20 { // it takes a moment; and may have been continued by then
			if <-again; stopped() {
				break
			}
		}
	}
	for stopped() {
		<-again
	}
	if group, err := unix.Getpgid(s.pid); err == nil {
		_ = unix.Kill(-group, unix.SIGCONT)
	}
}

// collect says whether the program has ended.
func (s *substitute) collect(status *unix.WaitStatus) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = unix.Wait4(s.pid, status, unix.WUNTRACED, nil)
	s.gone = !status.Stopped()
	return s.gone
}

// stop asks the program to end, once. It is not killed: a program like sudo could
// not pass that on, and would leave what it started without its parent.
func (s *substitute) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || s.told {
		return
	}
	s.told = true
	if unix.Kill(s.pid, unix.SIGTERM) != nil {
		s.beyond.Store(true)
	}
	_ = unix.Kill(s.pid, unix.SIGCONT)
}

func untilReadable(fd int) {
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); err != unix.EINTR {
			return
		}
	}
}
