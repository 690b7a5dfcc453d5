# METADATA
# title: Tokens and keys
# description: Programs that print, make or change what others log in with.
package guard.rules.token

import data.guard.form
import data.guard.naming
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

# a file of secrets out of history: git show HEAD:.env
_prints_token(s) if {
	s.name == "git"
	_shows_content(s)
	some word in s.operands
	parts := split(replace(word, ":", "/"), "/")
	form.fits(parts[count(parts) - 1], _secret_files)
	not strings.any_suffix_match(word, [".example", ".sample", ".template", ".test", ".dist", ".ci"])
}

_secret_files := {
	"words": {
		".env": true, "id_rsa": true, "id_ed25519": true, "credentials.json": true, "master.key": true,
		"secret.yml": true, "secret.yaml": true, "secret.json": true, "secrets.yml": true, "secrets.yaml": true, "secrets.json": true,
	},
	"starts": [".env."],
}

_shows_content(s) if s.sub in {"show", "cat-file", "blame", "diff", "stash show"}

_shows_content(s) if {
	s.sub in {"log", "reflog"}
	some flag in ["p", "patch", "u", "S", "G"]
	flag in s.flags
}

_prints_token(s) if {
	s.name in {"sops", "age", "ejson", "chamber", "doppler", "infisical", "aws-vault", "credstash", "keybase", "berglas", "git-crypt"}
	some word in array.concat(s.operands, s.flags)
	word in {"d", "decrypt", "view", "secrets", "export", "read", "print", "unlock", "download"}
	not stage.help(s)
	not _lists_names(s)
}

_prints_token(s) if {
	s.name in {"gpg", "gpg2"}
	some flag in ["d", "decrypt"]
	flag in s.flags
}

_prints_token(s) if {
	s.name == "openssl"
	s.args[0] in {"rsa", "pkey", "ec", "dsa", "pkcs12", "pkcs8"}
	not _only_public(s)
	some word in s.args
	word in {"-in", "-nodes", "-text"}
}

_prints_token(s) if {
	s.name in {"rails", "rake"}
	some word in s.args
	word in {"credentials:show", "credentials:edit", "secrets:show", "encrypted:show", "credentials:decrypt"}
}

_prints_token(s) if {
	s.name in {"npm", "yarn", "pnpm"}
	some word in s.args
	strings.any_suffix_match(lower(word), ["_authtoken", "_auth", "_password"])
	"get" in s.args
}

_prints_token(s) if {
	startswith(s.name, "docker-credential-")
	"get" in s.args
}

_only_public(s) if {
	some word in s.args
	word in {"-pubout", "-pubin"}
}

_only_public(s) if {
	"-noout" in s.args
	not "-text" in s.args
}

_lists_names(s) if {
	some flag in ["only-names", "names"]
	flag in s.flags
}

_prints_token(s) if {
	s.name == "gh"
	s.sub == "auth status"
	some flag in ["t", "show-token"]
	flag in s.flags
}

_prints_token(s) if {
	s.name == "security"
	s.args[0] in {"find-generic-password", "find-internet-password", "dump-keychain", "export"}
}

_prints_token(s) if {
	s.name in {"secret-tool", "pass", "op", "bw", "vault", "gopass", "lpass"}
	some word in s.args
	word in {"lookup", "show", "read", "get", "ls", "search"}
	not s.args[0] in {"ls", "search"}
	not array.slice(s.args, 0, 2) in [["token", "lookup"], ["policy", "read"], ["kv", "list"], ["kv", "metadata"]]
}

_prints_token(s) if {
	s.name == "git"
	startswith(s.sub, "credential")
	some word in s.args
	word in {"fill", "get"}
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
	not "R" in s.flags
	not _throwaway(s)
}

# a new key in a temporary folder
_throwaway(s) if {
	some i, word in s.args
	word == "-f"
	startswith(s.args[i + 1], "/tmp/")
	not contains(s.args[i + 1], "..")
}

# a new key among the project's test data
_throwaway(s) if {
	some i, word in s.args
	word == "-f"
	name := s.args[i + 1]
	not startswith(name, "/")
	not startswith(name, "~")
	not contains(name, "..")
	some folder in array.slice(split(name, "/"), 0, count(split(name, "/")) - 1)
	naming.tests(folder)
}

_handles_keys(s) if s.name == "ssh-copy-id"

_handles_keys(s) if {
	s.name in {"gpg", "gpg2"}
	some flag in s.flags
	flag in {"delete-secret-keys", "delete-keys", "recv-keys", "receive-keys", "gen-key", "full-generate-key", "generate-key", "import", "edit-key"}
}
