# METADATA
# title: Reliefs for databases
# description: |
#   Databases that exist only for a test or only on this machine. As with all
#   reliefs, a name that is not known gives none.
package guard.elsewhere.database

import data.guard.form
import data.guard.loopback
import data.guard.naming
import data.guard.stage

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
	"test_database" in data.guard.elsewhere.database.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_tests(s)
	not _reaches(s)
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
	"local_stand_in" in data.guard.elsewhere.database.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_stands_in(s)
}

# METADATA
# title: A database that the line itself started
# description: |
#   The client asks the port that an earlier command of the line gives to a new
#   container on this machine, or runs inside that container.
# custom:
#   id: relief.made_database
#   fires: docker run -d --rm -p 6399:6379 redis:7 && redis-cli -p 6399 FLUSHALL
#   quiet: docker run -d --rm -p 6399:6379 redis:7 && redis-cli FLUSHALL
hit contains {"id": "relief.made_database", "finding": f.id, "stage": s.id, "why": "this line started the database"} if {
	some f in candidates
	"made_database" in data.guard.elsewhere.database.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_asks_made(s)
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.database.cancels[f.id]
]

# Databases: every name that may be one has to say test.
_tests(s) if {
	names := _databases(s)
	count(names) > 0
	every name in names {
		_plain(name)
		naming.tests(name)
	}
}

# DROP DATABASE app_test: what goes is what the statements name
_tests(s) if {
	count(s.opaque) == 0
	names := [q.name | some q in s.sql; not q.verb in {"select", "show", "create", "use", "set"}]
	count(names) > 0
	every q in s.sql {
		_of_tests(q)
	}
}

_of_tests(q) if q.verb in {"select", "show", "create", "use", "set"}

_of_tests(q) if {
	q.verb == "drop"
	q.object == "database"
	_plain(q.name)
	naming.tests(q.name)
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
	naming.tests(_last(v.value))
}

_tests(s) if {
	some word in s.args
	[name, value] := split(lower(word), "=")
	name in {"rails_env", "rack_env", "node_env", "app_env", "mix_env", "--env", "--environment"}
	value in {"test", "testing", "ci"}
}

# redis-cli -n 15 flushdb: applications count their databases from 0, tests take the last ones
_tests(s) if {
	s.name in {"redis-cli", "valkey-cli", "keydb-cli"}
	count(s.sql) == 1
	s.sql[0].verb == "flushdb"
	some o in s.options
	o.name == "n"
	o.value in data.guard.elsewhere.database.set_aside
	count([other | some other in s.options; not other.name in {"n", "p", "h"}]) == 0
	not _names_server(s)
}

# curl -XDELETE localhost:9200/test-users: one index or collection of this machine's server
_tests(s) if {
	s.name in {"curl", "wget", "http", "https", "xh"}
	places := [word | some word in s.operands; contains(word, "/")]
	count(places) > 0
	count(s.hosts) >= count(places)
	every place in places {
		parts := regex.find_all_string_submatch_n(`^(?:https?://)?[^/?#@]+/(?:collections/|indexes/)?([A-Za-z0-9][A-Za-z0-9_.-]*)/?(?:_delete_by_query)?(?:\?[a-z_=&]*)?$`, place, 1)
		naming.tests(parts[0][1])
	}
	count({flag | some flag in s.flags; not flag in data.guard.elsewhere.database.plain_request}) == 0
}

# a server that is not this machine
_away(value) if {
	contains(value, "://")
	not contains(value, ":///") # of no server at all
	not loopback.address(value)
}

# nothing that a shell or an address would make something else of
_plain(name) if form.made_of(name, concat("", [form.alphanumeric, "_.-"]))

# Variables that name a server, not what it is for.
_elsewhere := {"PGHOST": true, "MYSQL_HOST": true, "DB_HOST": true}

_databases(s) := ({name |
	some o in s.options
	o.name in {"d", "dbname", "D", "database", "db"}
	name := _last(o.value)
} | {name |
	some place in [0]
	data.guard.elsewhere.database.named[s.name]
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

# redis-cli -p 6399, after docker run -p 6399:6379
_asks_made(s) if {
	not s.remote
	every h in s.hosts {
		h.loopback
	}
	not _names_server(s)
	some made in input.cmd.stages
	made.id < s.id
	_engine[made.name]
	made.sub in {"run", "container run"}
	some o in made.options
	o.name in {"p", "publish"}
	_publishes(o.value, format_int(_port(s), 10))
}

# docker exec t psql, after docker run --name t
_asks_made(s) if {
	some up in stage.above(s)
	_engine[up.name]
	up.sub in {"exec", "container exec"}
	some made in input.cmd.stages
	made.id < up.id
	made.name == up.name
	made.sub in {"run", "container run"}
	some o in made.options
	o.name == "name"
	o.value == up.operands[0]
}

# 6399:6379, 127.0.0.1:6399:6379
_publishes(ports, port) if {
	[port, inside] = split(ports, ":")
	form.number(inside)
}

_publishes(ports, port) if {
	[at, port, inside] = split(ports, ":")
	at in {"127.0.0.1", "localhost", "0.0.0.0"}
	form.number(inside)
}

_port(s) := to_number(o.value) if {
	some o in s.options
	o.name in {"p", "P", "port"}
	form.number(o.value)
}

# A variable or an address says where the server is.
_names_server(s) if {
	some v in s.env
	form.fits(lower(v.name), {"holds": ["host", "url", "uri", "port", "socket"]})
}

_names_server(s) if {
	some o in s.options
	o.name in {"u", "uri", "url", "h", "host", "s", "S", "socket"}
	not o.value in {"localhost", "127.0.0.1"}
	contains(o.value, "/")
}

_engine := {"docker": true, "podman": true, "nerdctl": true}
