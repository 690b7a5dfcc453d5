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
// Where CI=true nothing may be missing: a check that is always skipped proves
// nothing.
func condition(cond string) (bool, error) {
	need, ok := strings.CutPrefix(cond, "missing:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	missing := os.Geteuid() != 0
	if need != "root" {
		_, err := exec.LookPath(need)
		missing = err != nil
	}
	if missing && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("%s is missing, and CI runs everything", need)
	}
	return missing, nil
}
