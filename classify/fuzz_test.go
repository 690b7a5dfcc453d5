package classify

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var seeds = []string{
	"rm -rf ~", "cd build && git status | head -5", "a=$(b) c > d 2>&1 &", "for i in {1..3}; do echo $i; done",
	"bash -c \"eval 'ls $X'\" <<E\nx\nE", "f() { f & f; }; f", "find . -exec sh -c 'rm {}' \\;", "${x:-${y//a/$(b)}} $((1+$z))",
	"alias a='b;a'\na", "echo 'rm x' > f; . ./f", "psql -c \"drop table 'a\"", "sudo -u$X env -S 'a \\_b' c", "case a in b) c;& *) d;; esac",
	"x=(a b); x+=(c); ${x[@]:1} ${!x} ${#x[*]}", "printf '%s\\x41%b' a | tr a-z b | xxd -r -p | sh", "kubectl exec a -c b -- c", "# \\\nrm x",
	"\x1b[31m\u200b", "trap 'a; trap b EXIT' EXIT", "set -- a b; shift; \"$@\"", "dd of=/dev/sda", "((a++)) || [[ a =~ b ]]", "tar xf - -C $D", "kill -9 -1",
}

// hostile are pieces that cost far more than their length if repeated, where
// nothing bounds them.
var hostile = []string{
	"a;", "a&&", "a|", "a||", "(", "{ ", "$(", "`", "\"$(", "${a:-", "$((", "((", "[[ ( ", "if ", "while ", "! ", "{a,b}", "{1..9}", "{a,", "{a,{b,", "{{a,b}", "case x in x) ",
	"a[", "f() ", "time ", "coproc ", "<(a)", "<(", "@(", "for a in b; do ", "f(){ f;};", "a=$a$a;", "X=$X$X$X;", "$X ", "export A=1;", "cd a;", "cd a&&",
	"cd a||", "sudo ", "xargs ", "bash -c '", "eval ", "find -exec ", "ssh h ", "#\\\n", "a <<E\nb\nE\n", "a>b;", "~", "--a=b ", "$'\\x41'",
	"f(){ g;g;};g(){ h;h;};h(){ f;f;};f;", "alias a='b;a';a\n", "for i in {1..60};do ", "for i in 1 2 3 4 5 6 7 8;do a;", "x=$(echo a)", "echo a|cat|",
	"if a;then A=1;fi;", "while a; do b=$c; done;", "X=$(a)$X$X;", "X+=$(a);", "A+=($(a) ${A[@]});", "${a//b/c}", "${a#b*}", "psql -c 'a;a';", "<<<a ", "trap 'trap a EXIT' EXIT;", "set -- $@ a;", "pushd a;",
	"cat f > f;", "echo a >> f;", "echo 'sh f' > f;sh f;", "mkdir a;", "tee f|", "kubectl exec a -- ", "parallel a ::: ", "done;", ")", "}", "a { b ",
	"python3 -c 'import os;os.system(\"a\")';", "node -e 'f(`${a}`)';", "npx npx ", "poetry run ", "make -f - <<E\nx:\n\ta\nE\n", "mkdir -p d && ", "printf 'a b' | xargs -n 1 ", "trap a EXIT;",
	"awk '{print | \"a\"}';", "sed '1e a';", "trap \"trap a EXIT\" EXIT;", "$X/a ", "hash -p a b;", "python3 -c 'eval(\"eval(1)\")';",
}

func FuzzClassify(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, s := range hostile {
		f.Add(strings.Repeat(s, 20))
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, kind := range []string{"line", "text"} {
			got, err := Classify(at(kind, line))
			checkResult(t, line, got, err)
		}
		c := at("exec", "")
		c.Argv = strings.Fields(line)
		got, err := Classify(c)
		checkResult(t, line, got, err)
	})
}

