package rego

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// knob is a value of data.guard.config that a guard.json may change, with the
// scale that says which of two values is stricter. What has no knob is fixed.
type knob struct {
	path string // "*" stands for any name
	want string // what can be written, for people
	rank func(any) (int, bool)
}

var knobs = []knob{
	{"preset", "coding or strict", words("coding", "strict")},
	{"presets.*.profile", "sovereign, phoenix, guardian, operator or observer", lower(proxy.Profiles())},
	{"presets.*.trust", "T4 down to T0", lower(proxy.TrustLevels())},
	{"presets.*.profiles.*", "sovereign, phoenix, guardian, operator or observer", lower(proxy.Profiles())},
	{"presets.*.reliefs", "true or false", off},
	{"presets.*.seconds.*", "a whole number from 1", fewer},
	{"rows.*.*.*", "allow, hold or deny", words("allow", "hold", "deny")},
	{"votes.*.approvers", "a whole number from 1", more},
	{"votes.*.assurance", "tty, peercred, chat, fido2_up, fido2_uv or webauthn_uv", assurance},
	{"acts.*.approvers", "a whole number from 1", more},
	{"acts.*.assurance", "tty, peercred, chat, fido2_up, fido2_uv or webauthn_uv", assurance},
	{"grant_seconds.*", "a whole number from 1", fewer},
	{"prices.*", "a whole number from 0", dearer},
	{"lasts.operator", "a whole number from 1", fewer},
	{"lasts.guardian", "a whole number from 1", fewer},
	{"lasts.phoenix", "a whole number from 1", fewer},
	{"sudo", "hold or off", words("hold", "off")},
	{"presets.*.velocity.*.*.actions", "a whole number from 1", fewer},
	{"presets.*.velocity.*.*.minutes", "a whole number from 1 to 43200", longer},
	{"velocity.repeat_seconds", "a whole number from 1", fewer},
	{"velocity.percent.*", "a whole number from 1", fewer},
	{"reason_bytes", "a whole number from 1", fewer},
}

// channels are the values that say how people are asked, and so never let anything
// run unasked: a folder of the system's or the user's may loosen the built-in ones.
var channels = []string{"sudo"}

// list is a value that names people.
type list struct {
	path string
	more bool // it is stricter the more it names; else the fewer, but empty it names everybody
}

var lists = []list{
	{"people", false},
	{"roles.*", false},
	{"delegates", true},
}

// words ranks strings from loosest to strictest.
func words(order ...string) func(any) (int, bool) {
	return func(v any) (int, bool) {
		s, _ := v.(string)
		i := slices.Index(order, s)
		return i, i >= 0
	}
}

// lower takes words that go from the strictest to the loosest.
func lower(order []string) func(any) (int, bool) {
	slices.Reverse(order)
	return words(order...)
}

func off(v any) (int, bool) {
	on, ok := v.(bool)
	if on {
		return 0, ok
	}
	return 1, ok
}

func more(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil && i >= 1 && i <= 1<<31
}

// longer ranks minutes up to a month: what is older is not counted anywhere.
func longer(v any) (int, bool) {
	n, ok := more(v)
	return n, ok && n <= 30*24*60
}

func dearer(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil && i >= 0 && i <= 1<<31
}

func fewer(v any) (int, bool) {
	n, ok := more(v)
	return -n, ok
}

func assurance(v any) (int, bool) {
	s, _ := v.(string)
	return assuranceRank[s], knownAssurance(s)
}

// names reads a value of a path that is a list of people; nil if it is no list of
// names. It reports whether more of them are stricter.
func names(path []string, v any) (people []string, more, isList bool) {
	i := slices.IndexFunc(lists, func(l list) bool { return matches(l.path, path) })
	if i < 0 {
		return nil, false, false
	}
	all, ok := v.([]any)
	people = []string{}
	for _, e := range all {
		name, isName := e.(string)
		if ok = ok && isName && name != "" && !strings.ContainsAny(name, ": "); ok {
			people = append(people, name)
		}
	}
	if !ok {
		people = nil
	}
	return people, lists[i].more, true
}

// looser says whether is gives more people a say than was.
func looser(was, is []string, more bool) bool {
	without := func(all, some []string) bool {
		return slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(some, name) })
	}
	switch {
	case more:
		return without(was, is)
	case len(was) == 0: // everybody
		return false
	}
	return len(is) == 0 || without(is, was)
}

func matches(pattern string, path []string) bool {
	return slices.EqualFunc(strings.Split(pattern, "."), path, func(a, b string) bool { return a == "*" || a == b })
}

// knobAt finds the knob for a path, nil if the value is fixed.
func knobAt(path []string) *knob {
	for i, k := range knobs {
		if matches(k.path, path) {
			return &knobs[i]
		}
	}
	return nil
}

// configure returns the data of the built-in policy with every guard.json of
// the snapshot applied in the order of the folders, and its part guard.config.
func (e *Engine) configure(snap Snapshot) (data, config map[string]any, err error) {
	data = cloneJSON(e.data).(map[string]any)
	guard, _ := data["guard"].(map[string]any)
	config, _ = guard["config"].(map[string]any)
	if config == nil {
		return nil, nil, errors.New("built-in policy: data.guard.config is missing")
	}
	var problems Problems
	t := tightening{said: map[string]bool{}}
	for _, layer := range []string{"system", "user", "workspace"} {
		t.layer = layer
		for _, f := range snap.Files {
			if f.Path == layer+"/guard.json" {
				problems = append(problems, t.apply(config, f)...)
			}
		}
	}
	return data, config, problems.err()
}

