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
