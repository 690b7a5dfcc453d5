package guard.tier_test

import data.guard.fixture.ids

test_destroy if {
	"infra.destroy" in ids(_sub("terraform", "destroy", [], []))
	"infra.destroy" in ids(_sub("terraform", "apply", ["destroy"], []))
}

test_plan if ids(_sub("terraform", "plan", ["destroy"], [])) == set()

test_apply if "infra.apply" in ids(_sub("terraform", "apply", ["auto-approve"], []))

test_validate if ids(_sub("terraform", "validate", [], [])) == set()

test_playbook if "infra.playbook" in ids([{"name": "ansible-playbook", "operands": ["site.yml"]}])

test_playbook_check if not "infra.playbook" in ids([{"name": "ansible-playbook", "flags": ["check"]}])

test_deploy_production if {
	"infra.deploy_production" in ids(_args("cap", ["production", "deploy"]))
	"infra.deploy_production" in ids(_args("vercel", ["--prod"]))
	"infra.deploy_production" in ids(_sub("npm", "run", [], ["deploy:prod"]))
}

test_deploy_elsewhere if {
	not "infra.deploy_production" in ids(_args("cap", ["staging", "deploy"]))
	not "infra.deploy_production" in ids(_args("grep", ["deploy production", "notes"]))
	not "infra.deploy_production" in ids(_args("make", ["deploy-products"]))
}

test_cloud_delete if {
	every stage in [
		_args("aws", ["ec2", "terminate-instances"]), _args("gcloud", ["projects", "delete", "x"]), _args("aws", ["s3", "rb", "s3://x"]),
		[{"name": "aws", "operands": ["s3", "sync", "dist", "s3://x"], "flags": ["delete"]}],
	] {
		"cloud.delete" in ids(stage)
	}
}

test_cloud_list if {
	not "cloud.delete" in ids(_args("aws", ["s3", "ls"]))
	not "cloud.delete" in ids([{"name": "aws", "operands": ["s3", "rm", "s3://x"], "flags": ["dryrun"]}])
}

test_cloud_access if "cloud.access" in ids(_args("aws", ["iam", "create-access-key"]))

test_cloud_identity if {
	found := ids(_args("aws", ["sts", "get-caller-identity"]))
	not "cloud.access" in found
	not "cloud.change" in found
}

test_cloud_change if "cloud.change" in ids(_args("gcloud", ["compute", "instances", "create", "x"]))

test_forge if {
	"cloud.forge" in ids(_sub("gh", "repo delete", [], ["x"]))
	"cloud.forge" in ids(_sub("gh", "pr merge", ["admin"], ["12"]))
	"cloud.forge" in ids([{"name": "gh", "sub": "api", "options": [{"name": "X", "value": "DELETE"}]}])
}

test_forge_view if ids(_sub("gh", "pr view", [], ["12"])) == set()
