package rego_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// block is a fenced example of INPUT.md with the text up to the next one.
type block struct{ head, code, after string }

var fence = regexp.MustCompile("(?ms)^```([^\n]+)\n(.*?)^```$")

func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	places := fence.FindAllStringSubmatchIndex(string(text), -1)
	for i, p := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		out = append(out, block{string(text[p[2]:p[3]]), string(text[p[4]:p[5]]), string(text[p[1]:end])})
	}
	return out
}

// TestEveryExampleOfINPUTmdWorks loads each block as it says: rules and
// guard.json take effect and give the verdicts of the table that follows, and
// what is called refused is refused in the words that it says.
func TestEveryExampleOfINPUTmdWorks(t *testing.T) {
	engine, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(t)
	if len(all) < 8 {
		t.Fatalf("found %d examples", len(all))
	}
	for _, b := range all {
		t.Run(strings.SplitN(b.code, "\n", 2)[0], func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "policy")
			name := map[string]string{"rego": "example.rego", "json": "guard.json"}[strings.Fields(b.head)[0]]
			if name == "" {
				t.Fatalf("a block of kind %q", b.head)
			}
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(b.code), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, why, refused := strings.Cut(b.head, "refused: "); refused {
				checkRefused(t, engine, folder, why)
				return
			}
			rows := tableRow.FindAllStringSubmatch(b.after, -1)
			if len(rows) == 0 {
				t.Fatal("no table of commands follows")
			}
			set := build(t, engine, folder)
			checkRows(t, set, rows)
			for _, row := range sessionRow.FindAllStringSubmatch(b.after, -1) {
				d := decide(t, set, rego.Input{Kind: proxy.KindSession, Votes: []rego.Vote{}})
				if d.Verdict.String() != row[1] {
					t.Errorf("a new session: got %s, want %s; findings %v", d.Verdict, row[1], d.Findings)
				}
			}
		})
	}
}

// sessionRow says what becomes of a session that is opened.
var sessionRow = regexp.MustCompile(`(?m)^\| a new session \| (allow|hold|deny) \|$`)

func checkRefused(t *testing.T, engine *rego.Engine, folder, why string) {
	t.Helper()
	report, err := engine.Check(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		if strings.Contains(p.String(), why) {
			return
		}
	}
	t.Errorf("got %v; want it refused with %q", report.Problems, why)
}

// TestINPUTmdNamesEveryField holds the document to the Go type.
func TestINPUTmdNamesEveryField(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range fieldNames(rego.InputSchema(), map[string]bool{}) {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("input has a field %s that INPUT.md does not name", name)
		}
	}
}

func fieldNames(schema map[string]any, into map[string]bool) map[string]bool {
	properties, _ := schema["properties"].(map[string]any)
	for name, inner := range properties {
		into[name] = true
		fieldNames(inner.(map[string]any), into)
	}
	if items, ok := schema["items"].(map[string]any); ok {
		fieldNames(items, into)
	}
	return into
}

// TestINPUTmdNamesTheWholeAPI holds the table of data.guard.api to its rules.
func TestINPUTmdNamesTheWholeAPI(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	api, err := os.ReadFile("guard/api/api.rego")
	if err != nil {
		t.Fatal(err)
	}
	rule := regexp.MustCompile(`(?m)^([a-z]\w*)(?: contains| :=| if|\()`)
	names := rule.FindAllStringSubmatch(string(api), -1)
	if len(names) < 9 {
		t.Fatalf("found %d rules", len(names))
	}
	for _, n := range names {
		if !strings.Contains(string(text), "`api."+n[1]) {
			t.Errorf("INPUT.md does not name api.%s", n[1])
		}
	}
}
