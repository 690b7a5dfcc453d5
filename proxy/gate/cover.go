package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// cover is what lets a hooked execution go on that would be held: a line that
// people or policy let run, and that spells it out.
type cover struct {
	by    string         // request of that line; "" for none
	exec  string         // the cover that is spent
	takes map[string]int // how many of which covers leave that line: exec, and those in own
	own   []state.Cover  // what the execution will execute in turn, as far as that line covers it
	note  string
}

// maxCovers bounds what one command covers; the rest is asked about.
const maxCovers = 256

// coarse is how much older than its change a file's time may look.
const coarse = 50 * time.Millisecond

// coverOf finds the line that covers an execution, the nearest first. Only a hold
// can be covered, or a price that the line has paid, and only where nothing about
// the program file itself is amiss.
func (g *Gate) coverOf(a *asking) cover {
	c := a.request.Command
	if c.Call == nil || c.Code == "" || c.Call.Again != "" || len(c.Argv) == 0 || a.before != nil || !a.coverable() ||
		a.amiss() || !named(a.session, c) {
		return cover{}
	}
	exec, own, scripts := g.execHash(c.Argv, c.Cwd, c.Code), g.spelledOut(a), g.scriptHashes(c)
	itself := g.itself(c.Argv)
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.state.Sessions[a.request.Session]
	if s == nil {
		return cover{}
	}
	for i, by := range c.Call.Under {
		line := s.Lines[by]
		if i == 0 && line.Covers(itself) && !a.raises() {
			return cover{by: by, exec: itself, takes: map[string]int{itself: 1}, note: fmt.Sprintf("what the command of receipt %d executes of its own accord", line.Decision)}
		}
		if a.raises() && (!line.Covers(exec) || !line.Outside || line.Execs[exec] < 0) {
			continue // nobody was asked about it, or not about how often
		}
		if line.Covers(exec) && !changedSince(a.session, c.Call, line.At) && within(scripts, line.Scripts) {
			return coverBy(by, line, exec, own)
		}
	}
	return cover{}
}

// amiss says whether there is something about the program file itself.
func (a *asking) amiss() bool {
	return slices.ContainsFunc(a.d.Findings, func(f proxy.Finding) bool { return strings.HasPrefix(f.ID, "exe.") && f.Tier >= proxy.Medium })
}

// coverable says whether a line could have answered for it before: what is held,
// and what costs something, whether or not enough is left.
func (a *asking) coverable() bool {
	return a.d.Unpaid == proxy.Hold || a.d.Unpaid == proxy.Allow && a.d.Cost > 0
}

// paid takes out of a decision what its line has paid for.
func (a *asking) paid() {
	a.d.Verdict, a.d.Cost = proxy.Allow, 0
	a.d.Findings = slices.DeleteFunc(slices.Clone(a.d.Findings), func(f proxy.Finding) bool { return f.ID == insufficient })
	a.d.Rows = slices.DeleteFunc(slices.Clone(a.d.Rows), func(r proxy.Row) bool { return r.Level == "short" })
}

// coverBy is a cover with what goes with it.
func coverBy(by string, line *state.Line, exec string, own []state.Cover) cover {
	found := cover{by: by, exec: exec, takes: map[string]int{exec: 1}, note: fmt.Sprintf("spelled out by the line of receipt %d, which may run", line.Decision)}
	for _, one := range own {
		if n := line.Execs[one.Exec]; n < 0 || found.takes[one.Exec] < n {
			found.takes[one.Exec]++
			found.own = append(found.own, one)
		}
	}
	return found
}

// stands says whether nothing that the cover takes was spent meanwhile.
func (c cover) stands(s *state.Session) bool {
	if c.by == "" {
		return true
	}
	line := s.Lines[c.by]
	for exec, n := range c.takes {
		if line == nil || line.Execs[exec] >= 0 && line.Execs[exec] < n {
			return false
		}
	}
	return true
}

// within says whether all of some are among others.
func within(some, others []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(others, s) })
}

// covered lets a hooked execution go on because a line spells it out.
func (g *Gate) covered(ctx context.Context, a *asking) (proxy.Answer, error) {
	a.paid()
	ans := g.answerTo(a)
	ans.Note, ans.Exact, ans.Outside = a.cover.note, true, a.outside()
	return g.record(ctx, a, ans, []receipt.Draft{g.decided(a, "", a.cover.note)})
}

// instead denies what was loaded in place of something else and would have to be
// held: the process stands before its first instruction, and waits for nobody.
func (g *Gate) instead(ctx context.Context, a *asking) (proxy.Answer, error) {
	a.d.Verdict = proxy.Deny
	a.d.Findings = append(slices.Clone(a.d.Findings), proxy.Finding{ID: "exe.instead", Tier: a.d.Tier, Verdict: proxy.Deny, Stage: -1,
		Msg: "what was loaded is not what was judged, and a person would have to be asked about it"})
	return g.record(ctx, a, g.answerTo(a), []receipt.Draft{g.decided(a, "", "")})
}

