# METADATA
# title: Tools of databases
# description: |
#   Programs that migrate, restore, copy or drop whole databases, and code of
#   the application that changes its records.
package guard.rules.dbtool

import data.guard.form
import data.guard.naming
import data.guard.stage

# METADATA
# title: Writes to production
# description: Statements, migrations or code that change data where the words say production.
# custom:
#   id: db.production
#   remedy: try it on a copy, then let a person run it
#   fires: psql "$PROD_DATABASE_URL" -c "UPDATE users SET active = false WHERE id = 7"
#   quiet: psql "$PROD_DATABASE_URL" -c 'SELECT 1'
hit contains {"id": "db.production", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_writes(s)
	_production(s)
	not stage.help(s)
	not stage.dry(s)
	msg := sprintf("writes to production: %s", [stage.line(s)])
}

# METADATA
# title: Restores over a database
# description: What is in it is replaced by what is in the file.
# custom:
#   id: db.restore
#   remedy: restore into a new database
#   fires: pg_restore --clean -d app app.dump
#   quiet: pg_restore --list app.dump
hit contains {"id": "db.restore", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_restores(s)
	not stage.help(s)
	msg := sprintf("replaces what is in a database: %s", [stage.line(s)])
}

# METADATA
# title: Code that deletes records
# description: |
#   The application's own objects delete, empty or change records without the
#   statements being seen: rails runner, manage.py shell and their like.
# custom:
#   id: db.records
#   remedy: print what it would delete first, and show a person
#   fires: rails runner 'User.delete_all'
#   quiet: rails runner 'puts User.count'
hit contains {"id": "db.records", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_application_code(s)
	some code in array.concat(s.args, [text | text := s.payload.text])
	regex.match(data.guard.rules.dbtool.records, code)
	msg := sprintf("%s code changes many records", [s.name])
}

# METADATA
# title: Drops a database with a tool
# description: The whole database goes.
# custom:
#   id: db.dropdb
#   remedy: back it up first
#   fires: dropdb production
#   quiet: dropdb --help
hit contains {"id": "db.dropdb", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_drops_database(s)
	not stage.help(s)
	msg := sprintf("drops a database: %s", [stage.line(s)])
}

# METADATA
# title: Empties a key-value store
# description: |
#   All keys go at once, or one after the other.
# custom:
#   id: db.flush
#   remedy: delete keys by name
#   fires: redis-cli FLUSHALL
#   quiet: redis-cli INFO
hit contains {"id": "db.flush", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_empties(s)
	msg := sprintf("empties or stops the store: %s", [stage.line(s)])
}

# METADATA
# title: Copies a database of production
# description: Customers' data leaves the place that is made for it.
# custom:
#   id: db.copy
#   remedy: dump the schema only, or ask a person for a cleaned copy
#   fires: pg_dump -h db.prod.example.com app
#   quiet: pg_dump --schema-only -h db.prod.example.com app
hit contains {"id": "db.copy", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_copies(s)
	not _schema_only(s)
	not stage.help(s)
	msg := sprintf("copies a database: %s", [stage.line(s)])
}

_writes(s) if {
	some q in s.sql
	data.guard.rules.db.changing[q.verb]
	q.object != "function"
}

_writes(s) if {
	s.payload.lang == "sql"
	s.payload.read == false
}

_writes(s) if {
	some word in array.concat([s.name], s.args)
	_migrates(word)
}

_migrates(word) if form.fits(word, data.guard.rules.dbtool.migrates)

# db:schema:update, migrate-up
_migrates(word) if {
	strings.any_prefix_match(word, data.guard.rules.dbtool.migrates.subjects)
	strings.any_suffix_match(word, data.guard.rules.dbtool.migrates.verbs)
}

_writes(s) if {
	some pair in stage.pairs(s.args)
	pair in {"schema apply", "migrate apply"}
}

_writes(s) if _application_code(s)

# The words that say where it runs: hosts, databases, environments.
_production(s) if {
	some word in array.concat(s.operands, [o.value | some o in s.options; o.name in {"h", "host", "d", "dbname", "D", "database", "e", "env", "environment", "u", "url", "uri", "settings"}])
	_says_production(word)
}

_production(s) if {
	some v in s.env
	data.guard.rules.dbtool.places[v.name]
	_says_production(v.value)
}

_says_production(word) if {
	count(word) < 300
	naming.production(word)
	not contains(word, " ")
}

_restores(s) if {
	s.name == "pg_restore"
	some flag in ["d", "dbname"]
	flag in s.flags
}

_restores(s) if s.name in {"mongorestore", "mysqlimport", "pg_dropcluster", "neo4j-admin"}

_restores(s) if {
	s.name == "pg_resetwal"
	not "n" in s.flags
}

_restores(s) if {
	some q in s.sql
	q.verb == ".restore"
}

_restores(s) if {
	s.name == "pg_ctl"
	s.operands[0] in {"stop", "kill", "promote", "restart"}
}

_application_code(s) if {
	some i, word in s.args # bin/console is a name, not what it is told
	data.guard.rules.dbtool.runners[word]
	i < 4
}

_empties(s) if {
	some q in s.sql
	q.verb in {"flushall", "flushdb", "flush_all", "debug", "swapdb", "xtrim"}
}

# One key is one thing; keys out of a list are all of them.
_empties(s) if {
	some q in s.sql
	q.verb in {"del", "unlink"}
	_many(s, q)
}

_empties(s) if {
	s.name in {"memcached-tool"}
	"flush_all" in s.args
}

_many(s, _) if s.loop

_many(_, q) if contains(q.name, "*")

_drops_database(s) if {
	s.name in {"dropdb", "dropuser", "pg_dropcluster"}
	not stage.help(s)
}

_drops_database(s) if {
	s.name in {"mysqladmin", "mariadb-admin"}
	some word in s.args
	word in {"drop", "flush-privileges", "shutdown", "password"}
}

_drops_database(s) if {
	s.name in {"mongo", "mongosh"}
	some q in s.sql
	q.verb == "drop"
	q.object == "database"
}

_copies(s) if {
	data.guard.rules.dbtool.dumps[s.name]
	_of_production(s)
}

_copies(s) if {
	some q in s.sql
	q.verb in {"copy", `\copy`}
	_production(s)
}

_of_production(s) if _production(s)

# by the name of the server, which may stand in a URL
_of_production(s) if {
	some h in s.hosts
	_says_production(h.name)
}

# any server with a name in the network that does not say that it is for trying
_of_production(s) if {
	some h in s.hosts
	not h.loopback
	contains(h.name, ".")
	not naming.trial(h.name)
}

_schema_only(s) if {
	some flag in data.guard.rules.dbtool.schema_only[s.name]
	flag in s.flags
}
