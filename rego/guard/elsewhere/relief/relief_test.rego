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

test_local_endpoint_by_a_variable if {
	"relief.local_endpoint" in _reliefs([{"name": "aws", "operands": ["s3", "mb", "s3://x"], "env": [_set("AWS_ENDPOINT_URL", "http://localhost:4566")]}])
}

test_endpoint_of_a_variable if {
	"relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "http://127.0.0.1:8200")]})])
	not "relief.local_endpoint" in _reliefs([object.union(fixture.args("vault", ["kv", "put"])[0], {"env": [_set("VAULT_ADDR", "https://vault.example")]})])
	not "relief.local_endpoint" in _reliefs([fixture.args("kafka-topics", ["--bootstrap-server", "localhost:9092,k2.example:9092"])[0]])
}
