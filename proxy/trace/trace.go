// Package trace stands between a process tree and execve(2).
//
// Enter, in the process that is about to become the command, puts everything it
// will ever start under a seccomp filter that holds each execve and execveat in
// the kernel until the Tracer at the other end of the listener has answered
// (seccomp_unotify(2)). The Tracer reads the call, asks its Judge, and attaches
// with ptrace(2) for the moment of a call that may go on: at PTRACE_EVENT_EXEC,
// before the first instruction, it reads what the kernel really loaded, has that
// judged again where it is something else, and detaches.
//
// # What was read is not yet what runs
//
// A call's path and words lie in memory that other tasks can write while the
// call waits, and a path means what the file system says at the last moment. So
// nothing read before the call went on is ever the reason to let a program run;
// only the Image found at PTRACE_EVENT_EXEC is. What cannot be read then is
// killed.
//
// # No wait without Quiet
//
// While a task is traced by a thread of this process, any wait of any other
// thread for that task, if it is a child of this process, takes the stop away
// from the Tracer. A process that runs a Tracer waits for children only with
// WNOWAIT, and collects them inside Tracer.Quiet. Even a waitid(2) that asked for
// WEXITED alone returns at the Tracer's stops (CLD_TRAPPED, which is neither an
// end nor a stop of the job); a pidfd does not.
package trace

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"
)

// ErrUnsupported says that this system cannot hold the hook: no Linux, a kernel
// before 5.19, or a sandbox around guard that has a listener of its own.
var ErrUnsupported = errors.New("no exec hook here")

// File is what a path named at one moment.
type File struct {
	Path     string // as the kernel names it, links followed; the last name of what is deleted; "" if there is none
	Dev, Ino uint64 //
	UID      int    // owner
	Mode     uint32 // st_mode
	Size     int64  //
	Mtime    int64  // ns
	Ctime    int64  // ns; no program can set it back
	Writable bool   // the caller could write it, or replace it in its folder or in one above; always so for root
	Memfd    bool   // anonymous memory
	Deleted  bool   // has no name any more
	Foreign  bool   // its name belongs to another mount namespace and is not what we find there
}

// Same says whether two are the same file with the same contents, as far as the
// kernel's times tell.
func (f File) Same(g File) bool {
	return f.Dev == g.Dev && f.Ino == g.Ino && f.Size == g.Size && f.Mtime == g.Mtime && f.Ctime == g.Ctime
}

// Image is a program and the words it gets.
type Image struct {
	Exe  File
	Argv []string
}

// Call is one execve or execveat that a task waits in.
type Call struct {
	PID    int      // thread group of the task
	TID    int      // the task
	Start  uint64   // start time of PID in clock ticks since boot, which tells a reused pid
	Parent int      // of PID when Judge was asked; by Loaded and Done it may have ended
	Path   string   // as given
	Argv   []string // as given, whole
	Env    []string // as given, whole
	Cwd    string   // "" if it cannot be read
	File   File     // what Path names, as the task sees it
	Chain  []File   // where File is a script: its interpreter, that one's interpreter ...
	Image  Image    // what the kernel will load if nothing changes: File and Argv, or for a script the last of Chain with the words the kernel puts in front
	Tracer int      // process that traces the task already; 0 for none known, see Judge

	park func()
}

// Park tells the Tracer that this call's answer will take its time (a person is
// asked), so that others are served meanwhile. More than one call of it is one.
func (c *Call) Park() {
	if c.park != nil {
		c.park()
	}
}

// Ruling is the answer to a Call.
type Ruling struct {
	Errno unix.Errno // 0: it may go on; else what the caller gets
	Exact bool       // a person approved exactly Call.Image: whatever else was loaded is killed unasked
	Token any        // the Judge's own

	// Blind lets a task go on that another process traces, so that nothing can be
	// verified: a person approved just that (a program under a debugger).
	Blind bool

	// Check, if set, is run when Call.Image was loaded as expected (and the files of
	// File and Chain still have their names and times), before its first
	// instruction; false kills it. It is for what the program is about to read: a
	// script whose text was judged.
	Check func() bool

	// Instead, if set, is called when exactly Call.Image was loaded in the folder
	// Call.Cwd; anything else is killed unasked. The program does not run: the process
	// waits, and ends as it is told by way of Place.End. Until Instead returns it is
	// stopped; afterwards signals do to it what they do to any other process, but for
	// INT and QUIT if shielded: those of a terminal reach whatever runs in its stead,
	// too, which may go on. With an error it exits with 126.
	Instead func(Place) (shielded bool, err error)
}

// Judge decides. All its methods are called from several goroutines.
type Judge interface {
	// Judge answers a call. ctx ends when the task has gone or was interrupted, which
	// is noticed for parked calls; the answer is then of no interest.
	//
	// That a task is traced shows when a call was let go on: Done is then told
	// ErrOthers, and the same Call comes to Judge again with its Tracer.
	Judge(ctx context.Context, c *Call) Ruling

	// Loaded is asked, before its first instruction, about an image that is not
	// c.Image, or about one whose script is not c.File any more. Unless it returns true
	// the process is killed. File may have been unknown (Foreign, no Path).
	Loaded(ctx context.Context, c *Call, r Ruling, loaded Image) bool

	// Done is told what became of a call that could go on: the image that is about to
	// run its first instruction, or nil with the reason. What the image executes comes
	// to Judge after that.
	Done(c *Call, r Ruling, loaded *Image, failed error)
}

// Refuser is what a Judge may have besides, to be told of calls that the Tracer
// refused by itself, because it could not see what they were about. Names that lead
// nowhere are not among them. Of c nothing is certain but TID.
type Refuser interface {
	Refused(c *Call, why error)
}

// Reasons for which a call that could go on did not become a program.
var (
	ErrFailed = errors.New("the kernel did not execute it")                       // ENOEXEC, EACCES ...; the caller knows which
	ErrKilled = errors.New("killed: what was loaded is not what was judged")      // by the Tracer
	ErrGone   = errors.New("the process ended before the program was loaded")     //
	ErrUnseen = errors.New("killed: what was loaded could not be read")           // by the Tracer
	ErrOthers = errors.New("refused: another process traces the task (ptrace 2)") // EPERM to the caller
	ErrBlind  = errors.New("let go unseen: another process traces the task")      // as Ruling.Blind allows; it may run
)

// Task is one process of the process table.
type Task struct {
	Parent int
	Start  uint64 // in clock ticks since boot
	State  byte   // as in /proc/PID/stat
}

// Look returns process pid; false if there is none.
func Look(pid int) (Task, bool) { return look(pid) }
