package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed testdata/spawner.c
var spawnerSource []byte

// workload is something that executes many programs. Its figure is microseconds
// per execution, or milliseconds for all of it.
type workload struct {
	what  string
	execs int  // executions in one run; 0: the figure is the whole run in ms
	inner bool // the program prints its own median
	argv  []string
	clean string // removed before each run
}

// peer is a way to run a workload: bare, under guard, or under another tool with
// the same task.
type peer struct {
	name   string
	prefix []string
}

// rounds is how often every workload is run by every peer, in random order.
const rounds = 7

// hook measures what the exec hook adds to executions, beside what others add.
func (b *bench) hook() ([]result, error) {
	env, app, err := b.environ("hook")
	if err != nil {
		return nil, err
	}
	guard := filepath.Join(b.bin, "guard")
	if _, err := timed(env, app, guard, "--", "true"); err != nil {
		return nil, err
	}
	defer timed(env, app, guard, "daemon", "stop")
	works, absent, err := b.workloads(env, app)
	if err != nil {
		return nil, err
	}
	peers, missing := b.peers(guard)
	for _, name := range append(absent, missing...) {
		fmt.Printf("(not measured: %s)\n", name)
	}
	start, err := b.hookStart(env, app, guard)
	if err != nil {
		return nil, err
	}
	results := []result{start}
	for _, w := range works {
		r, err := w.compare(env, app, peers)
		if err != nil {
			return nil, err
		}
		results = append(results, r...)
	}
	return results, nil
}

// hookStart times guard -- true against true.
func (b *bench) hookStart(env []string, app, guard string) (result, error) {
	var over []time.Duration
	for range b.runs {
		a, err := timed(env, app, guard, "--", "true")
		if err != nil {
			return result{}, err
		}
		c, err := timed(env, app, "true")
		if err != nil {
			return result{}, err
		}
		over = append(over, a-c)
	}
	return result{what: "guard -- true over true, guardd running, exec hook proven", figure: median(over, time.Millisecond), budget: 20, unit: "ms"}, nil
}

func (b *bench) workloads(env []string, app string) (works []workload, absent []string, err error) {
	spawner := filepath.Join(b.dir, "spawner")
	if _, err := exec.LookPath("cc"); err != nil {
		absent = append(absent, "posix_spawn loops: cc")
	} else {
		source := filepath.Join(b.dir, "spawner.c")
		if err := os.WriteFile(source, spawnerSource, 0o644); err != nil {
			return nil, nil, err
		}
		if out, err := exec.Command("cc", "-O1", "-o", spawner, source).CombinedOutput(); err != nil {
			return nil, nil, fmt.Errorf("compile the spawner: %w\n%s", err, out)
		}
		works = append(works,
			workload{what: "posix_spawn of /bin/true, again and again", inner: true, execs: 1, argv: []string{spawner, "300", "1", "0", "/bin/true"}},
			workload{what: "posix_spawn of /bin/true, each time another argument", inner: true, execs: 1, argv: []string{spawner, "300", "1", "1", "/bin/true"}},
			workload{what: "4 spawners at once", inner: true, execs: 1, argv: []string{spawner, "150", "4", "0", "/bin/true"}})
	}
	makefile := "all: $(addprefix t,$(shell seq 500))\nt%:\n\t@/bin/true\n"
	if err := os.WriteFile(filepath.Join(app, "Makefile"), []byte(makefile), 0o644); err != nil {
		return nil, nil, err
	}
	program := "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"
	for name, text := range map[string]string{"main.go": program, "go.mod": "module hello\n"} {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o644); err != nil {
			return nil, nil, err
		}
	}
	repo := filepath.Join(b.dir, "repo")
	script := "git init -q " + repo + " && cd " + repo + ` && for i in 1 2 3 4 5 6 7 8 9 10; do echo $i >f$i; git add . ; git -c user.name=b -c user.email=b@localhost commit -qm $i; done`
	if _, err := timed(env, app, "bash", "-c", script); err != nil {
		absent = append(absent, "git clone: git")
	} else {
		clone := filepath.Join(app, "clone")
		works = append(works, workload{what: "git clone and log", argv: []string{"bash", "-c", "git clone -q " + repo + " " + clone + " && git -C " + clone + " log --stat >/dev/null"}, clean: clone})
	}
	works = append(works, workload{what: "bash loop of /bin/true", execs: 300, argv: []string{"bash", "-c", "for i in {1..300}; do /bin/true; done"}})
	for _, w := range []workload{
		{what: "make -j2 with 500 recipes", execs: 500, argv: []string{"make", "-s", "-j2"}},
		{what: "a small go build", argv: []string{"go", "build", "-buildvcs=false", "-o", "out", "."}, clean: filepath.Join(app, "out")},
	} {
		if _, err := exec.LookPath(w.argv[0]); err != nil {
			absent = append(absent, w.what+": "+w.argv[0])
			continue
		}
		works = append(works, w)
	}
	return works, absent, nil
}

