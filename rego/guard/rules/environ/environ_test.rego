package guard.rules.environ_test

import data.guard.fixture

_into_grep(word) := [
	{"name": "history", "writes_to": [1]},
	{"name": "grep", "operands": [word], "reads_from": [0]},
]

_from(source) := [object.union(source, {"writes_to": [1]}), {"name": "grep", "operands": ["PASSWORD"], "reads_from": [0]}]

_echo(word) := [{"name": "echo", "args": [word]}]

_code(lang, text) := [{"name": lang, "payload": fixture.code(lang, "inline", true, text)}]

test_search_for_secrets if "secret.search" in fixture.ids(_into_grep("PASSWORD"))

test_search_for_something_else if not "secret.search" in fixture.ids(_into_grep("git"))

test_search_of_a_container if "secret.search" in fixture.ids(_from({"name": "docker", "sub": "inspect"}))

test_search_of_a_log if not "secret.search" in fixture.ids(_from({"name": "docker", "sub": "logs"}))

test_count_of_secrets if not "secret.search" in fixture.ids([
	{"name": "env", "writes_to": [1]},
	{"name": "grep", "flags": ["c"], "operands": ["TOKEN"], "reads_from": [0]},
])

test_environment if {
	"secret.environment" in fixture.ids([{"name": "env", "remote": true, "via": ["docker"]}])
	"secret.environment" in fixture.ids(fixture.args("printenv", ["AWS_SECRET_ACCESS_KEY"]))
	"secret.environment" in fixture.ids(_echo("$GITHUB_TOKEN"))
	"secret.environment" in fixture.ids(_echo("key: ${OPENAI_API_KEY}"))
	"secret.environment" in fixture.ids([{"name": "docker", "sub": "inspect", "options": [{"name": "format", "value": "{{json .Config.Env}}"}]}])
}

test_environment_without_secrets if {
	not "secret.environment" in fixture.ids([{"name": "env"}])
	not "secret.environment" in fixture.ids(fixture.args("printenv", ["PATH"]))
	not "secret.environment" in fixture.ids(_echo("$HOME"))
	not "secret.environment" in fixture.ids(_echo("${GITHUB_TOKEN:+set}"))
	not "secret.environment" in fixture.ids(_echo("$MAX_TOKENS"))
	not "secret.environment" in fixture.ids([{"name": "echo", "args": ["$TOKEN"], "writes_to": [1]}, {"name": "docker", "sub": "login", "reads_from": [0]}])
}

test_environment_from_code if {
	every pair in [
		["node", "console.log(process.env)"], ["python", "import os; print(os.environ)"], ["python", "import os; print(os.environ['SECRET_KEY'])"],
		["ruby", "puts ENV.to_h"], ["node", "console.log(process.env.API_KEY)"],
	] {
		"secret.environment" in fixture.ids(_code(pair[0], pair[1]))
	}
}

test_variable_from_code if {
	every pair in [["node", "console.log(process.env.NODE_ENV)"], ["python", "import os; print(os.environ.get('HOME'))"], ["ruby", "puts ENV['PATH']"], ["node", "console.log(!!process.env.API_KEY)"], ["python", "import os; print('DATABASE_URL' in os.environ)"], ["python", "import os; print(bool(os.getenv('API_KEY')))"]] {
		not "secret.environment" in fixture.ids(_code(pair[0], pair[1]))
	}
}

test_file_of_secrets_out_of_a_container if {
	"secret.environment" in fixture.ids(fixture.sub("docker", "cp", [], ["api:/run/secrets/jwt_key", "."]))
	not "secret.environment" in fixture.ids(fixture.sub("docker", "cp", [], ["api:/app/dist", "."]))
}

test_environments_of_processes if {
	"secret.environment" in fixture.ids(fixture.args("ps", ["auxe"]))
	not "secret.environment" in fixture.ids(fixture.args("ps", ["-ef"]))
	not "secret.environment" in fixture.ids(fixture.args("ps", ["aux"]))
}

test_environment_through_a_pipe if {
	"secret.environment" in fixture.ids([{"name": "env", "remote": true, "via": ["docker"], "writes_to": [1]}, {"name": "tail", "reads_from": [0]}])
	not "secret.environment" in fixture.ids([{"name": "env", "remote": true, "via": ["docker"], "writes_to": [1]}, {"name": "grep", "operands": ["NODE_ENV"], "reads_from": [0]}])
}
