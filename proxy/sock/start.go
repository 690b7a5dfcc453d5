package sock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// join opens a connection, starting guardd where none answers and it may.
func join(ctx context.Context, opt Options) (*link, error) {
	l, err := open(ctx, opt)
	switch {
	case !errors.Is(err, ErrNoServer):
		return l, err
	case opt.MayStart != nil && opt.MayStart():
		return start(ctx, opt)
	case opt.MayStart != nil || !opt.Start:
		return nil, err
	case os.Getenv("GUARD_SESSION") != "":
		return nil, fmt.Errorf("%w, and %w", err, errInside)
	}
	return start(ctx, opt)
}

// start has guardd running when it returns a connection. Whoever holds the start
// lock starts it; the others find it there when their turn comes.
func start(ctx context.Context, opt Options) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, boundTime)
	defer cancel()
	turn, err := takeTurn(ctx, opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("start guardd: %w", err)
	}
	defer turn.Close()
	for {
		l, err := open(ctx, opt)
		if !errors.Is(err, ErrNoServer) {
			return l, err
		}
		// One that runs but does not answer is on its way in or out.
		if err = launch(ctx, opt); err != nil && !errors.Is(err, ErrRunning) {
			return nil, fmt.Errorf("start guardd: %w", err)
		}
		if err != nil && pause(ctx, 5*retryTime) != nil {
			return nil, fmt.Errorf("start guardd: %w but does not answer; see %s", err, filepath.Join(opt.Dir, logName))
		}
	}
}

// takeTurn waits for the start lock.
func takeTurn(ctx context.Context, dir string) (*os.File, error) {
	for {
		f, err := flock(filepath.Join(dir, startName), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return f, err
		}
		if err := pause(ctx, retryTime); err != nil {
			return nil, fmt.Errorf("wait for another guard to start it: %w", err)
		}
	}
}

// launch starts guardd apart from this process and its terminal, and waits until
// it says that it is ready, or why not.
func launch(ctx context.Context, opt Options) error {
	program, err := FindDaemon(opt.Daemon)
	if err != nil {
		return err
	}
	log, err := OpenLog(opt.Dir)
	if err != nil {
		return err
	}
	defer log.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := exec.Command(program, "serve", "--ready-fd", "3")
	cmd.Dir = "/"
	cmd.Env = daemonEnv(os.Environ(), opt.Dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = startLax(cmd)
	w.Close()
	if err != nil {
		return err
	}
	opt.launched.Store(int64(cmd.Process.Pid))
	go func() { _ = cmd.Wait() }() // it outlives us, or is reaped
	if err := awaitReady(ctx, r); err != nil {
		if !errors.Is(err, ErrRunning) {
			_ = cmd.Process.Kill()
		}
		return fmt.Errorf("%w; see %s", err, log.Name())
	}
	return nil
}

func awaitReady(ctx context.Context, r *os.File) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	line = strings.TrimSuffix(line, "\n")
	switch text, failed := strings.CutPrefix(line, lineError); {
	case ctx.Err() != nil:
		return fmt.Errorf("not ready in time: %w", ctx.Err())
	case line == lineReady:
		return nil
	case line == lineRunning:
		return ErrRunning
	case failed:
		return errors.New(text)
	case err == io.EOF:
		return errors.New("it ended before it was ready")
	default:
		return fmt.Errorf("it said %.80q instead of ready", line)
	}
}

// daemonEnv is the environment of guardd: this one, outside of any session, with
// the folder that this process already settled on.
func daemonEnv(environ []string, dir string) []string {
	env := []string{"GUARD_HOME=" + dir}
	for _, kv := range environ {
		if !strings.HasPrefix(kv, "GUARD_SESSION=") && !strings.HasPrefix(kv, "GUARD_HOME=") {
			env = append(env, kv)
		}
	}
	return env
}

// FindDaemon returns the guardd to start: the given one, else the one beside this
// program, else the one in PATH. Without any the error is ErrNoDaemon.
func FindDaemon(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		beside := filepath.Join(filepath.Dir(self), "guardd")
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath("guardd")
	if err != nil {
		return "", fmt.Errorf("%w beside guard or in PATH: go install github.com/f958ca95/guard/cmd/...@latest", ErrNoDaemon)
	}
	return path, nil
}
