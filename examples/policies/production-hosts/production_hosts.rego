# METADATA
# title: Production hosts need a person
# description: |
#   Whatever reaches a production host is held, whichever program does it and
#   however the line is written. A host whose name is not known before it runs
#   could be one of them.
package user.production_hosts

import data.guard.api

hold contains {
	"id": "reaches_production",
	"msg": sprintf("%s reaches the production host %s", [s.name, h.name]),
	"hint": "use the staging host",
	"stage": s.id,
} if {
	some s in input.cmd.stages
	some h in s.hosts
	_production(h.name)
}

hold contains {"id": "unknown_host", "msg": "the host is not known before it runs"} if api.unknown_host

hold contains {"id": "production_context", "msg": sprintf("kubectl works on the production context %s", [o.value]), "stage": s.id} if {
	"kubectl" in input.cmd.names
	some s in input.cmd.stages
	s.name == "kubectl"
	some o in s.options
	o.name in {"context", "cluster"}
	_production(o.value)
}

# prod.example.com, db.prod.example.com, prod1, production-eu
_production(name) if {
	some label in split(name, ".")
	regex.match(`^(prod|production)([0-9-].*)?$`, label)
}
