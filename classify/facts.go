package classify

// Facts is everything the policy may know about one command. Slices that hold
// sets are sorted and without duplicates. Nothing in it depends on anything but
// the Command it was made from.
type Facts struct {
	Kind   string   `json:"kind"`   // exec, line, action or text
	Raw    string   `json:"raw"`    // the line as asked; for exec the argv quoted for a POSIX shell; for text the normalised text
	Action string   `json:"action"` // the action word of kind action, lower case and trimmed; else ""
	Names  []string `json:"names"`  // set of effective program names over all stages
	Has    []string `json:"has"`    // set of what any stage has: away (such a change outside the workspace and temporary folders, of their tops, or of the workspace's policy), change (a path is written, deleted or changes mode or owner), data (its words may speak of a database), device, env, exe (a program file that is not simply the system's), host, look (a path is read), opaque, payload, recursive, remote, root, serve (its words may speak of a server), shown (it may print a variable), sql, stage (there is one), task (its words may speak of deploying or destroying), via
	Stages []Stage  `json:"stages"` // in the order a shell would start them; payload stages follow the stage that carries them
	Opaque []Opaque `json:"opaque"` // everything that could not be understood, over all stages
	Wants  []Query  `json:"-"`      // observations that could change the facts; empty when the Scene answered them all
	Execs  []Exec   `json:"-"`      // executions that the command spells out; not for rules
}

// Exec is an execution that a command spells out, besides the one that it is
// itself: every letter of its words stands in the line, or in a script of it that
// was read and understood, and the folder is known. A wrapper and the command it
// wraps are one each, the outer first: sudo timeout 5 rm x, timeout 5 rm x, rm x.
type Exec struct {
	Argv  []string // Argv[0] is the program as written
	Cwd   string   // absolute
	Loop  bool     // may happen many times
	Stage int      // index in Facts.Stages of what it comes to
	Own   bool     // what the program of that stage executes of its own accord, in whatever folder; words as Own has them
}

// Stage is one simple command after unwrapping.
//
// A wrapper that only changes how a command runs (sudo, env, timeout ...) is no
// stage; it stands in Via. What hands code or operands on is one, and what it
// starts are stages with it as Parent: shells and interpreters with code, eval,
// source and trap, xargs, find, parallel, and what runs things elsewhere (ssh,
// docker, podman, kubectl), whose own options and hosts matter. Bare assignments
// and redirections, and those of a whole loop or group, are a stage in which no
// program runs: Name is "" and nothing about "program" is opaque.
//
// Code in other languages is read as far as its words say what it does: each of
// those things is a stage under the name of the program that does the same, and
// a file that it opens is a redirection of a stage without a name (interpreter.go).
//
// Where a line may do one of two things, both are stages.
type Stage struct {
	ID         int        `json:"id"`         // index in Facts.Stages
	Parent     int        `json:"parent"`     // stage whose payload this one is part of; -1 at the top
	Name       string     `json:"name"`       // effective program name: base name, without an .exe suffix, after unwrapping; "" if unknown
	Path       string     `json:"path"`       // the program as written when it has a slash, cleaned and absolute; else ""
	Builtin    bool       `json:"builtin"`    // a shell builtin in a context where the shell would take it
	Via        []string   `json:"via"`        // wrappers taken off, outermost first: sudo, env, timeout, xargs, ssh ...
	Root       bool       `json:"root"`       // sudo, doas, su, pkexec or run0 raises it
	Raise      []string   `json:"raise"`      // set of the options of sudo and doas in Via, without dashes and values; "=" where variables are set there, "?" where a word is not literal
	Remote     bool       `json:"remote"`     // runs on another host or inside a container (ssh, docker exec, kubectl exec); paths are not local
	Args       []string   `json:"args"`       // the words after the program, resolved; a word that is not literal stands as written
	Flags      []string   `json:"flags"`      // set of option names without dashes, abbreviations completed: r, recursive, force-with-lease
	Options    []Option   `json:"options"`    // options that carry a value, in order
	Sub        string     `json:"sub"`        // subcommand, words joined by a blank where they nest (git: "push"; docker: "container rm")
	Operands   []string   `json:"operands"`   // words that are neither option, option value nor subcommand
	Paths      []Path     `json:"paths"`      // operands, option values and redirections that name files, with what would be done to them
	Hosts      []Host     `json:"hosts"`      // hosts and URLs named in the words
	Env        []Assign   `json:"env"`        // variables set for this stage (X=1 cmd, env X=1 cmd, export before it in the line)
	Redirects  []Redirect `json:"redirects"`  //
	ReadsFrom  []int      `json:"reads_from"` // stages piped into this one
	WritesTo   []int      `json:"writes_to"`  // stages this one is piped into
	Takes      []int      `json:"takes"`      // stages whose output stands in this stage's words ($(..), <(..)), or in a file of the line that it runs
	Background bool       `json:"background"` // started with & (or by a wrapper that detaches)
	Loop       bool       `json:"loop"`       // inside a loop, xargs, find -exec or parallel: may run many times
	Recursive  bool       `json:"recursive"`  // calls a function of the line that is already running, or stands in the background of a loop without end that waits for nothing: without bound, a fork bomb where it is piped or in the background
	Payload    *Payload   `json:"payload"`    // code handed to an interpreter; null where there is none
	SQL        []SQL      `json:"sql"`        // statements handed to a database client, or the line itself where it is a bare SQL statement
	Opaque     []Opaque   `json:"opaque"`     // what could not be understood about this stage
	Cwd        string     `json:"cwd"`        // working directory of this stage after cd; "" if unknown
	Exe        *Exe       `json:"exe"`        // the program file that will be executed, for kind exec under the exec hook; else null
}

