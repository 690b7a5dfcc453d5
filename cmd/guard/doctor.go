package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

// Words for how far a promise holds.
const (
	proven  = "proven"  // tried just now, and it held
	weak    = "weak"    // holds against accidents, not against the agent's user
	missing = "missing" // does not hold here
)

// checked is one promise of guard's and how far it holds here.
type checked struct {
	What string `json:"what"`
	How  string `json:"how"`
	Why  string `json:"why"`
}

func newDoctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try what guard promises, and say what holds here",
		Args:  words(0, 0, "no words"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return doctor(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object per line")
	return cmd
}

// doctor runs a probe as an agent's command is run, and shows what it could not do.
func doctor(ctx context.Context, asJSON bool) error {
	all := append(attempts(ctx), standing()...)
	whole := true
	for _, c := range all {
		whole = whole && c.How != missing
		if asJSON {
			if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
				return err
			}
			continue
		}
		fmt.Printf("%-16s %-8s %s\n", c.What, c.How, c.Why)
	}
	if !whole {
		return ended(exitNo)
	}
	return nil
}

// attempts has the probe try what a guarded process must not be able to do.
func attempts(ctx context.Context) []checked {
	self, err := os.Executable()
	if err != nil {
		return []checked{{"exec hook", missing, err.Error()}}
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "--agent=guard-doctor", "--tty=inherit", "--", self, probeArg)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		why := strings.TrimPrefix(strings.TrimSpace(said.String()), "guard: ")
		if why == "" {
			why = err.Error()
		}
		return []checked{{"exec hook", missing, why}}
	}
	var all []checked
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		return []checked{{"exec hook", missing, fmt.Sprintf("the probe did not answer: %v", err)}}
	}
	return all
}

// probeArg is the first argument with which guard starts itself, guarded.
const probeArg = "__probe"

// probe tries, as a guarded process, what only people may do, and prints what
// became of it.
func probe() int {
	all := []checked{{"exec hook", proven, "a reserved execution was refused, and this one was verified after it was loaded (" + kernel() + ")"}}
	all = append(all, tries()...)
	if err := json.NewEncoder(os.Stdout).Encode(append(all, tryVote())); err != nil {
		return exitFailed
	}
	return 0
}

// attempt is the line for something that the kernel has to refuse.
func attempt(what, promise string, err error) checked {
	switch {
	case err == nil:
		return checked{what, missing, "a guarded process could: " + promise}
	case errors.Is(err, unix.EPERM):
		return checked{what, proven, "a guarded process could not " + promise}
	}
	return checked{what, missing, fmt.Sprintf("could not be tried: %v", err)}
}

// tryVote asks guardd for something that takes a person's authority.
func tryVote() checked {
	ctx := context.Background()
	client, err := dial(ctx)
	if err != nil {
		return checked{"votes", missing, "could not be tried: " + err.Error()}
	}
	defer client.Close()
	r := request(proxy.KindStop, "")
	r.Stop = &proxy.Stop{Session: "s_000000000000"} // there is none; whether we may ask is looked at first
	a, err := client.Ask(ctx, r)
	if err == nil && a.Verdict == proxy.Deny {
		return checked{"votes", proven, "a guarded process could not answer, stop or accept"}
	}
	return checked{"votes", missing, "a guarded process could speak for a person"}
}

// standing says what follows from where guard is installed.
func standing() []checked {
	all := []checked{{"level", weak, "user: guard runs as the agent's user, who can stop it or delete its files from outside a session"}}
	if dir, err := sock.StateDir(); err == nil {
		all = append(all, checked{"receipts", weak, "the agent's user can delete " + dir + ", or cut off the end of the log; guard verify notices what was changed inside it, not that"})
	}
	if dir := userPolicyDir(); dir != "" {
		all = append(all, checked{"policy folder", weak, "the agent's user can write " + dir + "; what loosens waits for guard policy accept"})
	}
	all = append(all, sudoHere())
	all = append(all, checked{"not seen", weak, "what is no execution: a shell's builtins and redirections (kill, echo >file), a program's own library calls (os.remove, find -delete, a connection); with --sandbox=workspace the kernel refuses writes outside the workspace"})
	for _, way := range waysAround() {
		all = append(all, checked{"cannot promise", weak, way})
	}
	return all
}

// sudoHere says whether sudo could be held, where the policy says so.
func sudoHere() checked {
	if os.Geteuid() == 0 {
		return checked{"sudo", weak, "gains nothing for root, and runs in a session like any other program"}
	}
	path, err := exec.LookPath("sudo")
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err == nil {
		err = canRaise(path)
	}
	if err != nil {
		return checked{"sudo", weak, "is denied in a session, and cannot be run outside of it after approval: " + err.Error()}
	}
	return checked{"sudo", weak, `is denied in a session; with "sudo": "hold" in your own guard.json, a person can have guard run it outside (` + path + "), where what it starts is not judged"}
}

// userPolicyDir is the folder in which the user's policies are looked for.
func userPolicyDir() string {
	config, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(config, "guard", "policy")
}

// waysAround lists servers outside every session that would start programs for
// whoever asks, as far as this user can reach them.
func waysAround() []string {
	uid := os.Getuid()
	var found []string
	for _, s := range []struct{ glob, what string }{
		{fmt.Sprintf("/tmp/tmux-%d/*", uid), "a tmux server"},
		{fmt.Sprintf("/run/screen/S-%s/*", os.Getenv("USER")), "a screen server"},
		{fmt.Sprintf("/run/user/%d/bus", uid), "D-Bus and systemd --user"},
		{"/run/docker.sock", "docker"}, {fmt.Sprintf("/run/user/%d/podman/podman.sock", uid), "podman"},
	} {
		for _, path := range matches(s.glob) {
			if unix.Access(path, unix.W_OK) == nil {
				found = append(found, fmt.Sprintf("%s (%s) acts as you, outside the session", s.what, path))
			}
		}
	}
	return found
}

func matches(glob string) []string {
	paths, _ := filepath.Glob(glob) // the patterns are ours, so none is malformed
	return paths
}
