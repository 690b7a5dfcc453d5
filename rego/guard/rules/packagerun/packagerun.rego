# METADATA
# title: Packages that run at once
# description: |
#   A package is fetched and started in one step.
package guard.rules.packagerun

import data.guard.form
import data.guard.registry
import data.guard.stage

# METADATA
# title: Downloads and runs a package
# description: The package is fetched and started in one step, without a look at it.
# custom:
#   id: package.fetch_run
#   remedy: add it to the project with a version, then run it
#   fires: npx -y unknown-pkg@latest
#   quiet: npx tsc --noEmit
hit contains {"id": "package.fetch_run", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_fetches_and_runs(s)
	not stage.help(s)
	msg := sprintf("downloads and runs a package: %s", [stage.line(s)])
}

_fetches_and_runs(s) if {
	s.name in {"npx", "bunx", "uvx", "pnpx"}
	some flag in ["y", "yes"]
	flag in s.flags
	not _known_tool(s.operands[0])
}

_fetches_and_runs(s) if {
	s.name in {"npx", "bunx", "uvx", "pnpx"}
	some o in s.options
	o.name in {"p", "package", "from", "with"}
	not _known_tool(o.value)
}

_fetches_and_runs(s) if {
	s.name in {"npx", "bunx", "uvx", "pnpx"}
	word := s.operands[0]
	_fetched(word)
	not _known_tool(word)
}

_fetches_and_runs(s) if {
	s.name in {"pnpm", "yarn", "npm"}
	some word in array.concat([s.sub], s.operands)
	word in {"dlx", "x", "exec"}
	not _starts_local(s, word)
	some tool in array.slice([o | some o in s.operands; o != word], 0, 1)
	_dlx(s, word, tool)
}

_fetches_and_runs(s) if {
	s.name in {"pnpm", "yarn", "npm", "bun"}
	some word in array.concat([s.sub], s.operands)
	word in {"create", "init"}
	some tool in array.slice([o | some o in s.operands; o != word], 0, 1)
	form.fits(tool, {"holds": ["/", ":"]})
	not startswith(tool, "@")
}

_fetches_and_runs(s) if {
	s.name == "pipx"
	stage.verb(s) == "run"
	not _known_tool(s.operands[count(s.operands) - 1])
	not _known_tool(s.operands[1])
}

_fetches_and_runs(s) if {
	s.name == "go"
	s.sub in {"run", "install"}
	some word in s.operands
	_go_module(split(word, "@"))
}

_fetches_and_runs(s) if {
	s.name == "deno"
	some word in s.args
	strings.any_prefix_match(word, ["http:", "https:", "npm:", "jsr:"])
}

# A flake that somebody keeps elsewhere; nixpkgs is the distribution.
_fetches_and_runs(s) if {
	s.name == "nix"
	stage.verb(s) in {"run", "shell", "develop"}
	some word in s.operands
	split(word, ":")[0] in {"github", "gitlab", "sourcehut", "git+http", "git+https", "git+ssh", "http", "https", "tarball"}
	contains(word, ":")
}

# dlx always downloads; npm exec does where the version or the address says so.
_dlx(_, "dlx", tool) if not _known_tool(tool)

_dlx(_, word, tool) if {
	word in {"x", "exec"}
	_addressed(tool)
	not _known_tool(tool)
}

_starts_local(s, "exec") if s.name in {"yarn", "pnpm"}

# What is surely not installed: a version, a repository or an address.
_fetched(word) if registry.versioned(word)

_fetched(word) if registry.repository(word)

_fetched(word) if strings.any_prefix_match(word, ["github:", "gitlab:", "bitbucket:", "git:", "git+http:", "git+https:", "http:", "https:"])

_addressed(word) if registry.versioned(word)

_addressed(word) if registry.repository(word)

_addressed(word) if contains(word, ":")

# example.com/tool/cmd@latest
_go_module(parts) if {
	count(parts) > 1
	path := split(parts[0], "/")
	count(path) > 1
	contains(path[0], ".")
	form.made_of(path[0], "abcdefghijklmnopqrstuvwxyz0123456789.-")
	not startswith(path[0], ".")
}

# Scaffolders, and the tools that projects use.
_known_tool(word) if registry.scaffolder(word)

_known_tool(word) if data.guard.rules.packages.tools[registry.name(word)]
