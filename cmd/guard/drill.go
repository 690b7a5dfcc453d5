package main

import "github.com/spf13/cobra"

func newDrill() *cobra.Command {
	return delegated("drill list|run [0-4|all]|report", "Prove that authority is raised, refused and given back as it should be; runs nothing")
}
