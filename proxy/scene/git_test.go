package scene

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// git runs git for a test, as a user would.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repo is a work tree with something tracked, ignored and untracked in it.
func repo(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(realDir(t), "work")
	write(t, dir+"/.gitignore", "build/\n*.log\n")
	write(t, dir+"/src/main.c", "int main;")
	write(t, dir+"/build/out.o", "x")
	write(t, dir+"/a.log", "x")
	write(t, dir+"/kept.log", "x")
	write(t, dir+"/new.c", "x")
	write(t, dir+"/odd/:(top)*", "x")
	link(t, "src", dir+"/link")
	git(t, dir, "init", "-q", "-b", "main")
	git(t, dir, "add", "-f", ".gitignore", "src", "kept.log", "link")
	git(t, dir, "commit", "-q", "-m", "x")
	return dir
}

func TestGitSaysWhatItKnowsOfAPath(t *testing.T) {
	dir := repo(t)
	outside := realDir(t)
	link(t, dir, outside+"/alias")
	cases := []struct{ name, path, want, fail string }{
		{"a tracked file", dir + "/src/main.c", "tracked", ""},
		{"a folder with one tracked file", dir + "/src", "tracked", ""},
		{"the work tree", dir, "tracked", ""},
		{"a tracked file that a pattern matches", dir + "/kept.log", "tracked", ""},
		{"a tracked link", dir + "/link", "tracked", ""},
		{"a file beyond a link", dir + "/link/main.c", "tracked", ""},
		{"the work tree by another name", outside + "/alias/src/main.c", "tracked", ""},
		{"a link to the work tree is not the work tree", outside + "/alias", "", "not in a git repository"},
		{"an ignored file", dir + "/a.log", "ignored", ""},
		{"an ignored folder", dir + "/build", "ignored", ""},
		{"a file in an ignored folder", dir + "/build/out.o", "ignored", ""},
		{"an ignored name that does not exist", dir + "/b.log", "ignored", ""},
		{"an untracked file", dir + "/new.c", "untracked", ""},
		{"a name that does not exist", dir + "/none", "untracked", ""},
		{"a name below what does not exist", dir + "/none/at/all.c", "untracked", ""},
		{"the repository itself", dir + "/.git", "untracked", ""},
		{"a name that looks like a pattern", dir + "/odd/:(top)*", "untracked", ""},
		{"a name that looks like magic", dir + "/:(glob)**", "untracked", ""},
		{"a pattern that would match what is tracked", dir + "/*.c", "untracked", ""},
		{"a pattern that would match what is ignored", dir + "/?.lo*", "untracked", ""},
		{"a name that looks like an option", dir + "/--stdin", "untracked", ""},
		{"outside of any repository", outside + "/x", "", "not in a git repository"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if o := one(t, "git", c.path); o.Git != c.want || o.Error != c.fail {
				t.Errorf("got %q, %q, want %q, %q", o.Git, o.Error, c.want, c.fail)
			}
		})
	}
}

func TestAWorkTreeOfItsOwnAnswersForItself(t *testing.T) {
	dir := repo(t)
	tree := filepath.Join(filepath.Dir(dir), "tree")
	git(t, dir, "worktree", "add", "-q", "-b", "feature/x", tree)
	write(t, tree+"/a.log", "x")
	nested := dir + "/build/nested"
	write(t, nested+"/f", "x")
	git(t, nested, "init", "-q", "-b", "other")
	git(t, nested, "add", "f")
	cases := []struct{ name, path, git, branch string }{
		{"the first", dir + "/src/main.c", "tracked", "main"},
		{"an added work tree", tree + "/src/main.c", "tracked", "feature/x"},
		{"what is ignored in an added work tree", tree + "/a.log", "ignored", "feature/x"},
		{"a repository in an ignored folder of another", nested, "tracked", "other"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if o := one(t, "git", c.path); o.Git != c.git {
				t.Errorf("git: got %q, %q, want %q", o.Git, o.Error, c.git)
			}
			if o := one(t, "branch", c.path); o.Branch != c.branch {
				t.Errorf("branch: got %q, %q, want %q", o.Branch, o.Error, c.branch)
			}
		})
	}
}

