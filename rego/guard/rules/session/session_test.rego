package guard.rules.session_test

import data.guard.fixture
import data.guard.rules.session

_asked(stages, more) := ids if {
	asked := object.union({"cmd": {"stages": [object.union(_stage, s) | some s in stages]}, "peer": {"uid": 1000}}, more)
	ids := {f.id | some f in session.hit} with input as asked
}

_stage := {"id": 0, "via": [], "remote": false, "paths": []}

_hooked := {"session": {"hook": "proven"}}

test_sudo_below_the_hook if _asked([{"name": "ls", "via": ["sudo"]}], _hooked) == {"session.no_new_privs"}

test_su_alone if _asked([{"name": "su"}], _hooked) == {"session.no_new_privs"}

test_sudo_without_the_hook if _asked([{"name": "ls", "via": ["sudo"]}], {"session": {"hook": "off"}}) == set()

test_sudo_by_root if _asked([{"name": "ls", "via": ["sudo"]}], object.union(_hooked, {"peer": {"uid": 0}})) == set()

test_sudo_elsewhere if _asked([{"name": "ls", "via": ["sudo"], "remote": true}], _hooked) == set()

_writing(path) := [{"name": "tee", "paths": [fixture.path("write", "home", path, {})]}]

_sandboxed := {"session": {"writable": ["/home/dev/app", "/tmp"]}}

test_write_outside if _asked(_writing("/home/dev/notes"), _sandboxed) == {"session.outside_sandbox"}

test_write_beside_a_folder_of_that_beginning if _asked(_writing("/home/dev/app2/x"), _sandboxed) == {"session.outside_sandbox"}

test_write_inside if _asked(_writing("/home/dev/app/x"), _sandboxed) == set()

test_write_without_a_sandbox if _asked(_writing("/home/dev/notes"), {"session": {"writable": null}}) == set()
