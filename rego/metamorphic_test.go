package rego_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// A line means what it meant when harmless text is put around it, when it is
// handed to another shell, or when its words are spelt differently. So none of
// that may make its verdict milder.

// around are lines with the same line in them; %s stands for it, %q for the
// line as one word of a shell.
var around = map[string]string{
	"after a command":      "true; %s",
	"after echo":           "echo 'nothing to see here'\n%s",
	"before a command":     "%s\necho done",
	"after a comment":      "# tidy up\n%s",
	"indented":             "  \t%s",
	"after cd":             "cd /home/dev/app\n%s",
	"after options":        "set -euo pipefail\n%s",
	"after an assignment":  "GUARD_TEST=1\n%s",
	"after an export":      "export GUARD_TEST=1\n%s",
	"in a group":           "{\n%s\n}",
	"in a subshell":        "(\n%s\n)",
	"in a condition":       "if true; then\n%s\nfi",
	"in an else":           "if false; then :; else\n%s\nfi",
	"in a case":            "case x in\n*)\n%s\n;;\nesac",
	"in a loop":            "for i in 1 2; do\n%s\ndone",
	"in an endless loop":   "while true; do\n%s\ndone",
	"in a function":        "f() {\n%s\n}\nf",
	"timed":                "time {\n%s\n}",
	"negated":              "! {\n%s\n}",
	"in the background":    "{\n%s\n} &",
	"in a substitution":    "echo \"$(\n%s\n)\"",
	"in a process":         "cat <(\n%s\n)",
	"with its output away": "{\n%s\n} > /dev/null 2>&1",
	"eval":                 "eval %q",
	"bash -c":              "bash -c %q",
	"bash -lc":             "bash -lc %q",
	"sh -c in env":         "env GUARD_TEST=1 sh -c %q",
	"bash -c in wrappers":  "nice -n 5 timeout 60 stdbuf -oL bash -c %q",
	"sudo":                 "sudo -n bash -c %q",
	"nohup":                "nohup bash -c %q",
	"busybox":              "busybox sh -c %q",
	"exec":                 "exec bash -c %q",
	"script":               "script -qc %q /dev/null",
	"flock":                "flock /tmp/lock -c %q",
	"find -exec":           "find . -maxdepth 0 -exec bash -c %q \\;",
	"trap":                 "trap %q EXIT",
	"a here-document":      "bash <<'GUARD_TEST'\n%s\nGUARD_TEST",
	"a here-string":        "bash <<< %q",
	"a pipe":               "printf '%%s\\n' %q | bash",
	"a pipe in base64":     "echo %b | base64 -d | bash",
	"a file":               "cat > /tmp/guard-test.sh <<'GUARD_TEST'\n%s\nGUARD_TEST\nbash /tmp/guard-test.sh",
	"a program of its own": "cat > /tmp/guard-test <<'GUARD_TEST'\n#!/bin/bash\n%s\nGUARD_TEST\nchmod +x /tmp/guard-test && /tmp/guard-test",
	"a variable":           "GUARD_TEST=%q; eval \"$GUARD_TEST\"",
	"two shells":           "sh -c \"exec bash -c \"%Q",
	"python":               "python3 -c %p",
	"node":                 "node -e %n",
	"poetry run":           "poetry run bash -c %q",
	"xargs":                "printf %%s %q | xargs -0 bash -c",
	"a frame":              "shopt -u extglob 2>/dev/null || true && eval %q < /dev/null && pwd -P >| /tmp/claude-1-cwd",
	"a makefile":           "make -f - <<'GUARD_TEST'\nall:\n\t%m\nGUARD_TEST",
}

