package spawn

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// forwarded are the signals that somebody sends to guard and means the command.
var forwarded = []os.Signal{
	unix.SIGHUP, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM,
	unix.SIGINT, unix.SIGQUIT, unix.SIGCONT,
}

// catch delivers sigs to ch. It leaves out what this process was started to ignore
// (nohup, a job in the background of a script): the command has to inherit that,
// and a signal that is caught is not inherited as ignored. For the same reason
// nothing in this package ever uses signal.Ignore on guard's behalf.
func catch(ch chan<- os.Signal, sigs ...os.Signal) {
	for _, s := range sigs {
		if !signal.Ignored(s) {
			signal.Notify(ch, s)
		}
	}
}

// runInherit runs c with the descriptors and in the process group of guard.
func runInherit(ctx context.Context, c Command) (unix.WaitStatus, error) {
	defer lockShared(ctx)()
	sigs := catchShared()
	defer giveBack(sigs)

	// Not os.StartProcess: it tries out in a process of its own what the kernel
	// can do, at each start of guard. The descriptor names the child even when its
	// number has been given to another.
	fd := -1
	child, err := syscall.ForkExec(c.Path, c.Argv, &syscall.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{PidFD: &fd},
	})
	if err != nil {
		return 0, &os.PathError{Op: "execute", Path: c.Path, Err: err}
	}
	defer func() {
		if fd >= 0 {
			unix.Close(fd)
		}
	}()
	if c.OnStart != nil {
		c.OnStart(child)
	}
	stop, reaped := make(chan struct{}), make(chan struct{})
	go func() { defer close(reaped); reap(child, stop) }()
	defer func() { close(stop); <-reaped }()

	var ws unix.WaitStatus
	ended, stopped, collected := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); err = await(ctx, child, &ws, stopped, collected) }()
	companion{
		stopped: stopped,
		ended:   ended,
		stands: func() bool {
			defer func() { collected <- struct{}{} }()
			return stopOf(child, 0)
		},
		signal: func(s unix.Signal) { passOn(child, fd, s) },
		again: func() {
			if p, ok := look(child); ok && p.state == 'T' && !stopOf(child, unix.WNOWAIT) {
				passOn(child, fd, unix.SIGCONT)
			}
		},
		finish: func() { finish(c.Grace, c.spared, 0, ended) },
	}.accompany(ctx, sigs)
	return ws, err
}

// companion is a command that has guard's descriptors and process group.
type companion struct {
	stopped <-chan struct{}   // one that stopped; told once for several stops in a row
	ended   <-chan struct{}   // closed when it has
	stands  func() bool       // it still is where stopped told of it
	signal  func(unix.Signal) // sends it a signal
	again   func()            // continues it, unless it stopped anew since stopped told of it
	finish  func()            // ends it, and all that is left of it
}

// catchShared catches what can be sent to guard while it has a companion. The
// signals that stop a job are among it: guard stops when the command has stopped,
// and only then. Were it to stop at ^Z by itself, it would see the command's stop
// when both run again, and stop once more.
func catchShared() chan os.Signal {
	sigs := make(chan os.Signal, 32)
	catch(sigs, forwarded...)
	catch(sigs, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	return sigs
}

// giveBack gives the signals back to what they do by themselves, once none is under
// way: the kernel may have handed one to a thread that has not run since, whom it
// would then end. A thread that is signalled itself takes with it what is pending
// for the whole process (signal(7)); SIGURG means nothing to the Go runtime.
func giveBack(sigs chan os.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGURG)
	signal.Stop(sigs)
}

// accompany does what the companion does, stopping and continuing, until it ends.
func (c companion) accompany(ctx context.Context, sigs <-chan os.Signal) {
	var settled <-chan time.Time // some time after we were continued
	for {
		select {
		case s := <-sigs:
			// One that stopped us all may be noticed only now, when we have been continued.
			if meant(s) && (settled == nil || s != unix.SIGTSTP) {
				c.signal(s.(unix.Signal))
			}
		case <-c.stopped:
			if c.stands() {
				stopToo()
				settled = time.After(settling)
			}
		case <-settled:
			settled = nil
			c.again() // whoever continued us meant us alone
		case <-ctx.Done():
			c.finish()
			return
		case <-c.ended:
			return
		}
	}
}

// meant says whether a signal that guard got is meant for the child, and has not
// reached it already. SIGCONT never is: one that comes late would continue a
// command that has been stopped again, in front of whoever has the terminal now.
func meant(s os.Signal) bool {
	switch s {
	case unix.SIGCONT, unix.SIGTTIN, unix.SIGTTOU:
		return false
	}
	return !fromTerminal(s)
}

// settling is how long a child may take to run again after the job was continued.
const settling = 250 * time.Millisecond

// stopOf says whether the child has a stop that nobody has collected yet, and
// collects it unless how is WNOWAIT.
func stopOf(child, how int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, child, &info, unix.WSTOPPED|unix.WNOHANG|how, nil)
	return err == nil && info.Signo != 0
}

// stopToo stops this process and returns when it has been continued. It does not
// wait for SIGCONT, which a ^Z that follows at once takes back before it is
// delivered. A thread that sends itself a stop does not go on before it has taken
// effect; one that is sent to the process may be taken by another thread.
func stopToo() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP)
}

// passOn sends a signal to the child, which may just have ended.
func passOn(child, fd int, s unix.Signal) {
	if fd < 0 || unix.PidfdSendSignal(fd, s, nil, 0) == unix.ENOSYS {
		_ = unix.Kill(child, s)
	}
}

// await waits until child pid has ended and sets ws to how. When the child stops it
// tells stopped and goes on after collected: whoever is told collects the stop, and
// sees whether the child has been continued meanwhile. Were it collected here, this
// thread could be held up before that until the stop to collect is the next one.
// When ctx has ended nobody need be told.
func await(ctx context.Context, pid int, ws *unix.WaitStatus, stopped chan<- struct{}, collected <-chan struct{}) error {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == nil && info.Code != cldStopped {
			_, err = unix.Wait4(pid, ws, 0, nil)
			if err == nil {
				return nil
			}
		}
		switch {
		case err == unix.EINTR:
		case err != nil:
			return fmt.Errorf("wait for process %d: %w", pid, err)
		default:
			select {
			case stopped <- struct{}{}:
				<-collected
			case <-ctx.Done():
				stopOf(pid, 0)
			}
		}
	}
}

// cldStopped is the si_code of a child that was stopped (sigaction(2)).
const cldStopped = 5

// fromTerminal says whether the terminal sent s to the command as well, so that
// passing it on would make it two.
func fromTerminal(s os.Signal) bool {
	if s != unix.SIGINT && s != unix.SIGQUIT && s != unix.SIGTSTP {
		return false
	}
	tty, err := openTTY()
	if err != nil {
		return false
	}
	defer tty.Close()
	return inForeground(int(tty.Fd()))
}
