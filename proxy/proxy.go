// Package proxy is the contract between everything that asks and the one
// authority that answers.
//
// Every entrance (a wrapped command, a shell line, a vote, an order to stop)
// turns what it wants into a Request and takes it to Authority.Ask; guardd
// answers it in process, guard over a Unix socket, and neither can tell the
// difference. The package holds no behaviour beyond names and order of the
// values that cross, so that the small program can link it.
//
// # The zero value refuses
//
// A Verdict that was never set is not Allow, and a Tier that cannot be read is
// Critical. Code that forgets to decide therefore stops the command.
package proxy

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Authority answers Requests. An error means that nothing was decided, which
// callers treat as a refusal (exit 125), never as permission.
type Authority interface {
	Ask(context.Context, Request) (Answer, error)
}

// Tier is the inherent risk of one action (REQUIREMENTS S1-01 to S1-05).
type Tier int

// The tiers, in order.
const (
	Safe Tier = iota
	Low
	Medium
	High
	Critical
)

var tierNames = [...]string{"SAFE", "LOW", "MEDIUM", "HIGH", "CRITICAL"}

// String returns the label of the tier; whatever is out of range is CRITICAL.
func (t Tier) String() string {
	if t < Safe || t > Critical {
		return tierNames[Critical]
	}
	return tierNames[t]
}

// Verdict is what happens to a Request: Allow < Hold < Deny. Crisis stands
// apart: a person at risk is given help and nothing is offered for approval.
type Verdict int

// The verdicts. The zero Verdict is none of them and runs nothing.
const (
	Allow Verdict = iota + 1
	Hold
	Deny
	Crisis
)

var verdictNames = [...]string{"undecided", "allow", "hold", "deny", "crisis"}

// String returns the word for the verdict used in receipts and output.
func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictNames) {
		return verdictNames[0]
	}
	return verdictNames[v]
}

// ParseVerdict reads the word back. An unknown word is an error and Deny.
func ParseVerdict(s string) (Verdict, error) {
	for i, name := range verdictNames {
		if i > 0 && name == s {
			return Verdict(i), nil
		}
	}
	return Deny, fmt.Errorf("unknown verdict %q", s)
}

// MarshalText writes the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word, that of the zero Verdict too; unknown words are
// errors.
func (v *Verdict) UnmarshalText(b []byte) (err error) {
	if string(b) == verdictNames[0] {
		*v = 0
		return nil
	}
	*v, err = ParseVerdict(string(b))
	return err
}

// Finding is what one rule saw.
type Finding struct {
	ID      string  `json:"id"`                // "fs.rm_recursive"; for user rules "user.<package>.<id>"
	Tier    Tier    `json:"tier"`              //
	Msg     string  `json:"msg"`               // one phrase, lower case
	Verdict Verdict `json:"verdict,omitempty"` // raises the verdict whatever the tier; zero for none
	Stage   int     `json:"stage"`             // index into the facts' stages; -1: the whole request
	Hint    string  `json:"hint,omitempty"`    // what to do instead, imperative, no full stop
}

// Relief is one finding's effect on the verdict cancelled by context.
type Relief struct {
	ID      string `json:"id"`      // "relief.temporary"
	Finding string `json:"finding"` // the finding it cancels
	Stage   int    `json:"stage"`   //
	Why     string `json:"why"`     // "/tmp/build is in a temporary folder"
}

// Row is one limit read at the tier.
type Row struct {
	ID      string  `json:"id"`      // profile, trust, surge, lockout, budget
	Level   string  `json:"level"`   // operator, T1, 0
	Verdict Verdict `json:"verdict"` //
}

// Terms say how a hold is answered. Steps run one after the other; after the
// last one the hold is denied.
type Terms struct {
	Steps []Step `json:"steps"`
}

// Step is one stretch of a hold.
type Step struct {
	Tier      Tier   `json:"tier"`      // audience and terms of this tier apply
	Seconds   int    `json:"seconds"`   // at least 1
	Approvers int    `json:"approvers"` // distinct people needed
	Assurance string `json:"assurance"` // least assurance a vote needs: tty, peercred
	Role      string `json:"role"`      // what each of them must be: reviewer, admin; "" for anybody
}

