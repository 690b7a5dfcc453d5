package guard.rules.deploy_test

import data.guard.fixture

test_deploy_production if {
	"infra.deploy_production" in fixture.ids(fixture.args("cap", ["production", "deploy"]))
	"infra.deploy_production" in fixture.ids(fixture.args("vercel", ["--prod"]))
	"infra.deploy_production" in fixture.ids(fixture.sub("npm", "run", [], ["deploy:prod"]))
}

test_deploy_elsewhere if {
	not "infra.deploy_production" in fixture.ids(fixture.args("cap", ["staging", "deploy"]))
	not "infra.deploy_production" in fixture.ids(fixture.args("grep", ["deploy production", "notes"]))
	not "infra.deploy_production" in fixture.ids(fixture.args("make", ["deploy-products"]))
}

test_deploy_script if "infra.deploy_production" in fixture.ids(fixture.args("bash", ["scripts/deploy.sh", "production"]))

test_words_in_code if {
	not "infra.deploy_production" in fixture.ids([{
		"name": "bash", "args": ["-c", "echo deploy production"],
		"payload": fixture.code("shell", "inline", true, "echo deploy production"),
	}])
}

test_files_are_no_tasks if {
	not "infra.deploy_production" in fixture.ids(fixture.args("docker", ["build", "-f", "deploy/Dockerfile.prod", "."]))
	not "infra.deploy" in fixture.ids(fixture.args("yamllint", ["deploy/values.yaml"]))
}

test_names_are_no_tools if not "infra.deploy_production" in fixture.ids(fixture.args("stern", ["web", "-n", "prod"]))

test_production_by_a_variable if {
	"infra.deploy_production" in fixture.ids([{"name": "make", "operands": ["deploy"], "env": [{"name": "ENV", "value": "production", "literal": true}]}])
}

test_deploy if {
	every stage in [
		fixture.args("make", ["deploy"]), fixture.sub("npm", "run", [], ["deploy"]), fixture.args("kamal", ["deploy"]),
		[{"name": "deploy.sh", "path": "/home/dev/app/deploy.sh"}], fixture.sub("npm", "run", [], ["release"]),
	] {
		"infra.deploy" in fixture.ids(stage)
	}
}

test_deploy_rehearsed if {
	not "infra.deploy" in fixture.ids(fixture.sub("npm", "run", [], ["deploy:preview"]))
	not "infra.deploy" in fixture.ids([{"name": "bash", "flags": ["n"], "operands": ["deploy.sh"], "payload": fixture.code("shell", "script", false, "")}])
	not "infra.deploy" in fixture.ids(fixture.args("make", ["release"]))
	not "infra.deploy" in fixture.ids(fixture.args("cargo", ["build", "--release"]))
}

_script(path, words) := [{"name": path, "path": sprintf("/home/dev/app/%s", [path]), "args": words, "operands": [w | some w in words; not startswith(w, "-")]}]

test_production if {
	"infra.production" in fixture.ids(_script("backfill.sh", ["--env=production"]))
	"infra.production" in fixture.ids(fixture.args("python3", ["scripts/fix_users.py", "--env", "prod"]))
	"infra.production" in fixture.ids(fixture.sub("npm", "run", [], ["seed:prod"]))
	"infra.production" in fixture.ids(fixture.args("make", ["backfill", "ENV=prod"]))
	"infra.production" in fixture.ids(fixture.args("dbt", ["run", "--target", "prod"]))
	not "infra.production" in fixture.ids(_script("backfill.sh", ["--env=staging"]))
	not "infra.production" in fixture.ids(fixture.sub("npm", "run", [], ["start:prod"]))
	not "infra.production" in fixture.ids(_script("console", ["cache:clear", "--env=prod"]))
	not "infra.production" in fixture.ids(fixture.sub("npm", "run", [], ["build:prod"]))
	not "infra.production" in fixture.ids(fixture.args("node", ["scripts/report.js", "production"]))
	not "infra.production" in fixture.ids(fixture.args("make", ["test-migrations", "ENV=prod"]))
}
