# METADATA
# title: Reliefs for containers
# description: |
#   Containers that are only for a test, that the line itself started, or that
#   end with everything in them. As with all reliefs, a name that is not known
#   gives none.
package guard.elsewhere.container

import data.guard.form
import data.guard.naming
import data.guard.stage

# METADATA
# title: What the line itself started
# description: |
#   The container was started by an earlier command of the line, under that
#   name. Volumes are not meant: creating one that is there already succeeds.
# custom:
#   id: relief.made_here
#   fires: docker run -d --name t redis && npm test; docker rm -f t
#   quiet: npm test; docker rm -f t
hit contains {"id": "relief.made_here", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"made_here" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_all_made(s)
	why := sprintf("this line made %s", [concat(", ", s.operands)])
}

# METADATA
# title: What the line makes again
# description: A container of that name is run again by a later command of the line.
# custom:
#   id: relief.made_again
#   fires: docker rm -f t; docker run -d --name t redis
#   quiet: docker rm -f t; docker run -d --name u redis
hit contains {"id": "relief.made_again", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"made_again" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	not s.loop
	count(s.operands) > 0
	every name in s.operands {
		_runs_later(s, name)
	}
	why := sprintf("this line runs %s again", [concat(", ", s.operands)])
}

# METADATA
# title: A container for tests
# description: Its name says that it is for tests.
# custom:
#   id: relief.test_container
#   fires: docker rm -f app_test_db
#   quiet: docker rm -f app_db
hit contains {"id": "relief.test_container", "finding": f.id, "stage": s.id, "why": "its name says that it is for tests"} if {
	some f in candidates
	"test_container" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_engine[s.name]
	count(s.operands) > 0
	every name in s.operands {
		form.made_of(name, concat("", [form.alphanumeric, "_.-"]))
		not strings.any_prefix_match(name, ["_", ".", "-"])
		naming.tests(name)
	}
}

# METADATA
# title: A stack for tests
# description: The compose file or project says that it is for tests; its volumes are made again.
# custom:
#   id: relief.test_stack
#   fires: docker compose -f docker-compose.test.yml down -v
#   quiet: docker compose -f docker-compose.yml down -v
hit contains {"id": "relief.test_stack", "finding": f.id, "stage": s.id, "why": "the stack is for tests"} if {
	some f in candidates
	"test_stack" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	startswith(s.sub, "compose")
	names := [o.value | some o in s.options; o.name in {"f", "file", "p", "project-name"}]
	count(names) > 0
	some name in names
	naming.tests(name)
}

# METADATA
# title: Inside a container of this machine
# description: |
#   Its packages and owners are not this machine's. What the container gets of
#   this machine, and engines elsewhere, are findings of their own.
# custom:
#   id: relief.in_container
#   fires: docker exec web apt-get install -y jq
#   quiet: kubectl exec web-0 -- apt-get install -y jq
hit contains {"id": "relief.in_container", "finding": f.id, "stage": s.id, "why": "it is inside a container"} if {
	some f in candidates
	"in_container" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_in_container(s)
}

# METADATA
# title: What a container makes again
# description: Temporary files, caches and dependencies inside a container, by their names.
# custom:
#   id: relief.container_artefact
#   fires: docker exec web rm -rf node_modules
#   quiet: docker exec web rm -rf /app
hit contains {"id": "relief.container_artefact", "finding": f.id, "stage": s.id, "why": "it is made again inside the container"} if {
	some f in candidates
	"container_artefact" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_in_container(s)
	paths := [p | some p in s.paths; p.access in {"delete", "write", "meta", "unknown"}]
	count(paths) > 0
	every p in paths {
		p.path != ""
		not contains(p.raw, "..")
		not p.glob
		_container_artefact(p)
	}
}

# METADATA
# title: Inside a container that is thrown away
# description: |
#   It was made for this one command, gets nothing of this machine, and is
#   removed when the command ends.
# custom:
#   id: relief.thrown_away
#   fires: docker run --rm alpine rm -rf /usr/share/man
#   quiet: 'docker run --rm -v "$PWD:/src" alpine rm -rf /src/docs'
hit contains {"id": "relief.thrown_away", "finding": f.id, "stage": s.id, "why": "the container is thrown away"} if {
	some f in candidates
	"thrown_away" in data.guard.elsewhere.container.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	s.remote
	every way in s.via {
		way in {"docker", "podman", "nerdctl", "sh", "bash"}
	}
	some up in stage.above(s)
	_thrown_away(up)
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.container.cancels[f.id]
]

_in_container(s) if {
	s.remote
	s.via[count(s.via) - 1] in {"docker", "podman", "nerdctl", "docker-compose"}
	every way in s.via {
		not way in {"ssh", "kubectl", "sudo"}
	}
}

_container_artefact(p) if {
	some top in ["/tmp/", "/var/tmp/", "/var/cache/"]
	startswith(p.path, top)
	p.path != top
}

_container_artefact(p) if {
	not _top(p.raw)
	some part in split(p.raw, "/")
	data.guard.artefact.is(part)
}

_top(path) if {
	startswith(path, "/")
	not contains(trim_prefix(trim_suffix(path, "/"), "/"), "/")
}

_all_made(s) if {
	count(s.operands) > 0
	every name in s.operands {
		_made(s, name)
	}
}

# docker rm $(docker create ...)
_all_made(s) if {
	count(s.operands) == 1
	count(s.takes) == 1
	from := input.cmd.stages[s.takes[0]]
	from.name == s.name
	from.sub in {"create", "run", "container create", "container run"}
}

_made(s, name) if {
	some earlier in input.cmd.stages
	earlier.id < s.id
	_runs(s, earlier, name)
}

_runs_later(s, name) if {
	some later in input.cmd.stages
	later.id > s.id
	_runs(s, later, name)
}

# by the same engine, under that name
_runs(s, other, name) if {
	other.name == s.name
	other.sub in {"run", "create", "container run", "container create"}
	some o in other.options
	o.name == "name"
	o.value == name
}

_engine := {"docker": true, "podman": true, "nerdctl": true}

_thrown_away(s) if {
	_engine[s.name]
	s.sub in {"run", "container run"}
	"rm" in s.flags
	count(s.opaque) == 0
	not _gets_something(s)
}

_gets_something(s) if {
	some flag in s.flags
	flag in {"v", "volume", "mount", "volumes-from", "privileged", "device", "pid", "cap-add", "H", "host", "c", "context"}
}