// covers is what a command that may run covers in turn, and the scripts that were
// read for it. What it spells out is left out where nothing of that could be held.
func (g *Gate) covers(a *asking, approved bool) ([]state.Cover, []string) {
	if a.cover.by != "" {
		return a.cover.own, nil // its line knows the scripts
	}
	own := g.ownOf(a)
	if a.d.Tier >= proxy.Medium || len(a.d.Reliefs) > 0 || a.d.Cost > 0 || approved {
		own = append(own, g.spelledOut(a)...)
	}
	if len(own) == 0 {
		return nil, nil
	}
	return own, g.scriptHashes(a.request.Command)
}

// spelledOut are the executions that a command spells out, as covers.
func (g *Gate) spelledOut(a *asking) []state.Cover {
	code := a.request.Command.Code
	if code == "" {
		return nil
	}
	var covers []state.Cover
	for _, e := range a.facts.Execs[:min(len(a.facts.Execs), maxCovers)] {
		if !e.Own {
			covers = append(covers, state.Cover{Exec: g.execHash(e.Argv, e.Cwd, code), Loop: e.Loop})
		}
	}
	return covers
}

// ownOf are the executions that the program of a request makes of its own accord.
// They are covered where they are directly its own, so a line that starts the
// program covers none, and nothing that only bears its name.
func (g *Gate) ownOf(a *asking) []state.Cover {
	var covers []state.Cover
	for _, e := range a.facts.Execs {
		if e.Own && e.Stage == 0 && a.request.Command.Kind == "exec" && !a.amiss() {
			covers = append(covers, state.Cover{Exec: g.ownHash(e.Argv), Loop: e.Loop})
		}
	}
	return covers
}

// ownHash names what a program executes of its own accord. No folder is empty, so
// it names nothing that is spelled out.
func (g *Gate) ownHash(argv []string) string { return g.execHash(argv, "", "") }

// itself names an execution as its program's own, "" where it can be none's.
func (g *Gate) itself(argv []string) string {
	words := classify.Own(argv)
	if words == nil {
		return ""
	}
	return g.ownHash(words)
}

// execHash names an execution: these words in this folder with these variables.
func (g *Gate) execHash(argv []string, cwd, code string) string {
	bound, err := json.Marshal(struct {
		Argv []string `json:"argv"`
		Cwd  string   `json:"cwd"`
		Code string   `json:"code"`
	}{argv, cwd, code})
	if err != nil { // strings always marshal
		panic(err)
	}
	return g.redact.Keyed(bound)
}

// scriptHashes name the scripts that were read for a command, with their contents.
func (g *Gate) scriptHashes(c *proxy.Command) []string {
	var hashes []string
	for _, o := range c.Scene {
		if o.Digest != "" {
			hashes = append(hashes, g.redact.Keyed([]byte(o.Path+"\x00"+o.Digest)))
		}
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// named says whether the program file is the one that the first word names: that
// path itself, or a file of the system that goes by that name. A name that was
// looked up must not have led to what the agent wrote since it began.
func named(s state.Session, c *proxy.Command) bool {
	word, exe := c.Argv[0], c.Call.Exe
	if exe.Path == "" {
		return false
	}
	origin, file := origin(s, exe), path.Base(exe.Path)
	if strings.Contains(word, "/") && exe.Path == path.Join("/", absolute(c.Cwd, word)) {
		return true
	}
	switch origin {
	case "system":
		return classify.SameProgram(path.Base(word), file)
	case "writable":
		return word == file
	}
	return false
}

func absolute(cwd, p string) string {
	if path.IsAbs(p) {
		return p
	}
	return cwd + "/" + p
}

// changedSince says whether a file that the execution depends on, and that the
// agent could have changed, was changed after the line that covers it was judged.
func changedSince(s state.Session, call *proxy.Call, at time.Time) bool {
	return slices.ContainsFunc(append([]proxy.File{call.Exe}, call.Chain...), func(f proxy.File) bool {
		return origin(s, f) != "system" && f.Ctime > at.Add(-coarse).UnixNano()
	})
}

// mayCall says whether a request may carry a call: only the session's monitor
// sees calls.
func (g *Gate) mayCall(r proxy.Request) error {
	if r.Command.Call == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[r.Session]; s == nil || !g.conns[r.Peer.Conn].watches(s) {
		return fmt.Errorf("session %s: a call of the kernel counts only from the monitor that guard started with it", r.Session)
	}
	if r.Command.Kind != "exec" {
		return fmt.Errorf("a call of the kernel is no %s", r.Command.Kind)
	}
	return nil
}
