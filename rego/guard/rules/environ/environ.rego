# METADATA
# title: Environments and histories
# description: |
#   Where passwords stand that nobody meant to show.
package guard.rules.environ

import data.guard.form
import data.guard.stage

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
	s.name in {"grep", "egrep", "fgrep", "rg", "ag", "ack", "awk", "gawk", "sed", "jq", "yq", "fzf"}
	some pattern in s.operands
	regex.match(`(?i)(passw|pass\b|pwd\b|secret|token|api.?key|credential|private.?key|\baws|^\^?_?keys?$)`, pattern)
	not _counts(s)
	some from in graph.reachable(stage.feeds, [s.id])
	_holds(input.cmd.stages[from])
	msg := sprintf("searches for secrets: %s", [stage.line(s)])
}

# METADATA
# title: Prints an environment
# description: |
#   The environment of a container, a service or another process is where its
#   passwords are; of this shell's own, a variable whose name says so.
# custom:
#   id: secret.environment
#   remedy: ask for the names only, or for one variable that is no secret
#   fires: docker exec web env
#   quiet: docker exec web printenv NODE_ENV
hit contains {"id": "secret.environment", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_prints_environment(s)
	msg := sprintf("prints variables that hold secrets: %s", [stage.line(s)])
}

# what programs keep secrets in: histories, environments, descriptions of containers
_holds(s) if s.name in {"history", "fc", "env", "printenv", "set", "declare", "export", "typeset", "compgen"}

_holds(s) if {
	s.name in {"docker", "podman", "docker-compose"}
	s.sub in {"inspect", "container inspect", "compose config", "config", "secret inspect"}
}

_holds(s) if {
	s.name in {"ps", "pgrep"}
	some word in s.args
	form.made_of(word, concat("", [form.alphanumeric, "-"]))
	_shows_environments(word)
}

_counts(s) if {
	some flag in s.flags
	flag in {"c", "q", "l", "L", "v", "count", "quiet", "silent", "files-with-matches", "invert-match"}
}

# all of it, elsewhere
_prints_environment(s) if {
	s.remote
	s.name in {"env", "printenv", "set", "export"}
	count(s.operands) == 0
	not _narrowed(s)
}

# only some of it comes out at the other end of the pipe
_narrowed(s) if {
	count(s.writes_to) > 0
	every id in s.writes_to {
		input.cmd.stages[id].name in {"grep", "egrep", "fgrep", "rg", "awk", "sed", "wc", "cut", "jq"}
	}
}

_prints_environment(s) if {
	s.name == "printenv"
	some word in s.operands
	_secret_name(word)
}

_prints_environment(s) if {
	s.name in {"docker", "podman"}
	s.sub in {"inspect", "container inspect"}
	some o in s.options
	form.fits(o.value, {"holds": [".Config.Env", "json .Config"]})
}

_prints_environment(s) if {
	s.name == "ps"
	form.made_of(s.args[0], "axXuUewfljnrsStv")
	contains(s.args[0], "e")
}

_prints_environment(s) if {
	s.name == "ps"
	startswith(s.args[0], "-")
	not startswith(s.args[0], "--")
	contains(s.args[0], "E")
}

# all of it, from code: console.log(process.env), print(os.environ)
_prints_environment(s) if {
	s.payload.lang in {"python", "node", "ruby", "perl", "php"}
	regex.match(`(process\.env|os\.environ|\bENV(\.to_h|\.inspect)?|%ENV|getenv\(\)|\$_ENV)\s*([,);}\n]|$)`, _shown(s.payload.text))
}

_prints_environment(s) if {
	s.payload.lang in {"python", "node", "ruby", "perl", "php"}
	regex.match(`(print|console\.log|puts|echo|write)`, s.payload.text)
	some found in regex.find_all_string_submatch_n(`(?:process\.env\.|process\.env\[['"]|os\.environ\[['"]|os\.getenv\(['"]|os\.environ\.get\(['"]|ENV\[['"]|ENV\.fetch\(['"]|getenv\(['"])([A-Za-z0-9_]+)`, _shown(s.payload.text), 20)
	_secret_name(found[1])
}

# Without what only asks whether a variable is there, or how long it is.
_shown(text) := regex.replace(text, `(!!|Boolean\(|typeof\s+|bool\(|len\()(process\.env|os\.environ|os\.getenv|ENV)[.\[('"A-Za-z0-9_)\]]*|in os\.environ|in process\.env|process\.env\.\w+\.length|ENV\.key\?|ENV\.keys|Object\.keys\(process\.env\)`, "")

_prints_environment(s) if {
	s.name in {"docker", "podman"}
	s.sub in {"cp", "container cp"}
	inside := concat(":", array.slice(split(s.operands[0], ":"), 1, count(s.operands[0])))
	form.fits(inside, data.guard.rules.environ.files)
}

# echo $TOKEN; not into a program that logs in with it
_prints_environment(s) if {
	s.name in {"echo", "printf", "print"}
	some text in s.args
	some found in regex.find_all_string_submatch_n(`\$\{?([A-Za-z_][A-Za-z0-9_]*)(\}|[^A-Za-z0-9_:#%}+-]|$)`, text, 20)
	_secret_name(found[1])
	every id in s.writes_to {
		_only_filters(input.cmd.stages[id])
	}
}

_only_filters(s) if data.guard.rules.environ.filters[s.name]

_secret_name(name) if {
	form.fits(lower(name), data.guard.rules.environ.secrets)
	not form.fits(lower(name), data.guard.rules.environ.about_secrets)
}

_secret_name(name) if endswith(sprintf("_%s", [lower(name)]), "_database_url")

# ps eww, ps -ew: each process with its environment
_shows_environments(word) if {
	from := indexof(word, "e")
	from >= 0
	contains(substring(word, from, -1), "w")
}

_shows_environments(word) if {
	from := indexof(word, "aux")
	from >= 0
	contains(substring(word, from, -1), "e")
}