// respelt are other spellings of the words of simple commands.
var respelt = map[string]func(words []*syntax.Word) ([]string, bool){
	"program in single quotes": program(func(name string) string { return "'" + name + "'" }),
	"program in double quotes": program(func(name string) string { return `"` + name + `"` }),
	"program with a backslash": program(func(name string) string { return `\` + name }),
	"program in two parts":     program(func(name string) string { return name[:1] + "''" + name[1:] }),
	"program in hexadecimal":   program(func(name string) string { return fmt.Sprintf(`$'\x%x'%s`, name[0], name[1:]) }),
	"program substituted":      program(func(name string) string { return "$(echo " + name + ")" }),
	"program as a default":     program(func(name string) string { return "${guard_test:-" + name + "}" }),
	"program with its path":    external(func(name string) string { return "/usr/bin/" + name }),
	"program with a long path": external(func(name string) string { return "/usr/bin/../../usr//bin/./" + name }),
	"after command":            program(func(name string) string { return "command " + name }),
	"after env":                external(func(name string) string { return "env GUARD_TEST=1 " + name }),
	"after env -i":             external(func(name string) string { return "env -i -- " + name }),
	"after timeout":            external(func(name string) string { return "timeout -k 5 1h " + name }),
	"after nice and ionice":    external(func(name string) string { return "nice ionice -c3 " + name }),
	"after setsid":             external(func(name string) string { return "setsid -w " + name }),
	"after sudo":               external(func(name string) string { return "sudo -E " + name }),
	"paths with dots":          each(func(w string) string { return dotted(w) }),
	"paths with slashes":       each(func(w string) string { return slashed(w) }),
	"words in single quotes":   each(func(w string) string { return "'" + w + "'" }),
	"words in double quotes":   each(func(w string) string { return `"` + w + `"` }),
	"words substituted":        each(func(w string) string { return "$(printf %s " + w + ")" }),
	"words broken":             each(func(w string) string { return w[:len(w)/2] + "\\\n" + w[len(w)/2:] }),
	"words continued":          each(func(w string) string { return "\\\n" + w }),
}

// builtins and words of the shell's grammar have no file.
const builtins = " cd pushd popd export eval source . alias unalias trap exec command builtin set unset declare local readonly read exit return type history true false echo printf test [ kill "

func program(to func(string) string) func([]*syntax.Word) ([]string, bool) {
	return func(words []*syntax.Word) ([]string, bool) {
		name := words[0].Lit()
		if len(name) < 2 || strings.ContainsAny(name, `\*?[{~=/`) || strings.Contains(" eval source . alias exec export declare trap ", " "+name+" ") {
			return nil, false
		}
		return append([]string{to(name)}, written(words[1:])...), true
	}
}

func external(to func(string) string) func([]*syntax.Word) ([]string, bool) {
	return func(words []*syntax.Word) ([]string, bool) {
		if strings.Contains(builtins, " "+words[0].Lit()+" ") {
			return nil, false
		}
		return program(to)(words)
	}
}

// each respells the words after the program that are plain letters.
func each(to func(string) string) func([]*syntax.Word) ([]string, bool) {
	return func(words []*syntax.Word) ([]string, bool) {
		out, changed := written(words), false
		for i, w := range words[1:] {
			plain := w.Lit()
			if plain == "" || strings.ContainsAny(plain, "\\*?[]{}~'\"$`!#;") {
				continue
			}
			out[i+1] = to(plain)
			changed = changed || out[i+1] != plain
		}
		return out, changed
	}
}

func dotted(w string) string {
	switch {
	case strings.HasPrefix(w, "/"):
		return "/." + w
	case strings.HasPrefix(w, "./"), strings.HasPrefix(w, "../"):
		return "./" + w
	}
	return w
}

func slashed(w string) string {
	if strings.HasPrefix(w, "/") {
		return "//usr/.." + strings.ReplaceAll(w, "/", "//")
	}
	return w
}

func written(words []*syntax.Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		var b strings.Builder
		if err := syntax.NewPrinter().Print(&b, w); err != nil {
			panic(err)
		}
		out[i] = b.String()
	}
	return out
}

