# METADATA
# title: Uploads
# description: |
#   Data that goes to another host.
package guard.rules.host

import data.guard.loopback
import data.guard.stage

# METADATA
# title: Sends data to another host
# description: Uploads and requests that change something elsewhere (REQUIREMENTS S1-22).
# custom:
#   id: net.upload
#   remedy: show a person what would be sent, and where
#   fires: 'scp notes.txt web:'
#   quiet: 'scp web:notes.txt .'
hit contains {"id": "net.upload", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"git", "docker", "podman", "npm", "gh", "ssh"}
	not stage.dry(s)
	some h in s.hosts
	h.push
	msg := sprintf("sends data to %s", [_host(h)])
}

# METADATA
# title: Talks to the network through a redirection
# description: bash opens a connection for /dev/tcp and /dev/udp; reverse shells are made this way.
# custom:
#   id: net.dev_tcp
#   remedy: use curl
#   fires: echo x > /dev/tcp/10.0.0.1/4444
#   quiet: echo x > /dev/null
hit contains {"id": "net.dev_tcp", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some r in s.redirects
	strings.any_prefix_match(r.path.raw, ["/dev/tcp/", "/dev/udp/"])
	not _probe(s, r)
	msg := sprintf("opens a connection: %s", [stage.cut(r.path.raw)])
}

# METADATA
# title: Asks the machine's cloud for its credentials
# description: The metadata service answers every process with the keys of the machine's role.
# custom:
#   id: secret.metadata
#   remedy: let the cloud's own tool log in
#   fires: curl http://169.254.169.254/latest/meta-data/iam/security-credentials/
#   quiet: curl http://192.168.1.2/latest
hit contains {"id": "secret.metadata", "tier": 3, "stage": s.id, "msg": "asks for the credentials of this machine's role"} if {
	some s in input.cmd.stages
	some h in s.hosts
	h.name in {"169.254.169.254", "169.254.170.2", "metadata.google.internal", "metadata", "100.100.100.200", "fd00:ec2::254", "169.254.169.253"}
}

_host(h) := h.name if h.name != ""

_host(h) := "a host that is not known" if h.name == ""

# whether a server of this machine answers
_probe(s, r) if {
	s.name in {"", ":", "true", "echo", "printf", "exec"}
	parts := split(r.path.raw, "/")
	count(parts) > 4
	loopback.name(parts[3])
}
