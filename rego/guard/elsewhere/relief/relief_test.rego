package guard.elsewhere.relief_test

import data.guard.fixture

_reliefs(stages) := {r.id | some r in data.guard.elsewhere.relief.hit with input as fixture.line(stages)}

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

_kubectl(context) := {"name": "kubectl", "sub": "apply", "options": [{"name": "context", "value": context}]}

test_local_cluster if {
	"relief.local_cluster" in _reliefs([_kubectl("kind-test")])
	"relief.local_cluster" in _reliefs([{"name": "kind", "operands": ["create", "cluster"]}, {"name": "kubectl", "sub": "apply"}])
}

test_other_cluster if {
	not "relief.local_cluster" in _reliefs([_kubectl("prod")])
	not "relief.local_cluster" in _reliefs([{"name": "kubectl", "sub": "apply"}])
	not "relief.local_cluster" in _reliefs([{"name": "kind", "operands": ["create", "cluster"]}, _kubectl("prod")])
	not "relief.local_cluster" in _reliefs([{"name": "kubectl", "sub": "apply"}, {"name": "kind", "operands": ["create", "cluster"]}])
}

_aws(endpoint) := [{"name": "aws", "operands": ["s3", "mb", "s3://x"], "options": [{"name": "endpoint-url", "value": endpoint}]}]

test_local_endpoint if "relief.local_endpoint" in _reliefs(_aws("http://localhost:4566"))

test_other_endpoint if {
	not "relief.local_endpoint" in _reliefs(_aws("http://localhost.example.com"))
	not "relief.local_endpoint" in _reliefs(fixture.args("aws", ["s3", "mb", "s3://x"]))
}

_remove(name) := {"name": "docker", "sub": "rm", "operands": [name]}

_start := {"name": "docker", "sub": "run", "options": [{"name": "name", "value": "t"}]}

test_made_here if "relief.made_here" in _reliefs([_start, _remove("t")])

test_made_elsewhere if {
	not "relief.made_here" in _reliefs([_start, _remove("db")])
	not "relief.made_here" in _reliefs([_remove("t"), _start])
}

_down(file) := [{"name": "docker", "sub": "compose down", "flags": ["v"], "options": [{"name": "f", "value": file}]}]

test_test_stack if "relief.test_stack" in _reliefs(_down("docker-compose.test.yml"))

test_other_stack if not "relief.test_stack" in _reliefs(_down("docker-compose.yml"))

_env := fixture.path("read", "workspace", "/home/dev/app/.env", {})

_cut := {"name": "cut", "options": [{"name": "d", "value": "="}, {"name": "f", "value": "1"}]}

test_names if {
	every stages in [
		[object.union(_cut, {"paths": [_env]})], [{"name": "grep", "flags": ["c"], "operands": [".", ".env"], "paths": [_env]}],
		[{"name": "sed", "operands": ["s/=.*//", ".env"], "paths": [_env]}], [{"name": "sed", "operands": ["s/=.*/=***/", ".env"], "paths": [_env]}],
		[{"name": "awk", "operands": ["{print $1}", ".env"], "options": [{"name": "F", "value": "="}], "paths": [_env]}],
		[{"name": "grep", "flags": ["o", "E"], "operands": ["^[A-Z_]+=", ".env"], "paths": [_env]}],
		[{"name": "cat", "paths": [_env], "writes_to": [1]}, object.union(_cut, {"reads_from": [0]})],
	] {
		"relief.names_only" in _reliefs(stages)
	}
}

test_values if {
	every stages in [
		[{"name": "cat", "paths": [_env]}], [{"name": "grep", "operands": ["KEY", ".env"], "paths": [_env]}],
		[{"name": "cut", "options": [{"name": "d", "value": "="}, {"name": "f", "value": "2"}], "paths": [_env]}],
		[{"name": "awk", "operands": ["{print $1, $2}", ".env"], "options": [{"name": "F", "value": "="}], "paths": [_env]}],
		[{"name": "sed", "operands": ["s/=.*/&/", ".env"], "paths": [_env]}], [{"name": "grep", "flags": ["o"], "operands": ["KEY=.*", ".env"], "paths": [_env]}],
		[object.union(_cut, {"paths": [fixture.home("read", ".ssh/id_rsa")]})],
		[{"name": "cat", "paths": [_env], "writes_to": [1, 2]}, object.union(_cut, {"reads_from": [0]}), {"name": "tee", "reads_from": [0]}],
	] {
		not "relief.names_only" in _reliefs(stages)
	}
}

