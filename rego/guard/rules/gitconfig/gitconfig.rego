# METADATA
# title: How git is set
# description: |
#   Settings by which git starts other programs, leaves its own checks out, or
#   trusts anybody.
package guard.rules.gitconfig

import data.guard.form
import data.guard.stage

# METADATA
# title: Makes git run a program
# description: |
#   Hooks, pagers, filters, helpers, aliases and transports are commands that
#   git starts on its own, now or in a later, harmless looking command.
# custom:
#   id: git.exec_config
#   remedy: run that program yourself
#   fires: git -c core.sshCommand='sh -c id' fetch
#   quiet: git -c core.quotePath=false status
hit contains {"id": "git.exec_config", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	some [key, value] in _settings(s)
	_executes(key, value)
	msg := sprintf("makes git run a program: %s", [stage.cut(key)])
}

# METADATA
# title: Switches the repository's hooks off
# description: |
#   Hooks are the project's own checks. With their folder set to nothing they
#   are left out, and in a setting for everybody who works in this clone.
# custom:
#   id: git.hooks_off
#   remedy: fix what the hook complains about
#   fires: git config core.hooksPath /dev/null
#   quiet: git config --get core.hooksPath
hit contains {"id": "git.hooks_off", "tier": 2, "stage": s.id, "msg": "switches the repository's hooks off"} if {
	some s in input.cmd.stages
	s.name == "git"
	some [key, value] in _settings(s)
	key == "core.hookspath"
	data.guard.tables.exec_env_harmless[value]
}

# METADATA
# title: Trusts any server
# description: Without the check of certificates, whoever sits on the way can change what is fetched and read what is pushed.
# custom:
#   id: git.no_verify_server
#   remedy: add the server's certificate with http.sslCAInfo
#   fires: git config http.sslVerify false
#   quiet: git config http.sslVerify true
hit contains {"id": "git.no_verify_server", "tier": 2, "stage": s.id, "msg": "trusts any server"} if {
	some s in input.cmd.stages
	s.name == "git"
	some [key, value] in _settings(s)
	startswith(key, "http.")
	endswith(key, ".sslverify")
	lower(value) in {"false", "0", "no", "off"}
}

# METADATA
# title: Takes a safety catch away
# description: |
#   With these settings a later plain push overwrites or mirrors, and a plain
#   clean deletes, although nobody has said so there.
# custom:
#   id: git.unsafe_config
#   remedy: use the force option where it is meant, once
#   fires: git config remote.origin.push '+refs/heads/*:refs/heads/*'
#   quiet: git config remote.origin.push refs/heads/main
hit contains {"id": "git.unsafe_config", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	some [key, value] in _settings(s)
	_uncaught(key, lower(value))
	msg := sprintf("takes a safety catch away: %s", [stage.cut(key)])
}

# METADATA
# title: Commits past the checks
# description: The project's own hooks would have looked at it, and are left out.
# custom:
#   id: git.skips_checks
#   remedy: let the hook run and mend what it finds
#   fires: git commit --no-verify -m wip
#   quiet: git commit -m wip
hit contains {"id": "git.skips_checks", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	_skips_checks(s)
	not stage.dry(s)
	msg := sprintf("leaves the project's checks out: git %s", [stage.cut(concat(" ", s.args))])
}

_uncaught(key, "false") if key in {"clean.requireforce", "receive.denynonfastforwards", "receive.denydeletes"}

_uncaught(key, value) if {
	startswith(key, "remote.")
	endswith(key, ".push")
	startswith(value, "+")
}

_uncaught(key, "true") if {
	startswith(key, "remote.")
	endswith(key, ".mirror")
}

# Settings a stage makes: -c KEY=VALUE for itself, config KEY VALUE for later.
_settings(s) := {[lower(substring(o.value, 0, at)), substring(o.value, at + 1, -1)] |
	some o in s.options
	o.name in {"c", "config", "config-env"}
	at := indexof(o.value, "=")
	at > 0
} | {[lower(words[0]), words[1]] |
	s.sub in {"config", "config set", "config add"}
	words := [word | some word in s.operands; not word in {"set", "add"}]
}

_executes(key, value) if {
	_exec_key(key)
	not data.guard.tables.exec_env_harmless[value]
	not _project_hooks(key, value)
	not value in {"cache", "osxkeychain", "manager", "libsecret", "!gh auth git-credential"}
}

_executes(key, value) if {
	startswith(key, "alias.")
	startswith(value, "!")
}

_exec_key(key) if data.guard.tables.git_exec_keys[key]

# pager.log=true says only that there is one
_executes(key, value) if {
	startswith(key, "pager.")
	not lower(value) in {"true", "false", "on", "off", "yes", "no", "1", "0"}
	not data.guard.tables.exec_env_harmless[value]
}

# Hooks that the project keeps under version control, as in .husky/_ or
# tools/.githooks; writing there is a finding of its own.
_project_hooks("core.hookspath", value) if {
	folder := trim_suffix(trim_suffix(value, "/_"), "/")
	parts := split(trim_prefix(folder, "./"), "/")
	parts[count(parts) - 1] in {".husky", ".githooks"}
	every part in array.slice(parts, 0, count(parts) - 1) {
		form.made_of(part, concat("", [form.alphanumeric, "_-"]))
	}
}

_exec_key(key) if {
	not startswith(key, "alias.")
	strings.any_suffix_match(key, data.guard.tables.git_exec_suffixes)
}

_skips_checks(s) if {
	s.sub in {"commit", "merge", "rebase", "am", "cherry-pick"}
	"no-verify" in s.flags
}

_skips_checks(s) if {
	s.sub == "commit"
	"n" in s.flags
}

_skips_checks(s) if {
	s.sub in {"commit", "merge", "push"}
	some v in s.env
	[v.name, v.value] in [["HUSKY", "0"], ["HUSKY_SKIP_HOOKS", "1"], ["LEFTHOOK", "0"], ["OVERCOMMIT_DISABLE", "1"]]
}
