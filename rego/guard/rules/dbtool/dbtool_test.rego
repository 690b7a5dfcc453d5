package guard.rules.dbtool_test

import data.guard.fixture

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
}

test_redis_info if {
	not "db.flush" in fixture.ids(_redis("info", "", {}))
	not "db.flush" in fixture.ids(_redis("del", "session:1", {}))
}

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

_dump(host, flags) := fixture.ids([{"name": "pg_dump", "args": ["app"], "flags": flags, "hosts": [fixture.host(host, false)]}])

test_copy if {
	"db.copy" in _dump("db.prod.example.com", [])
	"db.copy" in _dump("prod-db", [])
	"db.copy" in _dump("db.example.com", [])
	not "db.copy" in _dump("db.staging.example.com", [])
	not "db.copy" in _dump("postgres", [])
	not "db.copy" in _dump("db.prod.example.com", ["schema-only"])
}

test_records_of_a_script if "db.records" in fixture.ids([{"name": "rails", "args": ["runner", "x.rb"], "payload": fixture.code("ruby", "script", true, "User.delete_all")}])

test_copy_by_a_client if {
	"db.copy" in fixture.ids([{"name": "psql", "operands": ["$PROD_DATABASE_URL"], "sql": [_statement(`\copy`, "", "t to 't.csv'")]}])
	not "db.copy" in fixture.ids([{"name": "psql", "operands": ["app_dev"], "sql": [_statement(`\copy`, "", "t to 't.csv'")]}])
}

test_schema_of_production if {
	"db.production" in fixture.ids(fixture.args("atlas", ["schema", "apply", "$PROD_DB"]))
	not "db.production" in fixture.ids(fixture.args("atlas", ["schema", "inspect", "$PROD_DB"]))
}

test_restored_in_place if {
	"db.restore" in fixture.ids([{"name": "sqlite3", "sql": [{"verb": ".restore", "object": "", "name": "old.db", "where": false}]}])
	not "db.restore" in fixture.ids([{"name": "sqlite3", "sql": [{"verb": ".backup", "object": "", "name": "old.db", "where": false}]}])
	"db.restore" in fixture.ids(fixture.args("pg_resetwal", ["-f", "/data"]))
	not "db.restore" in fixture.ids([{"name": "pg_resetwal", "flags": ["n"], "args": ["-n", "/data"]}])
}
