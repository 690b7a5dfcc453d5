package guard.elsewhere.container_test

import data.guard.fixture

_reliefs(stages) := {r.id | some r in data.guard.elsewhere.container.hit with input as fixture.line(stages)}

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

_run(flags) := object.union(_start, {"flags": flags, "operands": ["alpine"]})

_rm_in(parent, more) := object.union({"name": "rm", "parent": parent, "remote": true, "via": ["docker"], "flags": ["r"], "paths": [fixture.path("delete", "remote", "/usr", {})]}, more)

test_thrown_away if {
	"relief.thrown_away" in _reliefs([_run(["rm"]), _rm_in(0, {})])
	"relief.thrown_away" in _reliefs([_run(["rm", "i", "t"]), {"name": "sh", "parent": 0, "remote": true}, _rm_in(1, {})])
}

test_not_thrown_away if {
	not "relief.thrown_away" in _reliefs([_run([]), _rm_in(0, {})])
	not "relief.thrown_away" in _reliefs([_run(["rm", "v"]), _rm_in(0, {})])
	not "relief.thrown_away" in _reliefs([_run(["rm", "mount"]), _rm_in(0, {})])
	not "relief.thrown_away" in _reliefs([_run(["rm"]), _rm_in(-1, {"remote": false, "via": []})])
	not "relief.thrown_away" in _reliefs([_run(["rm"]), _rm_in(0, {"via": ["ssh", "docker"]})])
}
