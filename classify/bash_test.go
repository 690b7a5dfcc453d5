package classify

import (
	"math/rand"
	"os/exec"
	"strings"
	"testing"
)

// TestWordsAreWhatBashMakesOfThem compares the words of random lines with those
// that bash hands to a function. Where a line is opaque there is nothing to
// compare.
func TestWordsAreWhatBashMakesOfThem(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to compare with")
	}
	pieces := strings.Split(`a|b c|\ |'x y'|"q $A r"|$A|${A}|$B|"$B"|${A:-d}|${C:-d}|${C-d}|${C:+e}|${A:+e}|${A#f}|${A%o}|${A%%o*}|${A##*o}|${A/o/0}|${A//o/0}|${A^^}|${A:1}|${A:1:1}|${A: -1}|${#A}|`+
		`{x,y}|{1..3}|{a..c}|x{1,2}y|$((1+2))|$((N*2))|$(echo hi)|"$(echo 'a  b')"|$(printf '%s-' 1 2)|$'\x41\n\t\101'|~|~/z|"~"|\~|--k=~|\$A|'$A'|"\$A\\"|"\a"|#n|n#|-f|""|''|$@|"$@"|"$*"|"${L[*]}"|$*|$1|$#|`+
		`${L[0]}|"${L[@]}"|${L[@]}|${#L[@]}|$E|"$E"|a$E|$D|"$D"|${!P}|{a,}|{a}|{}|{1..1}|{3..1}|{1..9..3}|{01..03}|${A,,}|${A^}|=|a=b|!|%|@|^|+`, "|")
	const before = "A=foo; B='a b'; C=; N=4; L=(l1 'l 2'); E=; D=' x  y '; P=A; set -- p1 'p 2'; "
	dir, r := t.TempDir(), rand.New(rand.NewSource(1))
	for range 400 {
		line := before + "show"
		for range 1 + r.Intn(2) {
			line += " "
			for range 1 + r.Intn(3) {
				line += pieces[r.Intn(len(pieces))]
			}
		}
		cmd := exec.Command(bash, "-c", "show() { printf '%s\\0' $# \"$@\"; }\n"+line)
		cmd.Dir, cmd.Env = dir, []string{"HOME=/home/dev"}
		want, err := cmd.Output()
		if err != nil {
			continue // bash does not accept it either
		}
		f := facts(t, Command{Kind: "line", Line: line, Cwd: dir, Home: "/home/dev"})
		s := f.Stages[len(f.Stages)-1]
		if len(f.Opaque) > 0 || s.Name != "show" {
			continue
		}
		_, words, _ := strings.Cut(string(want), "\x00")
		if got := strings.Join(append(s.Args, ""), "\x00"); got != words {
			t.Errorf("%s\nbash %q\n got %q", strings.TrimPrefix(line, before), words, got)
		}
	}
}
