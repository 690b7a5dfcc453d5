package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/scene"
	"github.com/f958ca95/guard/proxy/trace"
)

// judge takes every execution of a session to guardd. It is a trace.Judge.
type judge struct {
	begun chan struct{} // closed by begin; nothing is judged before

	// Set by begin.
	session *session
	may     permission

	environ atomic.Pointer[environment] // the last that was seen

	mu     sync.Mutex
	first  bool            // guarded by mu; the permitted command has been let go
	main   int             // guarded by mu; the process that it was let go in
	live   map[int]program // guarded by mu; what runs, by process
	loaded []proxy.Loaded  // guarded by mu; not yet told to guardd
	ring   chan struct{}   // has room for one: there is something in loaded
	told   chan struct{}   // closed when the last of it is
	over   chan struct{}   // closed by close

	out sync.WaitGroup // what follows programs that run outside of the session
}

// program is what one process runs and the request that allowed it.
type program struct {
	start   uint64
	request string
}

// ticket is a call's way through the judge.
type ticket struct {
	request string // that lets it go on
	outside bool   // its program runs outside of the session
}

func newJudge() *judge {
	return &judge{
		begun: make(chan struct{}), live: map[int]program{},
		ring: make(chan struct{}, 1), told: make(chan struct{}), over: make(chan struct{}),
	}
}

// begin lets the judge know its session; s is connected to guardd.
func (j *judge) begin(s *session, may permission) {
	j.session, j.may = s, may
	go j.tell()
	close(j.begun)
}

// close tells guardd what it has not been told, and ends the session if that was
// left to the judge.
func (j *judge) close(kept bool) {
	select {
	case <-j.begun:
	default:
		return
	}
	close(j.over)
	<-j.told
	j.leave(lastOutcomes)
	defer j.session.client.Close()
	if !kept {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_, _ = j.session.client.Ask(ctx, request(proxy.KindEnd, j.session.state.ID)) // a lost end is found by guardd
}

// lastOutcomes is how long, after the last process of a session, the end of a program
// is waited for that was run outside in the stead of one.
const lastOutcomes = 5 * time.Second

// leave waits for what runs outside of the session.
func (j *judge) leave(within time.Duration) {
	done := make(chan struct{})
	go func() { j.out.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(within):
	}
}

func (j *judge) daemon() int {
	select {
	case <-j.begun:
		return j.session.daemon()
	default:
		return 0
	}
}

// Judge asks guardd whether a call may go on, through a hold if there is one.
func (j *judge) Judge(ctx context.Context, c *trace.Call) trace.Ruling {
	<-j.begun
	ruling := j.decide(ctx, c)
	if ruling.Errno == 0 && ruling.Instead == nil && raises(c.File) {
		noticeTo(c.PID)("%s gets no other rights in a session (no_new_privs), so it may fail; if it does, have a person run it outside", filepath.Base(c.File.Path))
	}
	return ruling
}

func (j *judge) decide(ctx context.Context, c *trace.Call) trace.Ruling {
	if j.permitted(c) {
		r := trace.Ruling{Exact: j.may.Exact, Token: &ticket{request: j.may.Request}}
		if j.may.Outside {
			return j.outside(c, r)
		}
		return r
	}
	r := request(proxy.KindCommand, j.may.Session)
	r.Command = j.command(c, c.Argv, c.File, trace.Task{Parent: c.Parent, Start: c.Start})
	r.Command.Call.Chain = files(c.Chain)
	asker := *j.session
	asker.say, asker.quiet = noticeTo(c.PID), asker.prompts && kindOf(c.PID, 2) == "terminal"
	asker.held = c.Park
	var seen []proxy.Observation
	asker.seen = func(o []proxy.Observation) { seen = o }
	a, err := asker.settle(ctx, r)
	if err != nil {
		if ctx.Err() == nil {
			asker.refused(c, err)
		}
		return trace.Ruling{Errno: unix.EPERM}
	}
	ruling := trace.Ruling{Exact: a.Exact, Blind: a.Exact && c.Tracer != 0, Token: &ticket{request: r.ID}, Check: unchanged(seen)}
	if a.Outside {
		return j.outside(c, ruling)
	}
	return ruling
}

// raises says whether a program would get the rights of another user, as sudo and
// su do, were it not for the exec hook.
func raises(f trace.File) bool {
	return f.Mode&unix.S_ISUID != 0 && int(f.UID) != os.Geteuid()
}

// Refused says what the hook itself did not let go on.
func (j *judge) Refused(c *trace.Call, why error) {
	what := c.Path
	if what == "" {
		what = "a program that process " + strconv.Itoa(c.TID) + " starts"
	}
	text := "guard: " + proxy.Visible(fmt.Sprintf("blocked: %s: %v", what, why))
	if err := trace.Notify(c.TID, text); errors.Is(err, fs.ErrPermission) { // its files are hidden from us as it is
		_ = trace.Notify(os.Getpid(), text)
	}
}

// permitted says whether a call is the command that guard was started with, and
// that was judged before there was a process to make it. It is so once.
func (j *judge) permitted(c *trace.Call) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.first {
		return false
	}
	j.first, j.main = true, c.PID
	return c.Path == j.may.Path && slices.Equal(c.Argv, j.may.Argv) && digestOf(c.File) == j.may.Digest
}

