# METADATA
# title: Databases
# description: |
#   Statements and tools that drop, empty or rewrite data.
package guard.rules.db

import data.guard.form
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
	not _estimates(s)
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
	not _estimates(s)
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
	not _estimates(s)
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
# title: Changes data on another machine
# description: A database that has a name in the network is one that others use.
# custom:
#   id: db.elsewhere
#   remedy: try it on a local database, then let a person run it
#   fires: psql -h db.example.com -d app -c 'UPDATE users SET active = false WHERE id = 7'
#   quiet: psql -h db.example.com -d app -c 'SELECT 1'
hit contains {"id": "db.elsewhere", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some q in s.sql
	_changes(q)
	some h in s.hosts
	not h.loopback
	contains(h.name, ".") # a short name is that of a container
	msg := sprintf("changes data on %s: %s", [h.name, q.verb])
}

# Its server says what the query would cost.
_estimates(s) if {
	s.name == "bq"
	stage.dry(s)
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
	form.fits(lower(q.name), data.guard.rules.db.functions)
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

# the client is told to read a file
_runs_file(s) if {
	not _local_file[s.name]
	some q in s.sql
	q.verb in {`\i`, `\ir`, `\include`, `\.`, "source"}
}

# psql -c "$SQL": not even the verb is known
_runs_file(s) if {
	s.payload.lang == "sql"
	not s.payload.read
	some q in s.sql
	q.verb != ""
	trim_left(q.verb, `abcdefghijklmnopqrstuvwxyz.\`) == q.verb
}

_runs_file(s) if {
	some word in s.args
	word in {"dbshell", "dbconsole"}
	count(s.reads_from) > 0
}

_runs_file(s) if "db execute" in stage.pairs(s.args)

_local_file := {"sqlite3": true, "sqlite": true, "duckdb": true}

_changes(q) if {
	data.guard.rules.db.changing[q.verb]
	q.object != "function"
	not _of_session(q)
}

# SET search_path, CREATE TEMP TABLE
_of_session(q) if {
	q.verb == "set"
	q.object != ""
}
