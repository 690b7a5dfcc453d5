package classify

import (
	"slices"
	"testing"
)

func TestXargsKnowsWhereItsNamesLie(t *testing.T) {
	for line, want := range map[string][]string{
		"find a b -name '*.o' | xargs rm":                 {"/w/a", "/w/b"},
		"find a -print0 | xargs -0 rm -f":                 {"/w/a"},
		"find a | grep -v keep | sort | xargs -I{} rm {}": {"/w/a"},
		"git ls-files | xargs rm":                         {"/w"},
		"find a -printf '/etc/%f\\n' | xargs rm":          nil,
		"find a -exec echo /etc {} + | xargs rm":          nil,
		"find $X | xargs rm":                              nil,
		"find a | sed s/a/b/ | xargs rm":                  nil,
		"find a | grep x list | xargs rm":                 nil,
		"(cd / && find a) | xargs rm":                     nil,
		"git -C /etc ls-files | xargs rm":                 nil,
		"find a | xargs -a list rm":                       nil,
		"{ find a; cat list; } | xargs rm":                nil,
		"ls *.log | xargs rm":                             {"/w"},
		"ls /etc | xargs rm":                              nil,
		"ls ../* | xargs rm":                              nil,
		"cat list | xargs rm":                             nil,
	} {
		c := at("line", line)
		c.Cwd = "/w"
		f := facts(t, c)
		var got []string
		for _, p := range f.Stages[len(f.Stages)-1].Paths {
			if p.Path != "" {
				got = append(got, p.Path)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q want %q", line, got, want)
		}
		if len(f.Stages[len(f.Stages)-1].Opaque) == 0 {
			t.Errorf("%s: nothing is open, although the names are found at run time", line)
		}
	}
}
