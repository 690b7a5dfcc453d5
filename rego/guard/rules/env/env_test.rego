package guard.rules.env_test

import data.guard.fixture

_set(name, value) := {"name": name, "value": value, "literal": true}

test_variable_that_runs_code if "shell.exec_env" in fixture.ids([{"name": "git", "sub": "diff", "env": [_set("GIT_EXTERNAL_DIFF", "/tmp/x")]}])

test_plain_pager if fixture.ids([{"name": "git", "sub": "diff", "env": [_set("PAGER", "cat")]}]) == set()

test_ordinary_variable if not "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("FOO", "bar")]}])

test_node_options_that_load if "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--require /tmp/x.js")]}])

test_node_options_that_size if not "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--max-old-space-size=4096")]}])

test_fork_bomb if fixture.tier([{"name": ":", "recursive": true, "writes_to": [1]}, {"name": ":", "recursive": true, "reads_from": [0], "background": true}]) == 4

test_variables_by_their_value if {
	every pair in [
		["PATH", ".:/usr/bin"], ["PATH", "/tmp:/usr/bin"], ["PATH", "/usr/bin:"], ["ENV", "/tmp/x"], ["RUBYOPT", "-r/tmp/x"], ["PS4", "$(id)"],
		["JAVA_TOOL_OPTIONS", "-javaagent:x.jar"], ["GIT_SSH_COMMAND", "ssh -o ProxyCommand=x"], ["GIT_SSH_COMMAND", "sh -c id"],
		["GIT_SEQUENCE_EDITOR", "sed -i 's/a/b/e'"], ["GIT_SEQUENCE_EDITOR", "sed -i 's/^pick/drop/'"], ["GIT_SEQUENCE_EDITOR", "sed -i 1,3d"], ["NPM_CONFIG_REGISTRY", "http://x.example"],
	] {
		"shell.exec_env" in fixture.ids([{"name": "x", "env": [_set(pair[0], pair[1])]}])
	}
}

test_variables_with_plain_values if {
	every pair in [
		["PATH", "/home/dev/app/node_modules/.bin:$PATH"], ["ENV", "test"], ["RUBYOPT", "-W0"], ["PS4", "+ "], ["JAVA_TOOL_OPTIONS", "-Xmx2g"],
		["GIT_SSH_COMMAND", "ssh -o StrictHostKeyChecking=accept-new -i ~/.ssh/k"], ["LD_LIBRARY_PATH", "./build/lib"], ["BROWSER", "none"],
		["GIT_SEQUENCE_EDITOR", "sed -i '1s/pick/edit/'"], ["NPM_CONFIG_REGISTRY", "https://registry.npmjs.org/"], ["NPM_CONFIG_REGISTRY", "http://localhost:4873"],
	] {
		not "shell.exec_env" in fixture.ids([{"name": "x", "env": [_set(pair[0], pair[1])]}])
	}
}

test_unverified if {
	"shell.unverified" in fixture.ids([{"name": "npm", "sub": "install", "env": [_set("NODE_TLS_REJECT_UNAUTHORIZED", "0")]}])
	not "shell.unverified" in fixture.ids([{"name": "npm", "sub": "test", "env": [_set("NODE_TLS_REJECT_UNAUTHORIZED", "0")]}])
}

test_options_that_run if {
	"shell.exec_env" in fixture.ids([{"name": "tar", "env": [_set("TAR_OPTIONS", "--checkpoint-action=exec=/tmp/x.sh")]}])
	not "shell.exec_env" in fixture.ids([{"name": "tar", "env": [_set("TAR_OPTIONS", "--no-same-owner")]}])
}

test_unverified_from_here_on if {
	"shell.unverified_session" in fixture.ids(fixture.args("export", ["NODE_TLS_REJECT_UNAUTHORIZED=0"]))
	not "shell.unverified_session" in fixture.ids(fixture.args("export", ["NODE_TLS_REJECT_UNAUTHORIZED=1"]))
	not "shell.unverified_session" in fixture.ids(fixture.args("export", ["PATH"]))
	not "shell.unverified_session" in fixture.ids(fixture.args("echo", ["NODE_TLS_REJECT_UNAUTHORIZED=0"]))
}

test_proxied if {
	every pair in [["HTTPS_PROXY", "http://proxy.example:8080"], ["all_proxy", "socks5://localhost.example:1080"]] {
		"shell.proxied" in fixture.ids([{"name": "npm", "env": [_set(pair[0], pair[1])]}])
	}
	every value in ["http://localhost:8080", "http://u@127.0.0.1:8080", "[::1]:8080", ""] {
		not "shell.proxied" in fixture.ids([{"name": "npm", "env": [_set("HTTPS_PROXY", value)]}])
	}
}
