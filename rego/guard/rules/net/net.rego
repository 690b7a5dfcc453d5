# METADATA
# title: Network
# description: |
#   Requests, messages, and what is asked of other hosts.
package guard.rules.net

import data.guard.form
import data.guard.loopback
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
	s.name in {"curl", "wget", "http", "https", "xh", "grpcurl"}
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
	_removes_data(s)
	msg := sprintf("deletes data: %s", [stage.line(s)])
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
	not _reads_capture(s)
	count(s.args) > 0
	not _own_host(s)
	not stage.help(s)
	msg := sprintf("looks into networks: %s", [stage.line(s)])
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
	form.fits(replace(lower(o.value), "\t", " "), _ssh_commands)
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

_removes_data(s) if _drops(s)

_removes_data(s) if {
	some url in s.operands
	regex.match(`:(9200|5984|9201)/[^/?]+/?(\?|$)|/_delete_by_query|:(9200|5984|9201)/_all\b|:(6333|7700|8108|8983|8080)/(collections|indexes|solr|v1/schema)/[^/?]+/?(\?|$)`, url)
	_deletes(s)
}

_deletes(s) if {
	some o in s.options
	o.name in {"X", "request", "method"}
	upper(o.value) in {"DELETE", "POST"}
}

_deletes(s) if "DELETE" in s.operands

# a statement for a database that takes it over HTTP
_drops(s) if {
	some o in s.options
	o.name in {"d", "data", "data-raw", "data-binary", "data-urlencode", "post-data", "body-data"}
	regex.match(`(?i)^([a-z]+=|\{"(query|q|sql|stmt)":\s*")?\s*(drop|truncate)\s+[a-z]+\s`, o.value)
}

_drops(s) if {
	some url in s.operands
	regex.match(`(?i)[?&](q|query|sql)=(drop|truncate)(%20|\+|\s)`, url)
}

# a call with an argument, to a server that is not this machine
_changes_elsewhere(s) if {
	s.name == "grpcurl"
	"d" in s.flags
	not _named_here(s)
	not _asks(split(replace(s.operands[count(s.operands) - 1], ".", "/"), "/"))
}

_named_here(s) if {
	some word in s.args
	loopback.address(word)
}

_named_here(s) if {
	some word in s.args
	startswith(word, "unix:")
}

# package.Service/ListThings
_asks(parts) if {
	count(parts) > 1
	strings.any_prefix_match(lower(parts[count(parts) - 1]), ["get", "list", "search", "query", "describe", "find", "check", "count", "watch", "stream"])
}

# name=value, name:=3, file@path; not name==value, which is part of the address
_sends(word) if {
	rest := trim_left(word, concat("", [form.alphanumeric, "_.[]-"]))
	rest != word
	strings.any_prefix_match(rest, [":=", "=", "@"])
	not startswith(rest, "==")
	trim_left(word, "0123456789.[]-") == word
}

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
	_sends(word)
	not s.operands[0] == "GET"
}

_changes_elsewhere(s) if {
	some o in s.options
	o.name in {"X", "request", "method"}
	not upper(o.value) in {"GET", "HEAD", "OPTIONS"}
}

_changes_elsewhere(s) if {
	s.name != "grpcurl"
	some flag in s.flags
	flag in {"d", "data", "data-raw", "data-binary", "data-urlencode", "data-ascii", "json", "F", "form", "form-string", "T", "upload-file", "post-data", "post-file", "body-data", "body-file"}
	not "G" in s.flags
	not "get" in s.flags
}

_reads_capture(s) if {
	s.name in {"tcpdump", "tshark", "ngrep", "capinfos"}
	"-r" in s.args
}

_own_host(s) if {
	count(s.operands) > 0
	some host in s.operands
	loopback.name(host)
	every op in s.operands {
		_here_or_port(op)
	}
}

_here_or_port(word) if loopback.name(word)

_here_or_port(word) if form.made_of(word, "0123456789,-")

# Settings of ssh that run a program.
_ssh_commands := {"holds": [
	"proxycommand=", "proxycommand ", "localcommand=", "localcommand ",
	"knownhostscommand=", "knownhostscommand ", "remotecommand=", "remotecommand ",
]}
