# METADATA
# title: Clusters
# description: |
#   Kubernetes and its kin. What runs there runs for others, whichever cluster
#   the current context happens to be; a relief knows clusters on this machine.
package guard.rules.cluster

import data.guard.form
import data.guard.stage

# METADATA
# title: Deletes or drains in a cluster
# description: Takes running work away from whoever uses it.
# custom:
#   id: container.cluster_delete
#   remedy: add --dry-run=client and show a person
#   fires: kubectl delete pod web-0
#   quiet: kubectl delete pod web-0 --dry-run=client
hit contains {"id": "container.cluster_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.cluster.tools[s.name]
	_deletes[_word(s)]
	not stage.dry(s)
	not stage.help(s)
	msg := sprintf("takes away what runs in the cluster: %s", [stage.line(s)])
}

# METADATA
# title: Changes a cluster
# description: Applies, patches or restarts what runs for others.
# custom:
#   id: container.cluster_change
#   remedy: add --dry-run=client, or use diff, and show a person
#   fires: kubectl apply -f k8s/
#   quiet: kubectl diff -f k8s/
hit contains {"id": "container.cluster_change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.cluster.tools[s.name]
	_changes(s)
	not stage.dry(s)
	not stage.help(s)
	msg := sprintf("changes the cluster: %s", [stage.line(s)])
}

# METADATA
# title: Reads a cluster's secrets
# description: They are printed, and from there go into logs and models.
# custom:
#   id: container.cluster_secret
#   remedy: ask for the names only, without -o
#   fires: kubectl get secret db -o yaml
#   quiet: kubectl get secrets
hit contains {"id": "container.cluster_secret", "tier": 3, "stage": s.id, "msg": "prints secrets of the cluster"} if {
	some s in input.cmd.stages
	data.guard.rules.cluster.tools[s.name]
	_prints_secrets(s)
}

# METADATA
# title: Opens a cluster to others
# description: The proxy answers with this user's rights to whoever reaches it.
# custom:
#   id: container.cluster_open
#   remedy: leave the address as it is; it is this machine only
#   fires: kubectl proxy --address=0.0.0.0
#   quiet: kubectl proxy --port=8001
hit contains {"id": "container.cluster_open", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"kubectl", "oc", "k"}
	_word(s) in {"proxy", "port-forward"}
	some o in s.options
	o.name in {"address", "accept-hosts"}
	not o.value in {"127.0.0.1", "localhost", "::1"}
	msg := sprintf("opens the cluster to others: %s", [stage.line(s)])
}

# METADATA
# title: Turns to another cluster
# description: Later commands of every shell act on the cluster that the kubeconfig names.
# custom:
#   id: container.cluster_config
#   remedy: name the cluster in the command with --context
#   fires: kubectl config use-context prod
#   quiet: kubectl config use-context kind-test
hit contains {"id": "container.cluster_config", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"kubectl", "oc", "k"}
	s.sub in {"config use-context", "config set-context", "config set-cluster", "config set-credentials", "config set", "config unset", "config delete-context", "config delete-cluster", "config delete-user", "config rename-context"}
	not _own_context(s)
	msg := sprintf("changes which cluster later commands use: %s", [stage.line(s)])
}

# METADATA
# title: Runs something in a cluster
# description: It runs beside what others use, with its data and its rights.
# custom:
#   id: container.cluster_exec
#   remedy: read its logs, or ask a person to run it
#   fires: kubectl exec deploy/api -- node scripts/backfill.js
#   quiet: kubectl exec deploy/api -- ls /app
hit contains {"id": "container.cluster_exec", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"kubectl", "oc", "k"}
	_word(s) == "exec"
	some inner in input.cmd.stages
	inner.id > s.id
	inner.remote
	_inside(s, inner)
	not stage.reads[inner.id]
	not _only_asks(inner)
	msg := sprintf("runs something in the cluster: %s", [stage.line(inner)])
}

_inside(s, inner) if inner.parent == s.id

# kubectl exec web-0 -- sh -c 'CMD'
_inside(s, inner) if input.cmd.stages[inner.parent].parent == s.id

