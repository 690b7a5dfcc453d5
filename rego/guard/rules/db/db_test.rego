package guard.rules.db_test

import data.guard.fixture

_sql(verb, object, where) := [{"name": "psql", "sql": [{"verb": verb, "object": object, "name": "users", "where": where}]}]

test_truncate_table if "db.drop" in fixture.ids(_sql("truncate", "table", false))

test_select if not "db.drop" in fixture.ids(_sql("select", "", false))

test_delete_every_row if "db.delete_all" in fixture.ids(_sql("delete", "", false))

test_delete_some_rows if not "db.delete_all" in fixture.ids(_sql("delete", "", true))

test_alter if "db.alter" in fixture.ids(_sql("alter", "table", false))

test_insert if not "db.alter" in fixture.ids(_sql("insert", "", false))

_statement(verb, object, name) := {"verb": verb, "object": object, "name": name, "where": false}

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

test_statement_that_is_not_known if {
	"db.script" in fixture.ids([{"name": "psql", "sql": [_statement("$sql", "", "")], "payload": fixture.code("sql", "inline", false, "$SQL")}])
	not "db.script" in fixture.ids([{"name": "psql", "sql": [_statement("select", "", "")], "payload": fixture.code("sql", "inline", false, "SELECT $X")}])
}

test_config if {
	"db.alter" in fixture.ids([{"name": "redis-cli", "sql": [_statement("config", "", "SET")]}])
	not "db.alter" in fixture.ids([{"name": "redis-cli", "sql": [_statement("config", "", "GET")]}])
}

_at(verb, name) := fixture.ids([{"name": "psql", "sql": [{"verb": verb, "object": "", "name": "users", "where": true}], "hosts": [fixture.host(name, false)]}])

test_elsewhere if {
	"db.elsewhere" in _at("update", "db.example.com")
	not "db.elsewhere" in _at("select", "db.example.com")
	not "db.elsewhere" in _at("update", "postgres")
	not "db.elsewhere" in fixture.ids([{"name": "psql", "sql": [_statement("set", "search_path", "")], "hosts": [fixture.host("db.example.com", false)]}])
}

test_file_by_the_client if {
	"db.script" in fixture.ids([{"name": "psql", "sql": [_statement(`\i`, "", "x.sql")]}])
	not "db.script" in fixture.ids([{"name": "sqlite3", "sql": [_statement("source", "", "x.sql")]}])
}

test_an_estimate_runs_nothing if {
	query := {"name": "bq", "sub": "query", "sql": [{"verb": "delete", "object": "", "name": "ds.t", "where": false}]}
	"db.delete_all" in fixture.ids([query])
	not "db.delete_all" in fixture.ids([object.union(query, {"flags": ["dry_run"]})])
}