// tightening writes one guard.json after the other over a configuration.
type tightening struct {
	layer string          // of the file
	said  map[string]bool // what files before it, and it, have set
}

// apply tightens config by one guard.json.
func (t tightening) apply(config map[string]any, f File) Problems {
	v, err := parseJSON(f.Data)
	if err != nil {
		return Problems{{File: f.Source, Line: jsonLine(f.Data, err), Msg: "read JSON: " + err.Error()}}
	}
	overlay, ok := v.(map[string]any)
	if !ok {
		return Problems{{File: f.Source, Msg: "want one JSON object"}}
	}
	var problems Problems
	if program, given := overlay[onTrustChange]; given {
		if why := notifiable(program, t.layer); why != "" {
			return Problems{{File: f.Source, Msg: why}}
		}
		config[onTrustChange] = program
		delete(overlay, onTrustChange)
	}
	t.tighten(config, overlay, nil, func(format string, args ...any) {
		problems = append(problems, Problem{File: f.Source, Msg: fmt.Sprintf(format, args...)})
	})
	return problems
}

// onTrustChange names the program that guardd runs when trust changes.
const onTrustChange = "on_trust_change"

// notifiable says why a program cannot be run when trust changes: a workspace's
// agent can write there, and guardd would run what it likes.
func notifiable(program any, layer string) string {
	name, ok := program.(string)
	switch {
	case layer == "workspace":
		return onTrustChange + " counts only in the system's or the user's folder: an agent can write to its workspace"
	case !ok || name != "" && !filepath.IsAbs(name):
		return fmt.Sprintf("%s: %v is not accepted; want the absolute path of a program", onTrustChange, program)
	}
	return ""
}

func jsonLine(data []byte, err error) int {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return 0
	}
	return 1 + strings.Count(string(data[:min(int(syntax.Offset), len(data))]), "\n")
}

// tighten writes overlay over config where that is known and not looser.
func (t tightening) tighten(config, overlay map[string]any, path []string, complain func(string, ...any)) {
	for _, key := range slices.Sorted(maps.Keys(overlay)) {
		here := append(slices.Clone(path), key)
		name := strings.Join(here, ".")
		old, known := config[key]
		if !known && matches("prices.*", here) {
			old, known = json.Number("0"), true // what has no price is free
		}
		if !known && matches("lasts.*", here) {
			old, known = json.Number("2147483648"), true // longer than any edge
		}
		if !known {
			complain("%s is unknown; want one of: %s", name, strings.Join(slices.Sorted(maps.Keys(config)), ", "))
			continue
		}
		inner, isObject := overlay[key].(map[string]any)
		if wasObject, ok := old.(map[string]any); ok {
			if !isObject {
				complain("%s: want an object", name)
				continue
			}
			t.tighten(wasObject, inner, here, complain)
			continue
		}
		if now, more, isList := names(here, overlay[key]); isList {
			was, _, _ := names(here, old)
			switch {
			case now == nil:
				complain("%s: %v is not accepted; want a list of login names", name, overlay[key])
			case looser(was, now, more):
				complain("%s: %v would loosen %v; loosening needs a signed folder", name, overlay[key], old)
			default:
				config[key] = overlay[key]
			}
			continue
		}
		k := knobAt(here)
		if k == nil {
			complain("%s cannot be changed here", name)
			continue
		}
		now, ok := k.rank(overlay[key])
		before, _ := k.rank(old)
		switch {
		case !ok:
			complain("%s: %v is not accepted; want %s", name, overlay[key], k.want)
		case now < before && slices.Contains(channels, name) && t.layer == "workspace":
			complain("%s: %v would loosen %v; that is for the system's or your own folder", name, overlay[key], old)
		case now < before && (!slices.Contains(channels, name) || t.said[name]):
			complain("%s: %v would loosen %v; loosening needs a signed folder", name, overlay[key], old)
		default:
			config[key], t.said[name] = overlay[key], true
		}
	}
}

// loosened lists the values of a configuration that are looser than they were.
func loosened(was, is map[string]any, path []string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(was)) {
		here := append(slices.Clone(path), key)
		if object, ok := was[key].(map[string]any); ok {
			now, _ := is[key].(map[string]any)
			out = append(out, loosened(object, now, here)...)
			continue
		}
		if before, more, isList := names(here, was[key]); isList {
			if now, _, _ := names(here, is[key]); looser(before, now, more) {
				out = append(out, fmt.Sprintf("guard.json: %s goes from %v back to %v", strings.Join(here, "."), was[key], is[key]))
			}
			continue
		}
		if k := knobAt(here); k != nil {
			before, _ := k.rank(was[key])
			now, ok := k.rank(is[key])
			if !ok || now < before {
				out = append(out, fmt.Sprintf("guard.json: %s goes from %v to %v", strings.Join(here, "."), was[key], is[key]))
			}
		}
	}
	return out
}

func cloneJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneJSON(e)
		}
		return out
	}
	return v
}
