package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

func newDaemon() *cobra.Command {
	var asJSON bool
	status := &cobra.Command{
		Use: "status", Short: "Show guardd, its sessions and policies", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error { return daemonStatus(cmd.Context(), asJSON) },
	}
	status.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return family("daemon", "status, stop or logs",
		"Look after guardd, which guard starts by itself",
		status,
		&cobra.Command{
			Use: "stop", Short: "Stop guardd; live sessions keep their holds and start it again when they need it", Args: words(0, 0, "no words"),
			RunE: func(cmd *cobra.Command, args []string) error { return daemonStop(cmd.Context()) },
		},
		&cobra.Command{
			Use: "logs", Short: "Print guardd's own log", Args: words(0, 0, "no words"),
			RunE: func(cmd *cobra.Command, args []string) error { return daemonLogs() },
		})
}

// running connects to a guardd that runs and starts none.
func running(ctx context.Context) (*sock.Client, proxy.Status, error) {
	dir, own, err := sock.AnswerDir()
	if err != nil {
		return nil, proxy.Status{}, err
	}
	client, err := sock.Dial(ctx, sock.Options{Dir: dir, Others: !own})
	if err != nil {
		return nil, proxy.Status{}, err
	}
	view, err := client.Read(ctx, proxy.Look{What: proxy.LookStatus})
	if err == nil && view.Status == nil {
		err = errors.New("guardd answered without its status")
	}
	if err != nil {
		client.Close()
		return nil, proxy.Status{}, err
	}
	return client, *view.Status, nil
}

func daemonStatus(ctx context.Context, asJSON bool) error {
	client, status, err := running(ctx)
	if errors.Is(err, sock.ErrNoServer) {
		return &exit{exitNo, "guardd is not running; guard starts it when it is needed"}
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(status)
	}
	fmt.Printf("guardd    %s, pid %d, protocol %d, since %s\n", status.Version, status.PID, status.Protocol, status.Started.Local().Format(time.DateTime))
	fmt.Printf("state     %s, %d receipts\n", status.State, status.Receipts)
	if status.Error != "" {
		fmt.Printf("fault     %s\n", status.Error)
	}
	for _, p := range status.Policies {
		fmt.Printf("policy    %s  %s\n", policyLine(p), orNone(p.Workspace))
	}
	for _, s := range status.Sessions {
		fmt.Printf("session   %s  %s  pid %d  profile %s  trust %s  %s  exec hook %s\n", s.ID, proxy.Visible(s.Agent), s.PID, s.Profile, s.Trust, proxy.Visible(s.Cwd), s.Hook)
	}
	fmt.Printf("holds     %d\n", status.Holds)
	return nil
}

func orNone(workspace string) string {
	if workspace == "" {
		return "(no workspace)"
	}
	return proxy.Visible(workspace)
}

func policyLine(p proxy.PolicyState) string {
	line := fmt.Sprintf("%.12s, preset %s, %d file(s)", p.Revision, p.Preset, len(p.Files))
	if len(p.Joined) > 0 {
		line += fmt.Sprintf(", joined with %d older until guard policy accept", len(p.Joined))
	}
	if p.Error != "" {
		line += ", newest files refused"
	}
	return line
}

func daemonStop(ctx context.Context) error {
	client, status, err := running(ctx)
	if errors.Is(err, sock.ErrNoServer) {
		say("guardd is not running")
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	const patience = 30 * time.Second
	switch gone, err := terminate(status.PID, patience); {
	case err != nil:
		return fmt.Errorf("stop guardd (pid %d): %w", status.PID, err)
	case !gone:
		return fmt.Errorf("guardd (pid %d) was asked to stop and still runs after %v", status.PID, patience)
	}
	return nil
}

func daemonLogs() error {
	dir, err := sock.StateDir()
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, "guardd.log"))
	if errors.Is(err, os.ErrNotExist) {
		say("guardd has written no log yet")
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(os.Stdout, f)
	return err
}

func newStop() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "stop SESSION | --all",
		Short: "End a live session, or all of them",
		Args:  words(0, 1, "one session, or --all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return &exit{exitUsage, "guard stop takes one session (see: guard daemon status) or --all"}
			}
			r := request(proxy.KindStop, "")
			r.Stop = &proxy.Stop{Session: strings.Join(args, "")}
			return order(cmd.Context(), r)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "end every live session")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// see takes one look, starting guardd if none runs.
func see(ctx context.Context, l proxy.Look) (proxy.View, error) {
	client, err := dial(ctx)
	if err != nil {
		return proxy.View{}, err
	}
	defer client.Close()
	return client.Read(ctx, l)
}

// order asks for something only a person outside every session may ask.
func order(ctx context.Context, r proxy.Request) error {
	client, err := dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	a, err := client.Ask(ctx, r)
	if err != nil {
		return &exit{exitNo, err.Error()}
	}
	if a.Verdict != proxy.Allow {
		sayRefused(a)
		return ended(exitNo)
	}
	if a.Note != "" {
		fmt.Println(a.Note)
	}
	return nil
}
