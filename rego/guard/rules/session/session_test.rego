package guard.rules.session_test

import data.guard.fixture
import data.guard.rules.session

_asked(stages, more) := ids if {
	asked := object.union({"cmd": {"stages": [object.union(_stage, s) | some s in stages]}, "peer": {"uid": 1000}}, more)
	ids := {f.id | some f in session.hit} with input as asked
}

_stage := {"id": 0, "name": "ls", "via": [], "raise": [], "remote": false, "paths": []}

_hooked := {"session": {"hook": "proven"}}

test_sudo_below_the_hook if _asked([{"name": "ls", "via": ["sudo"]}], _hooked) == {"session.no_new_privs"}

test_su_alone if _asked([{"name": "su"}], _hooked) == {"session.no_new_privs"}

test_sudo_without_the_hook if _asked([{"name": "ls", "via": ["sudo"]}], {"session": {"hook": "off"}}) == set()

test_sudo_by_root if _asked([{"name": "ls", "via": ["sudo"]}], object.union(_hooked, {"peer": {"uid": 0}})) == set()

test_sudo_elsewhere if _asked([{"name": "ls", "via": ["sudo"], "remote": true}], _hooked) == set()

_held(stage) := ids if {
	ids := _asked([stage], _hooked) with data.guard.config.sudo as "hold"
}

_outside := {"session.outside_tree"}

_no := {"session.no_new_privs"}

test_sudo_can_be_held if _held({"via": ["sudo"]}) == _outside

test_doas_can_be_held if _held({"via": ["doas"], "raise": ["n", "u"]}) == _outside

test_sudo_inside_another_wrapper_is_held if _held({"via": ["env", "sudo"]}) == _outside

test_a_root_shell_is_held_and_says_so if {
	_held({"name": "sh", "via": ["sudo"], "raise": ["i"]}) == _outside
	some f in data.guard.rules.session.hit with input as object.union({"cmd": {"stages": [object.union(_stage, {"name": "sh", "via": ["sudo"], "raise": ["i"]})]}, "peer": {"uid": 1000}}, _hooked)
		with data.guard.config.sudo as "hold"
	f.tier == 3
	f.verdict == "hold"
	contains(f.msg, "what is typed there is not judged")
}

test_options_that_hand_something_on_are_refused if {
	every option in ["E", "preserve-env", "A", "askpass", "R", "chroot", "D", "chdir", "C", "close-from", "S", "stdin", "b", "h", "host", "p", "T", "r", "t", "P", "=", "?", "prese"] {
		_held({"via": ["sudo"], "raise": ["n", option]}) == _no
	}
	_held({"via": ["doas"], "raise": ["C"]}) == _no
	_held({"via": ["doas"], "raise": ["i"]}) == _no
}

test_a_refused_option_is_named if {
	some f in data.guard.rules.session.hit with input as object.union({"cmd": {"stages": [object.union(_stage, {"via": ["sudo"], "raise": ["E", "n", "preserve-env"]})]}, "peer": {"uid": 1000}}, _hooked)
		with data.guard.config.sudo as "hold"
	f.msg == "sudo with --preserve-env, -E cannot be run outside of the session; leave that out"
}

test_sudo_that_only_asks_is_not_held if _held({"name": "sudo"}) == _no

test_a_file_of_the_agents_is_not_held if {
	every exe in [{"origin": "writable", "setuid": true}, {"origin": "memfd", "setuid": true}, {"origin": "system", "setuid": false}] {
		_held({"via": ["sudo"], "exe": exe}) == _no
		_held({"via": ["env", "sudo"], "exe": exe}) == _outside
	}
	_held({"via": ["sudo"], "exe": {"origin": "system", "setuid": true}}) == _outside
}

test_su_is_never_held if {
	_held({"name": "su"}) == _no
	_held({"name": "sh", "via": ["su", "sudo"]}) == _no
}

test_nothing_is_held_without_the_hook if _asked([{"via": ["sudo"]}], {"session": {"hook": "off"}}) == set() with data.guard.config.sudo as "hold"

test_root_is_not_held if _asked([{"via": ["sudo"]}], object.union(_hooked, {"peer": {"uid": 0}})) == set() with data.guard.config.sudo as "hold"

test_a_stage_that_lost_its_options_is_denied if {
	asked := object.union({"cmd": {"stages": [{"id": 0, "name": "ls", "via": ["sudo"], "remote": false}]}, "peer": {"uid": 1000}}, _hooked)
	{f.id | some f in data.guard.rules.session.hit with input as asked with data.guard.config.sudo as "hold"} == _no
}

_writing(path) := [{"name": "tee", "paths": [fixture.path("write", "home", path, {})]}]

_sandboxed := {"session": {"writable": ["/home/dev/app", "/tmp"]}}

test_write_outside if _asked(_writing("/home/dev/notes"), _sandboxed) == {"session.outside_sandbox"}

test_write_beside_a_folder_of_that_beginning if _asked(_writing("/home/dev/app2/x"), _sandboxed) == {"session.outside_sandbox"}

test_write_inside if _asked(_writing("/home/dev/app/x"), _sandboxed) == set()

test_write_without_a_sandbox if _asked(_writing("/home/dev/notes"), {"session": {"writable": null}}) == set()
