package guard.rules.forge_test

import data.guard.fixture

test_forge if {
	"cloud.forge" in fixture.ids(fixture.sub("gh", "repo delete", [], ["x"]))
	"cloud.forge" in fixture.ids(fixture.sub("gh", "pr merge", ["admin"], ["12"]))
	"cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["repos/a/b"], "options": [{"name": "X", "value": "DELETE"}]}])
	"cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["repos/a/b/keys"], "options": [{"name": "f", "value": "key=x"}]}])
	"cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["graphql"], "options": [{"name": "f", "value": "query=mutation { x }"}]}])
}

test_forge_view if {
	fixture.ids(fixture.sub("gh", "pr view", [], ["12"])) == set()
	not "cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["graphql"], "options": [{"name": "f", "value": "query={ viewer { login } }"}]}])
	not "cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["repos/a/b/issues/1/comments"], "options": [{"name": "f", "value": "body=x"}]}])
	not "cloud.forge" in fixture.ids([{"name": "gh", "sub": "api", "operands": ["search/issues"], "options": [{"name": "X", "value": "GET"}, {"name": "f", "value": "q=x"}]}])
}

test_publish if {
	"cloud.publish" in fixture.ids(fixture.sub("gh", "pr merge", ["squash"], ["12"]))
	"cloud.publish" in fixture.ids(fixture.sub("gh", "gist create", [], ["x"]))
}

test_no_publish if not "cloud.publish" in fixture.ids(fixture.sub("gh", "pr create", ["fill"], []))

test_dispatch if "cloud.dispatch" in fixture.ids(fixture.sub("gh", "workflow run", [], ["deploy.yml"]))

test_no_dispatch if not "cloud.dispatch" in fixture.ids(fixture.sub("gh", "run view", [], ["1"]))

test_glab if {
	"cloud.forge" in fixture.ids([{"name": "glab", "sub": "api", "operands": ["projects/42"], "options": [{"name": "method", "value": "DELETE"}]}])
	"cloud.publish" in fixture.ids(fixture.sub("glab", "mr merge", [], ["12"]))
	"cloud.forge" in fixture.ids(fixture.args("hub", ["release", "delete", "v1"]))
}

test_approval if {
	"cloud.publish" in fixture.ids(fixture.sub("gh", "pr review", ["approve"], ["12"]))
	not "cloud.publish" in fixture.ids(fixture.sub("gh", "pr review", ["comment"], ["12"]))
}

test_many if {
	"cloud.forge_many" in fixture.ids([{"name": "gh", "sub": "issue close", "operands": ["1"], "loop": true}])
	not "cloud.forge_many" in fixture.ids([{"name": "gh", "sub": "issue close", "operands": ["1"]}])
	not "cloud.forge_many" in fixture.ids([{"name": "gh", "sub": "issue view", "operands": ["1"], "loop": true}])
}

test_help if not "cloud.forge" in fixture.ids([{"name": "gh", "sub": "repo delete", "args": ["repo", "delete", "-h"], "flags": ["h"]}])

test_tries_failed_checks_again if {
	not "cloud.dispatch" in fixture.ids(fixture.sub("gh", "run rerun", ["failed"], ["12"]))
	"cloud.dispatch" in fixture.ids(fixture.sub("gh", "run rerun", [], ["12"]))
}

test_closes_with_the_branch if {
	"cloud.forge" in fixture.ids(fixture.sub("gh", "pr close", ["delete-branch"], ["12"]))
	not "cloud.forge" in fixture.ids(fixture.sub("gh", "pr close", [], ["12"]))
}