// Kinds of Request.
const (
	KindSession = "session" // open a session, or attach to a live one
	KindCommand = "command" // may this run?
	KindOutcome = "outcome" // this is how it ended
	KindEnd     = "end"     // the session is over
	KindVote    = "vote"    // approve or deny a hold
	KindCancel  = "cancel"  // the asker gives up a hold, or leaves it open and goes (Detach)
	KindStop    = "stop"    // end sessions
	KindAccept  = "accept"  // let a loosened policy take effect
	KindLoaded  = "loaded"  // what became of executions that the exec hook let go on
)

// Request is everything that can be asked for. Exactly the part that belongs
// to Kind is set.
type Request struct {
	ID      string   `json:"id"`                // "r_" + 24 hex, chosen by the asker; asked again, it gets the same answer
	Kind    string   `json:"kind"`              //
	Session string   `json:"session,omitempty"` // every kind but session, vote, stop and accept
	Open    *Open    `json:"open,omitempty"`
	Command *Command `json:"command,omitempty"`
	Outcome *Outcome `json:"outcome,omitempty"`
	Vote    *Vote    `json:"vote,omitempty"`
	Cancel  *Cancel  `json:"cancel,omitempty"`
	Stop    *Stop    `json:"stop,omitempty"`
	Accept  *Accept  `json:"accept,omitempty"`
	End     *End     `json:"end,omitempty"` // may be missing
	Loaded  []Loaded `json:"loaded,omitempty"`
	Elevate *Elevate `json:"elevate,omitempty"`
	Release *Release `json:"release,omitempty"`
	Threat  *Threat  `json:"threat,omitempty"`
	Tem     *Tem     `json:"tem,omitempty"`
	Trust   *Trust   `json:"trust,omitempty"`
	Lockout *Lockout `json:"lockout,omitempty"`
	Budget  *Budget  `json:"budget,omitempty"`

	// Peer is what the kernel says of the asker. The socket server sets it;
	// nothing a client sends can.
	Peer Peer `json:"-"`
}

// Peer identifies the process behind a connection.
type Peer struct {
	Conn    uint64 // unique among the connections of this guardd
	PID     int    // 0: in another pid namespace
	UID     int    //
	Start   uint64 // start time of PID in clock ticks since boot, which tells a reused pid
	Guarded string // why it must count as guarded ("descends from session s_19c2"); "" if nothing says so
	Within  string // id of the live session it descends from, if any

	Terminal bool // it has a controlling terminal
}

// Open starts a session, or attaches to one (Attach) after a lost connection or
// from inside it.
type Open struct {
	Attach    string   `json:"attach,omitempty"`    // id of a live session
	Agent     string   `json:"agent"`               // name of the agent identity
	Argv      []string `json:"argv"`                // what the session was started for
	Cwd       string   `json:"cwd"`                 //
	Home      string   `json:"home"`                //
	Workspace string   `json:"workspace,omitempty"` //
	Terminal  bool     `json:"terminal"`            // has a controlling terminal where a person can type guard approve
	Prompt    bool     `json:"prompt"`              // asks the person in place
	Hook      string   `json:"hook"`                // what watches the process tree: "proven" or "off"
	Monitor   int      `json:"monitor,omitempty"`   // process that holds the exec hook; it alone may ask with a Call
	Sandbox   string   `json:"sandbox,omitempty"`   // where the tree may write: "workspace", or "" for anywhere
	Writable  []string `json:"writable,omitempty"`  // with Sandbox: the folders and files, absolute
}

// Command is what the asker wants to run.
type Command struct {
	Kind    string            `json:"kind"`              // exec, line, action, text
	Argv    []string          `json:"argv,omitempty"`    //
	Line    string            `json:"line,omitempty"`    //
	Action  string            `json:"action,omitempty"`  //
	Cwd     string            `json:"cwd"`               //
	Stdin   string            `json:"stdin,omitempty"`   // terminal, pipe, file, null
	Vars    map[string]string `json:"vars,omitempty"`    // the few variables that words may name: HOME, USER, TMPDIR ...
	Env     string            `json:"env,omitempty"`     // digest over the variables that can run code (LD_PRELOAD, PATH, GIT_SSH_COMMAND ...) and those the words name
	Code    string            `json:"code,omitempty"`    // digest over the variables that can run code alone: what a line covers, it covers with these
	Exe     string            `json:"exe,omitempty"`     // resolved program file
	Digest  string            `json:"digest,omitempty"`  // identity of that file: dev:ino:size:mtime_ns
	Invalid string            `json:"invalid,omitempty"` // why the words could not be sent as they are ("argument 2 is not valid UTF-8"); always denied
	Key     string            `json:"key,omitempty"`     // idempotency key: it runs once under it; see IsKey
	Scene   []Observation     `json:"scene,omitempty"`   // answers to an Answer's Scene
	Call    *Call             `json:"call,omitempty"`    // kind exec: the system call that waits for the answer, as the exec hook read it
}

