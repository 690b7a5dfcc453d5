package guard.rules.container_test

import data.guard.fixture

_docker(sub, flags, operands) := [{"name": "docker", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_container_remove_option if not "container.remove" in fixture.ids(_docker("run", ["rm"], ["alpine"]))

test_container_force if fixture.tier(_docker("container rm", ["force"], ["a"])) == 3

test_container_stop if not "container.remove_force" in fixture.ids(_docker("stop", [], ["a"]))

test_volume if {
	every stage in [_docker("volume rm", [], ["v"]), _docker("volume prune", ["f"], []), _docker("compose down", ["v"], []), _docker("system prune", ["a"], [])] {
		"container.volume" in fixture.ids(stage)
	}
}

test_compose_down if fixture.ids(_docker("compose down", [], [])) == {"program.other"}

test_image_push if "container.push" in fixture.ids(_docker("push", [], ["x"]))

test_image_pushed_to_this_machine if not "container.push" in fixture.ids(_docker("push", [], ["localhost:5000/x"]))

test_image_pull if not "container.push" in fixture.ids(_docker("pull", [], ["x"]))

test_built_and_pushed if "container.push" in fixture.ids(_docker("buildx build", ["push"], ["."]))

test_built if not "container.push" in fixture.ids(_docker("buildx build", ["load"], ["."]))

test_cache if {
	"container.cache" in fixture.ids(_docker("builder prune", ["a", "f"], []))
	not "container.cache" in fixture.ids(_docker("image prune", ["f"], []))
}

test_swarm if {
	every sub in ["stack rm", "service scale", "node demote", "swarm leave", "system reset"] {
		"container.swarm" in fixture.ids(_docker(sub, [], ["x"]))
	}
}

test_swarm_read if not "container.swarm" in fixture.ids(_docker("service ps", [], ["x"]))

test_elsewhere if {
	"container.elsewhere" in fixture.ids([{"name": "docker", "sub": "restart", "options": [{"name": "context", "value": "prod"}]}])
	"container.elsewhere" in fixture.ids([{"name": "docker", "sub": "restart", "env": [{"name": "DOCKER_HOST", "value": "ssh://web1", "literal": true}]}])
	"container.elsewhere" in fixture.ids(_docker("context use", [], ["prod"]))
}

test_here if {
	not "container.elsewhere" in fixture.ids([{"name": "docker", "sub": "ps", "options": [{"name": "context", "value": "prod"}]}])
	not "container.elsewhere" in fixture.ids([{"name": "docker", "sub": "restart", "env": [{"name": "DOCKER_HOST", "value": "unix:///x.sock", "literal": true}]}])
	not "container.elsewhere" in fixture.ids(_docker("context use", [], ["default"]))
}

test_signal if {
	not "container.remove" in fixture.ids([{"name": "docker", "sub": "kill", "options": [{"name": "s", "value": "HUP"}]}])
	"container.remove" in fixture.ids([{"name": "docker", "sub": "kill", "options": [{"name": "s", "value": "TERM"}]}])
}

_compose(sub, file) := [{"name": "docker", "sub": sub, "args": split(sub, " "), "options": [{"name": "f", "value": file}]}]

test_production if {
	"container.production" in fixture.ids(_compose("compose up", "docker-compose.prod.yml"))
	not "container.production" in fixture.ids(_compose("compose up", "docker-compose.dev.yml"))
	not "container.production" in fixture.ids(_compose("compose build", "docker-compose.prod.yml"))
	not "container.production" in fixture.ids(_compose("compose up", "docker-compose.products.yml"))
}

test_stopping_what_is_listed if {
	"container.remove" in fixture.ids([{"name": "docker", "sub": "ps", "flags": ["q"]}, {"name": "docker", "sub": "stop", "takes": [0]}])
	not "container.remove" in fixture.ids([{"name": "docker", "sub": "ps", "flags": ["q", "filter"]}, {"name": "docker", "sub": "stop", "takes": [0]}])
	not "container.remove" in fixture.ids([{"name": "docker", "sub": "ps", "flags": ["q"]}, {"name": "docker", "sub": "logs", "takes": [0]}])
}

test_live if {
	every file in ["compose.live.yml", "live", "ops/live/compose.yml"] {
		"container.production" in fixture.ids(_compose("compose up", file))
	}
	not "container.production" in fixture.ids(_compose("compose up", "docker-compose.livereload.yml"))
}
