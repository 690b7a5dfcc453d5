package classify

import (
	"slices"
	"strings"
	"testing"
)

func TestLinesThatLeaveAProgramForAShellAreWalked(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`printf '!rm x\nq\n' | ed -s notes`, "rm x"},
		{`ed -s notes <<< '1,$w !rm x'`, "rm x"},
		{"echo '!rm x' | dc", "rm x"},
		{"dc -e 1 -e '!rm x'", "rm x"},
		{"printf 'shell rm x\n' | gdb ./app", "rm x"},
		{`bind -x '"\C-l": rm x'`, "rm x"},
		{`bind -x '"\C-l":rm x'`, "rm x"},
		{"printf 'rm x\\nrm y\\n' | parallel", "rm y"},
		{"printf 'rm x\\n' > jobs; parallel -a jobs", "rm x"},
		{"printf 'rm x\\n' > jobs; parallel < jobs", "rm x"},
		{"ex -sc '%!rm x' -cx notes", "rm x"},
		{"printf ':!rm x\n' > v.vim; vim -S v.vim", "rm x"},
		{"printf 'shell rm x\n' > g; gdb -x g ./app", "rm x"},
		{"mapfile -C 'rm x' -c 1 < list", "rm x"},
		{"vim -es -c '%s/a!/b/' -c wq notes", ""},
		{`printf '%%s/a/b/\nw\nq\n' | ed -s notes`, ""},
		{"echo '3 4 !< p' | dc", ""},
		{`printf 'a\nwow! rm x\n.\nw\n' | ed notes`, ""},
	} {
		f := facts(t, at("line", c.line))
		rm := slices.ContainsFunc(f.Stages, func(s Stage) bool {
			return s.Name == "rm" && slices.ContainsFunc(s.Operands, func(o string) bool { return strings.HasSuffix(c.want, o) })
		})
		if rm != (c.want != "") {
			t.Errorf("%s: got %s", c.line, brief(f))
		}
	}
}

func TestParallelOnUnknownLinesIsInDoubt(t *testing.T) {
	f := facts(t, at("line", "make jobs | parallel -j4"))
	if !slices.ContainsFunc(f.Opaque, func(o Opaque) bool { return o.Where == "stdin" }) {
		t.Errorf("no doubt about standard input: %+v", f.Opaque)
	}
}

func TestALoopWithoutEndThatOnlyStartsIsRecursive(t *testing.T) {
	for line, want := range map[string]bool{
		"while true; do sleep 9 & done":          true,
		"until false; do sleep 9 & done":         true,
		"while [ 1 ]; do (sleep 9 &); done":      true,
		"while ((1)); do { sleep 9 & }; done":    true,
		"for ((;;)); do x=1; sleep 9 & done":     true,
		"while true; do sleep 9 & wait; done":    false,
		"while true; do sleep 9 & sleep 1; done": false,
		"while true; do sleep 9; done":           false,
		"while [ -f x ]; do sleep 9 & done":      false,
		"for i in 1 2; do sleep 9 & done":        false,
		"for ((i=0;i<3;i++)); do sleep 9 & done": false,
	} {
		f := facts(t, at("line", line))
		if got := slices.ContainsFunc(f.Stages, func(s Stage) bool { return s.Recursive && s.Background }); got != want {
			t.Errorf("%s: recursive %v, want %v", line, got, want)
		}
	}
}

func TestSettingsOfAFileAreNoProgram(t *testing.T) {
	for line, known := range map[string]bool{
		"env $(cat .env.test | xargs) make":                      true,
		"env $(grep -v '^#' .env) make":                          true,
		"env $(cat run.txt) make":                                false,
		"env $(cat .env; cat run.txt) make":                      false,
		"env $(cat /tmp/x.env) make":                             false,
		"curl -o .env http://x.example/ && env $(cat .env) make": false,
		"env $(date) make":                                       false,
	} {
		f := facts(t, at("line", line))
		if got := !slices.ContainsFunc(f.Opaque, func(o Opaque) bool { return o.Where == "program" }); got != known {
			t.Errorf("%s: program known %v, want %v", line, got, known)
		}
	}
}
