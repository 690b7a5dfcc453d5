package drill

import (
	"context"
	"fmt"
	"slices"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// stage is one drill under way: a session of its own, those who ask in it, and
// what was found so far.
type stage struct {
	lab        *Lab
	session    string
	moves      []string // profiles that the session was seen to reach
	conditions []Condition
}

// The connections of a drill.
const (
	personConn = 1
	agentConn  = 2
)

// person is somebody outside every session; agent a process of the session.
func (s *stage) person() proxy.Peer {
	return proxy.Peer{Conn: personConn, PID: s.lab.Self.PID, UID: s.lab.Self.UID}
}

func (s *stage) agent() proxy.Peer {
	return proxy.Peer{Conn: agentConn, PID: s.lab.Self.PID, UID: s.lab.Self.UID, Within: s.session, Guarded: "descends from session " + s.session}
}

func (s *stage) ask(ctx context.Context, kind string, peer proxy.Peer, part proxy.Request) (proxy.Answer, error) {
	part.ID, part.Kind, part.Peer = newID(), kind, peer
	a, err := s.lab.Authority.Ask(ctx, part)
	if err != nil {
		return a, fmt.Errorf("ask to %s: %w", kind, err)
	}
	return a, nil
}

// enter opens the session, which nobody watches: what would be held is denied.
func (s *stage) enter(ctx context.Context) error {
	self := s.lab.Self
	self.Conn = agentConn
	a, err := s.ask(ctx, proxy.KindSession, self, proxy.Request{Open: &proxy.Open{
		Agent: "drill", Argv: []string{"guard", "drill"}, Cwd: s.lab.Cwd, Home: s.lab.Cwd, Hook: "off",
	}})
	if err != nil {
		return err
	}
	if a.Session == nil {
		return fmt.Errorf("open a session: %s", why(a))
	}
	s.session, s.moves = a.Session.ID, []string{a.Session.Raised}
	return nil
}

func (s *stage) leave(ctx context.Context) error {
	if s.session == "" {
		return nil
	}
	self := s.lab.Self
	self.Conn = agentConn
	_, err := s.ask(ctx, proxy.KindEnd, self, proxy.Request{Session: s.session})
	return err
}

func (s *stage) elevate(ctx context.Context, peer proxy.Peer, e proxy.Elevate) (proxy.Answer, error) {
	e.Session = s.session
	a, err := s.ask(ctx, proxy.KindElevate, peer, proxy.Request{Elevate: &e})
	return a, s.see(ctx, err)
}

func (s *stage) release(ctx context.Context, peer proxy.Peer) (proxy.Answer, error) {
	a, err := s.ask(ctx, proxy.KindRelease, peer, proxy.Request{Release: &proxy.Release{Session: s.session, Reason: "DRILL: give it back"}})
	return a, s.see(ctx, err)
}

// command asks for a line, and shows nothing of what it may look at: nothing of a
// drill touches the machine.
func (s *stage) command(ctx context.Context, line string) (proxy.Answer, error) {
	self := s.lab.Self
	self.Conn = agentConn
	c := proxy.Command{Kind: "line", Line: line, Cwd: s.lab.Cwd, Stdin: "null"}
	for range 4 {
		a, err := s.ask(ctx, proxy.KindCommand, self, proxy.Request{Session: s.session, Command: &c})
		if err != nil || len(a.Scene) == 0 {
			return a, s.see(ctx, err)
		}
		for _, q := range a.Scene {
			c.Scene = append(c.Scene, proxy.Observation{Query: q, Error: "a drill looks at nothing"})
		}
	}
	return proxy.Answer{}, fmt.Errorf("ask for %s: the authority keeps asking for more", line)
}

// look is the session as it is.
func (s *stage) look(ctx context.Context) (proxy.SessionState, error) {
	view, err := s.lab.Reader.Read(ctx, proxy.Look{What: proxy.LookSession, ID: s.session})
	if err != nil {
		return proxy.SessionState{}, fmt.Errorf("look at the session: %w", err)
	}
	return *view.Session, nil
}

// see notes the profile that the session is at now.
func (s *stage) see(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	now, err := s.look(ctx)
	if err == nil && s.moves[len(s.moves)-1] != now.Raised {
		s.moves = append(s.moves, now.Raised)
	}
	return err
}

func (s *stage) at() string { return s.moves[len(s.moves)-1] }

// check notes a condition; found says what there was instead.
func (s *stage) check(text string, met bool, found string, args ...any) {
	c := Condition{Text: text, Met: met}
	if !met {
		c.Why = fmt.Sprintf(found, args...)
	}
	s.conditions = append(s.conditions, c)
}

// transition is what this package reads of receipts about elevations.
type transition struct {
	ID         string `json:"escalation_id"`
	Session    string `json:"session"`
	From       string `json:"from_profile"`
	To         string `json:"to_profile"`
	Type       string `json:"escalation_type"`
	Ended      string `json:"deescalation_type"`
	Reversible bool   `json:"reversible"`
	Hash       string `json:"tem_context_hash"`
	Reason     string `json:"reason"`
	Expires    string `json:"expires_at"`
	Context    struct {
		Threat string `json:"threat_id"`
	} `json:"context"`
	ApprovedBy []string `json:"approved_by"`
}

// written are the bodies of the session's receipts of one type, in order.
func written[B any](s *stage, typ string) ([]B, error) {
	all, err := s.lab.Receipts()
	if err != nil {
		return nil, err
	}
	var out []B
	for _, r := range all {
		var whose struct {
			Session string `json:"session"`
			On      string `json:"on"`
		}
		if r.Type != typ || r.Decode(&whose) != nil || whose.Session != s.session && whose.On != s.session {
			continue
		}
		var body B
		if err := r.Decode(&body); err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

// transitions checks that the session moved exactly as the receipts say.
func (s *stage) transitions() (ups, downs []transition, err error) {
	if ups, err = written[transition](s, "profile_escalation"); err != nil {
		return nil, nil, err
	}
	if downs, err = written[transition](s, "profile_deescalation"); err != nil {
		return nil, nil, err
	}
	receipts := len(ups) + len(downs)
	s.check("every transition has a receipt", receipts == len(s.moves)-1, "the session went %v and there are %d receipts of that", s.moves, receipts)
	return ups, downs, nil
}

// onRecord checks that each receipt so far belongs to the drill.
func (s *stage) onRecord() {
	all, err := s.lab.Receipts()
	if err != nil {
		s.check("the receipts are sound", false, "%v", err)
		return
	}
	for _, r := range all {
		if problem := s.lab.foreign(r); problem != "" {
			s.check("every receipt is the drill's", false, "receipt %d %s", r.Chain.JSeq, problem)
			return
		}
	}
	s.check("every receipt is the drill's", len(all) > 0, "there is none")
}

// foreign says what keeps a receipt from being one of the drill's.
func (l *Lab) foreign(r receipt.Receipt) string { return foreign(r, l.ID) }

func foreign(r receipt.Receipt, id string) string {
	var body struct {
		Drill string `json:"drill_id"`
	}
	switch {
	case !slices.Contains(r.Tags, receipt.DrillTag):
		return "has no tag " + receipt.DrillTag
	case r.Decode(&body) != nil || body.Drill != id:
		return "does not name the drill " + id
	case r.Chain.Host != id:
		return "is in the log " + r.Chain.Host
	case r.Type == "command_started" || r.Type == "command_outcome":
		return "says that a command ran"
	}
	return ""
}

// why is the worst of what was found, for people.
func why(a proxy.Answer) string {
	if len(a.Findings) == 0 {
		return a.Verdict.String()
	}
	return a.Findings[0].Msg
}
