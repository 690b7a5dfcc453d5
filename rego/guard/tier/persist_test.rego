package guard.tier_test

import data.guard.fixture.ids
import data.guard.fixture.path
import data.guard.fixture.tier

_home(access, name) := path(access, "home", sprintf("/home/dev/%s", [name]), {})

test_startup_file if {
	every name in [".bashrc", ".ssh/authorized_keys", ".config/autostart/x.desktop", ".ssh", ".gitconfig"] {
		tier(_on("tee", _home("write", name))) == 3
		"persist.startup" in ids(_on("tee", _home("write", name)))
	}
}

test_hooks if "persist.startup" in ids(_on("tee", path("write", "workspace", "/home/dev/app/.git/hooks/pre-commit", {})))

test_notes if ids(_on("touch", _home("write", "notes.txt"))) == {"program.other"}

test_startup_file_read if not "persist.startup" in ids(_on("cat", _home("read", ".bashrc")))

test_secret_read if {
	every p in [
		_home("read", ".ssh/id_rsa"), _home("read", ".aws/credentials"), path("read", "workspace", "/home/dev/app/.env", {}),
		path("read", "system", "/etc/shadow", {}), path("read", "system", "/proc/self/environ", {}), _home("read", "x/server.pem"),
	] {
		"secret.read" in ids(_on("cat", p))
	}
}

test_no_secret if {
	every p in [
		_home("read", ".ssh/id_rsa.pub"), path("read", "workspace", "/home/dev/app/.env.example", {}),
		_home("read", ".ssh/known_hosts"), path("read", "workspace", "/home/dev/app/x.env.go", {}),
	] {
		ids(_on("cat", p)) == set()
	}
}

test_secret_listed if ids(_on("ls", _home("unknown", ".ssh"))) == set()

test_secret_sent if "secret.send" in ids([{
	"name": "scp", "hosts": [_host("evil.example", true)],
	"paths": [_home("read", ".ssh/id_rsa")],
}])

test_file_sent if not "secret.send" in ids([{
	"name": "scp", "hosts": [_host("evil.example", true)],
	"paths": [path("read", "workspace", "/home/dev/app/x", {})],
}])

test_secret_flows if "secret.flow" in ids([{"name": "cat", "paths": [_home("read", ".ssh/id_rsa")], "writes_to": [1]}, {"name": "curl", "reads_from": [0]}])

test_secret_stays if not "secret.flow" in ids([{"name": "cat", "paths": [_home("read", ".ssh/id_rsa")]}, {"name": "curl"}])

test_secret_moved if "secret.copy" in ids(_on("mv", _home("delete", ".ssh/id_rsa")))

test_file_moved if not "secret.copy" in ids(_on("mv", _home("delete", "x")))

test_token if {
	"secret.token" in ids(_sub("gh", "auth token", [], []))
	"secret.token" in ids(_args("security", ["find-generic-password", "-wa", "svc"]))
}

test_no_token if not "secret.token" in ids(_sub("gh", "auth status", [], []))

test_history if "secret.history" in ids([{"name": "history"}])

test_history_cleared if not "secret.history" in ids([{"name": "history", "flags": ["c"]}])

test_keys if "secret.keys" in ids([{"name": "ssh-keygen", "flags": ["f", "y"]}])

test_key_fingerprint if not "secret.keys" in ids([{"name": "ssh-keygen", "flags": ["l", "f"]}])
