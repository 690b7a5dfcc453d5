package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
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

// look finds out where guard was called. Folders go by the names that the kernel
// gives them, as the exec hook sees them, whatever links led there.
func look() (surroundings, error) {
	cwd, err := os.Getwd()
	if err == nil {
		cwd, err = filepath.EvalSymlinks(cwd)
	}
	if err != nil {
		return surroundings{}, fmt.Errorf("find the working directory: %w; cd to one that exists", err)
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = "/"
	}
	if real, err := filepath.EvalSymlinks(home); err == nil {
		home = real
	}
	return surroundings{cwd: cwd, home: filepath.Clean(home), workspace: scene.Workspace(cwd, home)}, nil
}

// complete adds to a command what the decision may depend on.
func (at surroundings) complete(j *job) {
	c := &j.command
	c.Cwd, c.Stdin, c.Exe, c.Digest = at.cwd, kindOf(os.Getpid(), 0), j.path, fileIdentity(j.path)
	if !utf8.ValidString(at.home + at.workspace) {
		c.Invalid = "a folder's name is not valid UTF-8"
	}
	environ := os.Environ()
	fill(c, environ, envDigest(environ, ""))
}

// fill adds to a command what it takes from its environment, of which code is the
// digest without words. What could not be sent as it is, is withheld: JSON would
// replace the bytes.
func fill(c *proxy.Command, environ []string, code string) {
	c.Vars, c.Code = vars(environ, c), code
	c.Env = c.Code
	if words := text(c); words != "" {
		c.Env = envDigest(environ, words)
	}
	for i, word := range append(slices.Clone(c.Argv), c.Line) {
		if !utf8.ValidString(word) {
			c.Invalid = fmt.Sprintf("word %d is not valid UTF-8", i)
		}
	}
	if !utf8.ValidString(c.Cwd + c.Exe) {
		c.Invalid = "a folder's name is not valid UTF-8"
	}
	if c.Invalid != "" {
		c.Argv, c.Line, c.Cwd, c.Exe = nil, "", readable(c.Cwd), readable(c.Exe)
	}
}

// writable lists where a sandboxed tree may write; nil means anywhere.
func (at surroundings) writable(opt runOptions) []string {
	if opt.sandbox == "off" {
		return nil
	}
	paths := []string{"/tmp", "/var/tmp", "/dev/shm", os.TempDir()}
	if at.workspace != "" {
		paths = append(paths, at.workspace)
	} else {
		paths = append(paths, at.cwd)
	}
	paths = append(paths, opt.allowWrite...)
	for i, p := range paths {
		if abs, err := filepath.Abs(p); err == nil {
			paths[i] = abs
		}
		if real, err := filepath.EvalSymlinks(paths[i]); err == nil {
			paths[i] = real
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
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

// kindOf says what a descriptor of a process is.
func kindOf(pid, fd int) string {
	var st unix.Stat_t
	if unix.Stat("/proc/"+strconv.Itoa(pid)+"/fd/"+strconv.Itoa(fd), &st) != nil {
		return "null" // closed: there is nothing to read
	}
	switch major, minor := unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev)); {
	case st.Mode&unix.S_IFMT == unix.S_IFREG:
		return "file"
	case st.Mode&unix.S_IFMT != unix.S_IFCHR:
		return "pipe"
	case major == 1 && minor == 3:
		return "null"
	case major == 4 || major == 5 || major >= 136 && major <= 143: // devices.txt of Linux: consoles, /dev/tty, pseudo terminals
		return "terminal"
	}
	return "pipe"
}

// fileIdentity tells whether a program file was replaced between two looks.
func fileIdentity(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return ""
	}
	return identity(uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano())
}

func identity(dev, ino uint64, size, mtime int64) string {
	return fmt.Sprintf("%d:%d:%d:%d", dev, ino, size, mtime)
}

// alwaysSent is what words may name whether or not guard sees the name in them.
var alwaysSent = []string{"HOME", "USER", "LOGNAME", "PWD", "OLDPWD", "TMPDIR", "SHELL"}

// vars are the variables a command's words may name. Those that look like
// secrets stay here.
func vars(environ []string, c *proxy.Command) map[string]string {
	sent := map[string]string{}
	words := text(c)
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if (slices.Contains(alwaysSent, name) || names(words, name)) && name != "" && len(value) <= 4096 && utf8.ValidString(value) && !looksSecret(name) {
			sent[name] = value
		}
	}
	return sent
}

// text is all of a command's words, or nothing where they name no variable.
func text(c *proxy.Command) string {
	words := strings.Join(c.Argv, " ") + " " + c.Line
	if !strings.Contains(words, "$") {
		return ""
	}
	return words
}

// names says whether words name a variable.
func names(words, name string) bool {
	return words != "" && (strings.Contains(words, "$"+name) || strings.Contains(words, "${"+name))
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

// envDigest is a digest over the variables in runsCode and those that words
// name, values included.
func envDigest(environ []string, words string) string {
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
