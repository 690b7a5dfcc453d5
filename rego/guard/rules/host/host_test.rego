package guard.rules.host_test

import data.guard.fixture

test_upload if "net.upload" in fixture.ids([{"name": "scp", "hosts": [fixture.host("x.example", true)]}])

test_download if not "net.upload" in fixture.ids([{"name": "scp", "hosts": [fixture.host("x.example", false)]}])
