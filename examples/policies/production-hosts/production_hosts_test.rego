package user.production_hosts_test

import data.user.production_hosts

_host(name) := {"cmd": {"names": ["ssh"], "opaque": [], "stages": [{"id": 0, "name": "ssh", "options": [], "hosts": [{"name": name, "loopback": false}]}]}}

_ids(asked) := {h.id | some h in production_hosts.hold with input as asked}

test_production_is_held if {
	every name in ["prod1", "db.prod.example.com", "production-eu.example.com"] {
		_ids(_host(name)) == {"reaches_production"}
	}
}

test_other_hosts_are_not if {
	every name in ["staging.example.com", "products.example.com", "reprod.example.com"] {
		_ids(_host(name)) == set()
	}
}

test_an_unknown_host_is_held if _ids(_host("")) == {"unknown_host"}

test_the_production_context_is_held if {
	_ids({"cmd": {"names": ["kubectl"], "stages": [{"id": 0, "name": "kubectl", "hosts": [], "options": [{"name": "context", "value": "prod"}]}]}}) == {"production_context"}
}

test_another_context_is_not if {
	_ids({"cmd": {"names": ["kubectl"], "stages": [{"id": 0, "name": "kubectl", "hosts": [], "options": [{"name": "context", "value": "dev"}]}]}}) == set()
}
