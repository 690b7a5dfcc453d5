package rego

import (
	"strings"
	"testing"
)

// TestListsOfPeopleOnlyTighten names in a folder who has a say, and then in the one
// after it.
func TestListsOfPeopleOnlyTighten(t *testing.T) {
	engine, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, user, workspace, want string }{
		{"everybody becomes some", `{"people": ["ann", "bob"]}`, `{}`, ""},
		{"some become fewer", `{"people": ["ann", "bob"]}`, `{"people": ["ann"]}`, ""},
		{"the workspace adds itself", `{"people": ["ann"]}`, `{"people": ["ann", "agent"]}`, "people: [ann agent] would loosen [ann]"},
		{"the workspace puts itself in place of", `{"people": ["ann"]}`, `{"people": ["agent"]}`, "people: [agent] would loosen [ann]"},
		{"none is everybody again", `{"people": ["ann"]}`, `{"people": []}`, "people: [] would loosen [ann]"},
		{"a role is filled", `{"roles": {"admin": ["ann"]}}`, `{"roles": {"admin": ["ann"]}}`, ""},
		{"a role is widened", `{"roles": {"admin": ["ann"]}}`, `{"roles": {"admin": ["ann", "agent"]}}`, "roles.admin: [ann agent] would loosen [ann]"},
		{"one more acts for agents", `{"delegates": ["bot"]}`, `{"delegates": ["bot", "bob"]}`, ""},
		{"one fewer acts for agents", `{"delegates": ["bot", "bob"]}`, `{"delegates": ["bot"]}`, "delegates: [bot] would loosen [bot bob]"},
		{"more people for an act", `{"acts": {"elevate.phoenix": {"approvers": 2}}}`, `{"acts": {"elevate.phoenix": {"approvers": 3}}}`, ""},
		{"fewer people for an act", `{"acts": {"elevate.phoenix": {"approvers": 2}}}`, `{"acts": {"elevate.phoenix": {"approvers": 1}}}`, "acts.elevate.phoenix.approvers: 1 would loosen 2"},
		{"an act that is none", `{"acts": {"elevate.emperor": {"approvers": 2}}}`, `{}`, "acts.elevate.emperor is unknown"},
		{"agents are no people", `{"people": ["agent:claude"]}`, `{}`, "want a list of login names"},
		{"a name that is none", `{"people": [""]}`, `{}`, "want a list of login names"},
		{"a word for a list", `{"people": "ann"}`, `{}`, "want a list of login names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := build(engine, File{Path: "user/guard.json", Source: "user", Data: []byte(c.user)},
				File{Path: "workspace/guard.json", Source: "workspace", Data: []byte(c.workspace)})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v; want %q", err, c.want)
			}
		})
	}
}
