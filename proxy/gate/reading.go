package gate

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// reading is what follows from a command and its session alone. It is shared:
// nobody may change it.
type reading struct {
	id      uint64 // no other reading has it; 0 where there are no facts
	facts   classify.Facts
	err     error  // why there are no facts
	hash    string // see requestHash
	env     string // digest of the variables, keyed: they may be secrets
	display string // the command on one line for people
}

// readings remembers what was read lately: agents, and the tools they run, do the
// same again and again.
type readings struct {
	mu    sync.Mutex
	known map[string]*reading // guarded by mu; by readingKey
	order []string            // guarded by mu; oldest first
	last  uint64              // guarded by mu; id given last
}

// Bounds of what is remembered: about a megabyte.
const (
	keptReadings = 128
	maxKey       = 8 << 10
)

// read turns a command into facts and names it.
func (g *Gate) read(s state.Session, c *proxy.Command) *reading {
	key := readingKey(s, c)
	if r := g.readings.recall(key); r != nil {
		return r
	}
	r := &reading{hash: g.requestHash(s, c), env: g.redact.Keyed([]byte(c.Env))}
	if c.Invalid != "" {
		r.err, r.facts.Raw = errors.New(c.Invalid), "("+c.Invalid+")"
	} else {
		if r.facts, r.err = classify.Classify(g.subject(s, c)); r.err != nil {
			r.facts.Raw = asGiven(c)
		}
	}
	if c.Kind != "text" {
		r.display = proxy.Visible(g.redact.Text(r.facts.Raw))
	}
	g.readings.keep(key, r)
	return r
}

// mostUnread is how much is shown of a command that could not be read.
const mostUnread = 1 << 10

// asGiven is a command in its own words, for who is told that it was not read.
func asGiven(c *proxy.Command) string {
	text := c.Line
	if c.Kind == "exec" {
		text = strings.Join(c.Argv, " ")
	}
	return strings.ToValidUTF8(text[:min(len(text), mostUnread)], "?")
}

// recall returns the reading of an equal command, or nil.
func (m *readings) recall(key []byte) *reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[string(key)]
}

// keep gives a reading its id, and remembers it if it is not too large.
func (m *readings) keep(key []byte, r *reading) {
	if r.err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	r.id = m.last
	if len(key) > maxKey || m.known[string(key)] != nil {
		return
	}
	if m.known == nil {
		m.known = map[string]*reading{}
	}
	if len(m.order) == keptReadings {
		delete(m.known, m.order[0])
		m.order = append(m.order[:0], m.order[1:]...)
	}
	name := string(key)
	m.known[name] = r
	m.order = append(m.order, name)
}

// forget drops everything: no session is left to ask again.
func (m *readings) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known, m.order = nil, nil
}

// readingKey holds all of a command and its session that a reading depends on, in a
// form in which different ones differ: of a session its name, because the rest does
// not change; of a call not which process makes it, and what that runs.
func readingKey(s state.Session, c *proxy.Command) []byte {
	k := key(make([]byte, 0, 1<<10))
	k.texts(s.Session, c.Kind, c.Line, c.Action, c.Cwd, c.Stdin, c.Env, c.Code, c.Exe, c.Digest, c.Invalid)
	k.number(uint64(len(c.Argv)))
	k.texts(c.Argv...)
	k.number(uint64(len(c.Vars)))
	for _, name := range slices.Sorted(maps.Keys(c.Vars)) {
		k.texts(name, c.Vars[name])
	}
	k.number(uint64(len(c.Scene)))
	for _, o := range c.Scene {
		k.texts(o.Op, o.Path, o.Exists, o.Type, o.Real, o.Text, o.Digest, o.Git, o.Branch, o.Error)
		k.number(uint64(o.UID), uint64(o.Mode), uint64(o.Ctime))
	}
	if c.Call != nil {
		k.texts(c.Call.Raw, c.Call.Again)
		k.number(uint64(c.Call.Tracer), uint64(len(c.Call.Chain)))
		k.file(c.Call.Exe)
		for _, f := range c.Call.Chain {
			k.file(f)
		}
	}
	return k
}

// key is bytes under construction.
type key []byte

func (k *key) number(all ...uint64) {
	for _, n := range all {
		*k = binary.AppendUvarint(*k, n)
	}
}

func (k *key) texts(all ...string) {
	for _, s := range all {
		*k = append(binary.AppendUvarint(*k, uint64(len(s))), s...)
	}
}

func (k *key) file(f proxy.File) {
	k.texts(f.Path)
	k.number(f.Dev, f.Ino, uint64(f.UID), uint64(f.Mode), uint64(f.Ctime))
	for _, is := range [...]bool{f.Writable, f.Memfd, f.Deleted, f.Foreign} {
		*k = strconv.AppendBool(*k, is)
	}
}
