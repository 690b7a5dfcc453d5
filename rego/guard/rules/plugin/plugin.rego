# METADATA
# title: Plug-ins
# description: |
#   Code that a program takes into itself, outside of the project.
package guard.rules.plugin

import data.guard.form
import data.guard.stage

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
	strings.any_prefix_match(word, ["+Plug", "+Packer", "+Lazy"])
	form.fits(lower(word), {"holds": ["install", "update", "upgrade", "sync"]})
}

_adds_plugin(s) if {
	s.name == "easy_install"
	count(s.operands) > 0
}
