# METADATA
# title: Packages that run at once
# description: |
#   A package is fetched and started in one step.
package guard.rules.packagerun

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
	regex.match(`^(@[^/]+/)?[^@/]+@|^(github|gitlab|bitbucket|git|git\+https?|https?):|^[^@/.][^/]*/[^/]`, word)
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
	regex.match(`[/:]`, tool)
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
	regex.match(`^[a-z0-9.-]+\.[a-z]+/.*@`, word)
}

_fetches_and_runs(s) if {
	s.name == "deno"
	some word in s.args
	regex.match(`^(https?:|npm:|jsr:)`, word)
}

# A flake that somebody keeps elsewhere; nixpkgs is the distribution.
_fetches_and_runs(s) if {
	s.name == "nix"
	stage.verb(s) in {"run", "shell", "develop"}
	some word in s.operands
	regex.match(`^(github|gitlab|sourcehut|git\+https?|git\+ssh|https?|tarball):`, word)
}

# dlx always downloads; npm exec does where the version or the address says so.
_dlx(_, "dlx", tool) if not _known_tool(tool)

_dlx(_, word, tool) if {
	word in {"x", "exec"}
	regex.match(`^(@[^/]+/)?[^@/]+@|:|^[^@/.][^/]*/[^/]`, tool)
	not _known_tool(tool)
}

_starts_local(s, "exec") if s.name in {"yarn", "pnpm"}

# Scaffolders are named create-*; the others are in a table of tools that projects use.
_known_tool(word) if regex.match(`^(@[a-z0-9-]+/)?create(-[a-z0-9-]+)?(@[a-z0-9.^~-]+)?$`, word)

_known_tool(word) if {
	parts := regex.find_all_string_submatch_n(`^((?:@[^/@]+/)?[^/@:]+)(?:(?:@|==)[A-Za-z0-9.^~*_-]*)?$`, word, 1)
	data.guard.rules.packages.tools[parts[0][1]]
}
