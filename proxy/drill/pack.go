package drill

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// verifyScript checks a pack with plain tools.
//
//go:embed verify.sh
var verifyScript []byte

// The files of a pack. The first makes a folder one.
const (
	packFile     = "pack.json"
	timelineFile = "timeline.jsonl"
	denialsFile  = "denials.jsonl"
)

// Pack is what stays of a drill (S4-30), as pack.json has it. The folder beside it
// holds the receipts, the timeline, what was denied, and verify.sh.
type Pack struct {
	ID          string                  `json:"drill_id"`
	Marker      string                  `json:"marker"`
	Clock       string                  `json:"clock"`
	Escalations []Entry                 `json:"escalations"`
	Decisions   []Entry                 `json:"decisions"`
	Roots       map[string]receipt.Head `json:"scroll_roots"` // where each scroll of the log ends
	Receipts    uint64                  `json:"receipts"`
	Checkpoint  *string                 `json:"checkpoint"` // null: logs have no signed ones yet, scroll_roots stand for it
	PassFail    map[string]*bool        `json:"pass_fail"`
	Results     []Result                `json:"results"`
	Baseline    Baseline                `json:"baseline"`
}

// Baseline shows that nothing of a drill is left: no session, no elevation, and
// budgets as they were given.
type Baseline struct {
	Sessions   int                 `json:"sessions"`
	Elevations int                 `json:"elevations"`
	Threats    int                 `json:"threats"`
	Budgets    []proxy.BudgetState `json:"budgets"`
}

// Settle ends what a drill has left open, and looks at what is there then.
func Settle(ctx context.Context, l *Lab) (Baseline, error) {
	s := &stage{lab: l}
	view, err := l.Reader.Read(ctx, proxy.Look{What: proxy.LookStatus})
	if err != nil {
		return Baseline{}, err
	}
	for _, t := range view.Status.Threats {
		if _, err := s.ask(ctx, proxy.KindThreat, s.person(), proxy.Request{Threat: &proxy.Threat{ID: t.ID, Resolve: true, Reason: "DRILL: it was none"}}); err != nil {
			return Baseline{}, err
		}
	}
	if view, err = l.Reader.Read(ctx, proxy.Look{What: proxy.LookStatus}); err != nil {
		return Baseline{}, err
	}
	b := Baseline{Sessions: len(view.Status.Sessions), Threats: len(view.Status.Threats), Budgets: []proxy.BudgetState{}}
	for _, session := range view.Status.Sessions {
		b.Elevations += len(session.Elevations)
	}
	if view, err = l.Reader.Read(ctx, proxy.Look{What: proxy.LookBudgets}); err == nil && view.Budgets != nil {
		b.Budgets = view.Budgets
	}
	return b, err
}

// Write makes a pack of dir, in which receipts/ is the whole log of the drill. The
// log must have been closed.
func Write(dir string, l *Lab, results []Result, b Baseline) (Pack, error) {
	p := Pack{
		ID: l.ID, Marker: l.Marker(), Clock: l.Clock, Escalations: []Entry{}, Decisions: []Entry{}, PassFail: map[string]*bool{},
		Results: results, Baseline: b,
	}
	for _, d := range All() {
		p.PassFail[fmt.Sprintf("drill_%d", d.Number)] = nil
	}
	for _, r := range results {
		if r.Ran {
			p.PassFail[fmt.Sprintf("drill_%d", r.Drill)] = &r.Pass
		}
	}
	report, err := receipt.Verify(filepath.Join(dir, "receipts"))
	if err != nil {
		return p, fmt.Errorf("pack %s: %w", l.ID, err)
	}
	p.Roots, p.Receipts = report.Scrolls, report.Receipts
	said, err := tell(filepath.Join(dir, "receipts"))
	if err != nil {
		return p, fmt.Errorf("pack %s: %w", l.ID, err)
	}
	p.Escalations, p.Decisions = said.escalations, said.decisions
	return p, p.write(dir, said)
}

func (p Pack) write(dir string, said story) error {
	index, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	files := []struct {
		name string
		text []byte
		mode fs.FileMode
	}{
		{timelineFile, said.timeline, 0o600}, {denialsFile, said.denials, 0o600},
		{"verify.sh", verifyScript, 0o700}, {packFile, append(index, '\n'), 0o600},
	}
	for _, f := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f.name), f.text, f.mode)
		}
	}
	return err
}

// Read reads the index of a pack. A folder that is none gives fs.ErrNotExist.
func Read(dir string) (Pack, error) {
	text, err := os.ReadFile(filepath.Join(dir, packFile))
	if err != nil {
		return Pack{}, err
	}
	var p Pack
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("read %s: %w", filepath.Join(dir, packFile), err)
	}
	return p, nil
}

// Verify checks a pack: that its log is sound and ends where pack.json says, and
// that all of it belongs to the drill and says what pack.json, the timeline and the
// denials say.
func Verify(dir string) (receipt.Report, error) {
	p, err := Read(dir)
	if err != nil {
		return receipt.Report{}, err
	}
	log := filepath.Join(dir, "receipts")
	report, err := receipt.Verify(log)
	if err != nil {
		return report, err
	}
	if report.Receipts != p.Receipts || len(report.Scrolls) != len(p.Roots) {
		return report, fmt.Errorf("%s names %d receipts, the log has %d", packFile, p.Receipts, report.Receipts)
	}
	for scroll, head := range report.Scrolls {
		if p.Roots[scroll] != head {
			return report, fmt.Errorf("the scroll %s does not end where %s says", scroll, packFile)
		}
	}
	results := map[string]*bool{}
	for name := range p.PassFail {
		results[name] = nil
	}
	for r, err := range receipt.Read(log, 0) {
		if err != nil {
			return report, err
		}
		if problem := foreign(r, p.ID); problem != "" {
			return report, fmt.Errorf("receipt %d %s", r.Chain.JSeq, problem)
		}
		var body Ended
		if r.Type == "drill_result" && r.Decode(&body) == nil {
			results[fmt.Sprintf("drill_%d", body.Drill)] = &body.Pass
		}
	}
	for name, pass := range results {
		if said := p.PassFail[name]; (said == nil) != (pass == nil) || said != nil && *said != *pass {
			return report, fmt.Errorf("%s does not say of %s what is on record", packFile, name)
		}
	}
	return report, p.retold(dir)
}

// retold checks what is there for people to read against the receipts.
func (p Pack) retold(dir string) error {
	said, err := tell(filepath.Join(dir, "receipts"))
	if err != nil {
		return err
	}
	for name, want := range map[string][]byte{timelineFile: said.timeline, denialsFile: said.denials} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(text, want) {
			return errors.Join(err, fmt.Errorf("%s does not say what is on record", name))
		}
	}
	for name, both := range map[string][2][]Entry{"escalations": {p.Escalations, said.escalations}, "decisions": {p.Decisions, said.decisions}} {
		if !bytes.Equal(jsonLines(both[0]), jsonLines(both[1])) {
			return fmt.Errorf("%s does not say of the %s what is on record", packFile, name)
		}
	}
	return nil
}
