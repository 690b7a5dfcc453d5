# METADATA
# title: Reliefs for what runs elsewhere
# description: |
#   Databases, clusters, clouds and containers that exist only for a test or
#   only on this machine, and what the line itself started. As with all
#   reliefs, a name that is not known gives none.
package guard.elsewhere.relief

# METADATA
# title: A database for tests
# description: |
#   Its name, or the environment the tool is told to use, says test, and its
#   server is this machine.
# custom:
#   id: relief.test_database
#   fires: dropdb app_test
#   quiet: dropdb app
hit contains {"id": "relief.test_database", "finding": f.id, "stage": s.id, "why": "the database is for tests"} if {
	some f in candidates
	"test_database" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_tests(s)
	not _reaches(s)
}

# METADATA
# title: A cluster on this machine
# description: The context is one of kind, minikube and the like, or the line itself made the cluster.
# custom:
#   id: relief.local_cluster
#   fires: kubectl --context kind-test apply -f k8s/
#   quiet: kubectl --context prod apply -f k8s/
hit contains {"id": "relief.local_cluster", "finding": f.id, "stage": s.id, "why": "the cluster is on this machine"} if {
	some f in candidates
	"local_cluster" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_local_cluster(s)
}

# METADATA
# title: A cloud's stand-in on this machine
# description: Every endpoint that the command names is this machine.
# custom:
#   id: relief.local_endpoint
#   fires: aws --endpoint-url http://localhost:4566 s3 mb s3://site
#   quiet: aws s3 mb s3://site
hit contains {"id": "relief.local_endpoint", "finding": f.id, "stage": s.id, "why": "the endpoint is this machine"} if {
	some f in candidates
	"local_endpoint" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	places := _endpoints(s)
	count(places) > 0
	every place in places {
		regex.match(`^([a-z0-9+]+://)?(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)`, place)
	}
}

# METADATA
# title: What the line itself started
# description: |
#   The container was started by an earlier command of the line, under that
#   name. Volumes are not meant: creating one that is there already succeeds.
# custom:
#   id: relief.made_here
#   fires: docker run -d --name t redis && npm test; docker rm -f t
#   quiet: npm test; docker rm -f t
hit contains {"id": "relief.made_here", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"made_here" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_all_made(s)
	why := sprintf("this line made %s", [concat(", ", s.operands)])
}

# METADATA
# title: What the line makes again
# description: A container of that name is run again by a later command of the line.
# custom:
#   id: relief.made_again
#   fires: docker rm -f t; docker run -d --name t redis
#   quiet: docker rm -f t; docker run -d --name u redis
hit contains {"id": "relief.made_again", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"made_again" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	not s.loop
	count(s.operands) > 0
	every name in s.operands {
		_runs_later(s, name)
	}
	why := sprintf("this line runs %s again", [concat(", ", s.operands)])
}

