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
