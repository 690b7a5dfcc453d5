package scene

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"lukechampine.com/blake3"

	"github.com/f958ca95/guard/proxy"
)

// one asks a single question.
func one(t testing.TB, op, path string) proxy.Observation {
	t.Helper()
	// Slow machines get more time than a user would wait.
	o := Observe(t.Context(), Limits{Time: 20 * time.Second}, []proxy.Query{{Op: op, Path: path}})
	if len(o) != 1 || o[0].Op != op || o[0].Path != path {
		t.Fatalf("observe %s %s: got %+v", op, path, o)
	}
	return o[0]
}

// realDir is a temporary folder without symbolic links in its name.
func realDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestAPathIsDescribedAndFollowed(t *testing.T) {
	dir := realDir(t)
	write(t, dir+"/sub/deep/file", "x")
	if err := syscall.Chmod(dir+"/sub/deep/file", 0o4750); err != nil {
		t.Fatal(err)
	}
	link(t, "sub/deep", dir+"/short")
	link(t, dir+"/sub", dir+"/abs")
	link(t, "nowhere/at/all", dir+"/dangling")
	link(t, "b", dir+"/a")
	link(t, "a", dir+"/b")
	link(t, "/proc/self/cwd", dir+"/mine")
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, path               string
		exists, kind, real, fail string
	}{
		{"a file", dir + "/sub/deep/file", "yes", "file", dir + "/sub/deep/file", ""},
		{"a folder", dir + "/sub", "yes", "dir", dir + "/sub", ""},
		{"a folder with a slash at its end", dir + "/sub/", "yes", "dir", dir + "/sub", ""},
		{"a link to a folder is a link", dir + "/short", "yes", "link", dir + "/sub/deep", ""},
		{"a file below a link", dir + "/short/file", "yes", "file", dir + "/sub/deep/file", ""},
		{"the parent of where a link leads", dir + "/short/../x", "no", "", dir + "/sub/x", ""},
		{"doubled slashes and dots", dir + "//abs/.//deep", "yes", "dir", dir + "/sub/deep", ""},
		{"nothing", dir + "/sub/none/at/all", "no", "", dir + "/sub/none/at/all", ""},
		{"nothing below a link", dir + "/short/none", "no", "", dir + "/sub/deep/none", ""},
		{"below a file", dir + "/sub/deep/file/x", "no", "", dir + "/sub/deep/file/x", ""},
		{"a link to nothing", dir + "/dangling", "yes", "link", dir + "/nowhere/at/all", ""},
		{"links in a circle", dir + "/a", "yes", "link", "", "too many symbolic links"},
		{"a FIFO", dir + "/fifo", "yes", "other", dir + "/fifo", ""},
		{"a device", "/dev/null", "yes", "device", "/dev/null", ""},
		{"the root", "/", "yes", "dir", "/", ""},
		{"above the root", "/../..", "yes", "dir", "/", ""},
		{"what is another place for each process", "/proc/self/cwd/x", "yes", "", "", "leads to another place for each process"},
		{"the same through a link", dir + "/mine", "yes", "link", "", "leads to another place for each process"},
		{"not absolute", "sub/deep", "", "", "", "not an absolute path"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := one(t, "path", c.path)
			if c.path == "/proc/self/cwd/x" {
				o.Exists = c.exists // depends on where the test runs
			}
			if o.Exists != c.exists || o.Type != c.kind || o.Real != c.real || o.Error != c.fail {
				t.Errorf("got  %+v\nwant %+v", o, c)
			}
		})
	}
	if o := one(t, "path", dir+"/sub/deep/file"); o.Mode != 0o4750 || o.UID != os.Geteuid() {
		t.Errorf("mode and owner: got %o, %d", o.Mode, o.UID)
	}
}

func TestResolveAgreesWithTheKernel(t *testing.T) {
	dir := realDir(t)
	write(t, dir+"/x/y/z/file", "")
	link(t, "x/y", dir+"/l1")
	link(t, "../../l1/z", dir+"/x/y/l2")
	link(t, "l1/l2/../..", dir+"/l3")
	link(t, dir+"/l3/y", dir+"/l4")
	for _, path := range []string{"l1", "l1/l2", "l1/l2/file", "l3", "l4", "l4/l2/../z", "l3/y/../y/l2", "l1/../y"} {
		t.Run(path, func(t *testing.T) {
			var want, got syscall.Stat_t
			if err := syscall.Stat(dir+"/"+path, &want); err != nil {
				t.Fatal(err)
			}
			real, err := resolve(dir + "/" + path)
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Lstat(real, &got); err != nil || got.Ino != want.Ino {
				t.Errorf("%s leads to %s: inode %d, want %d (%v)", path, real, got.Ino, want.Ino, err)
			}
			if plain, err := filepath.EvalSymlinks(real); err != nil || plain != real {
				t.Errorf("%s still has links: %s, %v", real, plain, err)
			}
		})
	}
}

