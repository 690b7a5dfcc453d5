package rego

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// TestTheReferencePagesAreTrue makes docs/ out of the METADATA, with the verdict
// that each example gets, and compares. -update writes the pages anew.
func TestTheReferencePagesAreTrue(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	want := reference(t, e)
	if len(want) < 20 {
		t.Fatalf("%d pages; the test has lost its way", len(want))
	}
	if *update {
		if err := errors.Join(os.RemoveAll("docs"), os.Mkdir("docs", 0o755)); err != nil {
			t.Fatal(err)
		}
		for name, page := range want {
			if err := os.WriteFile(filepath.Join("docs", name), page, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	const hint = "run: go test ./rego -run Reference -update"
	for name, page := range want {
		if got, err := os.ReadFile(filepath.Join("docs", name)); err != nil || !bytes.Equal(got, page) {
			t.Errorf("docs/%s is out of date (%v); %s", name, err, hint)
		}
	}
	there, err := os.ReadDir("docs")
	if err != nil || len(there) != len(want) {
		t.Errorf("docs has %d pages (%v), want %d; %s", len(there), err, len(want), hint)
	}
}

// family is a package of rules.
type family struct {
	name, title, why, file string
	rules                  []Rule
}

func families(e *Engine) []family {
	byName := map[string]*family{}
	for _, r := range e.Rules() {
		f := byName[r.Family]
		if f == nil {
			f = &family{name: r.Family}
			byName[r.Family] = f
		}
		f.rules = append(f.rules, r)
	}
	for file, m := range e.modules {
		f := byName[familyOf(m.Package.Path)]
		for _, a := range m.Annotations {
			if f != nil && a.Scope == "package" {
				f.title, f.why, f.file = a.Title, oneLine(a.Description), file
			}
		}
	}
	var out []family
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, *byName[name])
	}
	return out
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// reference is the text of each page by its name.
func reference(t *testing.T, e *Engine) map[string][]byte {
	t.Helper()
	s, pages, rules := mustBuild(t, e), map[string][]byte{}, 0
	var index bytes.Buffer
	for _, f := range families(e) {
		var page bytes.Buffer
		fmt.Fprintf(&page, "# %s\n\n%s\n\nThe rules of [%s](../%s), from their METADATA; [all families](README.md).\n", f.title, f.why, f.file, f.file)
		for _, r := range f.rules {
			page.Write(section(t, s, r))
		}
		pages[f.name+".md"] = page.Bytes()
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %d |\n", f.name, f.name, f.title, len(f.rules))
		rules += len(f.rules)
	}
	pages["README.md"] = fmt.Appendf(nil, `# The built-in rules

guard's built-in policy has %d rules in %d families. Each page lists the rules of one family: what each is about, why, what to do instead, and two examples with their tier and verdict, one that the rule is about and one that it leaves alone. The examples are judged as in a new session: profile `+"`operator`, trust `T1`, workspace `/home/dev/app`"+`.

`+"`guard policy rules`"+` prints the same for the installed version, and `+"`guard explain`"+` names the rules that weighed in a decision. These pages are generated, and a test holds them to what guard does.

| family | title | rules |
|---|---|---|
%s`, rules, len(pages), index.Bytes())
	return pages
}

// section is what a page says about one rule.
func section(t *testing.T, s *Set, r Rule) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n## %s\n\n%s. %s\n", r.ID, strings.TrimSuffix(r.Title, "."), r.Why)
	var more []string
	if r.Tier != "" {
		more = append(more, "Tier "+r.Tier+".")
	}
	if r.Verdict != 0 {
		more = append(more, "Verdict "+r.Verdict.String()+", whatever the profile.")
	}
	if r.Remedy != "" && !strings.HasPrefix(r.Remedy, "none") {
		more = append(more, "Instead: "+strings.TrimSuffix(r.Remedy, ".")+".")
	}
	if len(more) > 0 {
		b.WriteString("\n" + strings.Join(more, " ") + "\n")
	}
	if r.Fires != nil && r.Quiet != nil {
		b.WriteString("\n| example | this rule | tier | verdict |\n|---|---|---|---|\n")
		for _, e := range []*Example{r.Fires, r.Quiet} {
			d := exampleDecision(t, s, *e)
			fmt.Fprintf(&b, "| %s%s | %s | %s | %s |\n", cell(*e), kindsOfSession[e.Session], says(d, r.ID), d.Tier, d.Verdict)
		}
	}
	return b.Bytes()
}

// kindsOfSession are what examples are judged in, for people.
var kindsOfSession = map[string]string{
	"hooked":    ", under the exec hook",
	"raising":   ", under the exec hook with \"sudo\": \"hold\"",
	"sandboxed": ", in a sandbox",
}

// exampleDecision judges an example in the kind of session that it is about.
func exampleDecision(t *testing.T, s *Set, e Example) Decision {
	t.Helper()
	in := exampleInput(t, e)
	switch e.Session {
	case "raising":
		s = mustBuild(t, s.engine, file("guard.json", `{"sudo": "hold"}`))
		fallthrough
	case "hooked":
		in.Session.Hook, in.Peer.UID = "proven", 1000
	case "sandboxed":
		in.Session.Writable = []string{in.Session.Workspace, "/tmp"}
	}
	return mustDecide(t, s, in)
}

func exampleInput(t *testing.T, e Example) Input {
	t.Helper()
	in := lineInput(t, e.Text)
	if e.Kind == "line" {
		return in
	}
	c := classify.Command{Kind: e.Kind, Line: e.Text, Cwd: in.Session.Cwd, Home: in.Session.Home, Workspace: in.Session.Workspace, Stdin: "null"}
	if e.Kind == "action" {
		c.Line, c.Action = "", e.Text
	}
	facts, err := classify.Classify(c)
	if err != nil {
		t.Fatal(err)
	}
	in.Cmd = &facts
	return in
}

// cell is an example as a cell of a table.
func cell(e Example) string {
	text := strings.ReplaceAll(proxy.Visible(e.Text), "|", `\|`)
	ticks := "`"
	if strings.Contains(text, ticks) {
		ticks = "``"
	}
	if e.Kind != "line" {
		return e.Kind + " " + ticks + text + ticks
	}
	return ticks + text + ticks
}

// says is what the rule does about a decision.
func says(d Decision, id string) string {
	for _, f := range d.Findings {
		if f.ID == id {
			return "finds: " + strings.ReplaceAll(proxy.Visible(f.Msg), "|", `\|`)
		}
	}
	for _, r := range d.Reliefs {
		if r.ID == id {
			return "relieves " + r.Finding + ": " + strings.ReplaceAll(proxy.Visible(r.Why), "|", `\|`)
		}
	}
	return "silent"
}