// respell rewrites the simple commands of a line that has nothing else in it.
func respell(line string, how func([]*syntax.Word) ([]string, bool)) (string, bool) {
	file, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil || strings.Contains(line, "<<") || strings.Contains(line, "# \\") || strings.Contains(line, "alias ") || strings.Contains(line, "() {") {
		return "", false
	}
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	syntax.Walk(file, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || len(c.Args) == 0 {
			return true
		}
		if out, ok := how(c.Args); ok {
			edits = append(edits, edit{int(c.Args[0].Pos().Offset()), int(c.Args[len(c.Args)-1].End().Offset()), strings.Join(out, " ")})
		}
		return false
	})
	for _, e := range slices.Backward(edits) {
		line = line[:e.from] + e.text + line[e.to:]
	}
	return line, len(edits) > 0
}

// wrap puts a line into another.
func wrap(form, line string) (string, bool) {
	heredoc := strings.Contains(form, "GUARD_TEST'") || strings.Contains(form, "%m")
	if strings.Contains(form, "%m") && strings.ContainsAny(line, "\n\\") || heredoc && strings.Contains(line, "GUARD_TEST") {
		return "", false
	}
	text, _ := json.Marshal(line)
	python := "import os; os.system(" + string(text) + ")"
	node := "require('child_process').execSync(" + string(text) + ")"
	out := strings.NewReplacer("%s", line, "%q", word(line), "%Q", word(word(line)), "%p", word(python), "%n", word(node),
		"%m", strings.ReplaceAll(line, "$", "$$"), "%b", base64.StdEncoding.EncodeToString([]byte(line)), "%%", "%").Replace(form)
	return out, true
}

func word(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// stopped are the lines of the corpus that have to be stopped.
func stopped(t *testing.T) []string {
	t.Helper()
	f, err := os.Open("../test/corpus/sample.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		var c struct{ Command, Expected string }
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Expected != "allow" {
			out = append(out, c.Command)
		}
	}
	if len(out) < 200 {
		t.Fatalf("only %d lines", len(out))
	}
	return out
}

func TestAnotherSpellingIsNoMilder(t *testing.T) {
	set, lines := policy(t), stopped(t)
	turn, before := 0, map[string]proxy.Verdict{}
	for _, line := range lines {
		before[line] = verdictOf(t, set, line)
	}
	check := func(t *testing.T, change func(string) (string, bool)) {
		n := 0
		for i, line := range lines {
			if (i+turn)%part > 0 && os.Getenv("SPELLINGS") == "" {
				continue // SPELLINGS=all: every line in every way
			}
			other, ok := change(line)
			if !ok {
				continue
			}
			n++
			if got := verdictOf(t, set, other); rank(got) < rank(before[line]) {
				t.Errorf("%s: %s\n%s: %s", before[line], line, got, other)
			}
		}
		turn++
		if n*part < 15 {
			t.Errorf("changes only %d lines", n)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(around)) { // in order: the same lines each time
		t.Run(name, func(t *testing.T) {
			check(t, func(line string) (string, bool) { return wrap(around[name], line) })
		})
	}
	for _, name := range slices.Sorted(maps.Keys(respelt)) {
		t.Run(name, func(t *testing.T) {
			check(t, func(line string) (string, bool) { return respell(line, respelt[name]) })
		})
	}
	if n := len(around) + len(respelt); n < 20 {
		t.Errorf("only %d ways", n)
	}
}

// verdictOf is the verdict on a line; what is too much to classify is denied.
func verdictOf(t *testing.T, set *rego.Set, line string) proxy.Verdict {
	c := dev("line", line)
	if _, err := classify.Classify(c); err != nil {
		return proxy.Deny
	}
	return decide(t, set, input(t, c)).Verdict
}

func rank(v proxy.Verdict) int {
	return slices.Index([]proxy.Verdict{proxy.Allow, proxy.Hold, proxy.Deny}, v)
}
