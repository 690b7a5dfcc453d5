package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy/sock"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print version and protocol", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			version := "(unknown)"
			if info, ok := debug.ReadBuildInfo(); ok {
				version = info.Main.Version
			}
			fmt.Printf("guard %s, protocol %d\n", version, sock.Protocol)
			return nil
		},
	}
}
