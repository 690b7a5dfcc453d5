package gate

import (
	"context"
	"errors"
)

// Record puts on record what a drill says of itself. Only the Gate of a drill
// takes it; whatever else is on record, the loop has put there.
func (g *Gate) Record(ctx context.Context, typ string, body any) error {
	if g.opt.Drill == "" {
		return errors.New("record a drill: this guardd holds none")
	}
	_, err := g.append(ctx, always, true, draft(typ, body))
	return err
}

// StartTime is when a process was started, as a Peer has it; 0 if it does not run.
func StartTime(pid int) uint64 { return startTime(pid) }
