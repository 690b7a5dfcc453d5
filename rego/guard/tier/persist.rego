# Secrets and persistence: what outlives the task, and what must not be read
# along the way.

package guard.tier

# METADATA
# title: Changes what starts later
# description: |
#   Shell start-up files, keys, hooks, units and agents' own settings run or
#   are trusted long after the task, without guard.
# custom:
#   id: persist.startup
#   remedy: set it for this one command, or ask a person to change the file
hit contains {"id": "persist.startup", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	p.access in {"write", "delete", "meta"}
	_persists(p)
	msg := sprintf("changes %s, which later sessions trust", [_shown(p)])
}

# METADATA
# title: Reads a secret
# description: What a program prints ends up in logs and in a model's memory.
# custom:
#   id: secret.read
#   remedy: ask for the names only, or let the program that needs the secret read it
hit contains {"id": "secret.read", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not data.guard.tier.secret_blind[s.name] == true
	some p in s.paths
	p.access in {"read", "unknown"}
	_secret(p)
	msg := sprintf("reads %s, which holds secrets", [_shown(p)])
}

# METADATA
# title: Sends a secret
# description: A secret goes to another host.
# custom:
#   id: secret.send
#   remedy: none
hit contains {"id": "secret.send", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_sends(s)
	some p in s.paths
	p.access in {"read", "unknown"}
	_secret(p)
	msg := sprintf("sends %s to another host", [_shown(p)])
}

# METADATA
# title: Secret that flows to the network
# description: What reads the secret is piped, or substituted, into a program that talks to another host.
# custom:
#   id: secret.flow
#   remedy: none
hit contains {"id": "secret.flow", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_talks[s.name]
	some from in graph.reachable(_feeds, [s.id])
	some source in input.cmd.stages
	source.id == from
	source.id != s.id
	some p in source.paths
	p.access in {"read", "unknown"}
	_secret(p)
	msg := sprintf("sends %s to another host through %s", [_shown(p), s.name])
}

# METADATA
# title: Copies a secret
# description: A copy is where nobody looks for it.
# custom:
#   id: secret.copy
#   remedy: leave it where it is
hit contains {"id": "secret.copy", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"cp", "mv", "ln", "install", "tar", "zip", "rsync"}
	some p in s.paths
	p.access == "delete"
	_secret(p)
	msg := sprintf("moves %s, which holds secrets", [_shown(p)])
}

# METADATA
# title: Prints a token
# description: Tools that print the token they log in with.
# custom:
#   id: secret.token
#   remedy: let the tool use its token itself
hit contains {"id": "secret.token", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_prints_token(s)
	msg := sprintf("prints a secret: %s", [_line(s)])
}

# METADATA
# title: Searches the shell's history
# description: Histories hold passwords that were typed where they should not have been.
# custom:
#   id: secret.history
#   remedy: none
hit contains {"id": "secret.history", "tier": 2, "stage": s.id, "msg": "reads the shell's history"} if {
	"history" in input.cmd.names
	some s in input.cmd.stages
	s.name == "history"
	not "c" in s.flags
}

# METADATA
# title: Works on keys
# description: Makes or changes keys that others trust.
# custom:
#   id: secret.keys
#   remedy: ask a person
hit contains {"id": "secret.keys", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_handles_keys(s)
	msg := sprintf("works on keys: %s", [_line(s)])
}

_persists(p) if {
	p.zone in {"home", "workspace"}
	some prefix in data.guard.tier.persist_home
	_below_home(p.path, prefix)
}

_persists(p) if {
	some part in data.guard.tier.persist_anywhere
	contains(p.path, part)
}

# A path below the home folder, or the folder itself that the prefix names.
_below_home(path, prefix) if startswith(path, sprintf("%s/%s", [input.session.home, prefix]))

_below_home(path, prefix) if {
	endswith(prefix, "/")
	sprintf("%s/", [path]) == sprintf("%s/%s", [input.session.home, prefix])
}

_secret(p) if {
	not strings.any_suffix_match(p.path, [".pub", ".example", ".sample", ".template", ".dist"])
	not strings.any_suffix_match(p.path, data.guard.tier.secret_public)
	not contains(p.path, "/known_hosts")
	_holds_secret(p.path)
}

_holds_secret(path) if {
	some prefix in data.guard.tier.secret_home
	_below_home(path, prefix)
}

_holds_secret(path) if {
	parts := split(path, "/")
	data.guard.tier.secret_names[parts[count(parts) - 1]]
}

_holds_secret(path) if {
	strings.any_suffix_match(path, data.guard.tier.secret_suffixes)
	not contains(path, "/testdata/")
	not contains(path, "/fixtures/")
}

_holds_secret(path) if data.guard.tier.secret_system[path]

_holds_secret(path) if regex.match(`^/proc/[^/]+/(environ|mem)$`, path)

_talks := {
	"curl": true, "wget": true, "nc": true, "ncat": true, "netcat": true, "socat": true, "telnet": true, "ssh": true,
	"scp": true, "sftp": true, "ftp": true, "dig": true, "nslookup": true, "host": true, "ping": true, "http": true,
	"mail": true, "mailx": true, "sendmail": true,
}

_sends(s) if {
	some h in s.hosts
	h.push
	not h.loopback
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
