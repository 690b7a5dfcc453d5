package guard.rules.remote_test

import data.guard.fixture

test_delete_elsewhere if "fs.rm_remote" in fixture.ids([{"name": "rm", "remote": true, "via": ["ssh"], "operands": ["/x"]}])

test_delete_here if not "fs.rm_remote" in fixture.ids([{"name": "rm", "operands": ["x"]}])

test_on_another_host if "net.ssh_command" in fixture.ids([{"name": "make", "remote": true, "via": ["ssh"]}])

test_reading_on_another_host if not "net.ssh_command" in fixture.ids([{"name": "ls", "remote": true, "via": ["ssh"]}])

test_data_into_ssh if {
	"net.ssh_send" in fixture.ids([{"name": "tar", "writes_to": [1]}, {"name": "ssh", "reads_from": [0]}])
	"net.ssh_send" in fixture.ids([{"name": "ssh", "redirects": [{"fd": 0, "op": "<", "path": fixture.path("read", "workspace", "/home/dev/app/x", {})}]}])
}

test_no_data_into_ssh if {
	not "net.ssh_send" in fixture.ids([{"name": "ssh"}])
	not "net.ssh_send" in fixture.ids([{"name": "ssh", "redirects": [{"fd": 0, "op": "<", "path": fixture.path("read", "null", "/dev/null", {})}]}])
}

test_remote_files if "net.remote_files" in fixture.ids(fixture.args("sshfs", ["web:/srv", "mnt"]))

test_remote_files_help if not "net.remote_files" in fixture.ids(fixture.args("sftp", ["-V"]))

test_shell_elsewhere if "net.remote_shell_open" in fixture.ids([{"name": "bash", "remote": true, "via": ["kubectl"]}])

test_command_elsewhere if {
	not "net.remote_shell_open" in fixture.ids([{"name": "bash", "remote": true, "via": ["docker"]}])
	not "net.remote_shell_open" in fixture.ids([{"name": "ls", "remote": true, "via": ["kubectl"]}])
}

test_asking_on_another_host if {
	not "net.ssh_command" in fixture.ids([{"name": "curl", "remote": true, "via": ["ssh"], "flags": ["s"]}])
	"net.ssh_command" in fixture.ids([{"name": "curl", "remote": true, "via": ["ssh"], "flags": ["o"]}])
}