// checkResult holds what callers may rely on for any input.
func checkResult(t *testing.T, line string, f Facts, err error) {
	t.Helper()
	if err != nil {
		for _, known := range []error{ErrTooLarge, ErrTooDeep, ErrTooMuch, ErrEncoding} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Fatalf("%.200q: %v", line, err)
	}
	if len(f.Wants) > maxWants || !slices.IsSorted(f.Names) {
		t.Errorf("%.200q: %d wants, names %q", line, len(f.Wants), f.Names)
	}
	for i, s := range f.Stages {
		if s.ID != i || s.Parent >= i || s.Parent < -1 {
			t.Errorf("%.200q: stage %d has id %d and parent %d", line, i, s.ID, s.Parent)
		}
		for _, p := range s.Paths {
			if p.Path != "" && clean(p.Path) != p.Path {
				t.Errorf("%.200q: path %q is not clean", line, p.Path)
			}
		}
		for _, id := range slices.Concat(s.ReadsFrom, s.WritesTo, s.Takes) {
			if id < 0 || id >= len(f.Stages) {
				t.Errorf("%.200q: stage %d is connected to %d", line, i, id)
			}
		}
	}
}

func TestHostileInputIsBounded(t *testing.T) {
	var names strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&names, "$a%d ", i)
	}
	f, err := Classify(at("line", "echo "+names.String()))
	checkResult(t, "", f, err)
	for _, s := range hostile {
		for _, n := range []int{40, 1 << 14 / len(s)} {
			line := strings.Repeat(s, n)
			f, err := Classify(at("line", line))
			checkResult(t, line, f, err)
		}
	}
}

// Taking apart what is never closed costs the square of it, far more than the walk
// itself has counted by then.
func TestBracesThatAreNotClosedAreBounded(t *testing.T) {
	for _, s := range []string{"{a,", "{a,{b,", "{1..", "a{b,c"} {
		if _, err := Classify(at("line", strings.Repeat(s, 1<<16/len(s)))); !errors.Is(err, ErrTooMuch) {
			t.Errorf("%s repeated: %v", s, err)
		}
	}
}

// A line that goes on names at least the programs it named before.
func TestGrowingALineHidesNoProgram(t *testing.T) {
	heads := []string{"rm -rf x", "a | b", "sudo git push", "if a; then b; fi", "(c; d)", "bash -c 'e; f'", "g() { h; }; g", "X=i; $X j", "for k in l m; do $k; done", "sh <<E\nn\nE\n"}
	tails := []string{"\nls", "; ls", " && ls", " || ls", " &\nls", "\n)", "\n'", "\nfi", "\nrm() { :; }", "\nexit", " # x", "\ncase", "\n$(", "\n${", "\n<<E"}
	for _, h := range heads {
		before := facts(t, at("line", h)).Names
		for _, tail := range tails {
			if strings.HasPrefix(h, "sh <<") && !strings.HasPrefix(tail, "\n") {
				continue // would be text of the here-document's last line
			}
			after, err := Classify(at("line", h+tail))
			if err != nil {
				continue
			}
			for _, n := range before {
				if !slices.Contains(after.Names, n) {
					t.Errorf("%q lost %s: %q", h+tail, n, after.Names)
				}
			}
		}
	}
}

// Ordinary lines: budget 30 us each.
func BenchmarkClassify(b *testing.B) {
	for _, line := range []string{"git status", "cd build && git status | head -5", `X=rm; cd /tmp && $X -rf "build"; git push -f origin main`, `bash -lc 'go test ./... 2>&1 | tail -1'`} {
		b.Run(strings.Fields(line)[0], func(b *testing.B) {
			b.ReportAllocs()
			c := at("line", line)
			for b.Loop() {
				if _, err := Classify(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The worst that 1 MiB can do: budget 1 s each.
func BenchmarkHostileMegabyte(b *testing.B) {
	if os.Getenv("HOSTILE") == "" {
		b.Skip("set HOSTILE=1; takes a minute")
	}
	for _, s := range hostile {
		b.Run(strings.ReplaceAll(s, " ", "_"), func(b *testing.B) {
			c := at("line", strings.Repeat(s, MaxInput/len(s)))
			for b.Loop() {
				_, _ = Classify(c)
			}
		})
	}
}
