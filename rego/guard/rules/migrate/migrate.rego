# METADATA
# title: Migrations
# description: |
#   Tools that change a database's schema step by step, and can go back.
package guard.rules.migrate

import data.guard.stage

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
	not stage.dry(s)
	msg := sprintf("migrates back or starts over: %s", [stage.line(s)])
}

_migrates_back(s) if {
	some word in s.args
	data.guard.tables.migrations_back[word]
}

_migrates_back(s) if {
	some i, word in array.concat([s.name], s.args)
	i < 6
	strings.any_prefix_match(word, data.guard.rules.dbtool.back.subjects)
	task := replace(replace(word, ".", ":"), "-", ":") # db:migrate:down, migrate-reset
	strings.any_prefix_match(task, data.guard.rules.dbtool.back.starts)
	strings.any_suffix_match(task, data.guard.rules.dbtool.back.ends)
}

_migrates_back(s) if {
	verbs := data.guard.tables.migration_tools[s.name]
	some word in s.operands
	word in verbs
}

_migrates_back(s) if {
	some verb in stage.pairs(array.concat([s.name], s.args))
	data.guard.rules.dbtool.pairs[verb]
}

# django: back to before the first migration
_migrates_back(s) if {
	"migrate" in s.args
	"zero" in s.args
}

_migrates_back(s) if {
	"drizzle-kit" in array.concat([s.name], s.args)
	"push" in s.args
	"--force" in s.args
}
