package guard.rules.service_test

import data.guard.fixture

test_delete if {
	every words in [
		["vault", "secrets", "disable", "kv/"], ["scancel", "--user=dev"], ["ray", "down", "cluster.yaml", "-y"],
		["rabbitmqctl", "-n", "rabbit@a", "purge_queue", "orders"], ["nats", "stream", "purge", "ORDERS"],
	] {
		"service.delete" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
	"service.delete" in fixture.ids([{"name": "kafka-topics.sh", "flags": ["delete", "topic"], "args": ["--delete"]}])
	"service.delete" in fixture.ids([{"name": "hdfs", "operands": ["dfs", "/data"], "flags": ["rm", "r"], "args": ["dfs", "-rm", "-r", "/data"]}])
}

test_change if {
	every words in [["vault", "write", "a", "b=c"], ["sbatch", "train.sh"], ["gh-pages", "-d", "dist"], ["rabbitmqctl", "add_user", "x", "y"]] {
		"service.change" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
}

test_access if "service.access" in fixture.ids(fixture.args("vault", ["token", "create"]))

test_message if {
	"service.message" in fixture.ids(fixture.args("twilio", ["api:core:messages:create"]))
	"service.message" in fixture.ids(fixture.args("telegram-send", ["hi"]))
}

test_job if {
	"service.job" in fixture.ids(fixture.args("spark-submit", ["--master=yarn", "x.py"]))
	not "service.job" in fixture.ids(fixture.args("spark-submit", ["--master", "local[2]", "x.py"]))
	not "service.job" in fixture.ids(fixture.args("spark-submit", ["x.py"]))
}

test_reading if {
	every words in [
		["vault", "status"], ["scontrol", "show", "node"], ["ray", "status"], ["rabbitmqctl", "list_queues"], ["nats", "stream", "ls"],
		["celery", "inspect", "active"], ["kafka-topics", "--list"], ["scancel", "--help"], ["twilio", "-h"], ["wp", "plugin", "list"],
	] {
		fixture.ids(fixture.args(words[0], array.slice(words, 1, 9))) & {"service.delete", "service.change", "service.access", "service.message"} == set()
	}
}
