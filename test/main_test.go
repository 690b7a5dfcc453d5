// Package test runs guard as its users do: the real binaries, real processes,
// a state folder and a home of their own for every script.
package test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	ossignal "os/signal" // signal is one of the scripts' commands
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// bin is the folder with the built binaries.
var bin string

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "sudo" {
		os.Exit(standIn())
	}
	// A script has no terminal, whoever runs it. Where this fails, the process
	// leads a group and so has been given a session or a terminal on purpose.
	_, _ = unix.Setsid()
	unix.Umask(0o022) // what is built here is run by other users
	// Nor does a script ignore a hang-up or ^C, even if the tests run under nohup or
	// in the background: what is caught here is a default one in what they start.
	for _, sig := range []os.Signal{unix.SIGHUP, unix.SIGINT} {
		if ossignal.Ignored(sig) {
			ossignal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	// The tests here mostly wait for each other's processes; -parallel overrides it.
	_ = flag.Set("test.parallel", "6")
	code, err := withBinaries(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withBinaries(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "guard-test-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	bin = dir
	// git may say of the clone that it is another user's: hence no buildvcs.
	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir+string(filepath.Separator), "./cmd/...")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as the README builds them
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the binaries: %w\n%s", err, out)
	}
	return run(), nil
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "script",
		Setup:               setUp,
		RequireExplicitExec: true,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"shim":       shim,
			"eventually": eventually,
			"start":      start,
			"signal":     signal,
			"ends":       ends,
			"held":       held,
			"daemon":     daemon,
		},
	})
}

// setUp gives a script a home, a state folder and a project of its own, and
// takes its guardd down afterwards.
func setUp(env *testscript.Env) error {
	home, app, shims := filepath.Join(env.WorkDir, "home"), filepath.Join(env.WorkDir, "app"), filepath.Join(env.WorkDir, "shims")
	for _, dir := range []string{home, filepath.Join(app, ".git"), shims} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	env.Cd = app
	env.Setenv("REALHOME", realHome()) // not below a temporary folder, as all else here is
	env.Setenv("HOME", home)
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	env.Setenv("XDG_STATE_HOME", "")
	env.Setenv("GUARD_HOME", filepath.Join(env.WorkDir, "state"))
	env.Setenv("SHELL", "/bin/bash")
	env.Setenv("PATH", shims+":"+bin+":"+os.Getenv("PATH"))
	examples, err := filepath.Abs("../examples")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLES", examples)
	env.Setenv("GUARD_IDLE", "30s") // what a failed script leaves behind goes by itself
	env.Values[backgroundKey{}] = &background{environ: env.Vars, started: map[string]*started{}}
	env.Defer(func() {
		stop := exec.Command(filepath.Join(bin, "guard"), "daemon", "stop")
		stop.Env = env.Vars
		if out, err := stop.CombinedOutput(); err != nil {
			env.T().Log(fmt.Sprintf("stop guardd: %v\n%s", err, out))
		}
	})
	return nil
}

// realHome is the home of whoever runs the tests, who may have been given another.
func realHome() string {
	if who, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		if info, err := os.Stat(who.HomeDir); err == nil && info.IsDir() {
			return who.HomeDir
		}
	}
	return os.Getenv("HOME")
}

// exits runs a command and wants one exit status: exits 126 guard -- rm x
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	got := statusOf(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// shim makes a program in PATH that only leaves a trace of having run, in
// $WORK/ran/NAME, so that a script can name dangerous programs safely.
func shim(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: shim NAME...")
	}
	ran := ts.MkAbs("../ran")
	ts.Check(os.MkdirAll(ran, 0o755))
	for _, name := range args {
		text := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>'%s/%s'\n", ran, name)
		ts.Check(writeProgram(ts.MkAbs("../shims/"+name), []byte(text)))
	}
}

// writeProgram writes a file that is to be executed. Meanwhile no process is
// started: it would have the file open for writing until it executes, and whoever
// executes the file until then gets ETXTBSY.
func writeProgram(name string, text []byte) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(name, text, 0o755)
}