func TestABranchThatCannotBeTold(t *testing.T) {
	cases := []struct {
		name, head, want string
	}{
		{"a commit without a branch", strings.Repeat("a", 40), "no branch is checked out"},
		{"a format that keeps its branches elsewhere", "ref: refs/heads/.invalid\n", "a repository format that is not read here"},
		{"far too much", strings.Repeat("x", 5000), "larger than 4096 bytes"},
		{"not UTF-8", "ref: refs/heads/\xff\n", "a name that is not UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := realDir(t)
			write(t, dir+"/.git/HEAD", c.head)
			if o := one(t, "branch", dir); o.Error != c.want || o.Branch != "" {
				t.Errorf("got %q, %q", o.Branch, o.Error)
			}
		})
	}
	t.Run("a FIFO for a HEAD", func(t *testing.T) {
		dir := realDir(t)
		if err := errors.Join(os.Mkdir(dir+"/.git", 0o755), syscall.Mkfifo(dir+"/.git/HEAD", 0o600)); err != nil {
			t.Fatal(err)
		}
		if o := one(t, "branch", dir); o.Error != "not a regular file" {
			t.Errorf("got %+v", o)
		}
	})
	t.Run("no repository", func(t *testing.T) {
		if o := one(t, "branch", realDir(t)); o.Error != "not in a git repository" {
			t.Errorf("got %+v", o)
		}
	})
	t.Run("a .git that is no pointer", func(t *testing.T) {
		dir := realDir(t)
		write(t, dir+"/.git", "hello")
		if o := one(t, "branch", dir); o.Error != "not in a git repository" {
			t.Errorf("got %+v", o)
		}
	})
}

