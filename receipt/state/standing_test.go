package state

import "testing"

func TestTrustIsAUsersOwn(t *testing.T) {
	s, err := fold(history(t, `
session_started {"session":"s_1","agent":"bot","uid":1000,"owner":"ann","trust":"T1"}
session_started {"session":"s_2","agent":"bot","uid":1001,"owner":"bob","trust":"T1"}
trust_promoted {"agent":"bot","uid":1000,"from_tier":"T1","to_tier":"T2","request":"r_1"}
hold_opened {"hold":"hold_1","session":"s_2","agent":"bot","terms":{"steps":[]},"tier":4}
hold_approval {"hold":"hold_1","approve":false,"violation":true}
command_decision {"session":"s_1","request":"r_2","verdict":"allow","tier":1}
command_outcome {"session":"s_1","request":"r_2"}`))
	if err != nil {
		t.Fatal(err)
	}
	ann, bob := s.Standings["1000:bot"], s.Standings["1001:bot"]
	if s.Trust("bot", 1000) != "T2" || s.Trust("bot", 1001) != "T1" || s.Trust("bot", 0) != "" {
		t.Errorf("got %s and %s, want T2 for ann's alone", ann.Level, bob.Level)
	}
	if len(ann.Violations) != 0 || len(bob.Violations) != 1 || len(ann.Days) != 1 || len(bob.Days) != 0 {
		t.Errorf("got %+v and %+v, want the violation bob's and the action ann's", ann, bob)
	}
}

func TestReceiptsFromWhenANameWasAllAreAboutEveryAgentOfIt(t *testing.T) {
	s, err := fold(history(t, `
session_started {"session":"s_1","agent":"bot","uid":1000,"owner":"ann","trust":"T1"}
session_started {"session":"s_2","agent":"bot","uid":1001,"owner":"bob","trust":"T1"}
trust_promoted {"agent":"bot","from_tier":"T1","to_tier":"T2","request":"r_1"}
trust_revoked {"agent":"bot","from_tier":"T2","to_tier":"T0","cause":"rollback"}`))
	if err != nil || s.Trust("bot", 1000) != "T0" || s.Trust("bot", 1001) != "T0" {
		t.Errorf("got %+v %v, want both at T0", s.Standings, err)
	}
}

// An agent of such a snapshot is its last owner's, should that one use it again;
// nobody else begins with what it has earned, nor is it forgotten what it has lost.
func TestASnapshotFromWhenANameWasAllIsRead(t *testing.T) {
	s, err := Restore([]byte(`{"next":0,"sessions":{"s_1":{"session":"s_1","agent":"live","uid":1000,"owner":"ann"}},"agents":{
		"live":{"agent":"live","owner":"ann","level":"T3"},"bot":{"agent":"bot","owner":"ann","level":"T0"},"ops":{"agent":"ops","owner":"ann","level":"T4"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Trust("live", 1000); got != "T3" {
		t.Errorf("of a live session: got %q, want T3", got)
	}
	for _, r := range history(t, `
session_started {"session":"s_2","agent":"bot","uid":1000,"owner":"ann","trust":"T1"}
session_started {"session":"s_3","agent":"ops","uid":1001,"owner":"bob","trust":"T1"}`) {
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	if s.Trust("bot", 1000) != "T0" || s.Trust("ops", 1001) != "T1" {
		t.Errorf("got %s and %s, want T0 for its owner's and T1 for another's", s.Trust("bot", 1000), s.Trust("ops", 1001))
	}
	again, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if s, err = Restore(again); err != nil || s.Trust("bot", 1000) != "T0" || len(s.Standings) != 4 {
		t.Errorf("through another snapshot: got %+v %v", s.Standings, err)
	}
}
