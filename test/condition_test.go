package test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// condition answers what a script needs beyond Go and a shell:
//
//	[missing:root] skip 'needs root'
//	[missing:jq] skip 'needs jq'
//
// Where CI=true no program may be missing: a check that is always skipped proves
// nothing. root, and the right to make mounts of one's own, cannot be installed.
func condition(cond string) (bool, error) {
	need, ok := strings.CutPrefix(cond, "missing:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	switch need {
	case "root":
		return os.Geteuid() != 0, nil
	case "mounts":
		return exec.Command("unshare", "-m", "true").Run() != nil, nil
	}
	_, err := exec.LookPath(need)
	missing := err != nil
	if missing && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("%s is missing, and CI runs everything", need)
	}
	return missing, nil
}
