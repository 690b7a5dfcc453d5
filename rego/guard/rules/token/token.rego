# METADATA
# title: Tokens and keys
# description: Programs that print, make or change what others log in with.
package guard.rules.token

import data.guard.stage

# METADATA
# title: Prints a token
# description: Tools that print the token they log in with.
# custom:
#   id: secret.token
#   remedy: let the tool use its token itself
#   fires: gh auth token
#   quiet: gh auth status
hit contains {"id": "secret.token", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_prints_token(s)
	msg := sprintf("prints a secret: %s", [stage.line(s)])
}

# METADATA
# title: Searches for secrets
# description: |
#   Histories and environments hold passwords and tokens; a search for them
#   prints what it finds.
# custom:
#   id: secret.search
#   remedy: ask for the names only, or let the program that needs the secret read it
#   fires: history | grep password
#   quiet: history | tail -5
hit contains {"id": "secret.search", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some word in s.operands
	regex.match(`(?i)(passw|secret|token|api.?key|credential|private.?key)`, word)
	some from in graph.reachable(stage.feeds, [s.id])
	input.cmd.stages[from].name in {"history", "env", "printenv", "set", "declare", "export"}
	msg := sprintf("searches for secrets: %s", [stage.line(s)])
}

# METADATA
# title: Works on keys
# description: Makes or changes keys that others trust.
# custom:
#   id: secret.keys
#   remedy: ask a person
#   fires: ssh-keygen -t ed25519
#   quiet: ssh-keygen -l -f ~/.ssh/id_ed25519.pub
hit contains {"id": "secret.keys", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_handles_keys(s)
	msg := sprintf("works on keys: %s", [stage.line(s)])
}

_prints_token(s) if {
	s.name == "gh"
	s.sub == "auth token"
}

_prints_token(s) if {
	s.name == "gh"
	s.sub == "auth status"
	some flag in ["t", "show-token"]
	flag in s.flags
}

_prints_token(s) if {
	s.name == "security"
	regex.match(`^(find-(generic|internet)-password|dump-keychain|export)$`, s.args[0])
}

_prints_token(s) if {
	s.name in {"secret-tool", "pass", "op", "bw", "vault", "gopass", "lpass"}
	some word in s.args
	word in {"lookup", "show", "read", "get", "ls", "search"}
	not s.args[0] in {"ls", "search"}
}

_prints_token(s) if {
	s.name == "git"
	startswith(s.sub, "credential")
	"fill" in s.args
}

_prints_token(s) if {
	s.name in {"gpg", "gpg2"}
	some flag in s.flags
	flag in {"export-secret-keys", "export-secret-subkeys"}
}

_handles_keys(s) if {
	s.name == "ssh-keygen"
	not "l" in s.flags
	not "F" in s.flags
}

_handles_keys(s) if s.name == "ssh-copy-id"

_handles_keys(s) if {
	s.name in {"gpg", "gpg2"}
	some flag in s.flags
	flag in {"delete-secret-keys", "delete-keys", "gen-key", "full-generate-key", "generate-key", "import", "edit-key"}
}