# METADATA
# title: A container for tests
# description: Its name says that it is for tests.
# custom:
#   id: relief.test_container
#   fires: docker rm -f app_test_db
#   quiet: docker rm -f app_db
hit contains {"id": "relief.test_container", "finding": f.id, "stage": s.id, "why": "its name says that it is for tests"} if {
	some f in candidates
	"test_container" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_engine[s.name]
	count(s.operands) > 0
	every name in s.operands {
		regex.match(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`, name)
		_test_name(name)
	}
}

# METADATA
# title: A cloud's database on this machine
# description: The stand-in that wrangler and supabase keep for development.
# custom:
#   id: relief.local_stand_in
#   fires: npx wrangler d1 execute app --local --command 'DROP TABLE users'
#   quiet: npx wrangler d1 execute app --remote --command 'DROP TABLE users'
hit contains {"id": "relief.local_stand_in", "finding": f.id, "stage": s.id, "why": "the database is on this machine"} if {
	some f in candidates
	"local_stand_in" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_stands_in(s)
}

# METADATA
# title: A stack for tests
# description: The compose file or project says that it is for tests; its volumes are made again.
# custom:
#   id: relief.test_stack
#   fires: docker compose -f docker-compose.test.yml down -v
#   quiet: docker compose -f docker-compose.yml down -v
hit contains {"id": "relief.test_stack", "finding": f.id, "stage": s.id, "why": "the stack is for tests"} if {
	some f in candidates
	"test_stack" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	startswith(s.sub, "compose")
	names := [o.value | some o in s.options; o.name in {"f", "file", "p", "project-name"}]
	count(names) > 0
	some name in names
	_test_name(name)
}

# METADATA
# title: Names without values
# description: |
#   Only the names in a file of NAME=value lines are shown, or whether one is
#   there: by the reader itself, or by what everything it prints goes through.
# custom:
#   id: relief.names_only
#   fires: cut -d= -f1 .env
#   quiet: cut -d= -f2 .env
hit contains {"id": "relief.names_only", "finding": f.id, "stage": s.id, "why": "only names are shown"} if {
	some f in candidates
	"names_only" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_settings(s)
	_shows_names(s)
}

# METADATA
# title: Variables for the next command
# description: The file's lines become variables of the shell, and nothing prints them.
# custom:
#   id: relief.into_environment
#   fires: export $(grep -v '^#' .env | xargs) && npm test
#   quiet: echo $(grep -v '^#' .env | xargs) && npm test
hit contains {"id": "relief.into_environment", "finding": f.id, "stage": s.id, "why": "its lines become variables, and nothing prints them"} if {
	some f in candidates
	"into_environment" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_settings(s)
	reached := {stage.id | some stage in input.cmd.stages; s.id in graph.reachable(data.guard.stage.feeds, [stage.id])}
	some last in reached
	_sets_variables(input.cmd.stages[last])
	every id in reached {
		_into_environment(input.cmd.stages[id])
	}
}

_sets_variables(s) if s.name == "export"

# env $(grep -v '^#' .env | xargs) npm test
_sets_variables(s) if {
	"env" in s.via
	not data.guard.stage.reads[s.id]
}

_into_environment(s) if _sets_variables(s)

_into_environment(s) if {
	s.name in {"grep", "egrep", "xargs", "sed", "cut", "tr", "cat", "echo", "awk"}
	_prints_to_others(s)
}

# METADATA
# title: Inside a container of this machine
# description: |
#   Its packages and owners are not this machine's. What the container gets of
#   this machine, and engines elsewhere, are findings of their own.
# custom:
#   id: relief.in_container
#   fires: docker exec web apt-get install -y jq
#   quiet: kubectl exec web-0 -- apt-get install -y jq
hit contains {"id": "relief.in_container", "finding": f.id, "stage": s.id, "why": "it is inside a container"} if {
	some f in candidates
	"in_container" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_in_container(s)
}

# METADATA
# title: What a container makes again
# description: Temporary files, caches and dependencies inside a container, by their names.
# custom:
#   id: relief.container_artefact
#   fires: docker exec web rm -rf node_modules
#   quiet: docker exec web rm -rf /app
hit contains {"id": "relief.container_artefact", "finding": f.id, "stage": s.id, "why": "it is made again inside the container"} if {
	some f in candidates
	"container_artefact" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_in_container(s)
	paths := [p | some p in s.paths; p.access in {"delete", "write", "meta", "unknown"}]
	count(paths) > 0
	every p in paths {
		p.path != ""
		not contains(p.raw, "..")
		not p.glob
		_container_artefact(p)
	}
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.relief.cancels[f.id]
]

_test_name(name) if regex.match(`(?i)(^|[^a-z])(test|tests|testing|e2e|ci|spec|scratch|sandbox|throwaway|tmp|temp)([^a-z]|$)`, name)

# Databases: every name that may be one has to say test.
_tests(s) if {
	names := _databases(s)
	count(names) > 0
	every name in names {
		regex.match(`^[A-Za-z0-9_.-]+$`, name)
		_test_name(name)
	}
}

_tests(s) if {
	s.name in {"sqlite3", "sqlite", "duckdb"}
	s.operands[0] == ":memory:"
}

_tests(s) if {
	s.name in {"sqlite3", "sqlite", "duckdb"}
	some p in s.paths
	p.zone == "temporary"
	p.raw == s.operands[0]
}

_tests(s) if {
	some v in s.env
	v.literal
	data.guard.rules.dbtool.places[v.name]
	not _elsewhere[v.name]
	not _away(v.value)
	_test_name(_last(v.value))
}

_tests(s) if {
	some word in s.args
	regex.match(`(?i)^(RAILS_ENV|RACK_ENV|NODE_ENV|APP_ENV|MIX_ENV|--env|--environment)=(test|testing|ci)$`, word)
}

# a server that is not this machine
_away(value) if {
	contains(value, "://")
	not regex.match(`^[a-z0-9+]+://([^@/]*@)?(localhost|127\.[0-9.]+|\[::1\])?(:[0-9]+)?/`, value)
}

# Variables that name a server, not what it is for.
_elsewhere := {"PGHOST": true, "MYSQL_HOST": true, "DB_HOST": true}

_databases(s) := ({name |
	some o in s.options
	o.name in {"d", "dbname", "D", "database", "db"}
	name := _last(o.value)
} | {name |
	some place in [0]
	data.guard.elsewhere.relief.named[s.name]
	not _by_option(s)
	name := _last(s.operands[place])
}) | {name |
	s.name in {"mysqladmin", "mariadb-admin"}
	name := s.operands[1]
}

_by_option(s) if {
	some o in s.options
	o.name in {"d", "dbname", "D", "database"}
}

_in_container(s) if {
	s.remote
	s.via[count(s.via) - 1] in {"docker", "podman", "nerdctl", "docker-compose"}
	every way in s.via {
		not way in {"ssh", "kubectl", "sudo"}
	}
}

_container_artefact(p) if regex.match(`^/(tmp|var/tmp|var/cache)/.`, p.path)

_container_artefact(p) if {
	not regex.match(`^/[^/]+/?$`, p.raw)
	some part in split(p.raw, "/")
	data.guard.artefact.is(part)
}

# Files of NAME=value lines, and no other secret among what is read.
_settings(s) if {
	reads := [p | some p in s.paths; p.access in {"read", "unknown"}]
	count(reads) > 0
	every p in reads {
		regex.match(`(^|/)\.env(\.[A-Za-z0-9._-]+)?$`, p.path)
	}
}

_shows_names(s) if _names(s)

_shows_names(s) if {
	count(s.writes_to) > 0
	not _to_file(s)
	every id in s.writes_to {
		_names(input.cmd.stages[id])
	}
}

_names(s) if {
	s.name in {"grep", "egrep", "rg"}
	some flag in s.flags
	flag in {"c", "q", "l", "L", "count", "quiet", "silent", "files-with-matches"}
}

# grep -o '^[A-Z_]*='
_names(s) if {
	s.name in {"grep", "egrep"}
	some flag in ["o", "only-matching"]
	flag in s.flags
	regex.match(`^\^?(\[[^\]=]*\]|[A-Za-z0-9_])([+*]|\\\+)?(\[[^\]=]*\][+*]?)?=?$`, s.operands[0])
}

_names(s) if {
	s.name == "cut"
	_option(s, "d", "=")
	_option(s, "f", "1")
}

_names(s) if {
	s.name in {"awk", "gawk"}
	_option(s, "F", "=")
	regex.match(`^[^{}$]*(\$1 *!?~ */[^/]*/ *)?\{ *print \$1( *"[^"]*")? *\}$`, s.operands[0])
}

_names(s) if {
	s.name == "sed"
	regex.match(`^s([/|#,])=\.\*\$?[/|#,](=?[^/|#,&\\]*)[/|#,]g?$`, s.operands[0])
}

_names(s) if s.name == "wc"

_option(s, name, value) if {
	some o in s.options
	o.name == name
	o.value == value
}

_to_file(s) if {
	some r in s.redirects
	r.path.access == "write"
	r.path.zone != "null"
}

_prints_to_others(s) if s.name == "export"

_prints_to_others(s) if {
	s.name != "export"
	not _to_file(s)
	some other in input.cmd.stages
	s.id in array.concat(other.reads_from, other.takes)
}

# The database of postgres://host/name?x, or the name itself.
_last(text) := split(split(text, "?")[0], "/")[count(split(split(text, "?")[0], "/")) - 1]

_reaches(s) if {
	some h in s.hosts
	not h.loopback
}

_reaches(s) if {
	some v in s.env
	_elsewhere[v.name]
	not v.value in {"localhost", "127.0.0.1", "::1"}
}

_local_cluster(s) if {
	some o in s.options
	o.name in {"context", "kube-context", "kubeconfig"}
	regex.match(data.guard.rules.cluster.local, o.value)
}

_local_cluster(s) if {
	some earlier in input.cmd.stages
	earlier.id < s.id
	_makes_cluster(earlier)
	not _context(s)
}

_context(s) if {
	some o in s.options
	o.name in {"context", "kube-context", "kubeconfig", "server", "cluster"}
}

_makes_cluster(s) if {
	s.name == "kind"
	s.operands[0] == "create"
}

_makes_cluster(s) if {
	s.name == "minikube"
	s.operands[0] == "start"
}

_makes_cluster(s) if {
	s.name == "k3d"
	array.slice(s.operands, 0, 2) == ["cluster", "create"]
}

_makes_cluster(s) if {
	s.name == "kubectl"
	s.sub == "config use-context"
	regex.match(data.guard.rules.cluster.local, s.operands[0])
}

_all_made(s) if {
	count(s.operands) > 0
	every name in s.operands {
		_made(s, name)
	}
}

# docker rm $(docker create ...)
_all_made(s) if {
	count(s.operands) == 1
	count(s.takes) == 1
	from := input.cmd.stages[s.takes[0]]
	from.name == s.name
	from.sub in {"create", "run", "container create", "container run"}
}

_made(s, name) if {
	some earlier in input.cmd.stages
	earlier.id < s.id
	_runs(s, earlier, name)
}

_runs_later(s, name) if {
	some later in input.cmd.stages
	later.id > s.id
	_runs(s, later, name)
}

# by the same engine, under that name
_runs(s, other, name) if {
	other.name == s.name
	other.sub in {"run", "create", "container run", "container create"}
	some o in other.options
	o.name == "name"
	o.value == name
}

_stands_in(s) if {
	s.name == "wrangler"
	"local" in s.flags
	not "remote" in s.flags
}

_stands_in(s) if {
	s.name == "supabase"
	every flag in s.flags {
		not flag in {"linked", "db-url", "project-ref"}
	}
}

_engine := {"docker": true, "podman": true, "nerdctl": true}

# What the options and variables name as the server.
_endpoints(s) := array.concat(
	array.concat(
		[o.value | some o in s.options; data.guard.elsewhere.relief.endpoints[o.name]],
		[s.args[i + 1] | some i, word in s.args; startswith(word, "--"); data.guard.elsewhere.relief.endpoints[substring(word, 2, -1)]],
	),
	[v.value | some v in s.env; regex.match(data.guard.elsewhere.relief.endpoint_variables, v.name)],
)
