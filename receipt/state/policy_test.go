package state

import (
	"fmt"
	"strings"
	"testing"
)

func TestWorkspacesThatNobodyWorksInAreForgotten(t *testing.T) {
	var lines strings.Builder
	lines.WriteString(`policy_activated {"workspace":"","revision":"a"}
policy_activated {"workspace":"/live","revision":"a"}
session_started {"session":"s_1","workspace":"/live"}
policy_activated {"workspace":"/waits","revision":"b","joined":["a"]}
`)
	for i := range keptPolicies + 10 {
		fmt.Fprintf(&lines, "policy_activated {\"workspace\":\"/w%d\",\"revision\":\"a\"}\n", i)
	}
	s, err := fold(history(t, lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Policies) != keptPolicies || s.Policies["/w12"] != nil || s.Policies["/w13"] == nil {
		t.Errorf("%d workspaces are known, want %d without the oldest", len(s.Policies), keptPolicies)
	}
	for _, kept := range []string{"", "/live", "/waits"} {
		if s.Policies[kept] == nil {
			t.Errorf("%q is forgotten", kept)
		}
	}
}
