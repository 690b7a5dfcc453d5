package rego

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"
)

// TestTheSchemaOfGuardJSONTakesWhatTheLoaderTakes tries values of every kind on both.
// What would loosen is well-formed, which is all that a schema can tell.
func TestTheSchemaOfGuardJSONTakesWhatTheLoaderTakes(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	query, err := rego.New(rego.Query("json.match_schema(input.text, input.schema)[0]")).PrepareForEval(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{}`:                   true,
		`{"preset": "strict"}`: true,
		`{"preset": "lax"}`:    false,
		`{"presets": {"coding": {"trust": "T0", "profile": "observer", "reliefs": false}}}`:   true,
		`{"presets": {"coding": {"trust": "down"}}}`:                                          false,
		`{"presets": {"coding": {"reliefs": "no"}}}`:                                          false,
		`{"presets": {"mine": {"trust": "T0"}}}`:                                              false,
		`{"presets": {"coding": {"seconds": {"HIGH": 9}}}}`:                                   true,
		`{"presets": {"coding": {"seconds": {"HIGH": 0}}}}`:                                   false,
		`{"presets": {"coding": {"seconds": {"HIGH": 1.5}}}}`:                                 false,
		`{"presets": {"coding": {"profiles": {"T4": "operator"}}}}`:                           true,
		`{"presets": {"coding": {"velocity": {"low": {"3": {"actions": 5, "minutes": 9}}}}}}`: true,
		`{"presets": {"coding": {"velocity": {"low": {"3": {"minutes": 43201}}}}}}`:           false,
		`{"presets": {"coding": {"velocity": {"low": {"4": {"minutes": 5}}}}}}`:               false,
		`{"rows": {"profile": {"operator": {"HIGH": "deny"}}}}`:                               true,
		`{"rows": {"profile": {"operator": {"HIHG": "deny"}}}}`:                               false,
		`{"rows": {"profile": {"operator": {"HIGH": "maybe"}}}}`:                              false,
		`{"votes": {"HIGH": {"approvers": 2, "assurance": "fido2_uv"}}}`:                      true,
		`{"votes": {"HIGH": {"assurance": "or"}}}`:                                            false,
		`{"acts": {"policy.accept": {"approvers": 2}}}`:                                       true,
		`{"acts": {"policy.accept": {"role": "admin"}}}`:                                      false,
		`{"people": ["ann", "bob"]}`:                                                          true,
		`{"people": ["ann bob"]}`:                                                             false,
		`{"people": "ann"}`:                                                                   false,
		`{"roles": {"admin": ["ann"]}}`:                                                       true,
		`{"roles": {"king": ["ann"]}}`:                                                        false,
		`{"delegates": ["bot"]}`:                                                              true,
		`{"lasts": {"guardian": 60}}`:                                                         true,
		`{"lasts": {"sovereign": 60}}`:                                                        false,
		`{"prices": {"net.upload": 0}}`:                                                       true,
		`{"prices": {"net.upload": -1}}`:                                                      false,
		`{"grant_seconds": {"T1": 60}}`:                                                       true,
		`{"velocity": {"repeat_seconds": 5, "percent": {"T2": 100}}}`:                         true,
		`{"on_trust_change": "/usr/bin/true"}`:                                                true,
		`{"on_trust_change": "true"}`:                                                         false,
		`{"sudo": "hold"}`:                                                                    true,
		`{"sudo": "allow"}`:                                                                   false,
		`{"reason_bytes": 100}`:                                                               true,
		`{"locale": "de"}`:                                                                    false,
		`{"resources": {"en": []}}`:                                                           false,
		`{"nonsense": 1}`:                                                                     false,
	} {
		rs, err := query.Eval(context.Background(), rego.EvalInput(map[string]any{"text": text, "schema": e.ConfigSchema()}))
		if err != nil || len(rs) != 1 {
			t.Fatalf("%s: %v, %d answers", text, err, len(rs))
		}
		if got := rs[0].Expressions[0].Value; got != want {
			t.Errorf("%s: the schema says %v", text, got)
		}
		_, _, err = e.configure(Snapshot{Files: []File{{Path: "user/guard.json", Source: "guard.json", Data: []byte(text)}}})
		if loads := err == nil || strings.Contains(err.Error(), "would loosen"); loads != want {
			t.Errorf("%s: the loader says %v", text, err)
		}
	}
}

func TestINPUTmdNamesEveryValueOfGuardJSON(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "## guard.json")
	page, _, _ = strings.Cut(page, "\n## ")
	paths := []string{onTrustChange}
	for _, k := range knobs {
		paths = append(paths, k.path)
	}
	for _, l := range lists {
		paths = append(paths, l.path)
	}
	for _, path := range paths {
		words := strings.Split(strings.ReplaceAll(path, "*.", ""), ".")
		for _, word := range words {
			if word != "*" && !strings.Contains(page, word) {
				t.Errorf("%s: INPUT.md does not name %s", path, word)
			}
		}
	}
}
