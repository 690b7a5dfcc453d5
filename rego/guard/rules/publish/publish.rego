# METADATA
# title: Publishing
# description: |
#   Code that goes out under the project's name, and who may send it.
package guard.rules.publish

import data.guard.form
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
	not stage.help(s)
	msg := sprintf("publishes a package: %s", [stage.line(s)])
}

# METADATA
# title: Changes who may publish
# description: Owners and access tokens of a package decide who can put code under its name.
# custom:
#   id: package.owners
#   remedy: ask a person to do that on the registry's site
#   fires: npm owner add ann app
#   quiet: npm owner ls app
hit contains {"id": "package.owners", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"npm", "pnpm", "yarn", "cargo", "gem", "composer", "mix"}
	_changes_owners(s)
	not stage.help(s)
	msg := sprintf("changes who may publish: %s", [stage.line(s)])
}

_publishes(s) if {
	s.name in {"npm", "yarn", "pnpm", "bun", "cargo", "poetry", "flit", "hatch", "uv", "lerna", "changeset", "nx", "vsce", "ovsx", "mix", "sbt"}
	stage.verb(s) in {"publish", "unpublish", "deprecate", "yank", "hex.publish", "hex.retire", "dist-tag", "npm publish"}
}

_publishes(s) if {
	s.name in {"goreleaser", "semantic-release", "cargo", "release-it", "np"}
	_releases(s)
}

_publishes(s) if {
	s.name in {"pod", "flutter", "dart"}
	words := array.slice(s.args, 0, 2)
	words in [["trunk", "push"], ["pub", "publish"]]
}

_publishes(s) if {
	s.name == "npm"
	s.sub in {"dist-tag add", "dist-tag rm"}
}

_publishes(s) if {
	s.name in {"python", "python3"}
	some word in s.args
	word in {"setup.py", "twine"}
	"upload" in s.args
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
	_releasing(word)
	word != "publishToMavenLocal"
}

# deploy, :app:publish, publishAllToMavenCentral
_releasing("release:perform")

_releasing(word) if _release(word)

_releasing(word) if {
	startswith(word, ":")
	parts := split(word, ":")
	_release(parts[count(parts) - 1])
}

_release(task) if task in {"deploy", "uploadArchives", "publish"}

_release(task) if {
	startswith(task, "publish")
	form.made_of(substring(task, 7, 1), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

_publishes(s) if stage.tells(s, data.guard.rules.publish.told[s.name])

_publishes(s) if {
	data.guard.rules.publish.always[s.name]
	count(s.operands) > 0
}

# goreleaser check and cargo release without --execute change nothing
_releases(s) if {
	s.name == "goreleaser"
	stage.verb(s) == "release"
	not "snapshot" in s.flags
}

_releases(s) if {
	s.name == "cargo"
	stage.verb(s) == "release"
	"execute" in s.flags
}

_releases(s) if s.name in {"semantic-release", "release-it", "np"}

_changes_owners(s) if {
	s.name in {"npm", "pnpm", "yarn"}
	some verb in {"owner", "token", "access", "team"}
	words := array.concat(split(s.sub, " "), s.operands)
	verb in words
	words[_] in {"add", "rm", "remove", "create", "revoke", "grant", "set", "delete"}
}

_changes_owners(s) if {
	s.name in {"cargo", "gem", "mix"}
	stage.verb(s) in {"owner", "hex.owner"}
	some flag in s.flags
	flag in {"add", "a", "remove", "r"}
}