// Call is an execution as the exec hook sees it.
type Call struct {
	PID    int      `json:"pid"`              // process that calls
	Start  uint64   `json:"start"`            // its start time
	Raw    string   `json:"raw"`              // path as given to the kernel
	Exe    File     `json:"exe"`              // program file; for a script the script
	Chain  []File   `json:"chain,omitempty"`  // interpreters of a script, the one that is loaded last
	Main   int      `json:"main,omitempty"`   // the session's main process, where the process is that or runs below it with no other program between
	Under  []string `json:"under,omitempty"`  // command requests whose programs the process and its living ancestors run, nearest first
	Tracer int      `json:"tracer,omitempty"` // another process that traces it
	Again  string   `json:"again,omitempty"`  // request this one replaces: what was loaded differs from what was judged. Nobody is asked then: what would be held is denied
}

// File is what a path named when it was looked at.
type File struct {
	Path     string `json:"path"` // links followed; "" if it has no name
	Dev      uint64 `json:"dev"`
	Ino      uint64 `json:"ino"`
	UID      int    `json:"uid"`
	Mode     uint32 `json:"mode"`
	Ctime    int64  `json:"ctime"`              // ns since 1970
	Writable bool   `json:"writable,omitempty"` // the agent's user can write or replace it
	Memfd    bool   `json:"memfd,omitempty"`
	Deleted  bool   `json:"deleted,omitempty"`
	Foreign  bool   `json:"foreign,omitempty"` // named in another mount namespace
}

// Loaded says what became of an execution that was let go on.
type Loaded struct {
	Request string   `json:"request"`           // the command request that allowed it
	PID     int      `json:"pid"`               //
	Exe     *File    `json:"exe,omitempty"`     // what runs; null if nothing does
	Argv    []string `json:"argv,omitempty"`    // where they differ from what was asked
	Error   string   `json:"error,omitempty"`   // why nothing runs
	Outside bool     `json:"outside,omitempty"` // guard runs it outside of the session, as process PID; an Outcome follows
}

// Query asks for one observation; see classify.Query.
type Query struct {
	Op   string `json:"op"`
	Path string `json:"path"`
}

