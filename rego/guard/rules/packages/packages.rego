# METADATA
# title: Packages
# description: |
#   Code of strangers that comes in.
package guard.rules.packages

import data.guard.form
import data.guard.naming
import data.guard.registry
import data.guard.stage

# METADATA
# title: Changes the machine's packages
# description: System packages change what every program on the machine runs on.
# custom:
#   id: package.system
#   remedy: use the project's own package manager, or ask a person
#   fires: sudo apt-get install -y jq
#   quiet: apt list --installed
hit contains {"id": "package.system", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.system_packages[s.name]
	_changes_packages(s)
	not stage.dry(s)
	not stage.help(s)
	msg := sprintf("changes the machine's packages: %s", [stage.line(s)])
}

# METADATA
# title: Installs for the whole machine
# description: Global installs run install scripts and change what other projects use.
# custom:
#   id: package.global
#   remedy: install it in the project
#   fires: npm install -g x
#   quiet: npm install
hit contains {"id": "package.global", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_installs_globally(s)
	not stage.help(s)
	msg := sprintf("installs for the whole machine: %s", [stage.line(s)])
}

# METADATA
# title: Deletes an environment or a tool chain
# description: Other projects may use it, and what was installed by hand is gone.
# custom:
#   id: package.environment
#   remedy: make a new environment with another name
#   fires: conda env remove -n prod
#   quiet: conda env list
hit contains {"id": "package.environment", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_deletes_environment(s)
	not stage.help(s)
	msg := sprintf("deletes an environment: %s", [stage.line(s)])
}

# METADATA
# title: Deletion by package
# description: rimraf, del-cli and trash delete trees as rm -r does.
# custom:
#   id: package.rimraf
#   remedy: delete named files
#   fires: npx rimraf src
#   quiet: npx eslint src
hit contains {"id": "package.rimraf", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_rimraf(s)
	not stage.help(s)
	msg := sprintf("recursive delete: %s", [stage.line(s)])
}

_changes_packages(s) if {
	data.guard.tables.system_package_verbs[s.sub] == true
}

_changes_packages(s) if {
	s.sub == ""
	not s.operands[0] in {"search", "show", "list", "info", "policy", "depends", "rdepends", "help", "desc", "view", "deps"}
	some word in s.operands
	data.guard.tables.system_package_verbs[word] == true
}

_changes_packages(s) if {
	s.name in {"pacman", "rpm", "dpkg", "nix-env", "emerge"}
	not stage.shows(s)
	not _searches(s)
	some flag in s.flags
	flag in {"S", "R", "U", "i", "e", "install", "remove", "purge", "P", "r", "erase", "upgrade", "unmerge", "C"}
}

_searches(s) if {
	s.name in {"pacman", "emerge"}
	some search in [{"S", "s"}, {"S", "i"}, {"S", "l"}, {"sync", "search"}, {"search"}]
	count(search - {flag | some flag in s.flags}) == 0
	not "y" in s.flags
}

_searches(s) if {
	s.name == "rpm"
	some flag in ["q", "query", "V", "verify"]
	flag in s.flags
}

_installs_globally(s) if {
	s.name in {"npm", "pnpm", "bun", "yarn"}
	some flag in ["g", "global"]
	flag in s.flags
	_installs(s)
}

_installs_globally(s) if {
	s.name == "yarn"
	startswith(s.sub, "global")
}

_installs_globally(s) if {
	s.name == "cargo"
	s.sub == "install"
	count(s.operands) > 0
	not "path" in s.flags
}

_installs_globally(s) if {
	s.name in {"pipx", "uv"}
	words := array.concat(split(s.sub, " "), s.operands)
	some i, word in words
	word == "install"
	array.slice(words, 0, i) in [[], [""], ["tool"], ["", "tool"]]
	not _known_tool(words[i + 1])
	not words[0] == "pip"
}

_installs_globally(s) if {
	s.name == "nix"
	array.slice(s.operands, 0, 2) in [["profile", "install"], ["profile", "add"], ["profile", "remove"], ["profile", "upgrade"]]
}

_installs_globally(s) if {
	s.name == "dotnet"
	array.slice(s.operands, 0, 2) in [["tool", "install"], ["tool", "update"]]
	some flag in ["g", "global"]
	flag in s.flags
}

_installs_globally(s) if {
	s.name == "npm"
	s.sub == "link"
	count(s.operands) == 0
}

_installs_globally(s) if {
	s.name in {"pip", "pip3"}
	"break-system-packages" in s.flags
}

_installs_globally(s) if {
	s.name == "composer"
	stage.verb(s) == "global"
	_installs(s)
}

_installs_globally(s) if {
	s.name == "composer"
	s.operands[0] == "global"
	s.operands[1] in {"require", "update", "remove"}
}

_installs(s) if {
	some word in array.concat([s.sub], s.args)
	word in {"install", "i", "add", "update", "upgrade", "uninstall", "remove", "rm", "ci", "link", "un"}
}

# Scaffolders, and the tools that projects use.
_known_tool(word) if registry.scaffolder(word)

_known_tool(word) if data.guard.rules.packages.tools[registry.name(word)]

_deletes_environment(s) if {
	s.name in {"conda", "mamba", "micromamba"}
	"remove" in s.args
	some word in s.args
	word in {"env", "--all"}
	not _own_environment(s)
}

# By its name for tests, or in a folder of the workspace.
_own_environment(s) if {
	some i, word in s.args
	word in {"-n", "--name"}
	_for_trying(s.args[i + 1])
}

_own_environment(s) if {
	some i, word in s.args
	word in {"-p", "--prefix"}
	folder := trim_prefix(s.args[i + 1], "./")
	not folder in {"", "."}
	not startswith(folder, "/")
	not form.fits(folder, {"holds": ["..", "~", "$"]})
}

_for_trying(name) if naming.tests(name)

_for_trying(name) if {
	some part in split(replace(replace(lower(name), "_", "-"), ".", "-"), "-")
	trim_right(part, "0123456789") in {"try", "demo"}
}

_deletes_environment(s) if {
	s.name in {"rustup", "uv", "poetry", "pyenv", "nvm"}
	array.slice(s.args, 0, 2) in {["self", "uninstall"], ["self", "remove"]}
}

_deletes_environment(s) if {
	s.name == "nix-collect-garbage"
	some flag in s.flags
	flag in {"d", "delete-old"}
}

_rimraf(s) if s.name in {"rimraf", "del-cli", "del", "trash-empty"}

_rimraf(s) if {
	s.name == "gio"
	"trash" in s.args
	"empty" in s.flags
}
