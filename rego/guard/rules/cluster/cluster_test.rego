package guard.rules.cluster_test

import data.guard.fixture

_kubectl(sub, options) := [{"name": "kubectl", "sub": sub, "operands": ["pod", "web-0"], "flags": [o.name | some o in options], "options": options}]

test_cluster_delete if {
	"container.cluster_delete" in fixture.ids(_kubectl("delete", []))
	"container.cluster_delete" in fixture.ids(fixture.sub("helm", "uninstall", [], ["web"]))
	"container.cluster_delete" in fixture.ids(fixture.args("argocd", ["app", "delete", "web"]))
	"container.cluster_delete" in fixture.ids(fixture.args("flux", ["delete", "kustomization", "web"]))
}

test_cluster_delete_dry if not "container.cluster_delete" in fixture.ids(_kubectl("delete", [{"name": "dry-run", "value": "client"}]))

test_cluster_delete_not_dry if "container.cluster_delete" in fixture.ids(_kubectl("delete", [{"name": "dry-run", "value": "none"}]))

test_cluster_change if {
	every sub in ["apply", "set image", "create secret", "rollout restart", "certificate approve", "cp"] {
		"container.cluster_change" in fixture.ids([{"name": "kubectl", "sub": sub, "operands": ["x", "pod:/x"]}])
	}
	"container.cluster_change" in fixture.ids(fixture.args("argocd", ["app", "sync", "web"]))
}

test_cluster_get if {
	fixture.ids(_kubectl("get", [])) == set()
	not "container.cluster_change" in fixture.ids(fixture.sub("kubectl", "rollout status", [], ["deploy/web"]))
	not "container.cluster_change" in fixture.ids(fixture.sub("kubectl", "cp", [], ["pod:/x", "x"]))
	not "container.cluster_change" in fixture.ids(fixture.sub("helm", "repo add", [], ["a", "b"]))
	not "container.cluster_change" in fixture.ids(fixture.args("argocd", ["app", "get", "web"]))
}

test_cluster_secret if {
	"container.cluster_secret" in fixture.ids([{"name": "kubectl", "sub": "get", "operands": ["secret", "db"], "flags": ["o"]}])
	"container.cluster_secret" in fixture.ids(fixture.sub("kubectl", "config view", ["raw"], []))
	"container.cluster_secret" in fixture.ids(fixture.sub("kubectl", "cp", [], ["web:/etc/secrets", "x"]))
}

test_cluster_secret_names if {
	fixture.ids([{"name": "kubectl", "sub": "get", "operands": ["secrets"]}]) == set()
	fixture.ids([{"name": "kubectl", "sub": "get", "operands": ["secrets"], "flags": ["o"], "options": [{"name": "o", "value": "name"}]}]) == set()
	fixture.ids(fixture.sub("kubectl", "config view", [], [])) == set()
}

test_cluster_open if "container.cluster_open" in fixture.ids(_kubectl("port-forward", [{"name": "address", "value": "0.0.0.0"}]))

test_cluster_not_open if not "container.cluster_open" in fixture.ids(_kubectl("port-forward", []))

test_context if "container.cluster_config" in fixture.ids(fixture.sub("kubectl", "config use-context", [], ["prod"]))

test_context_of_this_machine if {
	not "container.cluster_config" in fixture.ids(fixture.sub("kubectl", "config use-context", [], ["minikube"]))
	not "container.cluster_config" in fixture.ids(fixture.sub("kubectl", "config set-context", ["current", "namespace"], []))
}

_exec(words, more) := [
	{"name": "kubectl", "sub": "exec", "args": ["exec", "web-0"], "operands": ["web-0"]},
	object.union({"name": words[0], "args": array.slice(words, 1, 9), "operands": array.slice(words, 1, 9), "parent": 0, "remote": true, "via": ["kubectl"]}, more),
]

test_exec if {
	"container.cluster_exec" in fixture.ids(_exec(["node", "scripts/backfill.js"], {}))
	"container.cluster_exec" in fixture.ids(_exec(["psql"], {"sql": [{"verb": "update", "object": "", "name": "t", "where": true}]}))
	not "container.cluster_exec" in fixture.ids(_exec(["ls", "/app"], {}))
	not "container.cluster_exec" in fixture.ids(_exec(["psql"], {"sql": [{"verb": "select", "object": "", "name": "", "where": false}]}))
	not "container.cluster_exec" in fixture.ids(_exec(["curl", "localhost:8080/healthz"], {}))
}

_columns(columns) := [{
	"name": "kubectl", "sub": "get", "operands": ["secrets"], "flags": ["o"],
	"options": [{"name": "o", "value": sprintf("custom-columns=%s", [columns])}],
}]

test_columns_of_secrets if {
	every columns in ["NAME:.metadata.name,DATA:.data", "DATA:.data"] {
		"container.cluster_secret" in fixture.ids(_columns(columns))
	}
	not "container.cluster_secret" in fixture.ids(_columns("NAME:.metadata.name,AGE:.metadata.creationTimestamp"))
}
