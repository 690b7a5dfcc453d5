package guard.local.relief_test

import data.guard.fixture

_has(stages, relief) if {
	some pair in fixture.reliefs(stages)
	pair[0] == relief
}

_sh(read, root) := [{"name": "bash", "root": root, "payload": fixture.code("shell", "inline", read, "ls")}]

test_read_payload if _has(_sh(true, false), "relief.read_payload")

test_payload_that_was_not_read if not _has(_sh(false, false), "relief.read_payload")

test_payload_as_root if not _has(_sh(true, true), "relief.read_payload")

_pip(path, args) := [{"name": "python3", "payload": fixture.code("python", "inline", false, concat("", [
	"\nimport runpy\nimport sys\nsys.path = ['", path, "'] + sys.path\nsys.argv[1:] = [", args, "]\nrunpy.run_module(\"pip\", run_name=\"__main__\", alter_sys=True)\n",
]))}]

_wheel := "/tmp/tmpab12cd34/pip-23.0.1-py3-none-any.whl"

test_pip_of_a_new_environment if _has(_pip(_wheel, "'install', '--no-cache-dir', '--no-index', '--find-links', '/tmp/tmpab12cd34', '--upgrade', 'pip'"), "relief.ensurepip")

test_pip_from_the_network if not _has(_pip(_wheel, "'install', '--upgrade', 'https://get.example/x.whl'"), "relief.ensurepip")

test_pip_from_elsewhere if not _has(_pip("/home/dev/pip-23.0.1.whl", "'install', '--no-index', 'pip'"), "relief.ensurepip")

test_pip_and_another_package if not _has(_pip(_wheel, "'install', '--no-index', 'requests'"), "relief.ensurepip")

_post(hosts, flags) := [{"name": "curl", "flags": array.concat(["data"], flags), "hosts": hosts}]

_local := object.union(fixture.host("localhost", true), {"loopback": true})

test_loopback if _has(_post([_local], []), "relief.loopback")

test_not_loopback if {
	not _has(_post([_local, fixture.host("x.example", true)], []), "relief.loopback")
	not _has(_post([_local], ["proxy"]), "relief.loopback")
	not _has(_post([], []), "relief.loopback")
}

_push(flags, operands) := [{"name": "git", "sub": "push", "flags": flags, "operands": operands, "args": array.concat(["push"], operands)}]

test_own_branch if {
	_has(_push(["force-with-lease"], ["origin", "fix/typo"]), "relief.own_branch")
	not _has(_push(["force-with-lease"], ["origin", "main"]), "relief.own_branch")
	not _has(_push(["force-with-lease"], ["origin"]), "relief.own_branch")
	not _has(_push(["force"], ["origin", "fix/typo"]), "relief.own_branch")
}

test_temporary_repository if {
	reset := {"name": "git", "sub": "reset", "flags": ["hard"], "args": ["reset", "--hard"], "cwd": "/tmp/try"}
	_has([reset], "relief.temporary_repository")
	not _has([object.union(reset, {"cwd": "/tmp"})], "relief.temporary_repository")
	not _has([object.union(reset, {"cwd": "/home/dev/app"})], "relief.temporary_repository")
	not _has([object.union(reset, {"env": [{"name": "GIT_DIR", "value": "x", "literal": true}]})], "relief.temporary_repository")
}

test_opacity_has_no_relief if {
	every id, _ in data.guard.local.relief.cancels {
		not startswith(id, "opaque.")
	}
}
