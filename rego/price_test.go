package rego

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestPricesOnlyRise(t *testing.T) {
	for _, c := range []struct{ name, first, second, want string }{
		{"the first price", `{}`, `{"container.remove": 40}`, ""},
		{"a higher one", `{"container.remove": 40}`, `{"container.remove": 41}`, ""},
		{"a lower one", `{"container.remove": 40}`, `{"container.remove": 39}`, "prices.container.remove: 39 would loosen 40"},
		{"none any more", `{"container.remove": 40}`, `{"container.remove": 0}`, "prices.container.remove: 0 would loosen 40"},
		{"below nothing", `{}`, `{"container.remove": -1}`, "prices.container.remove: -1 is not accepted; want a whole number from 0"},
		{"a fraction", `{}`, `{"container.remove": 0.5}`, "prices.container.remove: 0.5 is not accepted"},
		{"more than can be counted", `{}`, `{"container.remove": 9007199254740993}`, "is not accepted"},
		{"a word", `{}`, `{"container.remove": "free"}`, "prices.container.remove: free is not accepted"},
		{"a price of a finding of one's own", `{}`, `{"user.mine.each": 1}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := map[string]any{"prices": map[string]any{}}
			said := ""
			for _, prices := range []string{c.first, c.second} {
				problems := tightening{layer: "user", said: map[string]bool{}}.apply(config, File{Path: "user/guard.json", Source: "guard.json", Data: fmt.Appendf(nil, `{"prices": %s}`, prices)})
				said = fmt.Sprint(problems.err())
			}
			if (c.want == "") != (said == "<nil>") || !strings.Contains(said, c.want) {
				t.Errorf("got %q, want %q", said, c.want)
			}
		})
	}
}

func TestProfilesOnlyLastShorter(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"lasts": {"guardian": 5}}`:    "",
		`{"lasts": {"guardian": 0}}`:    "lasts.guardian: 0 is not accepted",
		`{"lasts": {"sovereign": 60}}`:  "lasts.sovereign cannot be changed here",
		`{"lasts": {"guardian": "5s"}}`: "lasts.guardian: 5s is not accepted",
	} {
		_, _, err := e.configure(Snapshot{Files: []File{{Path: "user/guard.json", Source: "guard.json", Data: []byte(text)}}})
		if said := fmt.Sprint(err); (want == "") != (err == nil) || !strings.Contains(said, want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestAPriceThatIsGoneLoosens(t *testing.T) {
	was := map[string]any{"prices": map[string]any{"container.remove": json.Number("40")}}
	for _, is := range []map[string]any{{"prices": map[string]any{}}, {"prices": map[string]any{"container.remove": json.Number("1")}}} {
		if got := loosened(was, is, nil); len(got) != 1 {
			t.Errorf("%v to %v: got %v, want it named", was, is, got)
		}
	}
	if got := loosened(was, was, nil); len(got) != 0 {
		t.Errorf("nothing changed: got %v", got)
	}
}
