package guard.rules.cloud_test

import data.guard.fixture

test_cloud_delete if {
	every stage in [
		fixture.args("aws", ["ec2", "terminate-instances"]), fixture.args("gcloud", ["projects", "delete", "x"]), fixture.args("aws", ["s3", "rb", "s3://x"]),
		[{"name": "aws", "operands": ["s3", "sync", "dist", "s3://x"], "flags": ["delete"]}],
	] {
		"cloud.delete" in fixture.ids(stage)
	}
}

test_cloud_list if {
	not "cloud.delete" in fixture.ids(fixture.args("aws", ["s3", "ls"]))
	not "cloud.delete" in fixture.ids([{"name": "aws", "operands": ["s3", "rm", "s3://x"], "flags": ["dryrun"]}])
}

test_cloud_access if "cloud.access" in fixture.ids(fixture.args("aws", ["iam", "create-access-key"]))

test_cloud_identity if {
	found := fixture.ids(fixture.args("aws", ["sts", "get-caller-identity"]))
	not "cloud.access" in found
	not "cloud.change" in found
}

test_cloud_change if "cloud.change" in fixture.ids(fixture.args("gcloud", ["compute", "instances", "create", "x"]))

test_forge if {
	"cloud.forge" in fixture.ids(fixture.sub("gh", "repo delete", [], ["x"]))
	"cloud.forge" in fixture.ids(fixture.sub("gh", "pr merge", ["admin"], ["12"]))
	"cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "options": [{"name": "X", "value": "DELETE"}]}])
}

test_forge_view if fixture.ids(fixture.sub("gh", "pr view", [], ["12"])) == set()

test_dispatch if "cloud.dispatch" in fixture.ids(fixture.sub("gh", "workflow run", [], ["deploy.yml"]))

test_no_dispatch if not "cloud.dispatch" in fixture.ids(fixture.sub("gh", "run view", [], ["1"]))

test_decrypted_parameter if {
	"cloud.access" in fixture.ids([{"name": "aws", "operands": ["ssm", "get-parameter"], "flags": ["name", "with-decryption"]}])
}
