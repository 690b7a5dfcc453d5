package guard.devserver_test

import data.guard.devserver

_lsof(args) := {"name": "lsof", "root": false, "args": args}

test_a_port_of_development if {
	every args in [["-ti:3000"], ["-t", "-i", ":3000"], ["-ti", "tcp:3000", "-s", "tcp:listen"], ["-t", "-iTCP:3000,5173", "-sTCP:LISTEN"]] {
		devserver.frees_port(_lsof(args))
	}
	every args in [["-ti:22"], ["-ti:3000,5432"], ["-t", "-u", "dev"], ["-t"]] {
		not devserver.frees_port(_lsof(args))
	}
	not devserver.frees_port(object.union(_lsof(["-ti:3000"]), {"root": true}))
}

_pkill(pattern) := {"name": "pkill", "flags": ["f"], "operands": [pattern]}

test_a_server_by_its_name if {
	every pattern in ["vite", "next dev", "uvicorn app.main:app", "node server.js --port 3000"] {
		devserver.named(_pkill(pattern))
	}
	every pattern in ["node", "python", "vite|sshd", "node *"] {
		not devserver.named(_pkill(pattern))
	}
	not devserver.named(object.union(_pkill("vite"), {"flags": ["f", "u"]}))
}
