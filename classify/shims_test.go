package classify

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shim is a program that only says how it was called. Those called no* fail.
const shim = `#!/bin/sh
printf '%s\0' "${0##*/}" "$@" "
" >> "$SHIM_LOG"
case $0 in */no*) exit 1;; esac
`

// line grows random lines of shims, builtins and wrappers.
type grower struct {
	*rand.Rand
	depth  int
	always bool // everything in it runs, exactly once
}

func (g *grower) pick(of ...string) string { return of[g.Intn(len(of))] }

func (g *grower) word() string {
	if g.Intn(8) == 0 {
		return g.odd()
	}
	return g.pick("a", "b c", "'d e'", `"$A x"`, "$A", `"$B"`, "${A:-z}", "${C:-z}", "${A#f}", "${A%o}", "{1,2}", "x{a..c}", "$((1+2))", "$(echo k)", `"$(printf '%s-' m n)"`,
		`$'t\tu'`, "~", "--k=v", `\$A`, `'$A'`, `"\"q\""`, "-f", "''", `"$@"`, `"$*"`, `"${L[*]}"`, "${L[1]}", `"${L[@]}"`, "${#L[@]}", "${!P}", "$B", "$E", `"$E"`, "${A^^}", "${A/o/0}", "${A:1:1}", "=", "%", "a=b")
}

// odd is a word that few lines have: many of them are not literal.
func (g *grower) odd() string {
	return g.pick(
		`"${A:0:$(ok1 w1; echo 1)}"`, `"${A/o/$(ok2 w2)}"`, `"${A#$(ok1 w3)}"`, `$(( $(ok1 w4; echo 1)+1 ))`, `"${L[$(ok1 w5; echo 1)]}"`, `${A:+$(ok1 w6)}`, `"${C:-$(ok1 w8)}"`, `"${C:+$(ok2 w9)}"`, `"$(ok1 w10)"`, "`ok2 w11`", `"${A%%$(ok1 w12; echo o)}"`, `"${A^^$(ok1 w13; echo f)}"`, `"${A/$(ok1 w14; echo o)/x}"`, `"${#A}"`, `$[1+1]`, `"${A@Q}"`, `"${A//[a-f]/x}"`, "{x,y}z", "a{1..2}b", `"$'x'"`, `'a'"b"c`, `"${B##* }"`, `"${B%% *}"`, "$-x", `"$#"`, `"${2}"`, `"${@:2}"`, `"${*:1:1}"`, `"${L[@]:1}"`, `"${L[@]/l/m}"`, `"${!L[@]}"`, `${B// /_}`, `"${N}0"`, `$((N*2))`, `$((N>3?1:0))`, `~/x`, `"~"`, `\~`, `"a\
b"`)
}

func (g *grower) simple() string {
	prog := g.pick("ok1", "ok2", "no1", "ok1", "ok2", `o"k"1`, `\ok2`, "$P1", `"$P1"`, "$(echo ok2)", "command ok1", "env Z=1 ok2", "env -u Z ok1", "nice ok1", "timeout 9 ok2", "nice -n 3 env ok1", "Z=1 ok2", "! ok1", "time ok1", `ok$((0+1))`, "ok{1,}")
	for range g.Intn(4) {
		prog += " " + g.word()
	}
	return prog + g.pick("", "", "", "", " > out", " 2>&1", " < /dev/null", " <<< x", " 3>&1 >> out")
}

