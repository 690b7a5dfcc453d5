package guard.elsewhere.relief_test

import data.guard.fixture

_reliefs(stages) := {r.id | some r in data.guard.elsewhere.relief.hit with input as fixture.line(stages)}

_set(name, value) := {"name": name, "value": value, "literal": true}

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

test_endpoint_of_a_variable if {
	"relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "http://127.0.0.1:8200")]})])
	not "relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "https://vault.example")]})])
	not "relief.local_endpoint" in _reliefs([fixture.args("kafka-topics", ["--bootstrap-server", "localhost:9092,k2.example:9092"])[0]])
}
