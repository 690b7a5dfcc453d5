package gate

import (
	"path"
	"slices"

	"github.com/f958ca95/guard/proxy"
)

// outsideRule finds commands that guard will run outside of the session.
const outsideRule = "session.outside_tree"

// raises says whether something in a command is to be run outside of the session.
// The rule holds every such command, so that it is allowed by people alone.
func (a *asking) raises() bool {
	return slices.ContainsFunc(a.d.Findings, func(f proxy.Finding) bool { return f.ID == outsideRule })
}

// outside says whether that is the program of the command itself, and not one that
// it will execute in turn.
func (a *asking) outside() bool {
	c := a.request.Command
	return c.Kind == "exec" && slices.ContainsFunc(a.d.Findings, func(f proxy.Finding) bool {
		if f.ID != outsideRule || f.Stage < 0 || f.Stage >= len(a.facts.Stages) {
			return false
		}
		via := a.facts.Stages[f.Stage].Via
		return len(via) > 0 && via[0] == path.Base(c.Argv[0])
	})
}
