package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// denied are what the usual profile of container engines refuses without further
// capabilities, as far as guard could miss it; clone3 is told to be missing.
const denied = `{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"], "syscalls": [
	{"names": ["mount", "umount2", "unshare", "setns", "pivot_root", "bpf", "perf_event_open", "userfaultfd", "open_by_handle_at",
	           "kexec_load", "init_module", "finit_module", "add_key", "keyctl", "request_key", "move_pages", "mbind"],
	 "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
	{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}`

// TestGuardWorksInAContainer runs a session with its hook where runc keeps the
// usual capabilities, a seccomp profile and no_new_privs.
func TestGuardWorksInAContainer(t *testing.T) {
	for _, needed := range []string{"runc", "busybox"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("needs " + needed)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, who can make a container")
	}
	bundle := container(t)
	if out, err := runInside(bundle, "true"); err != nil {
		t.Skipf("needs a machine on which runc can run, and a static busybox: %v: %s", err, out)
	}
	out, err := runInside(bundle, `guard -- sh -c 'echo ran; ls /bin/busybox'; echo status $?
guard -- sh -c 'rm -rf /'; echo status $?
guard daemon stop`)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"ran\n/bin/busybox\nstatus 0\n", "guard: blocked CRITICAL: ", "status 126\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in what was said:\n%s", want, out)
		}
	}
	if strings.Contains(out, "ADVISORY ONLY") {
		t.Errorf("the hook was off:\n%s", out)
	}
}

// container makes a bundle with busybox, guard and guardd.
func container(t *testing.T) string {
	t.Helper()
	bundle := t.TempDir()
	bin := filepath.Join(bundle, "rootfs", "bin")
	for _, dir := range []string{"bin", "tmp", "root", "dev", "proc", "sys"} {
		if err := os.MkdirAll(filepath.Join(bundle, "rootfs", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", bin+"/", "../cmd/guard", "../cmd/guardd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // nothing but what is in the container is there
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-L", busybox, bin+"/busybox").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// What guard would have to let through to do harm does none here.
	if err := os.WriteFile(filepath.Join(bin, "rm"), []byte("#!/bin/sh\necho harmless\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sh", "ls", "true"} {
		if err := os.Symlink("busybox", filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	return bundle
}

// runInside runs a shell script in a container of its own.
func runInside(bundle, script string) (string, error) {
	config := filepath.Join(bundle, "config.json")
	os.Remove(config)
	if out, err := exec.Command("runc", "spec", "--bundle", bundle).CombinedOutput(); err != nil {
		return string(out), err
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return "", err
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		return "", err
	}
	process := spec["process"].(map[string]any)
	process["terminal"], process["noNewPrivileges"] = false, true
	process["args"] = []string{"/bin/sh", "-c", script}
	process["env"] = []string{"PATH=/bin", "HOME=/root"}
	spec["root"].(map[string]any)["readonly"] = false
	var profile map[string]any
	if err := json.Unmarshal([]byte(denied), &profile); err != nil {
		return "", err
	}
	spec["linux"].(map[string]any)["seccomp"] = profile
	if text, err = json.Marshal(spec); err != nil {
		return "", err
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return "", err
	}
	out, err := exec.Command("runc", "run", "--bundle", bundle, fmt.Sprintf("guard-test-%d", os.Getpid())).CombinedOutput()
	return string(out), err
}
