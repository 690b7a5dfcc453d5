package scene

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/f958ca95/guard/proxy"
)

// gitPath is where git is looked for: folders that only root can write on usual
// systems, not $PATH, which an agent sets as it likes.
const gitPath = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin:/run/current-system/sw/bin"

// observeGit answers the queries with these indexes: tracked if the index has the
// path or anything below it, else ignored if a pattern says so, else untracked.
func observeGit(ctx context.Context, queries []proxy.Query, indexes []int, tell func(int, proxy.Observation)) {
	if len(indexes) == 0 {
		return
	}
	program, err := findGit()
	for _, i := range indexes {
		if ctx.Err() != nil {
			return
		}
		o := proxy.Observation{Query: queries[i]}
		if err == nil {
			o.Git, o.Error = gitSays(ctx, program, o.Path)
		} else {
			o.Error = err.Error()
		}
		if ctx.Err() == nil { // else what git said is that it was stopped
			tell(i, readable(o))
		}
	}
}

func findGit() (string, error) {
	for _, dir := range filepath.SplitList(gitPath) {
		path := filepath.Join(dir, "git")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", errors.New("git is not installed")
}

func gitSays(ctx context.Context, program, path string) (says, problem string) {
	// The last name stays as it is: a link is a file of its own to git.
	dir, err := resolve(filepath.Dir(path))
	if err != nil {
		return "", reason(err)
	}
	path = filepath.Join(dir, filepath.Base(path))
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		dir = path
	}
	top, err := topOf(dir)
	if err != nil {
		return "", reason(err)
	}
	name, err := filepath.Rel(top, path)
	if err != nil {
		return "", reason(err)
	}
	g := repository{program, top}
	name = "./" + name // a leading colon would be magic
	tracked, err := g.run(ctx, "--literal-pathspecs", "ls-files", "-z", "--", name)
	if err != nil {
		return "", err.Error()
	}
	if tracked {
		return "tracked", ""
	}
	ignored, err := g.run(ctx, "check-ignore", "--", name)
	if err != nil {
		return "", err.Error()
	}
	if ignored {
		return "ignored", ""
	}
	return "untracked", ""
}

// repository runs git where its configuration is not to be trusted.
type repository struct{ program, top string }

// run reports whether git printed anything. It stops git at the first byte.
func (g repository) run(ctx context.Context, args ...string) (some bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, g.program, append(g.options(), args...)...)
	cmd.Env = g.env()
	cmd.Dir = g.top
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal to ask at, and one group to end
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 50 * time.Millisecond
	var complaint bytes.Buffer
	cmd.Stderr = &bounded{&complaint, 4 << 10}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("run git: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("run git: %w", err)
	}
	n, _ := out.Read(make([]byte, 1))
	if n > 0 {
		cancel()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case n > 0, err == nil, errors.As(err, &exit) && exit.ExitCode() == 1: // check-ignore: none is ignored
		return n > 0, nil
	case complaint.Len() > 0:
		return false, errors.New("git: " + firstLine(complaint.String()))
	}
	return false, fmt.Errorf("run git: %w", err)
}

// options override whatever a repository could say to make git start a program
// or write: given here they win over every file.
func (g repository) options() []string {
	return []string{
		"-C", g.top, "--work-tree=" + g.top,
		"--no-optional-locks", "--no-pager",
		"-c", "core.fsmonitor=false",
		"-c", "core.hooksPath=/dev/null",
		"-c", "core.untrackedCache=false",
		"-c", "core.sshCommand=false",
		"-c", "credential.helper=",
		"-c", "safe.bareRepository=explicit",
	}
}

// env is all of git's environment. The user's and the system's configuration are
// left out: they can start programs as well, and whatever they ignore is then
// merely called untracked. Objects that are missing stay missing: to fetch them
// would run what the repository names as its remote.
func (g repository) env() []string {
	return []string{
		"PATH=" + gitPath,
		"HOME=" + os.Getenv("HOME"),
		"LC_ALL=C",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_CEILING_DIRECTORIES=" + filepath.Dir(g.top),
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	keep := p[:min(len(p), b.left)]
	b.left -= len(keep)
	_, _ = b.w.Write(keep)
	return len(p), nil
}
