package classify

import (
	"slices"
	"strings"
	"testing"
)

// spelledOut lists the executions of a command as "words" or "words*" in a loop.
func spelledOut(t *testing.T, c Command) []string {
	t.Helper()
	f, err := Classify(c)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range f.Execs {
		if e.Stage >= len(f.Stages) || e.Cwd == "" {
			t.Fatalf("%q comes to stage %d of %d in %q", e.Argv, e.Stage, len(f.Stages), e.Cwd)
		}
		words := strings.Join(e.Argv, " ")
		if e.Cwd != "/w" {
			words += " in " + e.Cwd
		}
		if e.Loop {
			words += "*"
		}
		got = append(got, words)
	}
	return got
}

func TestALineCoversWhatItSpellsOutAndNothingElse(t *testing.T) {
	cases := []struct {
		line string
		want []string
	}{
		{"rm -rf x", []string{"rm -rf x"}},
		{"sudo timeout 5 rm -rf x", []string{"sudo timeout 5 rm -rf x", "timeout 5 rm -rf x", "rm -rf x"}},
		{"rm 'a b' \"c\" d\\ e", []string{"rm a b c d e"}},
		{"sh -c 'rm x; rm y'", []string{"sh -c rm x; rm y", "rm x", "rm y"}},
		{"cd /s && rm x && ./go; rm y; (cd /t && rm z)", []string{"rm x in /s", "./go in /s", "rm z in /t"}},
		{"for f in a b c; do make clean; done", []string{"make clean*", "make clean*", "make clean*"}},
		{"while sleep 1; do rm x; done", []string{"sleep 1*", "rm x*"}},
		{"if true; then rm a; else rm b; fi | tee log", []string{"rm a", "rm b", "tee log"}},
		{"rm {a,b}", []string{"rm a b"}},
		{"f() { rm x; }; f; f", []string{"rm x", "rm x"}},
		{"bash <<'E'\nrm x\nE", []string{"bash", "rm x"}},
		{"eval 'rm x'", []string{"rm x"}},
		{"env -S 'A=1 rm x'", []string{"env -S A=1 rm x", "rm x"}},
		{"command rm x; exec rm y", []string{"rm x", "rm y"}},
		{"X=1 rm x > log", []string{"rm x"}},
		{"nohup sh -c 'exec rm x' &", []string{"nohup sh -c exec rm x", "sh -c exec rm x", "rm x"}},

		{"echo x; cd y; test -f z; kill 1", nil},
		{"rm $X; rm \"$X\"; rm $(ls); rm `ls`; rm $((1)); rm *.c; rm ~/x; rm <(ls) 2>&1", []string{"ls", "ls", "ls"}},
		{"D=x; rm $D; for f in a b; do rm $f; done", nil},
		{"echo x | xargs rm; echo x | xargs sh -c 'rm y'", []string{"xargs rm", "xargs sh -c rm y"}},
		{"qemu-x86_64 /bin/rm x; python3 -m cProfile x.py; foo rm -rf x", []string{"qemu-x86_64 /bin/rm x", "python3 -m cProfile x.py", "foo rm -rf x"}},
		{"gdb --args rm x", []string{"gdb --args rm x", "rm x"}},
		{"parallel rm ::: a b", []string{"parallel rm ::: a b"}},
		{"find . -exec rm {} \\;", []string{"find . -exec rm {} ;"}},
		{"T='rm x'; sh -c \"$T\"; eval $T; trap \"$T\" EXIT", nil},
		{"echo 'rm x' | sh", []string{"sh"}},
		{"bash <<E\nrm $X y\nrm z\nE", []string{"bash"}},
		{"$X rm -rf y; sudo $X rm z", nil},
		{"ssh host rm x; docker exec c rm y", []string{"ssh host rm x", "docker exec c rm y"}},
		{"f() { rm \"$1\"; }; f x", nil},
		{"alias r='rm x'; r", []string{"r"}},
		{"cd \"$Z\"; rm x", nil},
		{"eval \"f() { rm $X; rm y; }\"; f", nil},
		{"bash -c 'rm x; if'", []string{"bash -c rm x; if"}},
		{"printf 'rm x\\n' > s; sh s", []string{"sh s"}},
		{"# a \\\nrm x", []string{"rm x"}},
	}
	for _, c := range cases {
		t.Run(c.line, func(t *testing.T) {
			got := spelledOut(t, Command{Kind: "line", Line: c.line, Cwd: "/w", Home: "/home/u", Vars: map[string]string{"X": "x"}})
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAScriptThatWasReadCoversWhatItSpellsOut(t *testing.T) {
	script := func(text string) Command {
		return Command{Kind: "exec", Argv: []string{"./s", "a b"}, Cwd: "/w", Workspace: "/w", Scene: []Observation{
			{Query: Query{Op: "text", Path: "/w/s"}, Exists: "yes", Text: text, Digest: "d"},
		}}
	}
	cases := []struct {
		text string
		want []string
	}{
		{"#!/bin/sh\nrm -rf x\nrm \"$1\"\n", []string{"rm -rf x"}},
		{"#!/usr/bin/env bash\nrm x\n", []string{"bash ./s a b", "rm x"}},
		{"#!/usr/bin/env -S bash -e\nrm x\n", []string{"bash -e ./s a b", "rm x"}},
		{"#!/usr/bin/env python3\nprint()\n", []string{"python3 ./s a b"}},
		{"#!/bin/sh\nrm x\neval \"$Y\"\n", nil},
	}
	for _, c := range cases {
		if got := spelledOut(t, script(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
