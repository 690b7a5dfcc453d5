package guard.rules.host_test

import data.guard.fixture

test_upload if "net.upload" in fixture.ids([{"name": "scp", "hosts": [fixture.host("x.example", true)]}])

test_download if not "net.upload" in fixture.ids([{"name": "scp", "hosts": [fixture.host("x.example", false)]}])

_to(name) := [{
	"name": "cat", "hosts": [fixture.host("10.0.0.1", true)],
	"redirects": [{"fd": 1, "op": ">", "path": fixture.path("write", "null", name, {})}],
}]

test_dev_tcp if "net.dev_tcp" in fixture.ids(_to("/dev/tcp/10.0.0.1/1"))

test_dev_tcp_of_this_machine if {
	not "net.dev_tcp" in fixture.ids([object.union(_to("/dev/tcp/localhost/5432")[0], {"name": "echo"})])
	"net.dev_tcp" in fixture.ids([object.union(_to("/dev/tcp/127.0.0.1/4444")[0], {"name": "bash"})])
}

test_dev_null if not "net.dev_tcp" in fixture.ids(_to("/dev/null"))

test_metadata if "secret.metadata" in fixture.ids([{"name": "curl", "hosts": [fixture.host("169.254.169.254", false)]}])

test_no_metadata if not "secret.metadata" in fixture.ids([{"name": "curl", "hosts": [fixture.host("192.168.1.2", false)]}])
