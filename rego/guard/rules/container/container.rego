# METADATA
# title: Containers
# description: |
#   Containers, their data, and the clusters that run them.
package guard.rules.container

import data.guard.stage

# METADATA
# title: Kills or removes containers and images
# description: What is only in the container is lost (REQUIREMENTS S1-28).
# custom:
#   id: container.remove
#   remedy: docker ps -a first, then remove one by name
#   fires: docker rm a
#   quiet: docker run --rm alpine true
hit contains {"id": "container.remove", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	regex.match(`^((container|image) )?(rm|remove|rmi|kill|prune)$`, stage.verb(s))
	msg := sprintf("kills or removes containers or images: %s", [stage.line(s)])
}

# METADATA
# title: Removes containers by force
# description: Running containers end without being asked (REQUIREMENTS S1-21).
# custom:
#   id: container.remove_force
#   remedy: stop it first, then remove it
#   fires: docker rm -f a
#   quiet: docker stop a
hit contains {"id": "container.remove_force", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	regex.match(`^((container|image) )?(rm|remove|rmi|stop|kill)$`, stage.verb(s))
	some flag in ["f", "force"]
	flag in s.flags
	msg := sprintf("removes by force: %s", [stage.line(s)])
}

# METADATA
# title: Deletes volumes
# description: Volumes hold the data that should outlive containers.
# custom:
#   id: container.volume
#   remedy: back the volume up first
#   fires: docker compose down -v
#   quiet: docker compose down
hit contains {"id": "container.volume", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_deletes_volumes(s)
	msg := sprintf("deletes volumes and their data: %s", [stage.line(s)])
}

# METADATA
# title: Container with the host's rights
# description: Privileged, or with the host's disks, processes or engine inside, a container is root on the host.
# custom:
#   id: container.privileged
#   remedy: mount only the folder that is needed
#   fires: 'docker run -v /:/host alpine true'
#   quiet: 'docker run --rm -v "$PWD:/src" alpine ls /src'
hit contains {"id": "container.privileged", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	stage.verb(s) in {"run", "create", "container run", "container create", "exec"}
	_gives_host(s)
	msg := sprintf("gives a container rights on the host: %s", [stage.line(s)])
}

# METADATA
# title: Publishes an image
# description: Others will run it.
# custom:
#   id: container.push
#   remedy: ask a person to publish
#   fires: docker push acme/app
#   quiet: docker pull acme/app
hit contains {"id": "container.push", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	stage.verb(s) in {"push", "image push", "compose push"}
	msg := sprintf("publishes an image: %s", [stage.line(s)])
}

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
	s.name in {"kubectl", "oc", "k", "helm"}
	not stage.dry(s)
	stage.verb(s) in {"delete", "drain", "cordon", "taint", "replace", "uninstall", "rollback", "scale", "evict"}
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
	s.name in {"kubectl", "oc", "k", "helm"}
	not stage.dry(s)
	stage.verb(s) in {"apply", "create", "patch", "edit", "set", "label", "annotate", "expose", "run", "autoscale", "install", "upgrade", "rollout restart", "rollout undo"}
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
	s.name in {"kubectl", "oc", "k"}
	s.sub in {"get", "view", "extract"}
	some word in s.operands
	regex.match(`^secrets?(/|$)`, word)
	some flag in ["o", "output"]
	flag in s.flags
}

_engine := {"docker": true, "podman": true, "nerdctl": true, "docker-compose": true}

_deletes_volumes(s) if {
	_engine[s.name]
	regex.match(`^volume (rm|remove|prune)$`, stage.verb(s))
}

_deletes_volumes(s) if {
	_engine[s.name]
	stage.verb(s) == "system prune"
}

_deletes_volumes(s) if {
	_engine[s.name]
	regex.match(`^(compose )?(down|rm)$`, stage.verb(s))
	_compose(s)
	some flag in ["v", "volumes"]
	flag in s.flags
}

_compose(s) if s.name == "docker-compose"

_compose(s) if startswith(s.sub, "compose")

_gives_host(s) if "privileged" in s.flags

# A volume, as a word of its own or glued to its option.
_gives_host(s) if {
	some word in s.args
	regex.match(`^(-v|--volume=)?(/|/etc|/root|/home|/usr|/var|/boot|/proc|/sys|/dev|.*docker\.sock)/?:`, word)
}

_gives_host(s) if {
	some o in s.options
	o.name == "mount"
	regex.match(`(source|src)=(/|/etc|/root|/home|/usr|/var|.*docker\.sock)/?(,|$)`, o.value)
}

_gives_host(s) if {
	some o in s.options
	o.name in {"pid", "ipc", "userns", "network", "net", "uts", "cgroupns"}
	o.value == "host"
	not o.name in {"network", "net"}
}

_gives_host(s) if {
	some o in s.options
	o.name == "cap-add"
	regex.match(`(?i)^(all|(cap_)?sys_(admin|ptrace|module|rawio)|(cap_)?dac_read_search)$`, o.value)
}
