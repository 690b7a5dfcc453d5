# METADATA
# title: Servers of development
# description: |
#   What an agent starts to try its work, and may end: by a whole command line, by
#   a program of the workspace, or by a port that such servers take.
package guard.devserver

import data.guard.form

# METADATA
# title: Looks for who has such a port
# description: What listens where servers of development do by convention is one, and is started again by one command. As root it may be anything.
frees_port(s) if {
	not s.root
	ports := _ports(s)
	count(ports) > 0
	every port in ports {
		data.guard.devserver.ports[port]
	}
}

# fuser -k 3000/tcp, kill-port 3000
_ports(s) := [split(word, "/")[0] | some word in s.operands; word != "tcp"] if {
	s.name != "lsof"
	every word in s.operands {
		_port(word)
	}
	every flag in ["m", "mount"] {
		not flag in s.flags
	}
}

# lsof -ti:3000, lsof -t -iTCP:3000 -sTCP:LISTEN
_ports(s) := split(ports, ",") if {
	s.name == "lsof"
	[option, ports] := split(concat("", [word | some word in s.args; not _how(word)]), ":")
	form.made_of(ports, "0123456789,")
	letters := trim_suffix(trim_suffix(option, "tcp"), "TCP")
	endswith(letters, "i")
	_how(sprintf("%sn", [trim_suffix(letters, "i")]))
}

# in which form lsof shows what it finds, and what only listens
_how(word) if lower(word) in {"-stcp:listen", "-s", "tcp:listen"}

_how(word) if {
	startswith(word, "-")
	form.made_of(substring(word, 1, -1), "tnPw")
}

_port("tcp")

_port(word) if form.number(trim_suffix(word, "/tcp"))

# METADATA
# title: Names one of them
# description: |
#   pkill -f 'vite --port 5173', the whole command line of a server or test run as
#   projects have them: no pattern that could mean others, and of no user's in general.
named(s) if {
	s.name == "pkill"
	"f" in s.flags
	count(s.operands) == 1
	parts := split(s.operands[0], " ")
	_tells_which(parts)
	not _pattern(s.operands[0])
	data.guard.devserver.servers[parts[0]]
	count({"u", "U", "euid", "uid", "user"} & {flag | some flag in s.flags}) == 0
}

_tells_which(parts) if count(parts) > 2

# vite: a server that is for development only
_tells_which(parts) if {
	data.guard.devserver.only_development[parts[0]]
}

# next dev, flask run, manage.py runserver
_tells_which(parts) if {
	count(parts) == 2
	parts[1] in {"dev", "serve", "server", "runserver", "run", "watch", "preview", "develop"}
	not parts[0] in {"node", "python", "python3", "go", "cargo", "php", "dotnet"}
}

# uvicorn app.main:app
_tells_which(parts) if {
	[module, name] := split(parts[1], ":")
	form.made_of(module, "abcdefghijklmnopqrstuvwxyz_.")
	form.made_of(name, "abcdefghijklmnopqrstuvwxyz_")
}

# pkill takes it for more than one name
_pattern(word) if form.fits(word, {"holds": ["*", "|", "+", "?", "("]})

# A program of the workspace, by its path.
named(s) if {
	s.name == "pkill"
	"f" in s.flags
	count(s.operands) == 1
	startswith(s.operands[0], sprintf("%s/", [input.session.workspace]))
	not _pattern(s.operands[0])
	count({"u", "U", "euid", "uid", "user"} & {flag | some flag in s.flags}) == 0
}