_grep(more) := object.union({"name": "grep", "flags": ["v"], "operands": ["^#", ".env"], "paths": [_env]}, more)

test_into_environment if {
	"relief.into_environment" in _reliefs([_grep({"writes_to": [1]}), {"name": "xargs", "reads_from": [0]}, {"name": "export", "takes": [1]}])
	"relief.into_environment" in _reliefs([_grep({}), {"name": "npm", "via": ["env"], "operands": ["test"], "takes": [0]}])
}

test_into_something_else if {
	not "relief.into_environment" in _reliefs([_grep({"writes_to": [1]}), {"name": "xargs", "reads_from": [0]}, {"name": "curl", "takes": [1]}])
	not "relief.into_environment" in _reliefs([_grep({})])
	not "relief.into_environment" in _reliefs([_grep({}), {"name": "printenv", "via": ["env"], "takes": [0]}])
	not "relief.into_environment" in _reliefs([_grep({"writes_to": [1]}), {"name": "xargs", "reads_from": [0]}, {"name": "export", "takes": [1]}, {"name": "tee", "reads_from": [0]}])
}

test_made_in_the_words if {
	"relief.made_here" in _reliefs([{"name": "docker", "sub": "create"}, {"name": "docker", "sub": "rm", "operands": ["$(docker create x)"], "takes": [0]}])
	not "relief.made_here" in _reliefs([{"name": "docker", "sub": "ps"}, {"name": "docker", "sub": "rm", "operands": ["$(docker ps -q)"], "takes": [0]}])
}

test_local_endpoint_by_a_variable if {
	"relief.local_endpoint" in _reliefs([{"name": "aws", "operands": ["s3", "mb", "s3://x"], "env": [_set("AWS_ENDPOINT_URL", "http://localhost:4566")]}])
}

_inside(via, more) := [object.union({"name": "apt-get", "operands": ["install", "jq"], "remote": true, "via": via}, more)]

test_in_container if "relief.in_container" in _reliefs(_inside(["docker"], {}))

test_in_no_container_of_this_machine if {
	not "relief.in_container" in _reliefs(_inside(["kubectl"], {}))
	not "relief.in_container" in _reliefs(_inside(["ssh", "docker"], {}))
	not "relief.in_container" in _reliefs([{"name": "apt-get", "operands": ["install", "jq"]}])
}

_removes(path) := _inside(["docker"], {"name": "rm", "flags": ["r"], "operands": [path], "paths": [fixture.path("delete", "remote", path, {})]})

test_container_artefact if {
	"relief.container_artefact" in _reliefs(_removes("/app/node_modules/.cache"))
	"relief.container_artefact" in _reliefs(_removes("/tmp/x"))
}

test_container_data if {
	not "relief.container_artefact" in _reliefs(_removes("/var/lib/postgresql/data"))
	not "relief.container_artefact" in _reliefs(_removes("/tmp"))
	not "relief.container_artefact" in _reliefs(_removes("/app/node_modules/../src"))
}

_starts(name) := {"name": "docker", "sub": "run", "options": [{"name": "name", "value": name}]}

test_made_again if {
	"relief.made_again" in _reliefs([_remove("pg"), _starts("pg")])
	not "relief.made_again" in _reliefs([_remove("pg"), _starts("redis")])
	not "relief.made_again" in _reliefs([_starts("pg")])
}

test_test_container if {
	"relief.test_container" in _reliefs([_remove("app_test_db")])
	not "relief.test_container" in _reliefs([_remove("latest")])
	not "relief.test_container" in _reliefs([_remove("$TEST")])
}

test_stand_in if {
	"relief.local_stand_in" in _reliefs(_drop({"name": "wrangler", "flags": ["local"]}))
	not "relief.local_stand_in" in _reliefs(_drop({"name": "wrangler", "flags": ["local", "remote"]}))
	not "relief.local_stand_in" in _reliefs([{"name": "supabase", "args": ["db", "reset", "--linked"], "operands": ["db", "reset"], "flags": ["linked"]}])
}

test_endpoint_of_a_variable if {
	"relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "http://127.0.0.1:8200")]})])
	not "relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "https://vault.example")]})])
	not "relief.local_endpoint" in _reliefs([fixture.args("kafka-topics", ["--bootstrap-server", "localhost:9092,k2.example:9092"])[0]])
}