# A shell is its commands.
_only_asks(s) if s.payload.read

_only_asks(s) if {
	count(s.sql) > 0
	every q in s.sql {
		data.guard.rules.cluster.asking[q.verb]
	}
}

_only_asks(s) if {
	s.name in {"curl", "wget", "nc", "pg_isready", "mysqladmin", "nslookup", "dig", "ping"}
	every h in s.hosts {
		not h.push
	}
	every o in s.options {
		not o.name in {"o", "O", "output", "output-document"}
	}
}

_own_context(s) if {
	s.sub in {"config use-context", "config set-context"}
	form.fits(s.operands[0], data.guard.rules.cluster.local)
}

_own_context(s) if {
	s.sub == "config set-context"
	"current" in s.flags
}

# The first word that says what is done: rollout restart, app delete.
_word(s) := data.guard.rules.cluster.nested[s.name][stage.verb(s)] if data.guard.rules.cluster.nested[s.name][stage.verb(s)]

_word(s) := split(stage.verb(s), " ")[0] if {
	not data.guard.rules.cluster.groups[s.name]
	not data.guard.rules.cluster.nested[s.name][stage.verb(s)]
}

# argocd app delete, flux delete kustomization: a verb within the first two words
_word(s) := [word | some word in array.slice(array.concat(split(s.sub, " "), s.operands), 0, 3); _verbs[word]][0] if {
	data.guard.rules.cluster.groups[s.name]
}

_verbs[word] := true if some word, _ in _deletes

_verbs[word] := true if some word, _ in _alters

_deletes := {
	"delete": true, "drain": true, "cordon": true, "taint": true, "uninstall": true, "rollback": true, "scale": true,
	"evict": true, "replace": true, "del": true, "prune": true, "purge": true, "remove": true, "stop": true,
	"teardown": true, "reset": true, "terminate-op": true, "destroy": true, "rmi": true, "rm": true, "rmp": true,
	"deregister": true, "leave": true, "force-leave": true, "unregister": true, "wipe": true,
}

_alters := {
	"apply": true, "create": true, "patch": true, "edit": true, "set": true, "label": true, "annotate": true,
	"expose": true, "run": true, "autoscale": true, "install": true, "upgrade": true, "restart": true, "undo": true,
	"pause": true, "resume": true, "debug": true, "approve": true, "deny": true, "reconcile": true, "sync": true,
	"bootstrap": true, "suspend": true, "adm": true, "new-app": true, "start-build": true, "import-image": true,
	"expand": true, "put": true, "join": true, "write": true, "init": true, "restore": true, "promote": true, "dispatch": true, "attach": true, "uncordon": true, "push": true,
}

_changes(s) if _alters[_word(s)]

# into a pod; out of one is reading
_changes(s) if {
	_word(s) == "cp"
	count(s.operands) > 1
	contains(s.operands[count(s.operands) - 1], ":")
}

_prints_secrets(s) if {
	s.sub in {"get", "view", "extract"}
	some word in s.operands
	some kind in split(split(word, "/")[0], ",")
	kind in {"secret", "secrets"}
	_values(s)
}

_prints_secrets(s) if {
	s.sub == "config view"
	some flag in ["raw", "flatten"]
	flag in s.flags
}

_prints_secrets(s) if s.sub == "create token"

_prints_secrets(s) if {
	_word(s) == "cp"
	some word in s.operands
	inside := concat(":", array.slice(split(word, ":"), 1, count(word)))
	form.fits(inside, {"holds": ["secret", "credential", "id_rsa", "token", "serviceaccount"], "ends": [".env"]})
}

# names and counts are not values
_values(s) if {
	some o in s.options
	o.name in {"o", "output", "template"}
	not o.value in {"name", "wide"}
	not _of_metadata(o.value)
}

# NAME:.metadata.name,AGE:.metadata.creationTimestamp
_of_metadata(columns) if {
	startswith(columns, "custom-columns=")
	every column in split(columns, ",") {
		startswith(split(column, ":")[1], ".metadata")
	}
}

_values(s) if {
	some flag in ["o", "output"]
	flag in s.flags
	not flag in {o.name | some o in s.options}
}
