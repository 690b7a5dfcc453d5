# METADATA
# title: Variables that run code
# description: |
#   Loaders, pagers, editors and hooks that programs take from the environment.
package guard.rules.env

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

_runs_code(v) if {
	data.guard.tables.exec_env[v.name] == true
	not _harmless_value(v)
}

_runs_code(v) if startswith(v.name, "GIT_CONFIG_KEY_")

_runs_code(v) if startswith(v.name, "BASH_FUNC_")

_runs_code(v) if {
	some mark in data.guard.tables.exec_env_words[v.name]
	contains(v.value, mark)
}

_harmless_value(v) if {
	v.literal
	data.guard.tables.exec_env_harmless[v.value]
}
