package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy/drill"
)

func newDrill() *cobra.Command {
	return delegated("drill list|run [0-4|all]|report", "Prove that authority is raised, refused and given back as it should be; runs nothing")
}

// lastDrill is the log of the last drill below a state folder.
func lastDrill(state string) (string, error) {
	found, err := filepath.Glob(filepath.Join(state, "drills", "DRILL-*", "receipts"))
	if err != nil || len(found) == 0 {
		return "", &exit{exitNo, "no drill was held yet; guard drill run holds them all"}
	}
	return slices.Max(found), nil
}

func tellDrill(b drill.Started) (string, string, string) {
	return "drill", "", fmt.Sprintf("%d, %s: %s, %s clock", b.Drill, b.Name, b.Mode, b.Clock)
}

func tellDrillResult(b drill.Ended) (string, string, string) {
	word, failed := "passed", drill.Result{Conditions: b.Conditions}.Failed()
	if !b.Pass {
		word = "failed"
	}
	return "drill", "", fmt.Sprintf("%d, %s: %s, %d of %d conditions met", b.Drill, b.Name, word, len(b.Conditions)-len(failed), len(b.Conditions))
}
