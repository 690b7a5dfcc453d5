package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

func newStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show each live session: its profile and time left, trust, pace, budgets, and what is held",
		Args:  words(0, 0, "no words"),
		RunE:  func(cmd *cobra.Command, args []string) error { return status(cmd.Context(), os.Stdout, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// outlook is what guard status shows.
type outlook struct {
	Active      int                   `json:"active_count"`
	Elevations  []proxy.Elevation     `json:"escalations"`
	Sessions    []proxy.SessionState  `json:"sessions"`
	Threats     []proxy.ThreatState   `json:"threats"`
	Incident    string                `json:"incident,omitempty"`
	Agents      []proxy.AgentState    `json:"agents"`
	Budgets     []proxy.BudgetState   `json:"budgets"`
	Velocity    []proxy.VelocityState `json:"velocity"`
	Holds       int                   `json:"holds"`
	Unavailable string                `json:"error,omitempty"` // why nothing can run
}

func status(ctx context.Context, w io.Writer, asJSON bool) error {
	s, err := stands(ctx)
	if errors.Is(err, sock.ErrNoServer) {
		err = nil
	}
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	home, _ := os.UserHomeDir() // without one, paths stay long
	for _, line := range statusLines(s, page{now: time.Now(), width: termWidth(), home: home}) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// stands asks guardd, and starts none.
func stands(ctx context.Context) (outlook, error) {
	s := outlook{
		Elevations: []proxy.Elevation{}, Sessions: []proxy.SessionState{}, Threats: []proxy.ThreatState{},
		Agents: []proxy.AgentState{}, Budgets: []proxy.BudgetState{}, Velocity: []proxy.VelocityState{},
	}
	client, now, err := running(ctx)
	if err != nil {
		return s, err
	}
	defer client.Close()
	s.Sessions, s.Threats, s.Incident, s.Holds, s.Unavailable = now.Sessions, now.Threats, now.Incident, now.Holds, now.Error
	for _, one := range s.Sessions {
		s.Elevations = append(s.Elevations, one.Elevations...)
	}
	s.Active = len(s.Elevations)
	view, err := client.Read(ctx, proxy.Look{What: proxy.LookBudgets})
	if err != nil {
		return s, err
	}
	s.Budgets = append(s.Budgets, view.Budgets...)
	if view, err = client.Read(ctx, proxy.Look{What: proxy.LookTrust}); err != nil {
		return s, err
	}
	s.Agents = append(s.Agents, view.Agents...)
	if view, err = client.Read(ctx, proxy.Look{What: proxy.LookVelocity}); err != nil {
		return s, err
	}
	s.Velocity = append(s.Velocity, view.Velocity...)
	return s, nil
}

// page is what lines are laid out for.
type page struct {
	now   time.Time
	width int
	home  string
}

// entry is a line that begins with what it is about.
func entry(about, format string, args ...any) string {
	return fmt.Sprintf("%-9s %s", about, proxy.Visible(fmt.Sprintf(format, args...)))
}

func statusLines(s outlook, p page) []string {
	var out []string
	if s.Unavailable != "" {
		out = append(out, entry("fault", "%s", s.Unavailable))
	}
	for _, one := range s.Sessions {
		out = append(append(out, sessionLines(one, p)...), s.trustLines(one, p)...)
		out = append(out, s.surgeLines(one, p)...)
	}
	if len(s.Sessions) == 0 {
		out = append(out, entry("session", "none is live"))
	}
	if s.Incident != "" {
		out = append(out, entry("incident", "open, declared with %s", s.Incident))
	}
	for _, t := range s.Threats {
		out = append(out, entry("threat", "%s", threatText(t)))
	}
	for _, b := range s.Budgets {
		out = append(out, budgetLines(b)...)
	}
	if s.Holds > 0 {
		return append(out, entry("holds", "%d waiting (guard inbox)", s.Holds))
	}
	return append(out, entry("holds", "none"))
}

// sessionLines is a session on one line, or on two where that is too narrow.
func sessionLines(s proxy.SessionState, p page) []string {
	who := entry("session", "%s  %s  %s", s.ID, s.Agent, shortPath(s.Cwd, p.home))
	profile := "profile " + profileText(s, p.now)
	lines := []string{who, entry("", "%s", profile)}
	if wide := fmt.Sprintf("%-40s %s", who, profile); len(wide) <= p.width {
		lines = []string{wide}
	}
	if s.Raised != s.Profile {
		lines = append(lines, entry("", "unconfirmed: it runs as %s until a person agrees to %s", s.Profile, s.Raised))
	}
	return lines
}

// trustLines are the trust of a session's agent, and what is missing for more.
func (s outlook) trustLines(one proxy.SessionState, p page) []string {
	for _, a := range s.Agents {
		if a.Agent != one.Agent {
			continue
		}
		e := a.Evaluation
		met, missing := int64(len(e.Met)), int64(len(e.Missing))
		line := entry("trust", "%-4s %s", one.Trust, gauge(met, met+missing))
		switch {
		case e.Target <= e.Current:
			return []string{line}
		case missing == 0:
			return p.list(line+fmt.Sprintf(" to T%d:", e.Target), []string{e.Recommendation})
		}
		return p.list(line+fmt.Sprintf(" to T%d:", e.Target), wants(e.Missing))
	}
	return []string{entry("trust", "%s", one.Trust)}
}

// wants is what is missing in as few words as will do.
func wants(missing []string) []string {
	short := strings.NewReplacer("Needs to perform action type: ", "", "Need ", "", "Too many ", "too many ")
	words := make([]string, len(missing))
	for i, m := range missing {
		words[i] = short.Replace(m)
	}
	return words
}

// surgeLines say how fast a session's agent is, by the window that is fullest:
// none where nothing was counted.
func (s outlook) surgeLines(one proxy.SessionState, p page) []string {
	for _, v := range s.Velocity {
		full, _ := v.Fullest()
		switch {
		case v.Agent != one.Agent:
		case v.LockedOut:
			return p.list(entry("surge", "%d    locked out:", v.Level), []string{fmt.Sprintf("guard lockout reset --agent %s --reason TEXT", v.Agent)})
		case full.Actions > 0:
			return []string{p.cut(entry("surge", "%-4d %s %d of %d actions (%s) in %d min", v.Level,
				gauge(int64(full.Actions), int64(full.Threshold)), full.Actions, full.Threshold, counterWords[full.Counter], full.Minutes))}
		}
	}
	return nil
}

// list lets items follow a line, on further lines where it gets too long.
func (p page) list(line string, items []string) []string {
	var out []string
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		if item = proxy.Visible(item); len(line)+1+len(item) > p.width {
			out, line = append(out, line), entry("", "%s", item)
			continue
		}
		line += " " + item
	}
	return append(out, line)
}

// cut ends a line where the page does.
func (p page) cut(line string) string {
	if len(line) <= p.width {
		return line
	}
	return line[:max(p.width-3, 0)] + "..."
}

// profileText is a profile with the way to it and the time it is given for.
func profileText(s proxy.SessionState, now time.Time) string {
	if len(s.Elevations) == 0 {
		return s.Profile
	}
	way := []string{s.Elevations[0].From}
	for _, e := range s.Elevations {
		way = append(way, e.To)
	}
	left := "until it is revoked"
	if ends := cmp.Or(s.Elevations[len(s.Elevations)-1].Ends, s.Elevations[len(s.Elevations)-1].Expires); ends != nil {
		left = roughly(ends.Sub(now)) + " left"
	}
	return fmt.Sprintf("%s (%s, %s)", s.Raised, strings.Join(way, " -> "), left)
}

func threatText(t proxy.ThreatState) string {
	text := fmt.Sprintf("%s  %s  confidence %s", t.ID, t.Type, decimal(t.ConfidencePPM))
	if t.Alerts > 0 {
		text += fmt.Sprintf("  %d alert(s)", t.Alerts)
	}
	if t.Session != "" {
		text += "  session " + t.Session
	}
	return text
}

// decimal is parts per million as a decimal.
func decimal(ppm int) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%06d", ppm/1_000_000, ppm%1_000_000), "0")
	return strings.TrimSuffix(text, ".")
}

func shortPath(path, home string) string {
	if rest, ok := strings.CutPrefix(path, home+"/"); ok && home != "" {
		return "~/" + rest
	}
	return path
}

func budgetLines(b proxy.BudgetState) []string {
	if len(b.Scopes) == 0 {
		return []string{entry("budget", "%s  %s 0 of %d %s", b.ID, gauge(0, b.Allocated), b.Allocated, b.Unit)}
	}
	var out []string
	for _, one := range b.Scopes {
		used := one.Spent + one.Reserved
		line := fmt.Sprintf("%s  %s %d of %d %s", b.ID, gauge(used, b.Allocated), used, b.Allocated, b.Unit)
		if one.Scope != "" {
			line += "  " + one.Scope
		}
		out = append(out, entry("budget", "%s", line))
	}
	return out
}
