# METADATA
# title: Only this repository's remotes
# description: |
#   Code leaves through the remotes that the repository already has. Pushing to
#   an address is denied unless it is known; adding or changing a remote needs
#   a person, because the next push would follow it.
package user.known_remotes

# Addresses that count as this repository's own.
_known := {"git.example.com"}

deny contains {
	"id": "push_elsewhere",
	"msg": sprintf("pushes to %s, which is not one of this repository's remotes", [h.name]),
	"hint": "push to origin",
	"stage": s.id,
} if {
	"git" in input.cmd.names
	some s in input.cmd.stages
	s.name == "git"
	s.sub == "push"
	some h in s.hosts
	not h.name in _known
}

hold contains {"id": "changes_remotes", "msg": sprintf("changes the repository's remotes: git %s", [concat(" ", s.args)]), "stage": s.id} if {
	"git" in input.cmd.names
	some s in input.cmd.stages
	s.name == "git"
	startswith(s.sub, "remote")
	some word in s.args
	word in {"add", "set-url", "rename", "remove", "rm"}
}
