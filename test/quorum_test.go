package test

import (
	"os"
	"strings"
	"testing"
)

// withRoot is the desk of an ordinary user, and the same one as root sits at it.
func withRoot(t *testing.T) (d, root *desk) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, and another user")
	}
	t.Parallel()
	d = ordinaryDesk(t)
	r := *d
	r.cred = nil
	return d, &r
}

// Two people are needed, and there are two: whom guardd belongs to, and root, who may
// answer there, but has nothing judged.
func TestRootIsTheSecondPersonAtAnotherUsersGuardd(t *testing.T) {
	d, root := withRoot(t)
	for _, dir := range []string{"home/.config", "home/.config/guard", "home/.config/guard/policy"} {
		must(t, os.Mkdir(d.path(dir), 0o755))
		d.own(dir)
	}
	must(t, os.WriteFile(d.path("home/.config/guard/policy/guard.json"),
		[]byte(`{"people": ["54321", "root"], "acts": {"elevate.guardian": {"approvers": 2}}}`), 0o644))
	must(t, os.Mkdir(d.path("state"), 0o700))
	d.own("state")
	root.says(125, "no guardd answers at "+d.path("state"), "inbox")

	done := d.pipe("done")
	agent := d.console("guard", "--agent", "ann", "--", "sh", "-c", "echo up; read -r line <"+d.path("done"))
	agent.expect("up\r\n")
	root.says(125, "belongs to user 54321", "--", "true")

	owner := d.shell()
	owner.send("guard elevate guardian --reason 'two agree'\r")
	owner.expect(`Escalation to guardian requires approval`)
	id := root.next()
	root.says(0, "approved: raise session", "approve", id)
	owner.expect(`raised: session s_[0-9a-f]{12} operator -> guardian`)
	owner.expect("ready> ")
	d.says(0, "by root", "log", "--scroll", "approvals")
	owner.send("exit\r")
	owner.ends(0)
	done.tell("go on")
	agent.ends(0)
}

func TestThePromptWaitsForTheSecondPerson(t *testing.T) {
	d, root := withRoot(t)
	d.policy("guard.json", `{"votes": {"HIGH": {"approvers": 2}}}`)
	c := d.console(push...)
	id := c.question("HIGH", "git push --force origin main")
	if !strings.Contains(c.all(), "2 people have to agree; so far 0 of 2 approvals") {
		t.Errorf("nothing says that it takes two:\n%s", c.all())
	}
	c.send("a")
	c.expect("1 of 2 approvals; another person runs: guard approve " + id)
	d.says(1, "already", "approve", id)
	if ran := d.ran("git"); ran != "" {
		t.Fatalf("it ran after one approval: %q", ran)
	}
	root.says(0, "1 of 2", "inbox")
	visitor := root.console("guard", "approve", id)
	visitor.expect("approved once: git push --force origin main")
	visitor.ends(0)
	c.expect(": approved by root")
	c.ends(0)
	if ran := d.ran("git"); ran != pushed {
		t.Errorf("ran = %q", ran)
	}
}
