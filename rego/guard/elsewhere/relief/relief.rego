# METADATA
# title: Reliefs for what runs elsewhere
# description: |
#   Clusters, clouds and containers that exist only for a test or only on this
#   machine, and what the line itself started. As with all reliefs, a name that
#   is not known gives none.
package guard.elsewhere.relief

import data.guard.form
import data.guard.loopback

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
		loopback.address(place)
	}
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.relief.cancels[f.id]
]

_local_cluster(s) if {
	some o in s.options
	o.name in {"context", "kube-context", "kubeconfig"}
	form.fits(o.value, data.guard.rules.cluster.local)
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
	form.fits(s.operands[0], data.guard.rules.cluster.local)
}

# What the options and variables name as the server.
_endpoints(s) := array.concat(
	array.concat(
		[o.value | some o in s.options; data.guard.elsewhere.relief.endpoints[o.name]],
		[s.args[i + 1] | some i, word in s.args; startswith(word, "--"); data.guard.elsewhere.relief.endpoints[substring(word, 2, -1)]],
	),
	[v.value | some v in s.env; form.fits(v.name, data.guard.elsewhere.relief.endpoint_variables)],
)
