# METADATA
# title: Databases
# description: |
#   Statements and tools that drop, empty or rewrite data.
package guard.rules.db

import data.guard.stage

# METADATA
# title: Drops or empties data
# description: DROP and TRUNCATE cannot be undone (REQUIREMENTS S1-22).
# custom:
#   id: db.drop
#   remedy: back it up first, or rename it
#   fires: DROP TABLE users
#   quiet: psql -c 'SELECT 1'
hit contains {"id": "db.drop", "tier": 2, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some q in s.sql
	q.verb in {"drop", "truncate"}
	msg := trim_space(sprintf("%ss %s %s", [q.verb, q.object, q.name]))
}

# METADATA
# title: Deletes or changes every row
# description: DELETE or UPDATE without WHERE reaches the whole table (REQUIREMENTS S1-22).
# custom:
#   id: db.delete_all
#   remedy: add a WHERE clause
#   fires: psql -c 'DELETE FROM users'
#   quiet: psql -c 'DELETE FROM users WHERE id = 7'
hit contains {"id": "db.delete_all", "tier": 2, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some q in s.sql
	q.verb in {"delete", "update"}
	not q.where
	msg := sprintf("%ss every row of %s", [q.verb, q.name])
}

# METADATA
# title: Changes rights or schema
# description: ALTER, GRANT and REVOKE change the database for everybody who uses it.
# custom:
#   id: db.alter
#   remedy: write a migration and let a person run it
#   fires: psql -c 'ALTER TABLE users DROP COLUMN a'
#   quiet: psql -c 'SELECT alter FROM t'
hit contains {"id": "db.alter", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some q in s.sql
	_alters(q)
	msg := trim_space(sprintf("%s %s %s", [q.verb, q.object, q.name]))
}

# METADATA
# title: Statements that reach out of the database
# description: They start programs, read or write files, end other people's sessions, or change the server.
# custom:
#   id: db.reaches_out
#   remedy: do that with the plain command, so that it can be judged
#   fires: psql -c "COPY t FROM PROGRAM 'id'"
#   quiet: psql -c 'COPY t TO STDOUT'
hit contains {"id": "db.reaches_out", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some q in s.sql
	_reaches_out(q)
	msg := trim_space(sprintf("reaches out of the database: %s %s %s", [q.verb, q.object, stage.cut(q.name)]))
}

# METADATA
# title: SQL that nobody has read
# description: Statements from a file or a variable are run on a database server, and their text is not known.
# custom:
#   id: db.script
#   remedy: show the file first, or run its statements with -c
#   fires: psql -f x.sql
#   quiet: sqlite3 app.db < x.sql
hit contains {"id": "db.script", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_runs_file(s)
	msg := sprintf("%s runs statements that were not read", [s.name])
}

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
	some word in s.args
	regex.match(data.guard.rules.db.records, word)
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
# title: Migration that goes back or starts over
# description: Downgrades, resets and fresh migrations drop tables.
# custom:
#   id: db.migrate_back
#   remedy: back the database up first
#   fires: npx prisma migrate reset --force
#   quiet: npx prisma migrate dev
hit contains {"id": "db.migrate_back", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_migrates_back(s)
	not stage.help(s)
	msg := sprintf("migrates back or starts over: %s", [stage.line(s)])
}

_alters(q) if q.verb in {"alter", "grant", "revoke", "rename"}

# code of the database's own, which starts statements that are not seen
_alters(q) if q.verb == "do"

_alters(q) if {
	q.verb in {"create", "set"}
	q.object in {"password", "global", "extension"}
}

_alters(q) if {
	q.verb in {"config", "slaveof", "replicaof", "module", "acl", "migrate", "restore", "failover", "cluster"}
	not lower(q.name) in {"get", "list", "info", "nodes", "whoami", "cat", "slots"}
}

_reaches_out(q) if q.verb in {`\!`, ".shell", ".system", "system", ".load", `\copy_program`}

_reaches_out(q) if {
	q.verb in {"copy", `\copy`}
	q.object == "program"
}