// TestNothingInARepositoryRuns sets every trap known to make a reading git
// start a program. Each leaves a mark; first it is shown that the trap works on
// a plain git, so that the test cannot pass for lack of a trap.
func TestNothingInARepositoryRuns(t *testing.T) {
	trap := func(t *testing.T, dir string) (script, mark string) {
		t.Helper()
		mark = filepath.Join(filepath.Dir(dir), "sprung")
		script = filepath.Join(filepath.Dir(dir), "trap")
		if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >>"+mark+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return script, mark
	}
	cases := []struct {
		name string
		set  func(t *testing.T, dir, script string)
		bait []string // a plain git command that springs it; nil if none is known
	}{
		{"core.fsmonitor", func(t *testing.T, dir, script string) {
			git(t, dir, "config", "core.fsmonitor", script)
		}, []string{"ls-files"}},
		{"core.fsmonitor in an included file", func(t *testing.T, dir, script string) {
			write(t, dir+"/.evil", "[core]\n\tfsmonitor = "+script+"\n")
			git(t, dir, "config", "include.path", dir+"/.evil")
		}, []string{"ls-files"}},
		{"a filter driver", func(t *testing.T, dir, script string) {
			git(t, dir, "config", "filter.evil.clean", script)
			git(t, dir, "config", "filter.evil.process", script)
			write(t, dir+"/.gitattributes", "* filter=evil\n")
			write(t, dir+"/src/main.c", "int main2;")
		}, nil},
		{"a hook", func(t *testing.T, dir, script string) {
			b, _ := os.ReadFile(script)
			for _, hook := range []string{"post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"} {
				if err := os.WriteFile(dir+"/.git/hooks/"+hook, b, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			git(t, dir, "config", "core.hooksPath", dir+"/.git/hooks")
			now := time.Now().Add(-time.Hour) // an index that wants a refresh
			if err := os.Chtimes(dir+"/src/main.c", now, now); err != nil {
				t.Fatal(err)
			}
		}, []string{"status"}},
		{"an alias and a pager", func(t *testing.T, dir, script string) {
			git(t, dir, "config", "alias.ls-files", "!"+script)
			git(t, dir, "config", "alias.check-ignore", "!"+script)
			git(t, dir, "config", "alias.bait", "!"+script)
			git(t, dir, "config", "core.pager", script)
			git(t, dir, "config", "pager.ls-files", "true")
			git(t, dir, "config", "core.editor", script)
		}, []string{"bait"}},
		{"a missing object that a promisor remote would bring", func(t *testing.T, dir, script string) {
			git(t, dir, "config", "index.sparse", "true")
			git(t, dir, "sparse-checkout", "set", "--cone", "--sparse-index", "src")
			tree := git(t, dir, "rev-parse", "HEAD:far")
			if err := os.Remove(dir + "/.git/objects/" + tree[:2] + "/" + tree[2:]); err != nil {
				t.Fatal(err)
			}
			git(t, dir, "config", "extensions.partialClone", "evil")
			git(t, dir, "config", "remote.evil.promisor", "true")
			git(t, dir, "config", "remote.evil.url", "ext::"+script+" %S")
			git(t, dir, "config", "protocol.ext.allow", "always")
		}, []string{"ls-files"}},
		{"the same over ssh", func(t *testing.T, dir, script string) {
			git(t, dir, "config", "index.sparse", "true")
			git(t, dir, "sparse-checkout", "set", "--cone", "--sparse-index", "src")
			tree := git(t, dir, "rev-parse", "HEAD:far")
			if err := os.Remove(dir + "/.git/objects/" + tree[:2] + "/" + tree[2:]); err != nil {
				t.Fatal(err)
			}
			git(t, dir, "config", "extensions.partialClone", "evil")
			git(t, dir, "config", "remote.evil.promisor", "true")
			git(t, dir, "config", "remote.evil.url", "nobody@localhost:x")
			git(t, dir, "config", "core.sshCommand", script)
		}, []string{"ls-files"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := repo(t)
			write(t, dir+"/far/away", "x")
			git(t, dir, "add", "far")
			git(t, dir, "commit", "-q", "-m", "far")
			script, mark := trap(t, dir)
			c.set(t, dir, script)
			if c.bait != nil {
				bait := exec.Command("git", c.bait...)
				bait.Dir = dir
				out, _ := bait.CombinedOutput()
				if _, err := os.Stat(mark); err != nil {
					t.Fatalf("the trap is none: git %v does not spring it\n%s", c.bait, out)
				}
			}
			_ = os.Remove(mark)
			for _, path := range []string{dir, dir + "/src/main.c", dir + "/far/away", dir + "/a.log", dir + "/new.c"} {
				one(t, "git", path)
			}
			if b, err := os.ReadFile(mark); err == nil {
				t.Errorf("it ran: %s", b)
			}
		})
	}
}

func TestTheAskersEnvironmentDoesNotReachGit(t *testing.T) {
	dir := repo(t)
	mark := filepath.Join(filepath.Dir(dir), "sprung")
	bin := filepath.Join(filepath.Dir(dir), "bin")
	write(t, bin+"/git", "#!/bin/sh\ntouch "+mark+"\n")
	if err := os.Chmod(bin+"/git", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, bin+"/config", "[core]\n\tfsmonitor = "+bin+"/git\n")
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("GIT_DIR", "/nonexistent")
	t.Setenv("GIT_INDEX_FILE", "/nonexistent")
	t.Setenv("GIT_EXEC_PATH", bin)
	t.Setenv("GIT_CONFIG_GLOBAL", bin+"/config")
	t.Setenv("GIT_TRACE", mark)
	if o := one(t, "git", dir+"/src/main.c"); o.Git != "tracked" {
		t.Errorf("got %+v", o)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Errorf("the asker's environment reached git")
	}
}

func TestAWorkTreeNamedInTheConfigurationIsNotBelieved(t *testing.T) {
	dir, other := repo(t), repo(t)
	write(t, other+"/.gitignore", "*\n")
	git(t, dir, "config", "core.worktree", other)
	for path, want := range map[string]string{"/src/main.c": "tracked", "/a.log": "ignored", "/new.c": "untracked"} {
		if o := one(t, "git", dir+path); o.Git != want {
			t.Errorf("%s: got %q, %q, want %q", path, o.Git, o.Error, want)
		}
	}
}

func TestAGitThatHangsCostsItsOwnAnswerOnly(t *testing.T) {
	dir := repo(t)
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "config", "include.path", dir+"/fifo")
	o := Observe(t.Context(), Limits{Time: time.Second}, []proxy.Query{
		{Op: "git", Path: dir + "/a.log"}, {Op: "branch", Path: dir}, {Op: "git", Path: dir + "/new.c"},
	})
	if o[0].Error != "timed out" || o[0].Git != "" || o[2].Error != "timed out" || o[1].Branch != "main" {
		t.Errorf("got %+v", o)
	}
}

func TestARepositoryThatGitRefusesHasNoAnswer(t *testing.T) {
	dir := repo(t)
	t.Run("a broken index", func(t *testing.T) {
		write(t, dir+"/.git/index", "garbage")
		if o := one(t, "git", dir+"/src"); o.Git != "" || !strings.HasPrefix(o.Error, "git: ") {
			t.Errorf("got %+v", o)
		}
	})
	t.Run("an empty .git does not lead to a repository further up", func(t *testing.T) {
		outer := repo(t)
		inner := outer + "/inner"
		if err := os.MkdirAll(inner+"/.git", 0o755); err != nil {
			t.Fatal(err)
		}
		if o := one(t, "git", inner+"/a.log"); o.Git != "" || o.Error == "" {
			t.Errorf("got %+v", o)
		}
	})
	t.Run("files that look like a bare repository", func(t *testing.T) {
		outer := repo(t)
		git(t, outer, "init", "-q", "--bare", "inner")
		if err := os.Mkdir(outer+"/inner/.git", 0o755); err != nil {
			t.Fatal(err)
		}
		if o := one(t, "git", outer+"/inner/x"); o.Git != "" || o.Error == "" {
			t.Errorf("got %+v", o)
		}
	})
	t.Run("one of another user", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root to give a folder away")
		}
		dir := repo(t)
		for _, path := range []string{dir, dir + "/.git"} {
			if err := os.Chown(path, 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}
		if o := one(t, "git", dir+"/src"); o.Git != "" || !strings.Contains(o.Error, "dubious ownership") {
			t.Errorf("got %+v", o)
		}
	})
}

func BenchmarkObserveGit(b *testing.B) {
	dir := repo(b)
	q := []proxy.Query{{Op: "git", Path: dir + "/a.log"}}
	for b.Loop() {
		if o := Observe(b.Context(), Limits{}, q); o[0].Git != "ignored" {
			b.Fatalf("got %+v", o)
		}
	}
}

func BenchmarkObservePath(b *testing.B) {
	q := []proxy.Query{{Op: "path", Path: "/usr/bin/env"}}
	for b.Loop() {
		Observe(b.Context(), Limits{}, q)
	}
}
