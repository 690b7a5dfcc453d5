package guard.tier_test

import data.guard.fixture.ids
import data.guard.fixture.tier

_sql(verb, object, where) := [{"name": "psql", "sql": [{"verb": verb, "object": object, "name": "users", "where": where}]}]

test_drop if tier(_sql("drop", "table", false)) == 2

test_truncate_table if "db.drop" in ids(_sql("truncate", "table", false))

test_select if not "db.drop" in ids(_sql("select", "", false))

test_delete_every_row if "db.delete_all" in ids(_sql("delete", "", false))

test_delete_some_rows if not "db.delete_all" in ids(_sql("delete", "", true))

test_alter if "db.alter" in ids(_sql("alter", "table", false))

test_insert if not "db.alter" in ids(_sql("insert", "", false))

test_dropdb if {
	"db.dropdb" in ids(_args("dropdb", ["production"]))
	"db.dropdb" in ids(_args("mysqladmin", ["-f", "drop", "app"]))
	"db.dropdb" in ids(_args("mongosh", ["--eval", "db.dropDatabase()"]))
}

test_mysqladmin_status if not "db.dropdb" in ids(_args("mysqladmin", ["status"]))

test_flush if "db.flush" in ids(_args("redis-cli", ["FLUSHALL"]))

test_redis_info if not "db.flush" in ids(_args("redis-cli", ["INFO"]))

test_migrate_back if {
	every stage in [
		_args("alembic", ["downgrade", "base"]), _args("npx", ["prisma", "migrate", "reset", "--force"]),
		_args("rails", ["db:drop"]), _args("php", ["artisan", "migrate:fresh"]), _args("python3", ["manage.py", "flush"]),
	] {
		"db.migrate_back" in ids(stage)
	}
}

test_migrate if {
	every stage in [_args("alembic", ["upgrade", "head"]), _args("npx", ["prisma", "migrate", "dev"]), _args("rails", ["db:migrate"]), _args("python3", ["manage.py", "migrate"])] {
		not "db.migrate_back" in ids(stage)
	}
}