// list is a command, perhaps with others in it.
func (g *grower) list() string {
	if g.depth++; g.depth > 4 {
		defer func() { g.depth-- }()
		return g.simple()
	}
	defer func() { g.depth-- }()
	switch n := g.Intn(39); n {
	case 0:
		return g.list() + "; " + g.list()
	case 1:
		return g.list() + "\n" + g.list()
	case 2:
		return "{ " + g.list() + "\n}"
	case 3:
		return "( " + g.list() + "\n)"
	case 4:
		return "ok1 " + g.word() + " | " + g.simple()
	case 5:
		return "eval " + quote(g.list())
	case 6:
		text, shell := g.simple(), g.pick("bash", "sh", "bash --norc")
		if strings.ContainsAny(text, "[{<'@#") {
			shell = "bash" // which other shells know less than
		}
		return shell + " -c " + quote(text)
	case 7:
		return "bash <<'E'\n" + g.simple() + "\nE\n"
	case 8:
		return "f" + fmt.Sprint(g.depth) + "() {\n" + g.list() + "\n}\nf" + fmt.Sprint(g.depth) + " " + g.word()
	case 9:
		return "A=" + g.pick("foo", "'x y'", "$B", "$(echo q)", "${A}z") + "; " + g.list()
	case 10:
		return "set -- " + g.word() + " " + g.word() + "; " + g.list()
	case 11:
		return "printf '%s\\n' r s | xargs " + g.pick("", "-n 1 ", "-I{} ", "-0 ", "-I% ") + g.pick("ok1 {}", "ok2 -%", "no1")
	case 12:
		g.always = false // a later handler takes the place of this one; both are judged
		return "trap " + quote(g.simple()) + " EXIT; " + g.list()
	case 13:
		return "mkdir -p d; cd d; " + g.list()
	case 14:
		return "echo " + quote(g.simple()) + " > s.sh; bash s.sh " + g.word()
	case 15:
		g.always = false
		return g.list() + " && " + g.list()
	case 16:
		g.always = false
		return g.list() + " || " + g.list()
	case 17:
		g.always = false
		return "if " + g.list() + "; then " + g.list() + "; else " + g.list() + "; fi"
	case 18:
		g.always = false
		return "for v in " + g.word() + " " + g.word() + "; do " + g.list() + "; ok2 $v; done"
	case 19:
		g.always = false
		return "while no1 " + g.word() + "; do " + g.list() + "; done"
	case 22:
		return "[[ " + g.pick(`"$(ok1 t1)" == x`, `-n $(ok1 t2; echo 1)`, `$A == f*`, `x =~ $(ok1 t3; echo y)`) + " ]]; " + g.list()
	case 23:
		return "ok1 " + g.word() + " <<E\n" + g.pick("$(ok1 h1)", "`ok2 h2`", "$A", "${C:-$(ok1 h3)}") + "\nE\n" + g.list()
	case 24:
		return "ok2 " + g.word() + " > $(ok1 r1; echo out)\n" + g.list()
	case 25:
		return "M[$(ok1 i1; echo 0)]=" + g.pick("v", "$(ok2 i2)") + "; " + g.list()
	case 26:
		return "D=(" + g.word() + " [$(ok1 i3; echo 5)]=x " + g.word() + "); " + g.list()
	case 27:
		return "(( $(ok1 a1; echo 1) > 0 )); let n=$(ok2 a2; echo 2); " + g.list()
	case 28:
		name := fmt.Sprint("l", g.Intn(1<<30))
		return name + "() { local q=$(ok1 l1); " + g.list() + "\n}; " + name
	case 29:
		return "export Q=" + g.word() + "; declare R=$(ok1 d1); readonly S" + fmt.Sprint(g.Intn(1000000)) + "=x; " + g.list()
	case 30:
		return "sh -c 'ok1 \"$0\" \"$@\"' " + g.word() + " " + g.word() + "\n" + g.list()
	case 31:
		return "echo " + quote(g.simple()) + " | " + g.pick("sh", "bash", "bash -s", "cat | bash") + "\n" + g.list()
	case 32:
		g.always = false
		return "until ok1 u1; do no1 u2; done; " + g.list()
	case 33:
		return "v='" + g.pick("ok1 v1", "ok2 v2 v3") + "'; $v; eval \"$v\"; " + g.list()
	case 34:
		return "read -r x y <<< 'ok1 z1'; \"$x\" \"$y\"; " + g.list()
	case 35:
		return "source /dev/stdin <<< " + quote(g.simple()) + "\n" + g.list()
	case 36:
		return "printf -v c '%s' ok1; $c c1; " + g.list()
	case 37:
		return "ok1 a & wait; " + g.list()
	case 38:
		return "for ((i=0;i<1;i++)); do ok1 $i; done; " + g.list()
	case 20:
		g.always = false
		return "case $A in f*) " + g.list() + ";; *) " + g.list() + ";; esac"
	}
	return g.simple()
}

// TestResolvedArgvIsWhatBashExecutes grows random lines, has bash execute them
// with programs that only note how they were called, and holds the stages
// against that: each execution is a stage with the same words, and where
// everything in the line runs, there is no other stage. Lines in which
// something is opaque have nothing to compare, and few are.
func TestResolvedArgvIsWhatBashExecutes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to compare with")
	}
	bin, seed, compared := t.TempDir(), int64(1), 0
	for _, name := range []string{"ok1", "ok2", "no1"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(shim), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const lines = 250
	for range lines {
		seed++
		g := &grower{Rand: rand.New(rand.NewSource(seed)), always: true}
		line := "A=foo; B='a b'; E=; N=4; L=(l1 'l 2'); P=A; P1=ok1; set -- p1 'p 2'\n" + g.list()
		dir := t.TempDir()
		cmd := exec.Command(bash, "-c", line)
		cmd.Dir, cmd.Env = dir, []string{"HOME=/home/dev", "PATH=" + bin + ":/usr/bin:/bin", "SHIM_LOG=" + filepath.Join(bin, "log")}
		_ = os.Remove(filepath.Join(bin, "log"))
		_ = cmd.Run() // the last command's status says nothing
		log, _ := os.ReadFile(filepath.Join(bin, "log"))
		ran := records(string(log))
		f, err := Classify(Command{Kind: "line", Line: line, Stdin: "null", Cwd: dir, Home: "/home/dev"})
		if err != nil {
			t.Errorf("%d: %s: %v", seed, line, err)
			continue
		}
		if len(f.Opaque) > 0 {
			continue
		}
		compared++
		compare(t, seed, line, ran, f, g.always)
	}
	t.Logf("compared %d of %d", compared, lines)
	if compared < lines/5 {
		t.Errorf("compared only %d of %d", compared, lines)
	}
}

func compare(t *testing.T, seed int64, line string, ran []string, f Facts, always bool) {
	t.Helper()
	var stages []string
	for _, s := range f.Stages {
		if s.Name == "ok1" || s.Name == "ok2" || s.Name == "no1" {
			stages = append(stages, strings.Join(append([]string{s.Name}, s.Args...), "|"))
		}
	}
	rest := slices.Clone(stages)
	for _, r := range ran {
		i := slices.Index(rest, r)
		if i < 0 && (always || !slices.Contains(stages, r)) {
			t.Errorf("%d: %s\nbash ran %q, guard has %q", seed, line, r, stages)
			return
		}
		if i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	if always && len(rest) > 0 {
		t.Errorf("%d: %s\nbash did not run %q of %q", seed, line, rest, stages)
	}
}

// records splits what the shims wrote.
func records(log string) []string {
	var out []string
	for r := range strings.SplitSeq(log, "\x00\n\x00") {
		if r != "" {
			out = append(out, strings.ReplaceAll(r, "\x00", "|"))
		}
	}
	return out
}
