package test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/f958ca95/guard"

// layers is the table of DESIGN 4: a package may import those of the lines above
// its own, never a neighbour. A folder that is not listed is an error, so that a
// new package gets its place by decision.
var layers = [][]string{
	{"classify/code"},
	{"classify", "receipt", "proxy"},
	{"rego", "receipt/state", "receipt/index", "proxy/sock", "proxy/scene", "proxy/spawn", "proxy/trace", "proxy/hook", "proxy/drill"},
	{"proxy/gate"},
	{"cmd/guard", "cmd/guardd"},
	{"test", "test/bench", "test/score", "test/victim"},
}

// direct is what go.mod may require by itself; each further one needs a reason.
var direct = []string{
	"github.com/creack/pty",
	"github.com/fsnotify/fsnotify",
	"github.com/gowebpki/jcs",
	"github.com/landlock-lsm/go-landlock", // keeps its table of rights and kernel versions current
	"github.com/open-policy-agent/opa",
	"github.com/rogpeppe/go-internal",
	"github.com/spf13/cobra",
	"golang.org/x/sys",
	"golang.org/x/term",
	"golang.org/x/text", // compatibility forms in free text, which hide words from patterns
	"lukechampine.com/blake3",
	"mvdan.cc/sh/v3",
}

// heavy is what the small program must not link.
var heavy = []string{"github.com/open-policy-agent/opa", "mvdan.cc/sh", "sqlite"}

func layer(pkg string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, pkg) })
}

// allowed says what is wrong with an import between two folders, or "".
func allowed(from, to string) string {
	switch {
	case layer(from) < 0:
		return "is in no layer: give it one in test/imports_test.go and in DESIGN"
	case from == to: // a test from outside
		return ""
	case layer(to) < 0:
		return "imports " + to + ", which is in no layer"
	case layer(to) == layer(from):
		return "imports its neighbour " + to
	case layer(to) > layer(from):
		return "imports " + to + ", which is above it"
	}
	return ""
}

func TestImportsGoDownOnly(t *testing.T) {
	root, files, edges := "..", 0, 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || (strings.HasPrefix(d.Name(), ".") && name != root)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		from, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		from = filepath.ToSlash(from)
		if layer(from) < 0 {
			t.Errorf("%s %s", from, allowed(from, from))
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if to, ours := strings.CutPrefix(imported, module+"/"); ours {
				edges++
				if problem := allowed(from, to); problem != "" {
					t.Errorf("%s: %s %s", path.Base(name), from, problem)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 || edges < 50 {
		t.Errorf("only %d files with %d imports were looked at", files, edges)
	}
}

func TestTheTableOfImportsRefuses(t *testing.T) {
	cases := []struct {
		from, to string
		fine     bool
	}{
		{"proxy/sock", "proxy", true},
		{"proxy/gate", "rego", true},
		{"proxy/gate", "proxy/gate", true},
		{"proxy", "proxy/sock", false},
		{"proxy/sock", "proxy/scene", false},
		{"classify", "proxy", false},
		{"rego", "proxy/gate", false},
		{"receipt", "receipt/state", false},
		{"proxy/sock", "util", false},
		{"util", "proxy", false},
	}
	for _, c := range cases {
		if got := allowed(c.from, c.to); (got == "") != c.fine {
			t.Errorf("%s imports %s: got %q", c.from, c.to, got)
		}
	}
}

func TestTheSmallProgramLinksNothingHeavy(t *testing.T) {
	linked := func(pkg string) (found []string) {
		out := goCommand(t, "list", "-buildvcs=false", "-deps", pkg)
		for dep := range strings.FieldsSeq(string(out)) {
			if slices.ContainsFunc(heavy, func(h string) bool { return strings.Contains(dep, h) }) {
				found = append(found, dep)
			}
		}
		return found
	}
	if found := linked("./cmd/guard"); len(found) > 0 {
		t.Errorf("guard links %d packages it must not: %v", len(found), found)
	}
	if found := linked("./cmd/guardd"); len(found) == 0 {
		t.Errorf("guardd links none of %v: this test looks for the wrong names", heavy)
	}
}

func TestDirectDependenciesAreTheAgreedOnes(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range mod.Require {
		if !r.Indirect {
			got = append(got, r.Path)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, direct) {
		t.Errorf("direct dependencies:\ngot  %q\nwant %q", got, direct)
	}
}

// goCommand runs go at the top of the module.
func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Logf("%s", e.Stderr)
		}
		t.Fatalf("go %q: %v", args, err)
	}
	return out
}
