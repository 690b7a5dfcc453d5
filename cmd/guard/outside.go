package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/spawn"
	"github.com/f958ca95/guard/proxy/trace"
)

// raisers are the programs that can be run outside of a session, with the names
// that their files go by.
var raisers = map[string][]string{
	"sudo": {"sudo", "sudo.ws", "sudo-rs"},
	"doas": {"doas", "opendoas"},
}

// outside has an approved program run outside of the session, in the place of the
// process that called for it: there, sudo gains the rights that it needs. It is
// for this process, of which the session gets hold in no way, to run it.
func (j *judge) outside(c *trace.Call, r trace.Ruling) trace.Ruling {
	if err := reachable(c); err != nil {
		noticeTo(c.PID)("blocked: %s cannot be run outside of the session: %v", filepath.Base(c.Path), err)
		j.Done(c, r, nil, err)
		return trace.Ruling{Errno: unix.EPERM}
	}
	unchanged := r.Check
	r.Exact, r.Blind, r.Check = true, false, nil
	r.Instead = func(p trace.Place) (bool, error) {
		run, err := start(c, p, unchanged)
		if err != nil {
			noticeTo(c.PID)("cannot run %s outside of the session: %v", filepath.Base(c.Path), err)
			return false, err
		}
		t := r.Token.(*ticket)
		t.outside = true
		j.out.Go(func() { j.attend(c, t.request, run) })
		return spawn.Shares(c.PID), nil
	}
	return r
}

// reachable says why a program will not be run outside of the session, though it
// was approved: what it is, and where, has to be beyond the agent's reach.
func reachable(c *trace.Call) error {
	f, name := c.File, filepath.Base(c.Argv[0])
	switch {
	case os.Geteuid() == 0:
		return errors.New("root gains nothing by that")
	case f.UID != 0 || f.Mode&unix.S_IFMT != unix.S_IFREG || f.Mode&unix.S_ISUID == 0 || len(c.Chain) > 0:
		return fmt.Errorf("%s is no set-user-id program of root's", f.Path)
	case f.Writable || f.Memfd || f.Deleted || f.Foreign:
		return fmt.Errorf("%s is not the system's", c.Path)
	case !slices.Contains(raisers[name], filepath.Base(f.Path)):
		return fmt.Errorf("%s is not %s", f.Path, name)
	case c.Tracer != 0:
		return errors.New("it is started under a debugger")
	}
	return sameNamespaces(c.PID)
}

// start runs the program of a call in the stead of the process that stands for it.
func start(c *trace.Call, p trace.Place, unchanged func() bool) (*spawn.Running, error) {
	if unchanged != nil && !unchanged() {
		return nil, errors.New("a script that was approved with it has changed")
	}
	program, err := os.OpenFile(c.File.Path, openPath, 0)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	if digest, err := identityOf(program); err != nil || digest != digestOf(c.File) {
		return nil, errors.Join(fmt.Errorf("%s is not what was approved", c.File.Path), err)
	}
	return spawn.Elsewhere{
		Program: program, Argv: c.Argv, Env: cleanEnviron(os.Environ()),
		Stead: p.PID, Process: p.Process, Files: p.Files, Cwd: p.Cwd, End: p.End,
	}.Start()
}

// plainValue says whether no program takes a value for anything but a name. It is
// no regexp: guard starts three times for each session, and would compile it.
func plainValue(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return s != "" && len(s) <= 64 && strings.Trim(s, letters+"._@-") == "" && strings.Contains(letters, s[:1])
}

// cleanEnviron is what a program outside gets of guard's own environment: nothing of
// the caller's, and nothing that could run code.
func cleanEnviron(own []string) []string {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, v := range own {
		name, value, _ := strings.Cut(v, "=")
		if slices.Contains([]string{"TERM", "LANG"}, name) && plainValue(value) {
			env = append(env, v)
		}
	}
	return env
}

// attend puts on record that a program runs outside, and how it ends.
func (j *judge) attend(c *trace.Call, id string, run *spawn.Running) {
	exe := file(c.File)
	r := request(proxy.KindLoaded, j.may.Session)
	r.Loaded = []proxy.Loaded{{Request: id, PID: run.PID, Exe: &exe, Outside: true}}
	// What cannot be told now is closed by guardd with the session.
	_, _ = j.session.client.Ask(context.Background(), r)
	e, err := run.Wait()
	if id == j.may.Request || err != nil {
		return // the guard that asked for it says how it ended; or nobody knows
	}
	r = request(proxy.KindOutcome, j.may.Session)
	r.Outcome = &proxy.Outcome{Request: id, Status: e.Status, Signal: e.Signal, DurationMS: e.Took.Milliseconds()}
	if e.Beyond {
		r.Outcome.Error = "it went on after the process that asked for it: what has become another user cannot be asked to end"
	}
	_, _ = j.session.client.Ask(context.Background(), r)
}
