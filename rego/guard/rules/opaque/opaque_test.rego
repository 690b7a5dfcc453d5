package guard.rules.opaque_test

import data.guard.fixture

test_opaque_program if "opaque.program" in fixture.ids([{"opaque": [{"where": "program", "reason": "$X"}]}])

test_opaque_argument_is_not_an_opaque_program if {
	fixture.ids([{"name": "echo", "opaque": [{"where": "argument", "reason": "$X"}]}]) == set()
}

test_line_that_does_not_parse if {
	broken := object.union(fixture.line([]), {"cmd": {"has": ["opaque"], "opaque": [{"stage": -1, "where": "payload", "reason": "does not parse"}]}})
	"opaque.line" in {h.id | some h in data.guard.tier.hit with input as broken}
}

test_line_that_parses if not "opaque.line" in fixture.ids([{"name": "ls"}])

test_unknown_operand_of_rm if "opaque.operands" in fixture.ids([{"name": "rm", "opaque": [{"where": "argument", "reason": "$F"}]}])

test_unknown_operand_of_mkdir if not "opaque.operands" in fixture.ids([{"name": "mkdir", "opaque": [{"where": "argument", "reason": "$F"}]}])

_redirected(access) := [{
	"name": "echo", "opaque": [{"where": "redirect", "reason": "$F"}],
	"redirects": [{"fd": 1, "op": ">", "path": fixture.path(access, "unknown", "", {"raw": "$F"})}],
}]

test_unknown_file_written if "opaque.redirect" in fixture.ids(_redirected("write"))

test_unknown_file_read if not "opaque.redirect" in fixture.ids(_redirected("read"))

_told(words) := [object.union(fixture.args("docker", words)[0], {"opaque": [{"where": "argument", "reason": "$X"}]})]

test_unknown_subcommand if "opaque.subcommand" in fixture.ids(_told(["$ACTION", "web"]))

test_known_subcommand if not "opaque.subcommand" in fixture.ids(_told(["logs", "$CONTAINER"]))