// Observation answers a Query; see classify.Observation.
type Observation struct {
	Query
	Exists string `json:"exists,omitempty"`
	Type   string `json:"type,omitempty"`
	Real   string `json:"real,omitempty"`
	UID    int    `json:"uid,omitempty"`
	Mode   uint32 `json:"mode,omitempty"`
	Ctime  int64  `json:"ctime,omitempty"` // us since 1970; no program can set it back
	Text   string `json:"text,omitempty"`
	Digest string `json:"digest,omitempty"`
	Git    string `json:"git,omitempty"`
	Branch string `json:"branch,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Outcome says how an allowed command ended.
type Outcome struct {
	Request    string `json:"request"`          // ID of the command request
	Status     int    `json:"status"`           // exit status, or 128+n
	Signal     string `json:"signal,omitempty"` // SIGKILL ...
	DurationMS int64  `json:"duration_ms"`      //
	Error      string `json:"error,omitempty"`  // it could not be started
}

// Vote answers a hold. Who votes, and how sure that is, the server knows from
// the peer.
type Vote struct {
	Hold    string `json:"hold"`             // id, or a unique beginning of at least 4 digits, with or without "hold_"
	Approve bool   `json:"approve"`          //
	Reason  string `json:"reason,omitempty"` // at most 4096 bytes

	Violation bool `json:"violation,omitempty"` // with Approve false: the agent should never have asked for it
}

// Cancel gives up a hold.
type Cancel struct {
	Hold    string `json:"hold"`
	Request string `json:"request,omitempty"` // the command request that gives up; "" for all of this connection
	Detach  bool   `json:"detach"`            // leave it open; an approval then covers one retry
}

// End says more about the end of a session.
type End struct {
	// Keep leaves the session to its Monitor: the command has ended, processes it
	// started go on under the exec hook.
	Keep bool `json:"keep,omitempty"`
}

// Stop ends sessions.
type Stop struct {
	Session string `json:"session,omitempty"` // "" for all
}

// Accept lets a loosened policy take effect.
type Accept struct {
	Workspace string `json:"workspace,omitempty"`
	Revision  string `json:"revision,omitempty"` // what is accepted; "" for what is in force when it is asked
}

// Answer is what became of a Request.
type Answer struct {
	Verdict    Verdict       `json:"verdict"`
	Tier       Tier          `json:"tier"`
	Label      string        `json:"label"`              // name of the tier
	Findings   []Finding     `json:"findings,omitempty"` // worst first
	Reliefs    []Relief      `json:"reliefs,omitempty"`
	Rows       []Row         `json:"rows,omitempty"`
	Revision   string        `json:"revision,omitempty"`
	Receipt    uint64        `json:"receipt,omitempty"` // number (jseq) of the receipt that holds the decision
	Display    string        `json:"display,omitempty"` // the command, on one line, invisible characters made visible, secrets removed
	Scene      []Query       `json:"scene,omitempty"`   // not decided: ask again with these observations
	Hold       *HoldState    `json:"hold,omitempty"`    // with Verdict Hold, and for everything about a hold later
	Session    *SessionState `json:"session,omitempty"` // for kind session
	Resources  []Resource    `json:"resources,omitempty"`
	Done       *KeyState     `json:"done,omitempty"`       // for a command whose Key was used: not decided, and it must not run
	Note       string        `json:"note,omitempty"`       // a sentence for people: why nobody could answer, what was accepted
	Elevations []Elevation   `json:"elevations,omitempty"` // what was raised or confirmed
	Released   []Released    `json:"released,omitempty"`   // what was lowered, latest first
	Evaluation *Evaluation   `json:"evaluation,omitempty"` // of an agent
	Exact      bool          `json:"exact,omitempty"`      // allowed because people approved exactly this, or a line that spells it out
	Outside    bool          `json:"outside,omitempty"`    // and what they approved is that guard runs it outside of the session
}

// Resource is a place to find help (Crisis).
type Resource struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// States of a hold. All but pending are final.
const (
	Pending   = "pending"
	Approved  = "approved"
	Denied    = "denied"
	Expired   = "expired"
	Cancelled = "cancelled"
)

// HoldState is a hold as its asker and its approvers see it.
type HoldState struct {
	ID        string    `json:"id"`      // "hold_" + 24 hex
	State     string    `json:"state"`   //
	Request   string    `json:"request"` // request hash the votes bind to
	Tier      Tier      `json:"tier"`    // of the current step
	Label     string    `json:"label"`
	Kind      string    `json:"kind,omitempty"` // of the request, where it changes authority: approved, it is carried out
	Display   string    `json:"display"`
	Cwd       string    `json:"cwd"`
	Session   string    `json:"session"`
	Agent     string    `json:"agent"`
	Rule      string    `json:"rule"` // finding that weighs most
	Why       string    `json:"why"`
	Opened    time.Time `json:"opened"`
	StepEnds  time.Time `json:"step_ends"`
	Ends      time.Time `json:"ends"`
	Votes     int       `json:"votes"`     // approvals so far
	Needed    int       `json:"needed"`    // approvals needed in this step
	Used      bool      `json:"used"`      // an approval was spent
	Detached  bool      `json:"detached"`  // nobody waits; an approval covers one retry
	By        string    `json:"by"`        // who ended it
	Assurance string    `json:"assurance"` // how that person was authenticated
	Reason    string    `json:"reason"`    // what that person gave as reason
	Change    uint64    `json:"change"`    // grows with every change; see Reader.WaitHold
}

// SessionState is a live session.
type SessionState struct {
	ID        string    `json:"id"` // "s_" + 12 hex
	Agent     string    `json:"agent"`
	Profile   string    `json:"profile"` // what its commands are judged with
	Raised    string    `json:"raised"`  // what its elevations have reached, confirmed or not
	Trust     string    `json:"trust"`
	PID       int       `json:"pid"` // guard's own
	Argv      []string  `json:"argv"`
	Cwd       string    `json:"cwd"`
	Workspace string    `json:"workspace,omitempty"`
	Revision  string    `json:"revision"`
	Started   time.Time `json:"started"`
	Stopping  bool      `json:"stopping"` // guard stop was asked for
	Hook      string    `json:"hook"`     // as in Open

	Elevations []Elevation `json:"elevations"` // active ones, oldest first
}

// Short is the id a person types: the first six digits after the prefix.
func Short(hold string) string {
	id := strings.TrimPrefix(hold, "hold_")
	return id[:min(6, len(id))]
}