// Opaque is one reason why something could not be understood.
type Opaque struct {
	Stage  int    `json:"stage"`  // -1: the line as a whole
	Where  string `json:"where"`  // program, folder (where the program lies is not known, its name is; or the name is a default), argument, payload, stdin, cwd (a relative path is written, deleted, changed or run in a folder that is not known), redirect
	Reason string `json:"reason"` // one short phrase a person can read: "$X has no literal value"
}

// Option is an option with a value: -o FILE, --output=FILE.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Path is a file a stage names.
type Path struct {
	Raw    string   `json:"raw"`    // as written, quotes removed
	Path   string   `json:"path"`   // absolute and clean, symbolic links followed where the Scene says so; "" if not literal
	Zone   string   `json:"zone"`   // workspace, home, temporary, system, device, null (a device without effect: /dev/null, zero, full, random, urandom, std*, tty, fd), guard, remote, unknown
	Covers []string `json:"covers"` // set of root, home, workspace, system, guard: zones whose top folder this is or contains (a glob of all entries counts as the folder)
	Access string   `json:"access"` // read, write, delete, meta (mode, owner, times), exec, or unknown
	Glob   bool     `json:"glob"`   // has an unquoted pattern; Path is then the part before the first pattern component
	Exists string   `json:"exists"` // yes, no, unknown (no Scene)
	Type   string   `json:"type"`   // file, dir, link, device, other, unknown
	Git    string   `json:"git"`    // ignored, tracked, untracked, unknown; a folder with one tracked file in it is tracked
	Made   bool     `json:"made"`   // the line itself made it (mktemp -d, mkdir, cd $(mktemp -d))
}

// Host is a network peer named in the words.
type Host struct {
	Name     string `json:"name"`     // lower case, without user and port; "" if not literal
	URL      string `json:"url"`      // the whole URL without its userinfo, if it was one
	Scheme   string `json:"scheme"`   // http, https, ssh, git, postgres ...; "" if unknown
	Loopback bool   `json:"loopback"` // localhost, 127/8, ::1
	Push     bool   `json:"push"`     // data is sent there (upload, POST, push, scp to)
}

// Assign is a variable assignment.
type Assign struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Literal bool   `json:"literal"`
}

// Redirect is one redirection.
type Redirect struct {
	FD   int    `json:"fd"`   // -1 for &>
	Op   string `json:"op"`   // > >> >| < <> << <<< &> &>> >& <&
	Path *Path  `json:"path"` // null for here-documents and descriptor copies
}

// Payload is code that a stage hands to an interpreter.
type Payload struct {
	Kind string `json:"kind"` // inline (-c, -e, eval), heredoc, script (a file), stdin (a pipe or an unseen stdin)
	Lang string `json:"lang"` // shell, python, perl, ruby, node, php, awk, sed, sql, make, unknown
	Text string `json:"text"` // "" if not literal or not seen
	Read bool   `json:"read"` // fully understood: its commands stand in Stages with this stage as Parent

	written bool // the line itself wrote it
	library bool // is part of an installed package
}

// SQL is one statement for a database: of SQL, a command of Redis, a call of
// MongoDB that changes something, or what the client does by itself (\! CMD).
type SQL struct {
	Verb   string `json:"verb"`   // lower case: drop, delete, truncate, alter, update, insert, select, call, flushall, \! ...
	Object string `json:"object"` // table, database, schema, index ... for drop, truncate, alter; else ""
	Name   string `json:"name"`   // what it names, if literal
	Where  bool   `json:"where"`  // has a WHERE clause, or a filter, that leaves something out
}

// Query asks for one observation of the agent's surroundings.
type Query struct {
	Op   string `json:"op"`   // path (lstat and resolve), text (a script's text), git (ignored, tracked), branch
	Path string `json:"path"` // absolute
}

// Observation answers one Query. The zero Observation says nothing.
type Observation struct {
	Query
	Exists string `json:"exists,omitempty"` // yes, no
	Type   string `json:"type,omitempty"`   // file, dir, link, device, other
	Real   string `json:"real,omitempty"`   // path after following symbolic links
	UID    int    `json:"uid,omitempty"`
	Mode   uint32 `json:"mode,omitempty"`
	Old    bool   `json:"old,omitempty"`    // not changed since the session began, and whatever it executes is judged by itself: the exec hook asks
	Text   string `json:"text,omitempty"`   // op text: at most 64 KiB, valid UTF-8
	Digest string `json:"digest,omitempty"` // op text: blake3:hex of the whole file
	Git    string `json:"git,omitempty"`    // op git: ignored, tracked, untracked
	Branch string `json:"branch,omitempty"` // op branch
	Error  string `json:"error,omitempty"`  // why there is no answer: too large, not permitted, timed out
}

// Command is what is asked about, with the little it may depend on.
type Command struct {
	Kind      string            // exec, line, action, text
	Argv      []string          // kind exec
	Line      string            // kind line and text; for action the command that goes with it, if any
	Action    string            // kind action
	Exe       *Exe              // kind exec: the program file, where the exec hook has seen it; Zone, Names and Found are worked out
	Stdin     string            // kind exec and line: terminal, pipe, file, null; "" unknown (taken as a pipe)
	Cwd       string            // absolute
	Home      string            // absolute
	Workspace string            // absolute; "" if none
	Own       []string          // guard's own folders, absolute
	Vars      map[string]string // variables with a value known to be literal (HOME, PWD, USER, TMPDIR ...)
	Scene     []Observation     // answers to Wants of an earlier call
}