func TestATextIsReadWholeOrNotAtAll(t *testing.T) {
	dir := realDir(t)
	digest := func(s string) string { return fmt.Sprintf("blake3:%x", blake3.Sum256([]byte(s))) }
	long, huge := strings.Repeat("x", 64<<10+1), strings.Repeat("x", 1<<20+1)
	files := map[string]string{"plain": "echo \u00e9\n", "empty": "", "edge": long[1:], "long": long, "full": huge[1:], "huge": huge, "binary": "\x7fELF\xff\xfe"}
	for name, text := range files {
		write(t, dir+"/"+name, text)
	}
	link(t, "plain", dir+"/link")
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, path, text, digest, fail string }{
		{"a script", dir + "/plain", files["plain"], digest(files["plain"]), ""},
		{"a script through a link", dir + "/link", files["plain"], digest(files["plain"]), ""},
		{"an empty file", dir + "/empty", "", digest(""), ""},
		{"as long as may be", dir + "/edge", files["edge"], digest(files["edge"]), ""},
		{"too long for its text", dir + "/long", "", digest(long), "text larger than 65536 bytes"},
		{"as large as is read", dir + "/full", "", digest(files["full"]), "text larger than 65536 bytes"},
		{"too large", dir + "/huge", "", "", "larger than 1048576 bytes"},
		{"not text", dir + "/binary", "", digest(files["binary"]), "not UTF-8 text"},
		{"a FIFO is not waited for", dir + "/fifo", "", "", "not a regular file"},
		{"a device that never ends", "/dev/zero", "", "", "not a regular file"},
		{"a folder", dir, "", "", "not a regular file"},
		{"nothing", dir + "/none", "", "", "not there"},
		{"what is another place for each process", "/dev/stdin", "", "", "leads to another place for each process"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := one(t, "text", c.path)
			if o.Text != c.text || o.Digest != c.digest || o.Error != c.fail {
				t.Errorf("got  %d bytes, %s, %q\nwant %d bytes, %s, %q", len(o.Text), o.Digest, o.Error, len(c.text), c.digest, c.fail)
			}
		})
	}
}

func TestWhatMayNotBeReadIsSaid(t *testing.T) {
	dir := realDir(t)
	write(t, dir+"/closed/secret", "x")
	if err := os.Chmod(dir+"/closed", 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir+"/closed", 0o700) })
	asOther(t, dir)
	for _, op := range []string{"path", "text", "git", "branch"} {
		if o := one(t, op, dir+"/closed/secret"); o.Error != "not permitted" || o.Exists != "" || o.Git != "" {
			t.Errorf("%s: got %+v", op, o)
		}
	}
}

// asOther goes on as a user who is not root until the test ends.
func asOther(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	for p := dir; p != "/"; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(p, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := syscall.Seteuid(65534); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Seteuid(0); err != nil {
			panic(err)
		}
	})
}

func TestTooManyQuestionsAreNotAnswered(t *testing.T) {
	dir := realDir(t)
	queries := make([]proxy.Query, 70)
	for i := range queries {
		queries[i] = proxy.Query{Op: "path", Path: dir}
	}
	for i, o := range Observe(t.Context(), Limits{Time: 20 * time.Second}, queries) {
		if late := i >= 64; late != (o.Error == "too many questions") || late == (o.Exists == "yes") {
			t.Errorf("question %d: got %+v", i, o)
		}
	}
}

func TestAMachineThatStandsStillUsesUpOneStep(t *testing.T) {
	ticks := make(chan time.Time) // of a ticker, which keeps one and drops the others
	ctx, stop := countdown(t.Context(), ticks)
	defer stop()
	start := time.Now()
	for n := range steps {
		if ctx.Err() != nil {
			t.Fatalf("over after %d steps", n)
		}
		ticks <- start.Add(time.Duration(n) * time.Hour)
	}
	<-ctx.Done()
	ctx, stop = countdown(t.Context(), ticks)
	stop()
	if ctx.Err() == nil {
		t.Error("goes on after it was stopped")
	}
}

func TestNoTimeMeansNoAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, op := range []string{"path", "text", "git", "branch"} {
		o := Observe(ctx, Limits{}, []proxy.Query{{Op: op, Path: "/"}})
		if len(o) != 1 || (o[0].Error != "timed out" && op == "git") {
			t.Errorf("%s: got %+v", op, o)
		}
	}
}

func TestANameThatIsNotUTF8IsNotReported(t *testing.T) {
	dir := realDir(t)
	link(t, "bad\xff", dir+"/link")
	for _, op := range []string{"path", "text"} {
		if o := one(t, op, dir+"/link"); o.Error != "a name that is not UTF-8" || o.Real != "" {
			t.Errorf("%s: got %+v", op, o)
		}
	}
}

func TestAnUnknownQuestionIsAnError(t *testing.T) {
	if o := one(t, "run", "/bin/true"); o.Error != "unknown question" {
		t.Errorf("got %+v", o)
	}
}

func TestTheWorkspaceIsTheRepositoryAroundTheFolder(t *testing.T) {
	dir := realDir(t)
	for _, sub := range []string{"/home/ann/app/src/deep", "/home/ann/app/.git", "/home/ann/plain", "/work/tree/sub", "/home/bob/.git", "/home/bob/sub"} {
		if err := os.MkdirAll(dir+sub, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir+"/work/tree/.git", "gitdir: /elsewhere\n")
	cases := []struct{ name, cwd, home, want string }{
		{"below a repository", "/home/ann/app/src/deep", "/home/ann", "/home/ann/app"},
		{"at its top", "/home/ann/app", "/home/ann", "/home/ann/app"},
		{"an added work tree", "/work/tree/sub", "/home/ann", "/work/tree"},
		{"without a repository the folder itself", "/home/ann/plain", "/home/ann", "/home/ann/plain"},
		{"never the home folder", "/home/ann", "/home/ann", ""},
		{"never a folder above the home folder", "/home", "/home/ann", ""},
		{"never a home folder that is a repository", "/home/bob/sub", "/home/bob", ""},
		{"a home folder with a name that only begins alike", "/home/ann/app", "/home/ann/app2", "/home/ann/app"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want != "" {
				want = dir + want
			}
			if got := Workspace(dir+c.cwd, dir+c.home); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	if got := Workspace("/", dir); got != "" {
		t.Errorf("the root: got %q", got)
	}
}
