package guard.rules.migrate_test

import data.guard.fixture

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

test_zero_in_the_middle if "db.migrate_back" in fixture.ids(fixture.args("python", ["manage.py", "migrate", "app", "zero", "--noinput"]))

test_sql_is_only_printed if not "db.migrate_back" in fixture.ids([{"name": "alembic", "args": ["downgrade", "1a:base", "--sql"], "flags": ["sql"], "operands": ["downgrade", "1a:base"]}])
