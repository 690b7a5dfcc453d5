package classify

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// at is the surroundings all tests share: a project in a person's home.
func at(kind, line string) Command {
	return Command{
		Kind: kind, Line: line, Stdin: "null",
		Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app",
		Own:  []string{"/home/dev/.local/state/guard"},
		Vars: map[string]string{"USER": "dev", "PATH": "/usr/bin:/bin"},
	}
}

func facts(t *testing.T, c Command) Facts {
	t.Helper()
	f, err := Classify(c)
	if err != nil {
		t.Fatalf("%q: %v", c.Line, err)
	}
	return f
}

// brief renders the stages of a line: wrappers, name and words of each, with
// & in the background, * in a loop, ^ as root, @ elsewhere and ? for an unknown
// program. Stages in which no program runs are shown by their assignments.
func brief(f Facts) string {
	var out []string
	for _, s := range f.Stages {
		marks := ""
		for _, m := range []struct {
			on   bool
			mark string
		}{{s.Background, "&"}, {s.Loop, "*"}, {s.Root, "^"}, {s.Remote, "@"}} {
			if m.on {
				marks += m.mark
			}
		}
		name := s.Name
		if name == "" && slices.ContainsFunc(s.Opaque, func(o Opaque) bool { return o.Where == "program" }) {
			name = "?"
		}
		if name == "" {
			for _, e := range s.Env {
				name += e.Name + "="
			}
		}
		words := append(append(slices.Clone(s.Via), marks+name), s.Args...)
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "; ")
}

type briefCase struct{ name, line, want string }

func checkBrief(t *testing.T, cases []briefCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := brief(facts(t, at("line", c.line))); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
			}
		})
	}
}

func TestNoSliceInTheFactsIsNull(t *testing.T) {
	lines := []string{"", "ls", "> x", "$X", "foo ( bar", "psql -c 'drop table x'", "a | b > /etc/x", "X=1", "curl http://x/ -d @f", "DROP TABLE x", "ssh h 'rm x'", "find . -exec rm {} +"}
	for _, line := range lines {
		for _, kind := range []string{"line", "action", "text"} {
			f := facts(t, at(kind, line))
			b, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.NewReplacer(`"payload":null`, "", `"exe":null`, "", `"path":null`, "").Replace(string(b))
			if strings.Contains(text, "null,") || strings.Contains(text, ":null") {
				t.Errorf("%s %q: %s", kind, line, b)
			}
		}
	}
}

func TestExecTakesWordsAsTheyAre(t *testing.T) {
	c := at("exec", "")
	c.Argv = []string{"rm", "-rf", "$HOME", "*", "a b", "it's"}
	f := facts(t, c)
	if got, want := f.Raw, `rm -rf '$HOME' '*' 'a b' 'it'\''s'`; got != want {
		t.Errorf("raw: got %s want %s", got, want)
	}
	s := f.Stages[0]
	if want := []string{"$HOME", "*", "a b", "it's"}; !slices.Equal(s.Operands, want) || len(s.Opaque) > 0 || s.Paths[1].Glob {
		t.Errorf("operands %q opaque %v glob %v", s.Operands, s.Opaque, s.Paths[1].Glob)
	}
}

func TestAnExecutedProgramIsNoBuiltin(t *testing.T) {
	c := at("exec", "")
	c.Argv = []string{"eval", "rm -rf /"}
	if f := facts(t, c); f.Stages[0].Builtin || slices.Contains(f.Names, "rm") {
		t.Errorf("got %+v", f.Stages)
	}
}

func TestAnActionCarriesItsCommand(t *testing.T) {
	c := at("action", "rm -rf build")
	c.Action = "  Delete "
	if f := facts(t, c); f.Action != "delete" || !slices.Equal(f.Names, []string{"rm"}) {
		t.Errorf("action %q names %q", f.Action, f.Names)
	}
}

func TestWhatIsTooMuchIsAnError(t *testing.T) {
	deep := strings.Repeat("$(", 4000) + strings.Repeat(")", 4000)
	for _, c := range []struct {
		name, line string
		want       error
	}{
		{"over 1 MiB", strings.Repeat("a", MaxInput+1), ErrTooLarge},
		{"NUL", "rm \x00", ErrEncoding},
		{"not UTF-8", "rm \xff", ErrEncoding},
		{"nested substitutions", deep, ErrTooDeep},
		{"nested payloads", strings.Repeat("eval ", 100) + "ls", ErrTooDeep},
		{"many stages", strings.Repeat("a\n", maxStages+1), ErrTooMuch},
		{"brace expansion", "echo " + strings.Repeat("{a,b}", 20_000), ErrTooMuch},
		{"a long sequence", "echo {1..1000000000}", ErrTooMuch},
		{"doubling variables", "X=aaaaaaaa" + strings.Repeat(";X=$X$X", 40), ErrTooMuch},
		{"functions that fan out", "a(){ b;b;b;b;};b(){ c;c;c;c;};c(){ d;d;d;d;};d(){ e;e;e;e;};e(){ f;f;f;f;};f(){ g;g;g;g;};g(){ ls;ls;ls;};a", ErrTooMuch},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Classify(at("line", c.line))
			if !errors.Is(err, c.want) || len(f.Stages) > 0 {
				t.Errorf("got %d stages, %v; want %v", len(f.Stages), err, c.want)
			}
		})
	}
	if _, err := Classify(Command{Kind: "guess"}); !errors.Is(err, ErrKind) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestAMegabyteOfOrdinaryTextIsFine(t *testing.T) {
	doc := "cat > notes.md <<'EOF'\n" + strings.Repeat("rm -rf / (never) `do` {this}\n", 30000) + "EOF\n"
	if got := facts(t, at("line", doc)).Names; !slices.Equal(got, []string{"cat"}) {
		t.Errorf("names %q", got)
	}
}

// The same line gives the same facts, whatever the order of maps.
func TestClassifyIsAFunction(t *testing.T) {
	line := "export A=1 B=2 C=$(date); if a; then X=1 Y=2; else X=2 Z=3; fi; for i in a b; do rm -r $i $X; done | tee f & curl -d @x http://h/"
	want, _ := json.Marshal(facts(t, at("line", line)))
	for range 50 {
		if got, _ := json.Marshal(facts(t, at("line", line))); string(got) != string(want) {
			t.Fatalf("got %s\nwant %s", got, want)
		}
	}
}
