package guard.rules.process_test

import data.guard.fixture

_unknown(word) := [{"name": "kill", "args": [word], "operands": [word], "opaque": [{"where": "argument", "reason": "x"}]}]

test_kill_all if {
	every words in [["-9", "-1"], ["-KILL", "-1"], ["-s", "KILL", "--", "-1"], ["-n", "9", "-1"], ["1234", "-1"]] {
		"process.kill_all" in fixture.ids(fixture.args("kill", words))
	}
}

test_kill_one if {
	every words in [["-1", "1234"], ["-9", "1234"], ["1234"], ["-0", "1234"], ["-l"], ["-s", "-1", "5"]] {
		not "process.kill_all" in fixture.ids(fixture.args("kill", words))
	}
}

test_killall5 if "process.killall5" in fixture.ids(fixture.args("killall5", ["-9"]))

test_killall_is_not_killall5 if not "process.killall5" in fixture.ids(fixture.args("killall", ["node"]))

test_kill_name if "process.kill_name" in fixture.ids(fixture.args("killall", ["node"]))

test_kill_number if not "process.kill_name" in fixture.ids(fixture.args("kill", ["1234"]))

test_kill_user if "process.kill_user" in fixture.ids([{"name": "pkill", "flags": ["9", "u"], "args": ["-9", "-u", "dev"]}])

test_kill_no_user if not "process.kill_user" in fixture.ids([{"name": "pkill", "flags": ["9"], "args": ["-9", "node"]}])

test_kill_unknown if "process.kill_unknown" in fixture.ids(_unknown("$(lsof -t -i:3000)"))

test_kill_last_job if {
	not "process.kill_unknown" in fixture.ids([{
		"name": "kill", "args": ["$PID"], "operands": ["$PID"],
		"opaque": [{"where": "argument", "reason": "$! is a number that is not known"}],
	}])
}

test_kill_init if "process.kill_init" in fixture.ids(fixture.args("kill", ["-9", "1"]))

test_kill_list if not "process.kill_init" in fixture.ids(fixture.args("kill", ["-l", "1"]))

test_service_status if fixture.ids([{"name": "systemctl", "sub": "status", "operands": ["nginx"]}]) == set()

test_asking_an_unknown_process if not "process.kill_unknown" in fixture.ids([{"name": "kill", "args": ["-0", "$PID"], "operands": ["$PID"], "opaque": [{"where": "argument", "reason": "x"}]}])

_pkill(pattern, flags) := [{"name": "pkill", "flags": flags, "operands": [pattern], "args": [pattern]}]

test_own_server if {
	every pattern in ["vite --port 5173", "uvicorn app.main:app", "python manage.py runserver", "/home/dev/app/bin/server"] {
		not "process.kill_name" in fixture.ids(_pkill(pattern, ["f"]))
	}
	every pattern in ["node", "node .*", "python manage.py", "python|ruby x", "postgres -D /var"] {
		"process.kill_name" in fixture.ids(_pkill(pattern, ["f"]))
	}
	"process.kill_name" in fixture.ids(_pkill("vite --port 5173", []))
	"process.kill_name" in fixture.ids(_pkill("node x", ["f", "u"]))
}

test_port_of_a_development_server if {
	not "process.kill_holder" in fixture.ids([{"name": "fuser", "flags": ["k"], "operands": ["3000/tcp"]}])
	"process.kill_holder" in fixture.ids([{"name": "fuser", "flags": ["k"], "operands": ["3000/tcp"], "root": true}])
	"process.kill_holder" in fixture.ids([{"name": "fuser", "flags": ["k"], "operands": ["3000/tcp", "5432/tcp"]}])
	"process.kill_holder" in fixture.ids([{"name": "fuser", "flags": ["k", "m"], "operands": ["3000"]}])
}

_lsof(words) := [
	{"name": "lsof", "args": words},
	{"name": "kill", "args": ["$(lsof)"], "operands": ["$(lsof)"], "takes": [0], "opaque": [{"where": "argument", "reason": "x"}]},
]

test_holder_of_a_port if {
	every words in [["-ti:3000"], ["-t", "-i:5173"], ["-ti", "tcp:8080"], ["-t", "-iTCP:3000", "-sTCP:LISTEN"], ["-ti:3000,3001"]] {
		not "process.kill_unknown" in fixture.ids(_lsof(words))
	}
	every words in [["-ti:5432"], ["-t", "-u", "dev"], ["-ti"], ["-ti:3000,22"], ["-ti:3000", "-u", "x"], ["-ti:3000-9000"]] {
		"process.kill_unknown" in fixture.ids(_lsof(words))
	}
}

test_process_that_a_variable_names if {
	every pair in [["$SERVER_PID", false], ["$PPID", true], ["$pid", true]] {
		found := "process.kill_unknown" in fixture.ids([{
			"name": "kill", "args": [pair[0]], "operands": [pair[0]],
			"opaque": [{"stage": 0, "where": "argument", "reason": sprintf("%s has no literal value", [pair[0]])}],
		}])
		found == pair[1]
	}
}
