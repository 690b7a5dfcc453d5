# Network: code that comes in unseen, data that goes out, doors that are opened.

package guard.tier

# METADATA
# title: Runs code from the network
# description: |
#   A download goes straight into a shell or interpreter: nobody has seen what
#   runs (REQUIREMENTS S1-22). MEDIUM is the fixed tier; a person is asked at
#   every profile.
# custom:
#   id: net.download_run
#   remedy: download it, read it, then run it unprivileged
hit contains {"id": "net.download_run", "tier": 2, "verdict": "hold", "stage": s.id, "msg": msg} if {
	_fetches
	some s in input.cmd.stages
	_runs_download(s)
	msg := sprintf("%s runs code from the network", [_program(s)])
}

# METADATA
# title: Runs code from the network as root
# description: As net.download_run, with the rights to change everything (REQUIREMENTS S1-28).
# custom:
#   id: net.download_run_root
#   remedy: download it, read it, then run it unprivileged
hit contains {"id": "net.download_run_root", "tier": 3, "verdict": "deny", "stage": s.id, "msg": msg} if {
	_fetches
	some s in input.cmd.stages
	s.root
	_runs_download(s)
	msg := sprintf("%s runs code from the network as root", [_program(s)])
}

# METADATA
# title: Downloads a program and starts it
# description: |
#   A program is started from a file or folder that the same line filled, and
#   the line downloads: nobody has seen what runs.
# custom:
#   id: net.download_start
#   remedy: download it, check its digest, then run it
hit contains {"id": "net.download_start", "tier": 2, "verdict": "hold", "stage": s.id, "msg": msg} if {
	_fetches
	some s in input.cmd.stages
	some program in _started(s)
	some earlier in input.cmd.stages
	earlier.id < s.id
	some p in earlier.paths
	p.access == "write"
	p.path != ""
	startswith(sprintf("%s/", [program]), sprintf("%s/", [trim_right(p.path, "/")]))
	msg := sprintf("starts %s, which this line downloaded", [program])
}

# METADATA
# title: Sends data to another host
# description: Uploads and requests that change something elsewhere (REQUIREMENTS S1-22).
# custom:
#   id: net.upload
#   remedy: show a person what would be sent, and where
hit contains {"id": "net.upload", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"git", "docker", "podman", "npm", "gh", "ssh"}
	not _dry(s)
	some h in s.hosts
	h.push
	msg := sprintf("sends data to %s", [_host(h)])
}

# METADATA
# title: Request that changes something elsewhere
# description: An HTTP request with a body or another method than GET or HEAD.
# custom:
#   id: net.request
#   remedy: use GET, or show a person what would be sent
hit contains {"id": "net.request", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"curl", "wget", "http", "https", "xh"}
	_changes_elsewhere(s)
	msg := sprintf("sends data: %s", [_line(s)])
}

# METADATA
# title: Shell for somebody else
# description: Connects a shell with the network, so that whoever is at the other end can type.
# custom:
#   id: net.remote_shell
#   remedy: none
hit contains {"id": "net.remote_shell", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.listeners[s.name]
	_hands_over(s)
	msg := sprintf("gives a program to the network: %s", [_line(s)])
}

# METADATA
# title: Talks to the network through a redirection
# description: bash opens a connection for /dev/tcp and /dev/udp; reverse shells are made this way.
# custom:
#   id: net.dev_tcp
#   remedy: use curl
hit contains {"id": "net.dev_tcp", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	regex.match(`^/dev/(tcp|udp)/`, p.raw)
	msg := sprintf("opens a connection: %s", [_shown(p)])
}

# METADATA
# title: Listens on the network
# description: Anything that can reach the port can talk to it.
# custom:
#   id: net.listen
#   remedy: bind a local server to 127.0.0.1
hit contains {"id": "net.listen", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.listeners[s.name]
	_listens(s)
	msg := sprintf("listens on the network: %s", [_line(s)])
}

# METADATA
# title: Tunnel
# description: Makes a port of this machine reachable from elsewhere.
# custom:
#   id: net.tunnel
#   remedy: ask a person to open it
hit contains {"id": "net.tunnel", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_tunnels(s)
	msg := sprintf("makes this machine reachable from elsewhere: %s", [_line(s)])
}

# METADATA
# title: ssh that runs a local program
# description: These options name a command that ssh starts on this machine.
# custom:
#   id: net.ssh_exec
#   remedy: use a host from the ssh configuration
hit contains {"id": "net.ssh_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"ssh", "scp", "sftp", "rsync"}
	some o in s.options
	regex.match(`(?i)(proxycommand|localcommand|permitlocalcommand|knownhostscommand)\s*[= ]`, o.value)
	msg := sprintf("makes %s run a program: %s", [s.name, _cut(o.value)])
}

# METADATA
# title: Changes something on another host
# description: What it does there, guard cannot see.
# custom:
#   id: net.ssh_command
#   remedy: ask a person with access to that host
hit contains {"id": "net.ssh_command", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.remote
	"ssh" in s.via
	not _reads[s.id]
	msg := sprintf("runs on another host: %s", [_line(s)])
}

# METADATA
# title: Sends a message
# description: Messages are read by people and cannot be taken back (REQUIREMENTS S1-22).
# custom:
#   id: net.message
#   remedy: show the text to a person first
hit contains {"id": "net.message", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"send_message", "send-message", "sendmail", "mail", "mailx", "mutt", "msmtp", "swaks"}
	not _help(s)
	msg := sprintf("sends a message: %s", [_line(s)])
}

_fetches if {
	some name in input.cmd.names
	data.guard.tier.fetchers[name]
}

_runs_download(s) if {
	_runs_code_given(s)
	some from in graph.reachable(_feeds, [s.id])
	from != s.id
	data.guard.tier.fetchers[_name_of[from]]
}

_runs_code_given(s) if s.payload.read == false

_runs_code_given(s) if {
	some table in ["shells", "interpreters"]
	data.guard.tier[table][s.name]
}

_runs_code_given(s) if {
	some o in s.opaque
	o.where == "program"
}

# What flows into a stage: pipes, substitutions and files the line wrote.
_feeds[s.id] := array.concat(s.reads_from, s.takes) if some s in input.cmd.stages

_name_of[s.id] := s.name if some s in input.cmd.stages

# What a stage starts: its own program, and the script it is given.
_started(s) := {s.path} | {p.path |
	s.payload.kind == "script"
	some p in s.paths
	p.access in {"read", "exec", "unknown"}
	p.path != ""
}

_host(h) := h.name if h.name != ""

_host(h) := "a host that is not known" if h.name == ""

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
	data.guard.tier.tunnels[s.name] == true
	not _help(s)
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

# Only says what it would do.
_dry(s) if {
	some flag in s.flags
	flag in {"dry-run", "dryrun", "check", "what-if", "whatif", "no-act", "simulate", "just-print"}
	not _not_dry(s, flag)
}

# npm's --dry-run=false, kubectl's --dry-run=none
_not_dry(s, flag) if {
	some o in s.options
	o.name == flag
	o.value in {"none", "false"}
}
