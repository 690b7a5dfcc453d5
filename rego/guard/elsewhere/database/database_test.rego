package guard.elsewhere.database_test

import data.guard.fixture

_reliefs(stages) := {r.id | some r in data.guard.elsewhere.database.hit with input as fixture.line(stages)}

_drop(more) := [object.union({"name": "psql", "sql": [{"verb": "drop", "object": "table", "name": "t", "where": false}]}, more)]

_set(name, value) := {"name": name, "value": value, "literal": true}

test_test_database if {
	every stages in [
		_drop({"options": [{"name": "d", "value": "app_test"}]}), _drop({"operands": ["postgres://localhost/app-test?x=1"]}),
		_drop({"env": [_set("PGDATABASE", "app_test")]}), _drop({"env": [_set("DATABASE_URL", "postgres://u:p@localhost:5432/app_test")]}), fixture.args("dropdb", ["app_test_42"]),
		[{"name": "rails", "args": ["db:reset"], "env": [_set("RAILS_ENV", "test")]}],
		[{"name": "sqlite3", "operands": [":memory:"], "sql": [{"verb": "drop", "object": "table", "name": "t", "where": false}]}],
	] {
		"relief.test_database" in _reliefs(stages)
	}
}

test_other_database if {
	every stages in [
		_drop({}), _drop({"options": [{"name": "d", "value": "app"}]}), _drop({"operands": ["latest"]}),
		_drop({"options": [{"name": "d", "value": "app_test"}], "hosts": [fixture.host("db.example", false)]}),
		_drop({"operands": ["app_test"], "options": [{"name": "d", "value": "app"}]}),
		_drop({"env": [_set("PGHOST", "db.test.example")]}), _drop({"env": [_set("DATABASE_URL", "postgres://test:test@localhost/app")]}),
		_drop({"env": [_set("DATABASE_URL", "postgres://db.example/app_test")]}), _drop({"operands": ["dbname=app user=test"]}),
	] {
		not "relief.test_database" in _reliefs(stages)
	}
}

test_stand_in if {
	"relief.local_stand_in" in _reliefs(_drop({"name": "wrangler", "flags": ["local"]}))
	not "relief.local_stand_in" in _reliefs(_drop({"name": "wrangler", "flags": ["local", "remote"]}))
	not "relief.local_stand_in" in _reliefs([{"name": "supabase", "args": ["db", "reset", "--linked"], "operands": ["db", "reset"], "flags": ["linked"]}])
}

_publishes(port) := {"name": "docker", "sub": "run", "options": [{"name": "p", "value": port}]}

_flush(options) := {"name": "redis-cli", "options": options, "sql": [{"verb": "flushall", "object": "", "name": "", "where": false}], "operands": ["FLUSHALL"]}

_on(port) := [{"name": "p", "value": port}]

test_made_database if {
	"relief.made_database" in _reliefs([_publishes("6399:6379"), _flush(_on("6399"))])
	"relief.made_database" in _reliefs([_publishes("127.0.0.1:6399:6379"), _flush(_on("6399"))])
	"relief.made_database" in _reliefs([
		object.union(_publishes("1:2"), {"options": [{"name": "name", "value": "t"}]}), {"name": "docker", "sub": "exec", "operands": ["t"]},
		object.union(_flush([]), {"parent": 1, "remote": true}),
	])
}

test_another_database if {
	not "relief.made_database" in _reliefs([_publishes("6399:6379"), _flush(_on("6379"))])
	not "relief.made_database" in _reliefs([_publishes("6379"), _flush(_on("6379"))])
	not "relief.made_database" in _reliefs([_publishes("6399:6379"), _flush([])])
	not "relief.made_database" in _reliefs([_flush(_on("6399")), _publishes("6399:6379")])
	not "relief.made_database" in _reliefs([_publishes("6399:6379"), object.union(_flush(_on("6399")), {"hosts": [fixture.host("cache.example", true)]})])
	not "relief.made_database" in _reliefs([_publishes("6399:6379"), object.union(_flush(_on("6399")), {"env": [{"name": "REDISCLI_URL", "value": "x", "literal": true}]})])
	not "relief.made_database" in _reliefs([
		_publishes("1:2"), {"name": "docker", "sub": "exec", "operands": ["db"]}, object.union(_flush([]), {"parent": 1, "remote": true}),
	])
}

_drops(name) := {"verb": "drop", "object": "database", "name": name, "where": false}

_creates(name) := object.union(_drops(name), {"verb": "create"})

test_drops_a_test_database_by_name if {
	"relief.test_database" in _reliefs([{"name": "mysql", "sql": [_drops("app_test"), _creates("app_test")]}])
	not "relief.test_database" in _reliefs([{"name": "mysql", "sql": [_drops("app_test"), _drops("app")]}])
	not "relief.test_database" in _reliefs([{"name": "mysql", "sql": [object.union(_drops("app_test"), {"object": "table"})]}])
	not "relief.test_database" in _reliefs([{"name": "mysql", "sql": [_drops("app_test")], "hosts": [fixture.host("db.example.com", true)]}])
	not "relief.test_database" in _reliefs([{"name": "psql", "sql": [_drops("app_test")], "opaque": [{"where": "argument", "reason": "x"}]}])
}

_redis(number, verb, more) := [object.union(
	{
		"name": "redis-cli", "options": [{"name": "n", "value": number}],
		"sql": [{"verb": verb, "object": "", "name": "", "where": false}],
	},
	more,
)]

test_database_by_its_number if {
	"relief.test_database" in _reliefs(_redis("15", "flushdb", {}))
	not "relief.test_database" in _reliefs(_redis("0", "flushdb", {}))
	not "relief.test_database" in _reliefs(_redis("15", "flushall", {}))
	not "relief.test_database" in _reliefs(_redis("15", "flushdb", {"hosts": [fixture.host("cache.example", false)]}))
	not "relief.test_database" in _reliefs(_redis("15", "flushdb", {"options": [{"name": "n", "value": "15"}, {"name": "u", "value": "redis://x"}]}))
}

_index(url, more) := [object.union(
	{
		"name": "curl", "flags": ["X"], "options": [{"name": "X", "value": "DELETE"}], "operands": [url],
		"hosts": [{"name": "localhost", "url": url, "scheme": "http", "loopback": true, "push": true}],
	},
	more,
)]

test_index_for_tests if {
	every url in ["http://localhost:9200/test-users", "localhost:9200/users_test/", "http://localhost:6333/collections/test_docs"] {
		"relief.test_database" in _reliefs(_index(url, {}))
	}
	every url in ["localhost:9200/users", "localhost:9200/test-*", "localhost:9200/test-a,users", "localhost:9200/_all", "localhost:9200/latest", "http://test@localhost:9200/users"] {
		not "relief.test_database" in _reliefs(_index(url, {}))
	}
	not "relief.test_database" in _reliefs(_index("localhost:9200/test-users", {"flags": ["X", "proxy"]}))
	not "relief.test_database" in _reliefs(_index("localhost:9200/test-users", {"hosts": [fixture.host("es.example", true)]}))
}