// refused says why a call does not go on, where that has not been said.
func (s *session) refused(c *trace.Call, err error) {
	var e *exit
	switch {
	case !errors.As(err, &e):
		s.say("cannot decide about %s, so it does not run: %v", strings.Join(c.Argv, " "), err)
	case e.text != "":
		s.say("%s", e.text)
	}
}

// Loaded asks guardd about a program that is not the one that was judged. Nobody
// is asked to wait for it, stopped as it is before its first instruction.
func (j *judge) Loaded(ctx context.Context, c *trace.Call, ruling trace.Ruling, image trace.Image) bool {
	t := ruling.Token.(*ticket)
	r := request(proxy.KindCommand, j.may.Session)
	now, _ := trace.Look(c.PID) // its parent may have ended while it was decided
	r.Command = j.command(c, image.Argv, image.Exe, now)
	r.Command.Call.Again = t.request
	a, err := j.session.ask(ctx, r)
	if err == nil && a.Verdict == proxy.Allow {
		t.request = r.ID
		return true
	}
	why, _ := reason(a.Findings)
	if err != nil {
		why = err.Error()
	}
	noticeTo(c.PID)("killed: %s was loaded where %s was judged (%s)", image.Exe.Path, c.Path, why)
	return false
}

// Done remembers what runs and has guardd told.
func (j *judge) Done(c *trace.Call, ruling trace.Ruling, image *trace.Image, failed error) {
	t := ruling.Token.(*ticket)
	if t.outside {
		return // attend says it
	}
	l := proxy.Loaded{Request: t.request, PID: c.PID}
	if failed != nil {
		l.Error = failed.Error()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if image != nil {
		exe := file(image.Exe)
		l.Exe = &exe
		if !slices.Equal(image.Argv, c.Argv) {
			l.Argv = mapped(image.Argv, readable)
		}
		j.live[c.PID] = program{c.Start, t.request}
		j.forget()
	}
	j.loaded = append(j.loaded, l)
	select {
	case j.ring <- struct{}{}:
	default:
	}
}

// manyLive is a number of processes after which those that have ended are looked
// for.
const manyLive = 1024

// forget drops processes that have ended. mu is held.
func (j *judge) forget() {
	if len(j.live)%manyLive != 0 {
		return
	}
	for pid, p := range j.live {
		if task, ok := trace.Look(pid); !ok || task.Start != p.start {
			delete(j.live, pid)
		}
	}
}

// under lists the requests whose programs a process and its living ancestors run,
// nearest first, and the session's main process where that runs the nearest. task
// is what is known of the process itself.
func (j *judge) under(pid int, task trace.Task) (requests []string, main int) {
	for self := os.Getpid(); pid != self && pid > 1; task, _ = trace.Look(pid) {
		j.mu.Lock()
		p, known := j.live[pid]
		if len(requests) == 0 && pid == j.main {
			main = pid
		}
		j.mu.Unlock()
		if known && p.start == task.Start && len(requests) < maxUnder {
			requests = append(requests, p.request)
		}
		pid = task.Parent
	}
	return requests, main
}

// maxUnder bounds how far up an allowed line is looked for.
const maxUnder = 16

// tell takes what was loaded to guardd, as much at once as has come together
// while it answered the last time.
func (j *judge) tell() {
	defer close(j.told)
	for over := false; !over; {
		select {
		case <-j.ring:
		case <-j.over:
			over = true
		}
		j.mu.Lock()
		batch := j.loaded
		j.loaded = nil
		j.mu.Unlock()
		if len(batch) == 0 {
			continue
		}
		r := request(proxy.KindLoaded, j.may.Session)
		r.Loaded = batch
		// What cannot be told now is closed by guardd with the session.
		_, _ = j.session.client.Ask(context.Background(), r)
		select {
		case <-j.over:
		case <-time.After(gather):
		}
	}
}

// gather is how long what was loaded may wait to be told together.
const gather = 25 * time.Millisecond

// command is a call as guardd judges it. task is what is known of its process.
func (j *judge) command(c *trace.Call, argv []string, f trace.File, task trace.Task) *proxy.Command {
	under, main := j.under(c.PID, task)
	cmd := &proxy.Command{
		Kind: "exec", Argv: argv, Cwd: c.Cwd, Exe: f.Path, Digest: digestOf(f), Stdin: kindOf(c.PID, 0),
		Call: &proxy.Call{PID: c.PID, Start: c.Start, Raw: readable(c.Path), Exe: file(f), Tracer: c.Tracer, Under: under, Main: main},
	}
	fill(cmd, c.Env, j.code(c.Env))
	return cmd
}

// code is the digest of an environment. Most executions have that of the one before.
func (j *judge) code(environ []string) string {
	last := j.environ.Load()
	if last == nil || !slices.Equal(last.all, environ) {
		last = &environment{environ, envDigest(environ, "")}
		j.environ.Store(last)
	}
	return last.digest
}

// environment is one with its digest.
type environment struct {
	all    []string
	digest string
}

func file(f trace.File) proxy.File {
	return proxy.File{
		Path: readable(f.Path), Dev: f.Dev, Ino: f.Ino, UID: f.UID, Mode: f.Mode, Ctime: f.Ctime,
		Writable: f.Writable, Memfd: f.Memfd, Deleted: f.Deleted, Foreign: f.Foreign,
	}
}

func files(chain []trace.File) []proxy.File {
	var out []proxy.File
	for _, f := range chain {
		out = append(out, file(f))
	}
	return out
}

func digestOf(f trace.File) string { return identity(f.Dev, f.Ino, f.Size, f.Mtime) }

// unchanged returns a check that the files whose text was judged still have it;
// nil if none was.
func unchanged(seen []proxy.Observation) func() bool {
	read := map[string]string{}
	var queries []proxy.Query
	for _, o := range seen {
		if o.Digest != "" {
			read[o.Path] = o.Digest
			queries = append(queries, o.Query)
		}
	}
	if len(queries) == 0 {
		return nil
	}
	return func() bool {
		return !slices.ContainsFunc(scene.Observe(context.Background(), scene.Limits{}, queries), func(o proxy.Observation) bool {
			return o.Digest != read[o.Path]
		})
	}
}

// noticeTo is guard's voice on the standard error of a process.
func noticeTo(pid int) voice {
	return func(format string, args ...any) {
		for line := range strings.SplitSeq(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n") {
			_ = trace.Notify(pid, "guard: "+proxy.Visible(line)) // the receipt has it, too
		}
	}
}
