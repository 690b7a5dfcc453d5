package guard.rules.db_test

import data.guard.fixture

_sql(verb, object, where) := [{"name": "psql", "sql": [{"verb": verb, "object": object, "name": "users", "where": where}]}]

test_truncate_table if "db.drop" in fixture.ids(_sql("truncate", "table", false))

test_select if not "db.drop" in fixture.ids(_sql("select", "", false))

test_delete_every_row if "db.delete_all" in fixture.ids(_sql("delete", "", false))

test_delete_some_rows if not "db.delete_all" in fixture.ids(_sql("delete", "", true))

test_alter if "db.alter" in fixture.ids(_sql("alter", "table", false))

test_insert if not "db.alter" in fixture.ids(_sql("insert", "", false))

test_dropdb if {
	"db.dropdb" in fixture.ids(fixture.args("dropdb", ["production"]))
	"db.dropdb" in fixture.ids(fixture.args("mysqladmin", ["-f", "drop", "app"]))
	"db.dropdb" in fixture.ids([{"name": "mongosh", "sql": [{"verb": "drop", "object": "database", "name": "db", "where": false}]}])
}

test_mysqladmin_status if not "db.dropdb" in fixture.ids(fixture.args("mysqladmin", ["status"]))

_statement(verb, object, name) := {"verb": verb, "object": object, "name": name, "where": false}

_redis(verb, name, more) := [object.union({"name": "redis-cli", "sql": [_statement(verb, "", name)]}, more)]

test_flush if {
	"db.flush" in fixture.ids(_redis("flushall", "", {}))
	"db.flush" in fixture.ids(_redis("del", "...", {"loop": true}))
	"db.alter" in fixture.ids(_redis("config", "SET", {}))
}

test_redis_info if {
	not "db.flush" in fixture.ids(_redis("info", "", {}))
	not "db.flush" in fixture.ids(_redis("del", "session:1", {}))
	not "db.alter" in fixture.ids(_redis("config", "GET", {}))
}

test_reaching_out if {
	every q in [
		_statement(`\!`, "", "rm x"), _statement(".shell", "", "rm x"), _statement("copy", "program", ""),
		_statement(`\copy`, "", "t from program 'id'"), _statement("call", "function", "pg_terminate_backend"), _statement("shutdown", "", ""),
	] {
		"db.reaches_out" in fixture.ids([{"name": "psql", "sql": [q]}])
	}
}

test_staying_in if {
	every q in [_statement("copy", "to", ""), _statement(`\d`, "", "users"), _statement("call", "function", "json_agg"), _statement("select", "", "")] {
		not "db.reaches_out" in fixture.ids([{"name": "psql", "sql": [q]}])
	}
}

_script(name, read) := [{"name": name, "payload": fixture.code("sql", "script", read, "")}]

test_script if "db.script" in fixture.ids(_script("psql", false))

test_script_that_was_read if not "db.script" in fixture.ids(_script("psql", true))

test_script_for_a_file if not "db.script" in fixture.ids(_script("sqlite3", false))

_update(more) := [object.union({"name": "psql", "sql": [{"verb": "update", "object": "", "name": "users", "where": true}]}, more)]

test_production if {
	"db.production" in fixture.ids(_update({"operands": ["$PROD_DATABASE_URL"]}))
	"db.production" in fixture.ids(_update({"options": [{"name": "h", "value": "db.prod.example"}]}))
	"db.production" in fixture.ids(_update({"env": [{"name": "PGDATABASE", "value": "app_production", "literal": true}]}))
	"db.production" in fixture.ids([{"name": "rails", "args": ["db:migrate"], "env": [{"name": "RAILS_ENV", "value": "production", "literal": true}]}])
}

test_no_production if {
	not "db.production" in fixture.ids(_update({"operands": ["app_dev"]}))
	not "db.production" in fixture.ids([{"name": "psql", "operands": ["$PROD_DATABASE_URL"], "sql": [{"verb": "select", "object": "", "name": "", "where": false}]}])
	not "db.production" in fixture.ids([{"name": "rails", "args": ["assets:precompile"], "env": [{"name": "RAILS_ENV", "value": "production", "literal": true}]}])
}

test_restore if {
	"db.restore" in fixture.ids([{"name": "pg_restore", "flags": ["clean", "d"]}])
	"db.restore" in fixture.ids([{"name": "mongorestore"}])
}

test_restore_listed if not "db.restore" in fixture.ids([{"name": "pg_restore", "flags": ["list"]}])

test_records if {
	"db.records" in fixture.ids(fixture.args("rails", ["runner", "User.delete_all"]))
	"db.records" in fixture.ids(fixture.args("python", ["manage.py", "shell", "-c", "User.objects.all().delete()"]))
}

test_records_counted if not "db.records" in fixture.ids(fixture.args("rails", ["runner", "puts User.count"]))

test_migrate_back if {
	every stage in [
		fixture.args("alembic", ["downgrade", "base"]), fixture.args("npx", ["prisma", "migrate", "reset", "--force"]),
		fixture.args("rails", ["db:drop"]), fixture.args("mix", ["ecto.reset"]), fixture.args("python", ["manage.py", "migrate", "app", "zero"]), fixture.args("npm", ["run", "db:reset"]), fixture.args("goose", ["down"]), fixture.args("php", ["artisan", "migrate:fresh"]), fixture.args("python3", ["manage.py", "flush"]),
	] {
		"db.migrate_back" in fixture.ids(stage)
	}
}

test_migrate if {
	every stage in [fixture.args("alembic", ["upgrade", "head"]), fixture.args("npx", ["prisma", "migrate", "dev"]), fixture.args("rails", ["db:migrate"]), fixture.args("rake", ["clean"]), fixture.args("npm", ["run", "db:seed"]), fixture.args("python3", ["manage.py", "migrate"])] {
		not "db.migrate_back" in fixture.ids(stage)
	}
}

test_statement_that_is_not_known if {
	"db.script" in fixture.ids([{"name": "psql", "sql": [_statement("$sql", "", "")], "payload": fixture.code("sql", "inline", false, "$SQL")}])
	not "db.script" in fixture.ids([{"name": "psql", "sql": [_statement("select", "", "")], "payload": fixture.code("sql", "inline", false, "SELECT $X")}])
}
