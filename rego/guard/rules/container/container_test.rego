package guard.rules.container_test

import data.guard.fixture

_docker(sub, flags, operands) := [{"name": "docker", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

_run(name, value) := [{"name": "docker", "sub": "run", "options": [{"name": name, "value": value}], "flags": [name], "args": ["run", sprintf("--%s", [name]), value]}]

_kubectl(sub, options) := [{"name": "kubectl", "sub": sub, "operands": ["pod", "web-0"], "flags": [o.name | some o in options], "options": options}]

_sql(verb, object, where) := [{"name": "psql", "sql": [{"verb": verb, "object": object, "name": "users", "where": where}]}]

test_container_remove_option if not "container.remove" in fixture.ids(_docker("run", ["rm"], ["alpine"]))

test_container_force if fixture.tier(_docker("container rm", ["force"], ["a"])) == 3

test_container_stop if not "container.remove_force" in fixture.ids(_docker("stop", [], ["a"]))

test_volume if {
	every stage in [_docker("volume rm", [], ["v"]), _docker("volume prune", ["f"], []), _docker("compose down", ["v"], []), _docker("system prune", ["a"], [])] {
		"container.volume" in fixture.ids(stage)
	}
}

test_compose_down if fixture.ids(_docker("compose down", [], [])) == {"program.other"}

test_privileged if {
	every stage in [_docker("run", ["privileged"], ["x"]), _run("v", "/:/host"), _run("volume", "/var/run/docker.sock:/var/run/docker.sock"), _run("pid", "host"), _run("cap-add", "SYS_ADMIN"), _run("mount", "type=bind,source=/,target=/host")] {
		"container.privileged" in fixture.ids(stage)
	}
}

test_not_privileged if {
	every stage in [_docker("run", ["rm"], ["x"]), _run("v", "/home/dev/app:/app"), _run("network", "host"), _run("cap-add", "NET_ADMIN")] {
		not "container.privileged" in fixture.ids(stage)
	}
}

test_image_push if "container.push" in fixture.ids(_docker("push", [], ["x"]))

test_image_pull if not "container.push" in fixture.ids(_docker("pull", [], ["x"]))

test_cluster_delete if "container.cluster_delete" in fixture.ids(_kubectl("delete", []))

test_cluster_delete_dry if not "container.cluster_delete" in fixture.ids(_kubectl("delete", [{"name": "dry-run", "value": "client"}]))

test_cluster_delete_not_dry if "container.cluster_delete" in fixture.ids(_kubectl("delete", [{"name": "dry-run", "value": "none"}]))

test_cluster_change if "container.cluster_change" in fixture.ids(_kubectl("apply", []))

test_cluster_get if fixture.ids(_kubectl("get", [])) == set()

test_cluster_secret if "container.cluster_secret" in fixture.ids([{"name": "kubectl", "sub": "get", "operands": ["secret", "db"], "flags": ["o"]}])

test_cluster_secret_names if fixture.ids([{"name": "kubectl", "sub": "get", "operands": ["secrets"]}]) == set()

test_drop if fixture.tier(_sql("drop", "table", false)) == 2
