# METADATA
# title: Variables that run code
# description: |
#   Loaders, pagers, editors and hooks that programs take from the environment.
package guard.rules.env

import data.guard.form
import data.guard.loopback
import data.guard.stage

# METADATA
# title: Variables that run code
# description: |
#   Loaders, pagers, editors and hooks are taken from the environment: setting
#   them makes a harmless program start something else.
# custom:
#   id: shell.exec_env
#   remedy: leave the variable out, or set it to a plain pager or editor
#   fires: GIT_EXTERNAL_DIFF=/tmp/x.sh git diff
#   quiet: NODE_ENV=test git diff
hit contains {"id": "shell.exec_env", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some v in s.env
	_runs_code(v)
	msg := sprintf("%s=%s makes programs run code", [v.name, stage.cut(v.value)])
}

# METADATA
# title: Installs without checking who answers
# description: With certificates unchecked, whoever is on the way decides what is installed.
# custom:
#   id: shell.unverified
#   remedy: leave the variable out; add the missing certificate instead
#   fires: NODE_TLS_REJECT_UNAUTHORIZED=0 npm install
#   quiet: NODE_TLS_REJECT_UNAUTHORIZED=0 npm test
hit contains {"id": "shell.unverified", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some v in s.env
	_unverified(v)
	some word in array.concat(split(s.sub, " "), s.operands)
	word in {"install", "i", "ci", "add", "clone", "pull", "fetch", "update", "upgrade", "exec", "dlx", "create", "get", "download", "tidy", "sync"}
	msg := sprintf("%s=%s: does not check where it comes from", [v.name, v.value])
}

# METADATA
# title: Stops checking who answers
# description: Exported, the variable counts for everything that follows in the session.
# custom:
#   id: shell.unverified_session
#   remedy: leave the variable out; add the missing certificate instead
#   fires: export NODE_TLS_REJECT_UNAUTHORIZED=0
#   quiet: export NODE_ENV=test
hit contains {"id": "shell.unverified_session", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"export", "declare", "typeset"}
	some word in s.args
	at := indexof(word, "=")
	at > 0
	_unverified({"name": substring(word, 0, at), "value": substring(word, at + 1, -1)})
	msg := sprintf("%s: nothing that follows checks where it comes from", [stage.cut(word)])
}

# METADATA
# title: Installs through somebody else
# description: A proxy sees and may change everything that passes through it; a person sets the one that the network needs.
# custom:
#   id: shell.proxied
#   remedy: leave the variable out
#   fires: HTTPS_PROXY=http://proxy.example:8080 npm ci
#   quiet: HTTPS_PROXY=http://127.0.0.1:8080 npm ci
hit contains {"id": "shell.proxied", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some v in s.env
	upper(v.name) in {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY", "PIP_PROXY"}
	v.value != ""
	not _on_this_machine(v.value)
	msg := sprintf("%s=%s: everything passes through there", [v.name, stage.cut(v.value)])
}

# http://user@127.0.0.1:8080, localhost:8080
_on_this_machine(address) if {
	rest := split(address, "://")
	place := split(rest[count(rest) - 1], "@")
	host := split(place[count(place) - 1], ":")[0]
	host in {"localhost", "127.0.0.1", "[", "host.docker.internal"} # [::1]
}

_runs_code(v) if {
	data.guard.tables.exec_env[v.name] == true
	not _harmless_value(v)
}

_runs_code(v) if startswith(v.name, "GIT_CONFIG_KEY_")

_runs_code(v) if startswith(v.name, "BASH_FUNC_")

_unverified(v) if form.fits(v.value, data.guard.rules.env.unverified[v.name])

# whatever it names is not checked
_unverified(v) if {
	data.guard.rules.env.unchecked[v.name]
	v.value != ""
}

_runs_code(v) if form.fits(v.value, data.guard.rules.env.risky[v.name])

# a folder of a list that others can write to, or that is wherever one happens to be
_runs_code(v) if {
	some folder in split(v.value, ":")
	form.fits(folder, data.guard.rules.env.folders[v.name])
}

_runs_code(v) if {
	v.name == "NODE_OPTIONS"
	some option in split(v.value, " ")
	form.fits(split(option, "=")[0], data.guard.rules.env.options)
}

# ssh with plain options
_harmless_value(v) if {
	v.literal
	v.name in {"GIT_SSH_COMMAND", "GIT_SSH", "RSYNC_RSH"}
	startswith(sprintf("%s ", [v.value]), "ssh ")
	form.made_of(v.value, concat("", [form.alphanumeric, " _@%+=:,./~-"]))
	not form.fits(lower(v.value), {"holds": ["proxycommand", "localcommand", "knownhostscommand", "proxyusefdpass"]})
}

# a registry on this machine
_harmless_value(v) if {
	v.literal
	v.name in {"NPM_CONFIG_REGISTRY", "npm_config_registry", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "GOPROXY", "UV_INDEX_URL", "YARN_NPM_REGISTRY_SERVER"}
	strings.any_prefix_match(v.value, ["http://", "https://"])
	loopback.address(v.value)
}

# edits the list of commits: sed -i '1s/pick/edit/'
_harmless_value(v) if {
	v.literal
	v.name in {"GIT_SEQUENCE_EDITOR", "GIT_EDITOR", "EDITOR"}
	not regex.match(`/(d|drop)[ /]|[0-9$/]d['"]?$`, v.value) # commits that fall out
	regex.match(`^sed -i(\.bak)?( -[eE])? ['"]?[0-9,$ ]*(s(/[^/;&|$]*/[^/;&|$]*/|\|[^;&$|]*\|[^;&$|]*\|)g?|[0-9,/a-z^]+d)['"]?$`, v.value)
}

_harmless_value(v) if {
	v.literal
	data.guard.tables.exec_env_harmless[v.value]
}
