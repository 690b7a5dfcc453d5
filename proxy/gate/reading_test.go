package gate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// leaves calls visit for every value below v that has no parts, with the way to it;
// visit may change it for the time being.
func leaves(v reflect.Value, way string, visit func(way string, leaf reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), way+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Pointer:
		leaves(v.Elem(), way, visit)
	case reflect.Slice:
		visit(way+"[]", v)
		for i := range v.Len() {
			leaves(v.Index(i), way, visit)
		}
	default:
		visit(way, v)
	}
}

// other is another value of v's type.
func other(v reflect.Value) reflect.Value {
	changed := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		changed.SetString(v.String() + "x")
	case reflect.Bool:
		changed.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		changed.SetInt(v.Int() + 1)
	case reflect.Uint32, reflect.Uint64:
		changed.SetUint(v.Uint() + 1)
	case reflect.Slice:
		changed.Set(reflect.AppendSlice(v, v))
	case reflect.Map:
		changed.Set(reflect.ValueOf(map[string]string{"HOME": "/x"}))
	default:
		panic(v.Kind())
	}
	return changed
}

// TestAReadingIsForgottenForWhateverItDependsOn changes every member of a command
// in turn: what does not make it another one is listed here.
func TestAReadingIsForgottenForWhateverItDependsOn(t *testing.T) {
	file := proxy.File{Path: "/usr/bin/cc"}
	c := &proxy.Command{
		Kind: "exec", Argv: []string{"cc", "-c"}, Vars: map[string]string{"HOME": "/home/dev"}, Scene: []proxy.Observation{{}},
		Call: &proxy.Call{Exe: file, Chain: []proxy.File{file}, Under: []string{"r_1"}},
	}
	s := state.Session{Started: state.Started{Session: "s_1"}}
	before := string(readingKey(s, c))
	var same []string
	leaves(reflect.ValueOf(c), "command", func(way string, leaf reflect.Value) {
		was := reflect.ValueOf(leaf.Interface())
		leaf.Set(other(leaf))
		if string(readingKey(s, c)) == before {
			same = append(same, way)
		}
		leaf.Set(was)
	})
	want := []string{"command.Key", "command.Call.PID", "command.Call.Start", "command.Call.Main", "command.Call.Under[]", "command.Call.Under"}
	if !slices.Equal(same, want) {
		t.Errorf("these make no difference: %v, want %v", same, want)
	}
	s.Session = "s_2"
	if string(readingKey(s, c)) == before {
		t.Error("the session makes no difference")
	}
	for name, two := range map[string][2]proxy.Command{
		"words":     {{Argv: []string{"a", "b"}}, {Argv: []string{"a b"}}},
		"words end": {{Argv: []string{"a"}, Line: "b"}, {Argv: []string{"a", "b"}}},
		"members":   {{Line: "a"}, {Action: "a"}},
		"no call":   {{}, {Call: &proxy.Call{}}},
	} {
		if string(readingKey(s, &two[0])) == string(readingKey(s, &two[1])) {
			t.Errorf("%s: %+v and %+v are the same", name, two[0], two[1])
		}
	}
}

func TestReadingsAreKeptWhileASessionLives(t *testing.T) {
	w := newWorld(t)
	ask := func(line string) proxy.Answer { return w.mustAsk(w.command(line)) }
	first, again := ask("ls -l"), ask("ls -l")
	if first.Receipt == again.Receipt || first.Verdict != proxy.Allow || again.Verdict != proxy.Allow || first.Display != again.Display {
		t.Errorf("got %+v, then %+v", first, again)
	}
	if n := len(w.g.readings.known); n != 1 {
		t.Errorf("%d readings are kept of a command that was asked for twice", n)
	}
	for i := range keptReadings + 5 {
		ask(fmt.Sprintf("echo %d", i))
	}
	if n, m := len(w.g.readings.known), len(w.g.readings.order); n != keptReadings || m != n {
		t.Errorf("%d readings and %d keys are kept, want %d", n, m, keptReadings)
	}
	if held := w.decide(w.command(push)); held.Verdict != proxy.Hold {
		t.Errorf("among much that may run: got %s, want hold", held.Verdict)
	}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
	if n := len(w.g.readings.known); n != 0 {
		t.Errorf("%d readings are kept although no session lives", n)
	}
}

func TestACommandThatCannotBeReadIsShownAsItWasGiven(t *testing.T) {
	w := newWorld(t)
	line := "touch " + strings.Repeat("x", 2<<20)
	a := w.decide(w.command(line))
	var on state.Decided
	w.last(state.CommandDecision, &on)
	if a.Verdict != proxy.Deny || a.Findings[0].ID != "opaque.input" {
		t.Errorf("got %s %+v, want a denial of what was not read", a.Verdict, a.Findings)
	}
	if on.Display == "" || !strings.HasPrefix(line, on.Display) {
		t.Errorf("shown as %.40q, want how it begins: %.40q", on.Display, line)
	}
}
