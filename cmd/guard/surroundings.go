package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
	"lukechampine.com/blake3"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/scene"
)

// surroundings is where guard was called.
type surroundings struct {
	cwd       string
	home      string
	workspace string // "" where there is none worth the name
}

func look() (surroundings, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return surroundings{}, fmt.Errorf("find the working directory: %w; cd to one that exists", err)
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = "/"
	}
	return surroundings{cwd: cwd, home: filepath.Clean(home), workspace: scene.Workspace(cwd, home)}, nil
}

// complete adds to a command what the decision may depend on.
func (at surroundings) complete(j *job) {
	c := &j.command
	c.Cwd, c.Stdin, c.Exe = at.cwd, stdinKind(), j.path
	c.Vars, c.Env, c.Code = vars(c), envDigest(os.Environ(), c), envDigest(os.Environ(), &proxy.Command{})
	c.Digest = fileIdentity(j.path)
	for i, word := range append(slices.Clone(c.Argv), c.Line) {
		if !utf8.ValidString(word) {
			c.Invalid = fmt.Sprintf("word %d is not valid UTF-8", i)
		}
	}
	if !utf8.ValidString(at.cwd + at.home + at.workspace + c.Exe) {
		c.Invalid = "a folder's name is not valid UTF-8"
	}
	if c.Invalid != "" { // JSON would replace the bytes; name the fault and send nothing that is not so
		c.Argv, c.Line, c.Cwd, c.Exe = nil, "", readable(c.Cwd), readable(c.Exe)
	}
}

// readable is text that can be sent and shown. A command with any other is
// denied, so it never stands for what would run.
func readable(s string) string { return strings.ToValidUTF8(s, "?") }

func mapped(words []string, to func(string) string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = to(w)
	}
	return out
}

// stdinKind says what descriptor 0 is.
func stdinKind() string {
	if term.IsTerminal(0) {
		return "terminal"
	}
	var st unix.Stat_t
	if unix.Fstat(0, &st) != nil {
		return "null" // closed: there is nothing to read
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return "file"
	case unix.S_IFCHR:
		if unix.Major(uint64(st.Rdev)) == 1 && unix.Minor(uint64(st.Rdev)) == 3 {
			return "null"
		}
	}
	return "pipe"
}

// fileIdentity tells whether a program file was replaced between two looks.
func fileIdentity(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return ""
	}
	return fmt.Sprintf("%d:%d:%d:%d", st.Dev, st.Ino, st.Size, st.Mtim.Nano())
}

// alwaysSent is what words may name whether or not guard sees the name in them.
var alwaysSent = []string{"HOME", "USER", "LOGNAME", "PWD", "OLDPWD", "TMPDIR", "SHELL"}

// vars are the variables a command's words may name. Those that look like
// secrets stay here.
func vars(c *proxy.Command) map[string]string {
	sent := map[string]string{}
	words := text(c)
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if (slices.Contains(alwaysSent, name) || names(words, name)) && name != "" && len(value) <= 4096 && utf8.ValidString(value) && !looksSecret(name) {
			sent[name] = value
		}
	}
	return sent
}

// text is all of a command's words.
func text(c *proxy.Command) string { return strings.Join(c.Argv, " ") + " " + c.Line }

// names says whether words name a variable.
func names(words, name string) bool {
	return strings.Contains(words, "$"+name) || strings.Contains(words, "${"+name)
}

func looksSecret(name string) bool {
	upper := strings.ToUpper(name)
	return slices.ContainsFunc([]string{"TOKEN", "SECRET", "KEY", "PASS", "CRED", "AUTH"}, func(s string) bool {
		return strings.Contains(upper, s)
	})
}

// runsCode lists the variables (or, with a star, beginnings of names) that make
// a program run something else than its words say. An approval binds to them.
var runsCode = []string{
	"PATH", "IFS", "ENV", "CDPATH", "PS4", "PROMPT_COMMAND", "SHELL", "SHELLOPTS", "EDITOR", "VISUAL", "PAGER", "MANPAGER",
	"BROWSER", "GCONV_PATH", "LD_*", "BASH*", "GIT_*", "SSH_*", "PYTHON*", "PERL5*", "RUBY*", "NODE_*", "NPM_*", "npm_config_*",
	"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_*", "LESS*", "MAKE*", "CC", "CXX", "GO*", "CARGO*", "RUSTC*", "DOCKER_*", "KUBECONFIG",
}

// envDigest is a digest over the variables in runsCode and those that the
// command names, values included.
func envDigest(environ []string, c *proxy.Command) string {
	words := text(c)
	var kept []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if names(words, name) || slices.ContainsFunc(runsCode, func(pattern string) bool {
			prefix, star := strings.CutSuffix(pattern, "*")
			return name == pattern || star && strings.HasPrefix(name, prefix)
		}) {
			kept = append(kept, v)
		}
	}
	slices.Sort(kept)
	sum := blake3.Sum256([]byte(strings.Join(kept, "\x00")))
	return "blake3:" + hex.EncodeToString(sum[:])
}
