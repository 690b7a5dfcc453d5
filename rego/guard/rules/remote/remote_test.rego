package guard.rules.remote_test

import data.guard.fixture

test_delete_elsewhere if "fs.rm_remote" in fixture.ids([{"name": "rm", "remote": true, "via": ["ssh"], "operands": ["/x"]}])

test_delete_here if not "fs.rm_remote" in fixture.ids([{"name": "rm", "operands": ["x"]}])

test_on_another_host if "net.ssh_command" in fixture.ids([{"name": "make", "remote": true, "via": ["ssh"]}])

test_reading_on_another_host if not "net.ssh_command" in fixture.ids([{"name": "ls", "remote": true, "via": ["ssh"]}])
