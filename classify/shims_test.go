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
	return g.pick("a", "b c", "'d e'", `"$A x"`, "$A", `"$B"`, "${A:-z}", "${C:-z}", "${A#f}", "${A%o}", "{1,2}", "x{a..c}", "$((1+2))", "$(echo k)", `"$(printf '%s-' m n)"`,
		`$'t\tu'`, "~", "--k=v", `\$A`, `'$A'`, `"\"q\""`, "-f", "''", `"$@"`, `"$*"`, `"${L[*]}"`, "${L[1]}", `"${L[@]}"`, "${#L[@]}", "${!P}", "$B", "$E", `"$E"`, "${A^^}", "${A/o/0}", "${A:1:1}", "=", "%", "a=b")
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
	switch n := g.Intn(22); n {
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
		return g.pick("bash", "sh", "bash --norc") + " -c " + quote(strings.NewReplacer("${L[1]}", "l", `"${L[@]}"`, "l", `"${L[*]}"`, "l", "${#L[@]}", "l", "${!P}", "l", "${A^^}", "l", "${A/o/0}", "l", "${A:1:1}", "l", `$'t\tu'`, "l", "x{a..c}", "l", "{1,2}", "l", "ok{1,}", "ok1", "<<< x", "").Replace(g.simple()))
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
	const lines = 150
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
	if compared < lines/3 {
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
