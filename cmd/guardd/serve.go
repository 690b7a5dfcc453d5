package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy/gate"
	"github.com/f958ca95/guard/proxy/sock"
)

// Where root keeps policies for everybody on the machine.
const systemPolicy = "/etc/guard/policy"

// idleVar overrides how long guardd stays without work.
const idleVar = "GUARD_IDLE"

const idleDefault = 10 * time.Minute

func newServe() *cobra.Command {
	readyFD := -1
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the socket in the state folder until idle or told to stop",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := serve(cmd.Context(), readyFD)
			if errors.Is(err, sock.ErrRunning) && readyFD >= 0 {
				return nil // another guard was faster; the one that started us goes to it
			}
			return err
		},
	}
	cmd.Flags().IntVar(&readyFD, "ready-fd", -1, "descriptor on which to report that the socket answers")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// serve runs the daemon. Whoever started it learns over readyFD that it answers,
// or why it never will.
func serve(ctx context.Context, readyFD int) (err error) {
	sock.CloseInherited(readyFD)
	if err := closeToTracers(); err != nil {
		return err
	}
	debug.SetGCPercent(800) // somebody waits; rest takes it back
	told := false
	ready := func(cause error) {
		if readyFD >= 0 && !told {
			told = true
			_ = sock.Ready(readyFD, cause) // who started us may be gone
		}
	}
	defer func() { ready(err) }()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	dir, release, err := claim()
	if err != nil {
		return err
	}
	defer release()
	idle, err := idleTime()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	g, err := gate.Open(ctx, options(dir, log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	listener, err := sock.Listen(dir)
	if err != nil {
		return err
	}
	log.Info("guardd serves", "state", dir, "pid", os.Getpid())
	ready(nil)
	counted := newCounter(g)
	defer counted.sleep.Stop()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go leaveWhenIdle(ctx, counted, idle, leave)
	go verifyOld(ctx, g, log)
	server := &sock.Server{Authority: counted, Reader: counted, Gone: g.Gone, Roots: g.Roots, Log: log}
	err = server.Serve(ctx, listener)
	log.Info("guardd leaves")
	return err
}

// claim takes the state folder for this process. A guarded guardd would be an
// authority in the hands of the agent, so it refuses to be one.
func claim() (dir string, release func(), err error) {
	if id := os.Getenv("GUARD_SESSION"); id != "" {
		return "", nil, fmt.Errorf("guardd does not start inside a guard session (%s): start it outside, with any guard command", id)
	}
	if dir, err = sock.StateDir(); err != nil {
		return "", nil, err
	}
	release, err = sock.Lock(dir)
	return dir, release, err
}

func options(dir string, log *slog.Logger) gate.Options {
	return gate.Options{Dir: dir, System: systemPolicy, User: userPolicy(), UID: os.Getuid(), Version: version(), Protocol: sock.Protocol, Log: log}
}

// userPolicy is the user's own policy folder.
func userPolicy() string {
	config, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(config, "guard", "policy")
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

func idleTime() (time.Duration, error) {
	s := os.Getenv(idleVar)
	if s == "" {
		return idleDefault, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s=%q is not a duration such as 10m", idleVar, s)
	}
	return d, nil
}

// leaveWhenIdle ends guardd once nothing has needed it for a while.
func leaveWhenIdle(ctx context.Context, c *counter, idle time.Duration, leave func()) {
	c.touch()
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		quiet := c.quiet()
		if quiet >= idle && !c.Busy() {
			leave()
			return
		}
		timer.Reset(max(idle-quiet, idle/10))
	}
}

// verifyOld checks, in the background, the receipts that the start did not.
func verifyOld(ctx context.Context, g *gate.Gate, log *slog.Logger) {
	if err := g.VerifyOld(ctx); err != nil && ctx.Err() == nil {
		log.Error("the older receipts are not sound; nothing runs any more", "error", err)
	}
}
