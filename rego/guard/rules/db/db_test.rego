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
	"db.dropdb" in fixture.ids(fixture.args("mongosh", ["--eval", "db.dropDatabase()"]))
}

test_mysqladmin_status if not "db.dropdb" in fixture.ids(fixture.args("mysqladmin", ["status"]))

test_flush if "db.flush" in fixture.ids(fixture.args("redis-cli", ["FLUSHALL"]))

test_redis_info if not "db.flush" in fixture.ids(fixture.args("redis-cli", ["INFO"]))

test_migrate_back if {
	every stage in [
		fixture.args("alembic", ["downgrade", "base"]), fixture.args("npx", ["prisma", "migrate", "reset", "--force"]),
		fixture.args("rails", ["db:drop"]), fixture.args("npm", ["run", "db:reset"]), fixture.args("goose", ["down"]), fixture.args("php", ["artisan", "migrate:fresh"]), fixture.args("python3", ["manage.py", "flush"]),
	] {
		"db.migrate_back" in fixture.ids(stage)
	}
}

test_migrate if {
	every stage in [fixture.args("alembic", ["upgrade", "head"]), fixture.args("npx", ["prisma", "migrate", "dev"]), fixture.args("rails", ["db:migrate"]), fixture.args("rake", ["clean"]), fixture.args("npm", ["run", "db:seed"]), fixture.args("python3", ["manage.py", "migrate"])] {
		not "db.migrate_back" in fixture.ids(stage)
	}
}
