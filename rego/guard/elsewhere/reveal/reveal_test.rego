package guard.elsewhere.reveal_test

import data.guard.fixture

_reliefs(stages) := {r.id | some r in data.guard.elsewhere.reveal.hit with input as fixture.line(stages)}

_env := fixture.path("read", "workspace", "/home/dev/app/.env", {})

_cut := {"name": "cut", "options": [{"name": "d", "value": "="}, {"name": "f", "value": "1"}]}

_grep(more) := object.union({"name": "grep", "flags": ["v"], "operands": ["^#", ".env"], "paths": [_env]}, more)

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
