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
