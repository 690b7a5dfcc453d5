package gate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// ballot is a small model of how votes stand, written without a look at the
// rules: the first no ends it, people count once each, and only those who may.
type ballot struct {
	needed  int
	may     func(person string) bool
	rank    int
	people  map[string]bool
	outcome string
}

func (b *ballot) cast(person string, approve bool, rank int) {
	switch {
	case b.outcome != proxy.Pending:
	case !approve:
		b.outcome = proxy.Denied
	case b.may(person) && rank >= b.rank:
		if b.people[person] = true; len(b.people) >= b.needed {
			b.outcome = proxy.Approved
		}
	}
}

// TestVotesStandAsTheModelSays casts random votes over thresholds, roles,
// assurances and people who have no say (S1-45, S2-22).
func TestVotesStandAsTheModelSays(t *testing.T) {
	policy, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	assurances := []string{"tty", "peercred", "chat", "fido2_up"}
	configs := []string{
		`{}`, `{"people": ["ann", "bob"]}`, `{"people": ["ann", "bob", "cy"], "roles": {"reviewer": ["bob", "dee"]}}`, `{"delegates": ["ann"]}`,
	}
	may := []func(role, person string) bool{
		func(string, string) bool { return true },
		func(_, p string) bool { return p == "ann" || p == "bob" },
		func(role, p string) bool { return p == "bob" || role == "" && (p == "ann" || p == "cy") },
		func(_, p string) bool { return p != "ann" },
	}
	for i, config := range configs {
		set, err := policy.Build(t.Context(), rego.Snapshot{Files: []rego.File{{Path: "user/guard.json", Source: "guard.json", Data: []byte(config)}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(uint64(i), 7))
		for range 150 {
			role := []string{"", "reviewer"}[random.IntN(2)]
			excluded := [][]string{{}, {"bob"}}[random.IntN(2)]
			b := &ballot{
				needed: 1 + random.IntN(3), rank: random.IntN(3), people: map[string]bool{}, outcome: proxy.Pending,
				may: func(p string) bool { return p != "agent:x" && !slices.Contains(excluded, p) && may[i](role, p) },
			}
			in := rego.Input{Kind: proxy.KindVote, Votes: []rego.Vote{}, Hold: &rego.Hold{
				State: proxy.Pending, Requester: "agent:x", Excluded: excluded,
				Step: proxy.Step{Tier: proxy.High, Seconds: 60, Approvers: b.needed, Assurance: assurances[b.rank], Role: role},
			}}
			var cast []string
			for range 1 + random.IntN(5) {
				person, rank := []string{"ann", "bob", "cy", "dee", "agent:x"}[random.IntN(5)], random.IntN(4)
				approve := random.IntN(8) > 0
				vote := rego.Vote{Approver: person, Approve: approve, Assurance: assurances[rank]}
				in.Vote = &vote
				d, err := set.Decide(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				if d.Verdict != proxy.Allow || b.outcome != proxy.Pending {
					continue // it is not even counted
				}
				in.Votes, in.Vote = append(in.Votes, vote), nil
				b.cast(person, approve, rank)
				cast = append(cast, fmt.Sprintf("%s %v %s", person, approve, assurances[rank]))
				if d, err = set.Decide(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				if d.Approval != b.outcome {
					t.Fatalf("%s, %d needed, role %q, excluded %v, %s: after %q: %s, want %s", config, b.needed, role, excluded, in.Hold.Step.Assurance, cast, d.Approval, b.outcome)
				}
			}
		}
	}
}

// TestWhatTakesTwoPeopleTakesTwoPeople goes the whole way: the second of two
// enrolled people agrees, with what each act asks for alike.
func TestWhatTakesTwoPeopleTakesTwoPeople(t *testing.T) {
	me, other := userName(os.Getuid()), otherUser(t)
	w := newWorld(t)
	w.configure(fmt.Sprintf(`{"people": [%q, %q], "acts": {"elevate.guardian": {"approvers": 2}, "policy.accept": {"approvers": 2}}}`, me, other.Username))
	second := w.person()
	second.UID, _ = strconv.Atoi(other.Uid)
	a := w.elevate("guardian", w.person())
	if a.Verdict != proxy.Hold || a.Hold == nil || a.Hold.Votes != 1 || a.Hold.Needed != 2 {
		t.Fatalf("got %+v, want it held with one vote of two", a)
	}
	if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
		t.Fatal(err)
	}
	if got := w.profile(); got != "operator" {
		t.Errorf("one person twice: the profile is %s, want operator", got)
	}
	if _, err := w.vote(a.Hold.ID, true, second); err != nil {
		t.Fatal(err)
	}
	if got := w.profile(); got != "guardian" {
		t.Errorf("two people: the profile is %s, want guardian", got)
	}
	c := rego.Change{Workspace: "/home/dev/app", Revision: w.revision(), Previous: "older", Loosens: []string{"a rule is gone"}}
	if _, err := w.g.activatePolicy(c); err != nil {
		t.Fatal(err)
	}
	accept := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindAccept, Peer: w.person(), Accept: &proxy.Accept{Workspace: "/home/dev/app"}}
	if a = w.mustAsk(accept); a.Verdict != proxy.Hold || a.Hold == nil {
		t.Fatalf("accepted by one: %+v", a)
	}
	if _, err := w.vote(a.Hold.ID, true, second); err != nil {
		t.Fatal(err)
	}
	if n := w.types(); n[state.PolicyAccepted] != 1 {
		t.Errorf("got %v, want the policy accepted", n)
	}
}

// Who asks and has no say is not one of those who agree: a vote that never counts
// would leave the hold open with as many as it takes (S2-22).
func TestWhoAsksWithoutASayCastsNoVote(t *testing.T) {
	other := otherUser(t)
	w := newWorld(t)
	w.configure(fmt.Sprintf(`{"people": [%q]}`, other.Username))
	second := w.person()
	second.UID, _ = strconv.Atoi(other.Uid)
	a := w.elevate("guardian", w.person())
	if a.Verdict != proxy.Hold || a.Hold == nil || a.Hold.Votes != 0 || a.Hold.Needed != 1 {
		t.Fatalf("got %+v, want it held without a vote", a)
	}
	if _, err := w.vote(a.Hold.ID, true, second); err != nil {
		t.Fatal(err)
	}
	if got := w.profile(); got != "guardian" {
		t.Errorf("who has a say agreed: the profile is %s, want guardian", got)
	}
}

// Who acts for agents does not raise one by asking, where no approval would be needed.
func TestADelegateRaisesNobodyByAsking(t *testing.T) {
	other := otherUser(t)
	w := newWorld(t)
	w.configure(fmt.Sprintf(`{"delegates": [%q]}`, userName(os.Getuid())))
	a := w.elevate("guardian", w.person())
	if a.Verdict != proxy.Hold || a.Hold == nil || a.Hold.Votes != 0 || w.profile() != "operator" {
		t.Fatalf("got %+v, profile %s; want it held without a vote", a, w.profile())
	}
	second := w.person()
	second.UID, _ = strconv.Atoi(other.Uid)
	if _, err := w.vote(a.Hold.ID, true, second); err != nil || w.profile() != "guardian" {
		t.Errorf("another's vote: %v, profile %s", err, w.profile())
	}
	if a := w.elevate("phoenix", second); a.Verdict != proxy.Allow {
		t.Errorf("who is no delegate: got %+v, want it raised", a)
	}
}

// configure puts a guard.json into the user's policy folder.
func (w *world) configure(config string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, "user-policy")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "guard.json"), []byte(config), 0o644); err != nil {
		w.t.Fatal(err)
	}
	w.reopen()
}

// otherUser is somebody else who has an account here.
func otherUser(t *testing.T) *user.User {
	t.Helper()
	for _, name := range []string{"nobody", "daemon", "bin"} {
		if u, err := user.Lookup(name); err == nil && u.Username != userName(os.Getuid()) && !strings.ContainsAny(u.Username, ": ") {
			return u
		}
	}
	t.Skip("no account besides this one: nobody, daemon and bin are all missing")
	return nil
}

func (w *world) revision() string {
	w.t.Helper()
	p, err := w.g.policies.For(w.t.Context(), "/home/dev/app")
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Revision()
}
