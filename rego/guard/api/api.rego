# METADATA
# title: What dropped policies may ask
# description: |
#   Questions about the request that several policies need, answered from
#   input alone. Everything here is stable: names are added, never changed.
package guard.api

# METADATA
# title: Tier numbers by label
# description: data.guard.api.tiers.HIGH is 3.
tiers := {"SAFE": 0, "LOW": 1, "MEDIUM": 2, "HIGH": 3, "CRITICAL": 4}

# METADATA
# title: Hosts
# description: Names of all network peers in the command that are not this machine.
hosts contains h.name if {
	some s in input.cmd.stages
	some h in s.hosts
	not h.loopback
	h.name != ""
}

# METADATA
# title: A host is not known
# description: True where a stage names a host that could not be resolved to a name.
unknown_host if {
	some s in input.cmd.stages
	some h in s.hosts
	h.name == ""
}

# METADATA
# title: Files that are read
# description: Absolute paths that a stage reads, as far as they are known.
reads contains p.path if {
	some s in input.cmd.stages
	some p in s.paths
	p.access == "read"
	p.path != ""
}

# METADATA
# title: Files that are changed
# description: Absolute paths that a stage writes, deletes, or changes mode or owner of.
changes contains p.path if {
	some s in input.cmd.stages
	some p in s.paths
	p.access in {"write", "delete", "meta"}
	p.path != ""
}

# METADATA
# title: Files that are deleted
# description: Absolute paths that a stage deletes.
deletes contains p.path if {
	some s in input.cmd.stages
	some p in s.paths
	p.access == "delete"
	p.path != ""
}

# METADATA
# title: Root's rights
# description: True where any stage runs as root.
as_root if {
	some s in input.cmd.stages
	s.root
}

# METADATA
# title: Not understood
# description: True where anything about the command could not be understood.
opaque if count(input.cmd.opaque) > 0

# METADATA
# title: Weekday and hour in a time zone
# description: |
#   local("Europe/Berlin") is {"weekday": "Monday", "hour": 9, "minute": 30} at
#   the time of the request.
local(zone) := {"weekday": weekday, "hour": clock[0], "minute": clock[1]} if {
	weekday := time.weekday([input.now_ns, zone])
	clock := time.clock([input.now_ns, zone])
}
