# METADATA
# title: Reliefs of other kinds
# description: |
#   As guard.relief, for what is not about files that are deleted or written:
#   repositories and branches that are the agent's own, code that was read, and
#   servers on this machine.
package guard.local.relief

import data.guard.form

# METADATA
# title: Repository in a temporary folder
# description: |
#   git discards changes of a working tree below a temporary folder, which was
#   made to try something. Its branches may be another tree's.
# custom:
#   id: relief.temporary_repository
#   fires: cd /tmp/try && git reset --hard
#   quiet: cd /tmp && git reset --hard
hit contains {"id": "relief.temporary_repository", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"temporary_repository" in data.guard.local.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	s.name == "git"
	not s.remote
	folder := _git_folder(s)
	some top, _ in data.guard.relief.tops
	startswith(folder, sprintf("%s/", [top]))
	not _of_workspace(folder)
	count({o | some o in s.options; o.name in {"git-dir", "work-tree"}}) == 0
	count({e | some e in s.env; startswith(e.name, "GIT_")}) == 0
	why := sprintf("the repository in %s is temporary", [folder])
}

# METADATA
# title: Own branch, and nobody else's commits
# description: |
#   A push with a lease fails where others have pushed meanwhile, and the
#   branches it names are not those that a team shares.
# custom:
#   id: relief.own_branch
#   fires: git push --force-with-lease origin feature/login
#   quiet: git push --force-with-lease origin main
hit contains {"id": "relief.own_branch", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"own_branch" in data.guard.local.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	"force-with-lease" in s.flags
	count({flag | some flag in s.flags; flag in {"f", "force", "mirror", "all", "branches", "delete", "d", "prune", "tags"}}) == 0
	names := array.slice(s.operands, 1, count(s.operands))
	count(names) > 0
	every name in names {
		_own_branch(name)
	}
	why := sprintf("with a lease, to %s", [concat(", ", names)])
}

# METADATA
# title: Payload that was read
# description: The commands inside were all understood and are judged themselves.
# custom:
#   id: relief.read_payload
#   fires: bash -c 'ls -l'
#   quiet: bash -c "$X"
hit contains {"id": "relief.read_payload", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"read_payload" in data.guard.local.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	s.payload.read == true
	not s.root
	why := sprintf("the commands given to %s were read and are judged themselves", [s.name])
}

# METADATA
# title: Python's own pip
# description: |
#   How python -m venv and ensurepip put pip into a new environment: the wheels
#   that come with Python, from a temporary folder made for that, and no network.
#   Whoever could plant a wheel there could as well run a script of its own.
# custom:
#   id: relief.ensurepip
#   fires: "python3 -c \"\nimport runpy\nimport sys\nsys.path = ['/tmp/tmpab12cd34/pip-23.0.1-py3-none-any.whl'] + sys.path\nsys.argv[1:] = ['install', '--no-index', '--find-links', '/tmp/tmpab12cd34', 'pip']\nrunpy.run_module(\\\"pip\\\", run_name=\\\"__main__\\\", alter_sys=True)\n\""
#   quiet: "python3 -c 'import runpy; runpy.run_module(\"pip\")'"
hit contains {"id": "relief.ensurepip", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"ensurepip" in data.guard.local.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	not s.root
	s.payload.lang == "python"
	regex.match(data.guard.local.relief.ensurepip, s.payload.text)
	contains(s.payload.text, "'--no-index'")
	why := "python installs the pip that comes with it, without the network"
}

# METADATA
# title: Only this machine
# description: The data goes to a server on this machine.
# custom:
#   id: relief.loopback
#   fires: 'curl -X POST http://localhost:8080/items'
#   quiet: 'curl -X POST https://api.example.com/items'
hit contains {"id": "relief.loopback", "finding": f.id, "stage": s.id, "why": "the server is on this machine"} if {
	some f in candidates
	"loopback" in data.guard.local.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	count(s.hosts) > 0
	every h in s.hosts {
		h.loopback
	}
	not _other_server(s)
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.local.relief.cancels[f.id]
]

_of_workspace(folder) if {
	input.session.workspace != ""
	startswith(sprintf("%s/", [folder]), sprintf("%s/", [input.session.workspace]))
}

_git_folder(s) := s.cwd if count([o | some o in s.options; o.name == "C"]) == 0

_git_folder(s) := p.path if {
	folders := [o.value | some o in s.options; o.name == "C"]
	count(folders) == 1
	some p in s.paths
	p.raw == folders[0]
	p.access == "read"
	p.path != ""
}

_own_branch(name) if {
	form.made_of(name, concat("", [form.alphanumeric, "_./-"]))
	not strings.any_prefix_match(name, ["/", "-"])
	not data.guard.rules.gitpush.shared_branches[lower(name)]
	not strings.any_prefix_match(lower(name), data.guard.rules.gitpush.shared_prefixes)
	trim_left(trim_prefix(name, "v"), "0123456789.") == trim_prefix(name, "v")
}

# curl --proxy, --resolve and --connect-to send it elsewhere.
_other_server(s) if {
	some flag in s.flags
	flag in {"x", "proxy", "preproxy", "socks5", "socks5-hostname", "socks4", "socks4a", "resolve", "connect-to", "K", "config"}
}
