package rego

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// mini is a built-in policy that is small enough to be read beside a test: a
// stage's tier is its name, "safe" to "critical"; "wipe" is denied by itself,
// "build" is HIGH with a relief, "fog" is opaque with a relief that must not
// count, "sorrow" is a crisis, and "hot" asks for a builtin error.
var mini = fstest.MapFS{
	"guard/config/data.json": {Data: []byte(`{
	"preset": "coding",
	"presets": {
		"coding": {"profile": "operator", "trust": "T1", "reliefs": true, "seconds": {"MEDIUM": 60, "HIGH": 120}},
		"strict": {"profile": "operator", "trust": "T0", "reliefs": false, "seconds": {"MEDIUM": 60, "HIGH": 30}}
	},
	"rows": {"profile": {"operator": {"SAFE": "allow", "LOW": "allow", "MEDIUM": "hold", "HIGH": "hold", "CRITICAL": "deny"}}},
	"votes": {"MEDIUM": {"approvers": 1, "assurance": "tty"}},
	"reason_bytes": 4096,
	"locale": "en"
}`)},
	"guard/api/api.rego": {Data: []byte(`package guard.api

stage contains s if some s in input.cmd.stages

in_workspace if input.session.workspace != ""
`)},
	"guard/decision/decision.rego": {Data: []byte(`package guard.decision

_tiers := ["safe", "low", "medium", "high", "critical"]

result := {
	"findings": hit,
	"reliefs": relief,
}

other := result

standing := {
	"limits": level,
	"approval": "pending",
}

level contains {"id": "profile", "level": input.session.profile}

fixed := {
	"rows": {"profile": {"operator": [_row[t] | some t in ["SAFE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]]}},
	"steps": {
		"MEDIUM": [_step(2, "MEDIUM"), _step(3, "HIGH")],
		"HIGH": [_step(3, "HIGH")],
		"CRITICAL": [_step(4, "HIGH")],
	},
	"resources": [{"id": "line", "text": "call"}],
	"defaults": {"profile": _preset.profile, "trust": _preset.trust, "preset": data.guard.config.preset},
}

_preset := data.guard.config.presets[data.guard.config.preset]

_row := data.guard.config.rows.profile.operator

_step(tier, label) := {"tier": tier, "seconds": _preset.seconds[label], "approvers": data.guard.config.votes.MEDIUM.approvers, "assurance": "tty"}

hit contains {"id": sprintf("mini.%s", [s.name]), "tier": i, "msg": "as named", "stage": s.id} if {
	some s in input.cmd.stages
	some i, name in _tiers
	name == s.name
}

hit contains {"id": "mini.wipe", "tier": 4, "msg": "wipes", "verdict": "deny"} if "wipe" in input.cmd.names

hit contains {"id": "mini.build", "tier": 3, "msg": "deletes", "stage": s.id} if {
	"build" in input.cmd.names
	some s in input.cmd.stages
	s.name == "build"
}

hit contains {"id": "opaque.fog", "tier": 2, "msg": "not understood", "stage": 0} if "fog" in input.cmd.names

hit contains {"id": "mini.sorrow", "tier": 4, "msg": "a person", "verdict": "crisis"} if "sorrow" in input.cmd.names

hit contains {"id": "mini.hot", "tier": 0, "msg": "broken"} if {
	"hot" in input.cmd.names
	to_number(input.cmd.raw) > 0
}

relief contains {"id": "relief.made", "finding": "mini.build", "stage": s.id, "why": "made here"} if {
	_preset.reliefs
	some s in input.cmd.stages
	s.name == "build"
}

relief contains {"id": "relief.fog", "finding": "opaque.fog", "stage": 0, "why": "cannot be"} if "fog" in input.cmd.names
`)},
}

func miniEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := load(mini)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// file is a policy file of the user's folder.
func file(name, text string) File {
	return File{Path: "user/" + name, Source: "/policy/" + name, Data: []byte(text)}
}

// rules is a policy file of package user.<name>.
func rules(name string, lines ...string) File {
	return file(name+".rego", "package user."+name+"\n\n"+strings.Join(lines, "\n")+"\n")
}

func build(e *Engine, files ...File) (*Set, error) {
	return e.Build(context.Background(), Snapshot{Files: files}, nil)
}

func mustBuild(t testing.TB, e *Engine, files ...File) *Set {
	t.Helper()
	s, err := build(e, files...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustDecide(t testing.TB, s interface {
	Decide(context.Context, Input) (Decision, error)
}, in Input) Decision {
	t.Helper()
	d, err := s.Decide(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// command is an input as a session with the defaults would ask it.
func command(names ...string) Input {
	facts := &classify.Facts{Kind: "exec", Raw: strings.Join(names, "; "), Names: names}
	for i, name := range names {
		facts.Stages = append(facts.Stages, classify.Stage{ID: i, Parent: -1, Name: name})
	}
	return Input{
		NowNS:   time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC).UnixNano(),
		Kind:    proxy.KindCommand,
		Cmd:     facts,
		Session: Session{ID: "s_000000000001", Profile: "operator", Cwd: "/w", Home: "/home/ann", Workspace: "/w"},
		Agent:   Agent{Name: "agent", Trust: "T1"},
	}
}

func ids(d Decision) string {
	var out []string
	for _, f := range d.Findings {
		out = append(out, f.ID)
	}
	return strings.Join(out, " ")
}

// write makes a policy file appear whole, with safe modes whatever the umask.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(filepath.Dir(path), ".writing")
	if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, path); err != nil {
		t.Fatal(err)
	}
}

func denyRule(pkg, id, name string) string {
	return fmt.Sprintf("package user.%s\n\ndeny contains {\"id\": %q, \"msg\": \"no\"} if %q in input.cmd.names\n", pkg, id, name)
}
