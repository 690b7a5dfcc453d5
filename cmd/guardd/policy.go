package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newPolicy() *cobra.Command {
	cmd := &cobra.Command{Use: "policy check DIR|test DIR", Short: "Try a folder of policies", RunE: func(cmd *cobra.Command, args []string) error {
		return &exit{exitUsage, "guard policy takes show, accept, check DIR or test DIR"}
	}}
	_ = fmt.Sprint
	return cmd
}
