// Package sock carries proxy.Authority and proxy.Reader over a Unix socket:
// the Server in guardd, the Client in guard.
//
// Frames are JSON objects, one a line, at most 8 MiB each. The first exchange
// names the protocol and its version. After it both sides talk at the same
// time: calls are told apart by an id that the client chooses, so one
// connection carries any number of them. A Client outlives its connection: when
// guardd dies it connects again (starting guardd if it may), attaches its
// session again and sends what is unanswered once more, with the same request
// ids, which guardd answers with what it decided the first time. A server that
// says something else than this protocol ends the calls that it was asked.
//
// # Nothing a client says about itself counts
//
// Who asks is read from the kernel, by the server, and never from a frame: user,
// process, whether it hangs from a live session or is more restricted than
// guardd is. A process tree changes while a connection stays open, so whatever
// needs a person behind it (a vote, a stop, an acceptance, a session) is looked
// up again when it is asked, not remembered from the connection's start.
package sock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Versions of the protocol. A server answers clients of Oldest to Protocol.
const (
	Protocol = 1
	Oldest   = 1
)

// Names in the state folder.
const (
	socketName = "guardd.sock"
	lockName   = "guardd.lock"
	startName  = "start.lock"
	logName    = "guardd.log"
)

// Limits. All are upper bounds on what the other side may cost us.
const (
	maxFrame  = 8 << 20          // bytes of one frame, line feed included
	maxCalls  = 1024             // calls under way on one connection
	maxLog    = 1 << 20          // size at which guardd.log is put aside
	maxResend = 3                // times one call is sent before it is given up
	helloTime = 30 * time.Second // from connection to finished hello
	writeTime = 10 * time.Second // one frame, to a peer that does not read
	graceTime = 2 * time.Second  // for answers under way when the server ends
	readyTime = 30 * time.Second // from the start of guardd to its ready line
	retryTime = 10 * time.Millisecond
	boundTime = 30 * time.Second // to get a lost connection back
)

// Served reports whether a server of this version answers clients of version v.
func Served(v int) bool { return v >= Oldest && v <= Protocol }

// Errors that callers branch on. They survive the wire.
var (
	ErrNoServer = errors.New("no guardd answers")                     // nothing listens, and none may be started
	ErrNoDaemon = errors.New("guardd is not installed")               // there is no program to start
	ErrRunning  = errors.New("guardd already runs")                   // the lock is held
	ErrRefused  = errors.New("refused")                               // the other side is not one to talk to
	ErrTooLarge = errors.New("larger than 8 MiB")                     // a frame
	ErrGarbage  = errors.New("not a frame of this protocol")          // what came in, or text that is not UTF-8
	errStopping = errors.New("guardd is stopping")                    // the call is to be sent again, to the next one
	errLost     = errors.New("the connection to guardd was lost")     //
	errOverload = errors.New("too many calls on one connection")      //
	errGaveUp   = errors.New("guardd died each time it was asked")    //
	errInside   = errors.New("inside a session none is ever started") //
)

// VersionError says that the two programs do not fit together.
type VersionError struct {
	Client, Server, ServerOldest int
}

// Error names the program that has to be upgraded.
func (e *VersionError) Error() string {
	if e.Client > e.Server {
		return fmt.Sprintf("guardd speaks protocol %d, guard needs %d: upgrade guardd, then run guard daemon stop", e.Server, e.Client)
	}
	return fmt.Sprintf("guard speaks protocol %d, guardd needs at least %d: upgrade guard", e.Client, e.ServerOldest)
}

// Error is an error of the other side. Code is one word for programs, Text a
// sentence for people. An error of an Authority that has a method Code() string
// keeps its code.
type Error struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

var codes = map[string]error{
	"refused":  ErrRefused,
	"large":    ErrTooLarge,
	"garbage":  ErrGarbage,
	"stopping": errStopping,
	"overload": errOverload,
	"canceled": context.Canceled,
	"deadline": context.DeadlineExceeded,
}

// Unwrap returns the sentinel that the code stands for, if any.
func (e *Error) Unwrap() error { return codes[e.Code] }

func toWire(err error) *Error {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return &Error{coded.Code(), err.Error()}
	}
	for code, sentinel := range codes {
		if errors.Is(err, sentinel) {
			return &Error{code, err.Error()}
		}
	}
	return &Error{"failed", err.Error()}
}

// Kinds of frame.
const (
	typeHello  = "hello"  // both ways, first
	typeAsk    = "ask"    // to the server: Request
	typeLook   = "look"   // to the server: Look
	typeCancel = "cancel" // to the server: the caller gave up ID
	typeReply  = "reply"  // to the client: Answer, View or Error
)

type frame struct {
	Type    string         `json:"type"`
	ID      uint64         `json:"id,omitempty"`
	Hello   *hello         `json:"hello,omitempty"`
	Request *proxy.Request `json:"request,omitempty"`
	Look    *proxy.Look    `json:"look,omitempty"`
	Answer  *proxy.Answer  `json:"answer,omitempty"`
	View    *proxy.View    `json:"view,omitempty"`
	Error   *Error         `json:"error,omitempty"`
}

type hello struct {
	Protocol string `json:"protocol"` // always "guard"
	Version  int    `json:"version"`
	Oldest   int    `json:"oldest,omitempty"` // from the server
}

const protocolName = "guard"
