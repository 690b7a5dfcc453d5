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
	q.verb in {"alter", "grant", "revoke", "reindex", "vacuum"}
	msg := trim_space(sprintf("%s %s %s", [q.verb, q.object, q.name]))
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
# description: All keys go at once.
# custom:
#   id: db.flush
#   remedy: delete keys by name
#   fires: redis-cli FLUSHALL
#   quiet: redis-cli INFO
hit contains {"id": "db.flush", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"redis-cli", "valkey-cli", "keydb-cli", "memcached-tool"}
	some word in s.args
	regex.match(`(?i)^(flushall|flushdb|flush_all|shutdown|debug|swapdb)$`, word)
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
	msg := sprintf("migrates back or starts over: %s", [stage.line(s)])
}

_drops_database(s) if s.name == "dropdb"

_drops_database(s) if s.name == "dropuser"

_drops_database(s) if {
	s.name in {"mysqladmin", "mariadb-admin"}
	some word in s.args
	word in {"drop", "flush-privileges", "shutdown"}
}

_drops_database(s) if {
	s.name in {"mongo", "mongosh"}
	some word in s.args
	regex.match(`(dropDatabase|\.drop\(|deleteMany\(\s*\{\s*\}|remove\(\s*\{\s*\})`, word)
}

_migrates_back(s) if {
	some word in s.args
	data.guard.tables.migrations_back[word]
}

_migrates_back(s) if {
	verbs := data.guard.tables.migration_tools[s.name]
	some word in s.operands
	word in verbs
}

_migrates_back(s) if {
	some verb in _pairs(array.concat([s.name], s.args))
	verb in {"migrate reset", "manage.py flush", "manage.py reset_db", "django-admin flush", "database reset", "database drop", "migration revert"}
}

# Each word with the one after it.
_pairs(words) := [sprintf("%s %s", [word, words[i + 1]]) | some i, word in words]
