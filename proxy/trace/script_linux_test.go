package trace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func init() {
	roles["each"] = runEach
	roles["nothing"] = func([]string) error { return nil }
}

// runEach executes each of args with two words, whether it fails or not.
func runEach(args []string) error {
	for _, name := range args {
		p, err := os.StartProcess(name, []string{name, "one", "two words"}, &os.ProcAttr{Env: append(os.Environ(), roleVar+"=nothing")})
		if err == nil {
			p.Wait()
		}
	}
	return nil
}

// The judge of the prediction is the kernel: Loaded is never asked about it.
func TestTheWordsOfAScriptArePredictedAsTheKernelMakesThem(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", 300)
	cases := []struct {
		name, head string
		want       []string // in front of the script's own words; nil: the kernel refuses
	}{
		{"plain", "#!/bin/true\n", []string{"/bin/true"}},
		{"blanks", "#! \t /bin/true \t\n", []string{"/bin/true"}},
		{"argument", "#!/bin/true -a\n", []string{"/bin/true", "-a"}},
		{"arguments are one", "#!/bin/true -a -b  c \n", []string{"/bin/true", "-a -b  c"}},
		{"tab", "#!/bin/true\t-a\tb\n", []string{"/bin/true", "-a\tb"}},
		{"carriage return", "#!/bin/true -a\r\n", []string{"/bin/true", "-a\r"}},
		{"no newline", "#!/bin/true", []string{"/bin/true"}},
		{"no newline, argument", "#!/bin/true -a b ", []string{"/bin/true", "-a b "}},
		{"zero", "#!/bin/true\x00-a\n", []string{"/bin/true"}},
		{"zero in the argument", "#!/bin/true -a\x00b\n", []string{"/bin/true", "-a"}},
		{"long argument is cut", "#!/bin/true " + long + "\n", []string{"/bin/true", long[:243]}},
		{"name of no end", "#!/" + long + "\n", nil},
		{"no name", "#!\n", nil},
		{"blank name", "#!   \n", nil},
		{"nothing that is executable", "hello\n", nil},
	}
	var want [][]string
	judge := &fake{}
	judge.loaded = func(c *Call, i Image) bool {
		t.Errorf("%s: predicted %q %q, loaded %q %q", c.Path, c.Image.Exe.Path, c.Image.Argv, i.Exe.Path, i.Argv)
		return true
	}
	var ran []string
	judge.done = func(c *Call, loaded *Image, _ error) {
		if loaded != nil && strings.HasPrefix(c.Path, dir) {
			ran = append(ran, filepath.Base(c.Path))
		}
	}
	names := []string{os.Args[0]}
	for i, c := range cases {
		name := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(name, []byte(c.head), 0o755); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		if c.want != nil {
			want = append(want, append(c.want, name, "one", "two words"))
		}
	}
	tr := plant(t, judge, asRole("each"), names...)
	tr.end()
	var got [][]string
	for _, c := range judge.calls {
		if strings.HasPrefix(c.Path, dir) && slices.Contains(ran, filepath.Base(c.Path)) {
			got = append(got, c.Image.Argv)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d ran (%q), want %d", len(got), ran, len(want))
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}
