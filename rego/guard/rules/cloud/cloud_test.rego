package guard.rules.cloud_test

import data.guard.fixture

test_cloud_delete if {
	every stage in [
		fixture.args("aws", ["ec2", "terminate-instances"]), fixture.args("gcloud", ["projects", "delete", "x"]), fixture.args("aws", ["s3", "rb", "s3://x"]),
		fixture.args("aws", ["ecr", "batch-delete-image"]), fixture.args("flyctl", ["apps", "destroy", "x"]), fixture.args("heroku", ["pg:reset"]),
		fixture.args("rclone", ["purge", "remote:x"]), fixture.args("wrangler", ["r2", "object", "delete", "x"]),
	] {
		"cloud.delete" in fixture.ids(stage)
	}
}

test_cloud_list if {
	not "cloud.delete" in fixture.ids(fixture.args("aws", ["s3", "ls"]))
	not "cloud.delete" in fixture.ids([{"name": "aws", "operands": ["s3", "rm", "s3://x"], "flags": ["dryrun"]}])
	not "cloud.delete" in fixture.ids([{"name": "aws", "sub": "ec2", "operands": ["terminate-instances"], "args": ["ec2", "terminate-instances", "--help"]}])
}

test_cloud_access if {
	every stage in [
		fixture.args("aws", ["iam", "create-access-key"]), fixture.args("gcloud", ["secrets", "versions", "access", "latest"]),
		fixture.args("heroku", ["config"]), fixture.args("az", ["keyvault", "secret", "show"]), fixture.args("aws", ["configure", "get", "aws_secret_access_key"]),
		fixture.args("aws", ["ecr", "get-login-password"]),
	] {
		"cloud.access" in fixture.ids(stage)
	}
}

test_cloud_identity if {
	found := fixture.ids(fixture.args("aws", ["sts", "get-caller-identity"]))
	not "cloud.access" in found
	not "cloud.change" in found
}

test_password_into_a_login if {
	not "cloud.access" in fixture.ids([
		{"name": "aws", "operands": ["ecr", "get-login-password"], "writes_to": [1]},
		{"name": "docker", "sub": "login", "reads_from": [0]},
	])
}

test_cloud_change if {
	every stage in [
		fixture.args("gcloud", ["compute", "instances", "create", "x"]), fixture.args("gcloud", ["run", "deploy", "x"]),
		fixture.args("aws", ["organizations", "frobnicate"]), fixture.args("aws", ["s3", "cp", "x", "s3://x/x"]), fixture.args("heroku", ["config:set", "A=b"]),
	] {
		"cloud.change" in fixture.ids(stage)
	}
}

test_cloud_read if {
	every stage in [
		fixture.args("gcloud", ["run", "services", "describe", "web"]), fixture.args("gcloud", ["config", "set", "project", "x"]),
		fixture.args("aws", ["s3", "cp", "s3://x/x", "x"]), fixture.args("aws", ["configure", "list"]), fixture.args("firebase", ["emulators:exec", "npm test"]),
		fixture.args("supabase", ["start"]), fixture.args("fly", ["status"]), fixture.args("az", ["login"]), fixture.args("vercel", []),
	] {
		found := fixture.ids(stage)
		not "cloud.change" in found
		not "cloud.delete" in found
	}
}

test_shell_elsewhere if {
	"cloud.shell" in fixture.ids(fixture.args("gcloud", ["compute", "ssh", "web"]))
	"cloud.shell" in fixture.ids(fixture.args("fly", ["ssh", "console"]))
}

test_no_shell_elsewhere if not "cloud.shell" in fixture.ids(fixture.args("aws", ["ssm", "describe-parameters"]))

test_decrypted_parameter if {
	"cloud.access" in fixture.ids([{"name": "aws", "operands": ["ssm", "get-parameter"], "flags": ["name", "with-decryption"]}])
}

test_names_before_the_verb if {
	"cloud.delete" in fixture.ids(fixture.args("gcloud", ["kms", "keys", "versions", "destroy", "1"]))
	"cloud.delete" in fixture.ids(fixture.args("gcloud", ["logging", "logs", "delete", "x"]))
	not "cloud.change" in fixture.ids(fixture.args("fly", ["logs"]))
	not "cloud.change" in fixture.ids(fixture.args("gcloud", ["builds", "log", "x"]))
}

test_stage_of_release if {
	not "cloud.change" in fixture.ids(fixture.args("gcloud", ["beta", "run", "services", "logs", "read", "api"]))
	"cloud.change" in fixture.ids(fixture.args("gcloud", ["beta", "run", "deploy", "api"]))
}

test_stand_in_on_this_machine if {
	not "cloud.change" in fixture.ids([{"name": "wrangler", "operands": ["d1", "migrations", "apply"], "flags": ["local"]}])
	"cloud.change" in fixture.ids([{"name": "wrangler", "operands": ["d1", "migrations", "apply"], "flags": ["remote"]}])
}

test_a_noun_is_read_unless_something_is_deleted if {
	every words in [["vercel", "domains", "rm", "x"], ["fly", "machines", "destroy", "x"], ["railway", "environment", "delete", "x"]] {
		"cloud.delete" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
	every words in [["vercel", "domains", "ls"], ["fly", "machines", "list"], ["supabase", "db", "reset"]] {
		not "cloud.delete" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
}
