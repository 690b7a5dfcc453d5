package drill

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/f958ca95/guard/receipt"
)

// Entry is one receipt in the words of a report: who did what and why, by which
// authority, at what cost, whether it can be undone, and the digest that proves it.
type Entry struct {
	At         time.Time `json:"at"`
	Type       string    `json:"type"`
	Who        string    `json:"who,omitempty"`
	What       string    `json:"what,omitempty"`
	Why        string    `json:"why,omitempty"`
	Authority  string    `json:"authority,omitempty"`
	Cost       int64     `json:"cost,omitempty"`
	Reversible *bool     `json:"reversible,omitempty"`
	Rule       string    `json:"rule,omitempty"` // that denied it
	Denied     bool      `json:"denied,omitempty"`
	Receipt    uint64    `json:"receipt"`
	Root       string    `json:"root_hash"`
}

// told are the members of bodies that a report tells.
type told struct {
	Agent      string   `json:"agent"`
	By         string   `json:"by"`
	Name       string   `json:"who"`
	ApprovedBy []string `json:"approved_by"`
	From       string   `json:"from_profile"`
	To         string   `json:"to_profile"`
	WantedFrom string   `json:"requested_from"`
	Wanted     string   `json:"requested_to"`
	Display    string   `json:"display"`
	Action     string   `json:"attempted_action"`
	Decision   any      `json:"decision"` // a word; of commands a number
	Threat     string   `json:"threat_id"`
	Budget     string   `json:"budget"`
	Drill      string   `json:"name"`
	Reason     string   `json:"reason"`
	Denial     string   `json:"denial_reason"`
	Error      string   `json:"error"`
	Rule       string   `json:"rule"`
	Profile    string   `json:"profile"`
	Assurance  string   `json:"assurance"`
	Cost       int64    `json:"requested_cost"`
	Units      int64    `json:"units"`
	Reversible *bool    `json:"reversible"`
	Verdict    string   `json:"verdict"`
	Findings   []struct {
		ID  string `json:"id"`
		Msg string `json:"msg"`
	} `json:"findings"`
}

// story is a log as a pack tells it: the two files, and what goes into its index.
type story struct {
	timeline, denials      []byte
	escalations, decisions []Entry
}

// tell tells the log in dir; the same log is always told the same.
func tell(dir string) (story, error) {
	timeline, err := entries(dir)
	if err != nil {
		return story{}, err
	}
	said := story{timeline: jsonLines(timeline), escalations: []Entry{}, decisions: []Entry{}}
	var denials []Entry
	for _, e := range timeline {
		switch e.Type {
		case "profile_escalation", "profile_deescalation", "profile_confirmed":
			said.escalations = append(said.escalations, e)
		case "cognitive_decision", "command_decision":
			said.decisions = append(said.decisions, e)
		}
		if e.Denied {
			denials = append(denials, e)
		}
	}
	said.denials = jsonLines(denials)
	return said, nil
}

func jsonLines(all []Entry) []byte {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false) // people read it
	for _, e := range all {
		_ = out.Encode(e) // of strings and numbers into memory
	}
	return text.Bytes()
}

func entries(dir string) (out []Entry, err error) {
	for r, err := range receipt.Read(dir, 0) {
		if err != nil {
			return nil, err
		}
		if r.Scroll == receipt.ScrollLog {
			continue
		}
		e, err := entryOf(r)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func entryOf(r receipt.Receipt) (Entry, error) {
	var b told
	if err := r.Decode(&b); err != nil {
		return Entry{}, err
	}
	return b.entry(r), nil
}

func (b told) entry(r receipt.Receipt) Entry {
	e := Entry{
		At: r.Time, Type: r.Type, Who: cmp.Or(b.By, b.Name, b.Agent), Why: cmp.Or(b.Denial, b.Error, b.Reason),
		Authority: cmp.Or(b.Assurance, b.Profile), Cost: cmp.Or(b.Cost, b.Units), Reversible: b.Reversible, Rule: b.Rule,
		Receipt: r.Chain.JSeq, Root: r.Root,
	}
	if len(b.ApprovedBy) > 0 {
		e.Who = strings.Join(b.ApprovedBy, ", ")
	}
	decision, _ := b.Decision.(string)
	e.What = cmp.Or(b.Display, b.Action, decision, b.Threat, b.Budget, b.Drill)
	if to := cmp.Or(b.To, b.Wanted); to != "" {
		e.What = cmp.Or(b.From, b.WantedFrom) + " -> " + to
	}
	e.Denied = r.Type == "auth_failure" || r.Type == "treasury_denial" || b.Verdict == "deny"
	if b.Verdict == "deny" && len(b.Findings) > 0 {
		e.Rule, e.Why = b.Findings[0].ID, b.Findings[0].Msg
	}
	if r.Type == "treasury_denial" {
		e.Rule = "budget.insufficient"
	}
	return e
}
