# METADATA
# title: Environments and histories
# description: |
#   Where passwords stand that nobody meant to show.
package guard.rules.environ

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
	some word in s.operands
	regex.match(`(?i)(passw|pass\b|pwd\b|secret|token|api.?key|credential|private.?key|\baws|^\^?_?keys?$)`, word)
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
	regex.match(`^-?[a-zA-Z]*e[a-zA-Z]*w|aux.*e|^eww`, word)
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
	regex.match(`\.Config\.Env|json \.Config\b`, o.value)
}

_prints_environment(s) if {
	s.name == "ps"
	regex.match(`^[axXuUewfljnrsStv]*e[axXuUewfljnrsStv]*$|^-[a-zA-Z]*E[a-zA-Z]*$`, s.args[0])
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
	regex.match(`:.*(/secrets?/|credential|\.env$|id_(rsa|ed25519)|\.pem$|\.key$|serviceaccount)`, s.operands[0])
}

# echo $TOKEN; not into a program that logs in with it
_prints_environment(s) if {
	s.name in {"echo", "printf", "print"}
	some word in s.args
	some found in regex.find_all_string_submatch_n(`\$\{?([A-Za-z_][A-Za-z0-9_]*)(\}|[^A-Za-z0-9_:#%}+-]|$)`, word, 20)
	_secret_name(found[1])
	every id in s.writes_to {
		_only_filters(input.cmd.stages[id])
	}
}

_only_filters(s) if data.guard.rules.environ.filters[s.name]

_secret_name(name) if {
	regex.match(`(?i)(secret|token|passw|passwd|api_?key|private_?key|credential|access_?key|database_url|_pat$|_pw$|_dsn$)`, name)
	not regex.match(`(?i)(_(id|file|path|name|url|count|length|type|ttl|expiry|limit|dir|host|port|user)$|max_?tokens|token_?(count|limit|budget)|tokenizer)`, name)
}

_secret_name(name) if regex.match(`(?i)^(database_url|.*_database_url)$`, name)
