# METADATA
# title: Reliefs for what runs elsewhere
# description: |
#   Clusters, clouds and containers that exist only for a test or only on this
#   machine, and what the line itself started. As with all reliefs, a name that
#   is not known gives none.
package guard.elsewhere.relief

import data.guard.stage

# METADATA
# title: A cluster on this machine
# description: The context is one of kind, minikube and the like, or the line itself made the cluster.
# custom:
#   id: relief.local_cluster
#   fires: kubectl --context kind-test apply -f k8s/
#   quiet: kubectl --context prod apply -f k8s/
hit contains {"id": "relief.local_cluster", "finding": f.id, "stage": s.id, "why": "the cluster is on this machine"} if {
	some f in candidates
	"local_cluster" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_local_cluster(s)
}

# METADATA
# title: A cloud's stand-in on this machine
# description: Every endpoint that the command names is this machine.
# custom:
#   id: relief.local_endpoint
#   fires: aws --endpoint-url http://localhost:4566 s3 mb s3://site
#   quiet: aws s3 mb s3://site
hit contains {"id": "relief.local_endpoint", "finding": f.id, "stage": s.id, "why": "the endpoint is this machine"} if {
	some f in candidates
	"local_endpoint" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	places := _endpoints(s)
	count(places) > 0
	every place in places {
		regex.match(`^([a-z0-9+]+://)?(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)`, place)
	}
}

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
	"made_here" in data.guard.elsewhere.relief.cancels[f.id]
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
	"made_again" in data.guard.elsewhere.relief.cancels[f.id]
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
	"test_container" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_engine[s.name]
	count(s.operands) > 0
	every name in s.operands {
		regex.match(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`, name)
		stage.for_tests(name)
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
	"test_stack" in data.guard.elsewhere.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	startswith(s.sub, "compose")
	names := [o.value | some o in s.options; o.name in {"f", "file", "p", "project-name"}]
	count(names) > 0
	some name in names
	stage.for_tests(name)
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
	"in_container" in data.guard.elsewhere.relief.cancels[f.id]
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
	"container_artefact" in data.guard.elsewhere.relief.cancels[f.id]
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
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.relief.cancels[f.id]
]

_in_container(s) if {
	s.remote
	s.via[count(s.via) - 1] in {"docker", "podman", "nerdctl", "docker-compose"}
	every way in s.via {
		not way in {"ssh", "kubectl", "sudo"}
	}
}

_container_artefact(p) if regex.match(`^/(tmp|var/tmp|var/cache)/.`, p.path)

_container_artefact(p) if {
	not regex.match(`^/[^/]+/?$`, p.raw)
	some part in split(p.raw, "/")
	data.guard.artefact.is(part)
}

_local_cluster(s) if {
	some o in s.options
	o.name in {"context", "kube-context", "kubeconfig"}
	regex.match(data.guard.rules.cluster.local, o.value)
}

_local_cluster(s) if {
	some earlier in input.cmd.stages
	earlier.id < s.id
	_makes_cluster(earlier)
	not _context(s)
}

_context(s) if {
	some o in s.options
	o.name in {"context", "kube-context", "kubeconfig", "server", "cluster"}
}

_makes_cluster(s) if {
	s.name == "kind"
	s.operands[0] == "create"
}

_makes_cluster(s) if {
	s.name == "minikube"
	s.operands[0] == "start"
}

_makes_cluster(s) if {
	s.name == "k3d"
	array.slice(s.operands, 0, 2) == ["cluster", "create"]
}

_makes_cluster(s) if {
	s.name == "kubectl"
	s.sub == "config use-context"
	regex.match(data.guard.rules.cluster.local, s.operands[0])
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

# What the options and variables name as the server.
_endpoints(s) := array.concat(
	array.concat(
		[o.value | some o in s.options; data.guard.elsewhere.relief.endpoints[o.name]],
		[s.args[i + 1] | some i, word in s.args; startswith(word, "--"); data.guard.elsewhere.relief.endpoints[substring(word, 2, -1)]],
	),
	[v.value | some v in s.env; regex.match(data.guard.elsewhere.relief.endpoint_variables, v.name)],
)
