package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

func newPolicy() *cobra.Command {
	var asJSON bool
	show := &cobra.Command{
		Use: "show", Short: "Show the policy in force here: revision, folders, files, last error", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error { return policyShow(cmd, asJSON) },
	}
	show.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return family("policy", "show, accept, rules, check DIR or test DIR",
		"Look at the policy in force and the built-in rules, try a folder, or accept a loosened one",
		show,
		&cobra.Command{
			Use: "accept", Short: "Let a policy that loosened something take effect for live sessions here", Args: words(0, 0, "no words"),
			RunE: func(cmd *cobra.Command, args []string) error {
				at, err := look()
				if err != nil {
					return err
				}
				r := request(proxy.KindAccept, "")
				r.Accept = &proxy.Accept{Workspace: at.workspace}
				return order(cmd.Context(), r)
			},
		},
		delegated("rules [RULE|FAMILY]", "List the built-in rules; of one rule, why it is there and what to do instead"),
		delegated("check DIR", "Load a folder of policies as guardd would and say what is wrong"),
		delegated("test DIR", "Run a folder's own tests, with coverage"))
}

func policyShow(cmd *cobra.Command, asJSON bool) error {
	at, err := look()
	if err != nil {
		return err
	}
	view, err := see(cmd.Context(), proxy.Look{What: proxy.LookPolicy, ID: at.workspace})
	if err != nil {
		return err
	}
	p := *view.Policy
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(p)
	}
	fmt.Printf("revision   %s\npreset     %s\nworkspace  %s\n", p.Revision, p.Preset, orNone(p.Workspace))
	for _, folder := range p.Folders {
		fmt.Printf("folder     %s\n", proxy.Visible(folder))
	}
	for _, f := range p.Files {
		fmt.Printf("file       %s  %.23s\n", proxy.Visible(f.Path), f.Digest)
	}
	for _, old := range p.Joined {
		fmt.Printf("joined     %s  still counts until: guard policy accept\n", old)
	}
	for _, why := range p.Loosens {
		fmt.Printf("loosens    %s\n", why)
	}
	if p.Error != "" {
		fmt.Printf("error      %s\n", strings.ReplaceAll(strings.TrimSpace(p.Error), "\n", "\n           "))
		fmt.Printf("           still using %.12s\n", p.Revision)
	}
	return nil
}

// delegated is a subcommand of guardd, which links the policy engine.
func delegated(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return become(append(strings.Fields(cmd.CommandPath())[1:], args...))
		},
	}
}

func newExplain() *cobra.Command {
	return delegated("explain [--json] [--trace] -- COMMAND... | 'LINE' | RECEIPT | --stdin --json",
		"Show how a command would be judged, and why; runs nothing and writes no receipt")
}

// become replaces this process by guardd with the given words.
func become(words []string) error {
	path, err := sock.FindDaemon("")
	if err != nil {
		return &exit{exitFailed, "guardd is not installed beside guard or in PATH; install both: go install github.com/f958ca95/guard/cmd/...@latest"}
	}
	// It is called guard, which is what its help should say.
	if err := syscall.Exec(path, append([]string{"guard"}, words...), os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}