// peers lists the ways to run something on this machine, bare first and guard
// second, and those that are missing.
func (b *bench) peers(guard string) (peers []peer, missing []string) {
	peers = []peer{{"bare", nil}, {"guard", []string{guard, "--"}}}
	if _, err := exec.LookPath("strace"); err != nil {
		missing = append(missing, "strace -f -e execve --seccomp-bpf: strace")
	} else {
		peers = append(peers, peer{"strace", []string{"strace", "-f", "-qq", "-e", "trace=execve", "--seccomp-bpf", "-o", "/dev/null"}})
	}
	prefix, err := b.sudo()
	if err != nil {
		missing = append(missing, "sudo with intercept_type=trace and intercept_verify: "+err.Error())
	} else {
		peers = append(peers, peer{"sudo", prefix})
	}
	return peers, missing
}

// sudo is a sudo that intercepts, with a configuration that only its own mount
// namespace sees.
func (b *bench) sudo() ([]string, error) {
	for _, name := range []string{"sudo", "unshare"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, errors.New(name)
		}
	}
	if os.Getuid() != 0 {
		return nil, errors.New("root")
	}
	config := filepath.Join(b.dir, "sudoers")
	text := "Defaults !use_pty, !authenticate, env_keep += \"*\", !syslog\nDefaults intercept, intercept_type=trace, intercept_verify\nroot ALL=(ALL:ALL) NOPASSWD: ALL\n"
	if err := os.WriteFile(config, []byte(text), 0o440); err != nil {
		return nil, err
	}
	prefix := []string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /etc/sudoers && exec sudo -n -- "$@"`, config}
	if out, err := exec.Command(prefix[0], append(prefix[1:], "true")...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("one that takes our configuration (%s)", strings.TrimSpace(string(out)))
	}
	return prefix, nil
}

// compare runs the workload by each peer in turn, and gives what each adds to the
// bare run of the same round.
func (w workload) compare(env []string, app string, peers []peer) ([]result, error) {
	added := make([][]float64, len(peers))
	var bare []float64
	for range rounds {
		took := make([]float64, len(peers))
		for _, i := range rand.Perm(len(peers)) {
			if w.clean != "" {
				if err := os.RemoveAll(w.clean); err != nil {
					return nil, err
				}
			}
			var err error
			if took[i], err = w.once(env, app, peers[i].prefix); err != nil {
				return nil, err
			}
		}
		bare = append(bare, took[0])
		for i := range peers {
			added[i] = append(added[i], took[i]-took[0])
		}
	}
	unit := "us"
	if w.execs == 0 {
		unit = "ms"
	}
	var results []result
	sudo := slices.IndexFunc(peers, func(p peer) bool { return p.name == "sudo" })
	for i, p := range peers[1:] {
		r := result{what: "  " + w.what + ": " + p.name + " adds", figure: middle(added[i+1]), unit: unit, note: fmt.Sprintf("x%.2f", (middle(bare)+middle(added[i+1]))/middle(bare))}
		if p.name == "guard" {
			r.budget = w.budget()
			if sudo >= 0 {
				r.note += fmt.Sprintf(", %.2f of sudo's", middle(added[i+1])/middle(added[sudo]))
			}
			r.note += fmt.Sprintf(" (bare %.0f %s)", middle(bare), unit)
		}
		results = append(results, r)
	}
	return results, nil
}

// budget is what guard may add to the two workloads that the design names.
func (w workload) budget() float64 {
	switch {
	case w.inner && w.argv[2] == "1" && w.argv[3] == "0":
		return 450
	case w.inner && w.argv[3] == "1":
		return 1000
	}
	return 0
}

func (w workload) once(env []string, app string, prefix []string) (float64, error) {
	argv := append(slices.Clone(prefix), w.argv...)
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return 0, err
	}
	var out, stderr bytes.Buffer
	cmd := exec.Cmd{Path: path, Args: argv, Env: env, Dir: app, Stdout: &out, Stderr: &stderr}
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, stderr.String())
	}
	took := time.Since(begin)
	switch {
	case w.inner:
		return strconv.ParseFloat(strings.TrimSpace(out.String()), 64)
	case w.execs > 0:
		return float64(took.Microseconds()) / float64(w.execs), nil
	}
	return float64(took.Microseconds()) / 1000, nil
}

// middle is the median.
func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
