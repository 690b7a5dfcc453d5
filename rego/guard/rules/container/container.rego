# METADATA
# title: Containers
# description: |
#   Containers, images and volumes, and what a container may reach on its host.
package guard.rules.container

import data.guard.loopback
import data.guard.naming
import data.guard.stage

# METADATA
# title: Kills or removes containers and images
# description: What is only in the container is lost (REQUIREMENTS S1-28).
# custom:
#   id: container.remove
#   remedy: docker ps -a first, then remove one by name
#   fires: docker rm a
#   quiet: docker stop a
hit contains {"id": "container.remove", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	_ends(s)
	not _signals(s)
	not stage.help(s)
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
	stage.verb(s) in {
		"rm", "remove", "rmi", "stop", "kill", "container rm", "container remove", "container stop", "container kill",
		"image rm", "image remove", "pod rm",
	}
	some flag in ["f", "force"]
	flag in s.flags
	msg := sprintf("removes by force: %s", [stage.line(s)])
}

# METADATA
# title: Empties a cache of builds or images
# description: With --all goes what the next build or start needs; without it, only what nothing uses.
# custom:
#   id: container.cache
#   remedy: leave out --all
#   fires: docker builder prune -af
#   quiet: docker builder prune
hit contains {"id": "container.cache", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	stage.verb(s) in {"builder prune", "buildx prune", "image prune"}
	some flag in ["a", "all"]
	flag in s.flags
	msg := sprintf("empties a cache that is in use: %s", [stage.line(s)])
}

# METADATA
# title: Changes a swarm
# description: Nodes, services and stacks run for others on several hosts.
# custom:
#   id: container.swarm
#   remedy: ask a person
#   fires: docker stack rm shop
#   quiet: docker stack ps shop
hit contains {"id": "container.swarm", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	_changes_swarm(stage.verb(s))
	not stage.help(s)
	msg := sprintf("changes a swarm or the whole engine: %s", [stage.line(s)])
}

# METADATA
# title: Containers on another machine
# description: |
#   The engine is reached over the network or through a context: what changes
#   there, changes for others.
# custom:
#   id: container.elsewhere
#   remedy: use the engine of this machine
#   fires: docker -H ssh://root@web1 restart shop
#   quiet: docker -H unix:///var/run/docker.sock restart shop
hit contains {"id": "container.elsewhere", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	not stage.reads[s.id]
	_elsewhere(s)
	msg := sprintf("works on containers of another machine: %s", [stage.line(s)])
}

# METADATA
# title: Works on the containers of production
# description: The compose file, project or profile says that others use what it starts and stops.
# custom:
#   id: container.production
#   remedy: use the compose file for development
#   fires: docker compose -f docker-compose.prod.yml up -d
#   quiet: docker compose -f docker-compose.prod.yml config
hit contains {"id": "container.production", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	_compose(s)
	split(stage.verb(s), " ")[count(split(stage.verb(s), " ")) - 1] in {"up", "down", "start", "stop", "restart", "rm", "kill", "create", "scale", "pause", "exec", "run"}
	some o in s.options
	o.name in {"f", "file", "p", "project-name", "profile", "env-file"}
	_for_others(o.value)
	not stage.help(s)
	not stage.dry(s)
	msg := sprintf("works on the containers of production: %s", [stage.line(s)])
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
	not stage.help(s)
	msg := sprintf("deletes volumes and their data: %s", [stage.line(s)])
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
	_pushes(s)
	not _own_registry(s)
	msg := sprintf("publishes an image: %s", [stage.line(s)])
}

_engine := {"docker": true, "podman": true, "nerdctl": true, "docker-compose": true}

# kill -s HUP asks a program to read its settings again.
_signals(s) if {
	some o in s.options
	o.name in {"s", "signal"}
	o.value in {"HUP", "SIGHUP", "USR1", "SIGUSR1", "USR2", "SIGUSR2", "WINCH", "SIGWINCH"}
}

_ends(s) if _removes[stage.verb(s)]

# docker stop $(docker ps -q): whatever runs here, for whomever
_ends(s) if {
	stage.verb(s) in {"stop", "restart", "pause", "container stop", "container restart", "container pause"}
	some from in graph.reachable(stage.feeds, array.concat(s.takes, s.reads_from))
	listed := input.cmd.stages[from]
	_engine[listed.name]
	listed.sub in {"ps", "container ls"}
	not "filter" in listed.flags
	not "f" in listed.flags
}

# Stopping and pausing lose nothing, and what compose removes it makes again from
# its file, so they are not in here.
_removes := {
	"rm": true, "remove": true, "rmi": true, "kill": true, "container rm": true, "container remove": true,
	"container kill": true, "container prune": true, "image rm": true, "image remove": true,
	"network prune": true, "pod rm": true, "pod prune": true, "pod kill": true,
	"buildx rm": true, "context rm": true, "plugin rm": true,
}

_pushes(s) if stage.verb(s) in {"push", "image push", "compose push", "manifest push", "plugin push", "trust sign"}

_pushes(s) if {
	stage.verb(s) in {"buildx build", "build", "compose build", "buildx bake"}
	"push" in s.flags
}

_changes_swarm(told) if {
	[noun, verb] := split(told, " ")
	noun in {"stack", "service", "node", "swarm", "secret", "config"}
	verb in {"rm", "remove", "deploy", "up", "down", "scale", "update", "rollback", "leave", "join", "init", "demote", "promote", "ca", "unlock"}
}

_changes_swarm(told) if told in {
	"machine rm", "machine reset", "system reset",
	"plugin install", "plugin enable", "plugin upgrade", "plugin set",
}

_for_others(name) if naming.production(name)

# compose.live.yml
_for_others(name) if {
	some part in split(replace(replace(replace(lower(name), "-", "."), "_", "."), "/", "."), ".")
	part == "live"
}

# a registry on this machine
_own_registry(s) if {
	count(s.operands) > 0
	every image in s.operands {
		contains(image, "/")
		split(split(image, "/")[0], ":")[0] in {"localhost", "127.0.0.1", "registry.localhost"}
	}
}

_elsewhere(s) if {
	some o in s.options
	o.name in {"H", "host", "url"}
	s.name != "docker-compose"
	not startswith(o.value, "unix:")
	not loopback.address(o.value)
}

_elsewhere(s) if {
	some o in s.options
	o.name in {"c", "context"}
	not _local_context[o.value]
	not s.sub in {"exec", "run", "build", "create"}
}

_elsewhere(s) if {
	some v in s.env
	v.name in {"DOCKER_HOST", "CONTAINER_HOST"}
	not startswith(v.value, "unix:")
	not loopback.address(v.value)
}

_elsewhere(s) if {
	s.sub == "context use"
	not _local_context[s.operands[0]]
}

_local_context := {"default": true, "desktop-linux": true, "colima": true, "orbstack": true, "rancher-desktop": true, "rootless": true, "podman": true}

_deletes_volumes(s) if {
	_engine[s.name]
	stage.verb(s) in {"volume rm", "volume remove", "volume prune", "system prune"}
	not stage.help(s)
}

_deletes_volumes(s) if {
	_engine[s.name]
	stage.verb(s) in {"down", "rm", "compose down", "compose rm"}
	_compose(s)
	some flag in ["v", "volumes"]
	flag in s.flags
}

_compose(s) if s.name == "docker-compose"

_compose(s) if startswith(s.sub, "compose")