_reaches_out(q) if {
	q.verb == `\copy`
	regex.match(`(?i)\bprogram\b`, q.name)
}

_reaches_out(q) if {
	q.verb in {"exec", "execute", "call"}
	regex.match(data.guard.rules.db.functions, lower(q.name))
}

_reaches_out(q) if q.verb in {"shutdown", "kill", "purge"}

_reaches_out(q) if {
	q.verb == "reset"
	q.object in {"master", "slave", "replica", "binary"}
}

_runs_file(s) if {
	s.payload.lang == "sql"
	s.payload.kind in {"script", "stdin"}
	not s.payload.read
	not _local_file[s.name]
}

# psql -c "$SQL": not even the verb is known
_runs_file(s) if {
	s.payload.lang == "sql"
	not s.payload.read
	some q in s.sql
	regex.match(`^[^a-z.\\]`, q.verb)
}

_runs_file(s) if {
	some word in s.args
	word in {"dbshell", "dbconsole"}
	count(s.reads_from) > 0
}

_runs_file(s) if "db execute" in _pairs(s.args)

_local_file := {"sqlite3": true, "sqlite": true, "duckdb": true}

_changing := {
	"insert": true, "update": true, "delete": true, "create": true, "alter": true, "drop": true, "truncate": true,
	"merge": true, "replace": true, "copy": true, "do": true, "call": true, "exec": true, "grant": true, "revoke": true,
	"load": true, "set": true, "del": true, "unlink": true, "hset": true, "expire": true, "rename": true,
}

_writes(s) if {
	some q in s.sql
	_changing[q.verb]
	q.object != "function"
}

_writes(s) if {
	s.payload.lang == "sql"
	s.payload.read == false
}

_writes(s) if {
	some word in array.concat([s.name], s.args)
	regex.match(data.guard.rules.db.migrates, word)
}

_writes(s) if _application_code(s)

# The words that say where it runs: hosts, databases, environments.
_production(s) if {
	some word in array.concat(s.operands, [o.value | some o in s.options; o.name in {"h", "host", "d", "dbname", "D", "database", "e", "env", "environment", "u", "url", "uri", "settings"}])
	_says_production(word)
}

_production(s) if {
	some v in s.env
	data.guard.rules.db.places[v.name]
	_says_production(v.value)
}

_says_production(word) if {
	count(word) < 300
	regex.match(`(?i)(^|[^a-z])(prod|prd|production)([^a-z]|$)`, word)
	not contains(word, " ")
}

_restores(s) if {
	s.name == "pg_restore"
	some flag in ["d", "dbname"]
	flag in s.flags
}

_restores(s) if s.name in {"mongorestore", "mysqlimport", "pg_dropcluster", "neo4j-admin"}

_restores(s) if {
	s.name == "pg_ctl"
	s.operands[0] in {"stop", "kill", "promote", "restart"}
}

_application_code(s) if {
	some i, word in array.concat([s.name], s.args)
	data.guard.rules.db.runners[word]
	i < 5
}

_empties(s) if {
	some q in s.sql
	q.verb in {"flushall", "flushdb", "flush_all", "debug", "swapdb"}
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

_migrates_back(s) if {
	some word in s.args
	data.guard.tables.migrations_back[word]
}

_migrates_back(s) if {
	some i, word in array.concat([s.name], s.args)
	i < 6
	regex.match(data.guard.rules.db.back, word)
}

_migrates_back(s) if {
	verbs := data.guard.tables.migration_tools[s.name]
	some word in s.operands
	word in verbs
}

_migrates_back(s) if {
	some verb in _pairs(array.concat([s.name], s.args))
	data.guard.rules.db.pairs[verb]
}

# django: back to before the first migration
_migrates_back(s) if {
	"migrate" in s.args
	s.args[count(s.args) - 1] == "zero"
}

_migrates_back(s) if {
	"drizzle-kit" in array.concat([s.name], s.args)
	"push" in s.args
	"--force" in s.args
}

# Each word with the one after it.
_pairs(words) := [sprintf("%s %s", [word, words[i + 1]]) | some i, word in words]
