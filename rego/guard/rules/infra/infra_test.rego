package guard.rules.infra_test

import data.guard.fixture

test_destroy if {
	"infra.destroy" in fixture.ids(fixture.sub("terraform", "destroy", [], []))
	"infra.destroy" in fixture.ids(fixture.sub("terraform", "apply", ["destroy"], []))
}

test_plan if fixture.ids(fixture.sub("terraform", "plan", ["destroy"], [])) == set()

test_apply if "infra.apply" in fixture.ids(fixture.sub("terraform", "apply", ["auto-approve"], []))

test_validate if fixture.ids(fixture.sub("terraform", "validate", [], [])) == set()

test_playbook if "infra.playbook" in fixture.ids([{"name": "ansible-playbook", "operands": ["site.yml"]}])

test_playbook_check if not "infra.playbook" in fixture.ids([{"name": "ansible-playbook", "flags": ["check"]}])

test_destroy_by_other_words if {
	"infra.destroy" in fixture.ids(fixture.args("terragrunt", ["run-all", "destroy"]))
	"infra.destroy" in fixture.ids(fixture.args("pulumi", ["stack", "rm", "prod"]))
	"infra.apply" in fixture.ids(fixture.args("terragrunt", ["apply-all"]))
	"infra.apply" in fixture.ids(fixture.sub("terraform", "state rm", [], ["x"]))
	"infra.apply" in fixture.ids(fixture.args("packer", ["build", "x.pkr.hcl"]))
}

test_help if not "infra.apply" in fixture.ids([{"name": "terraform", "sub": "apply", "args": ["apply", "-help"]}])

test_local_work if {
	not "infra.apply" in fixture.ids(fixture.args("sam", ["build"]))
	not "infra.apply" in fixture.ids(fixture.args("packer", ["validate", "x.pkr.hcl"]))
	not "infra.apply" in fixture.ids(fixture.args("pulumi", ["preview"]))
}

test_secret if {
	"infra.secret" in fixture.ids(fixture.args("ansible-vault", ["view", "x.yml"]))
	"infra.secret" in fixture.ids(fixture.sub("terraform", "output", ["raw"], ["db_password"]))
}

test_no_secret if {
	not "infra.secret" in fixture.ids(fixture.args("ansible-vault", ["encrypt", "x.yml"]))
	not "infra.secret" in fixture.ids(fixture.sub("terraform", "output", ["raw"], ["url"]))
}

test_state_that_moves if {
	"infra.apply" in fixture.ids([{"name": "terraform", "sub": "init", "flags": ["migrate-state"]}])
	not "infra.apply" in fixture.ids([{"name": "terraform", "sub": "init", "flags": ["upgrade"]}])
}

test_pulumi_down if "infra.destroy" in fixture.ids(fixture.args("pulumi", ["down", "-y"]))

_pulled(filter) := [{"name": "terraform", "sub": "state pull", "writes_to": [1]}, {"name": "jq", "operands": [filter], "args": [filter], "reads_from": [0]}]

test_state_that_is_shown if {
	every filter in [".", ".resources", ".. | .password?", ".resources[].instances[].attributes", ".outputs.x.value", ".resources[].type | $ENV"] {
		"infra.secret" in fixture.ids(_pulled(filter))
	}
	"infra.secret" in fixture.ids([{"name": "terraform", "sub": "state pull"}])
}

test_names_in_the_state if {
	every filter in [".resources | length", ".serial", ".resources[].type", ".resources[] | .type + \".\" + .name"] {
		not "infra.secret" in fixture.ids(_pulled(filter))
	}
}
