# METADATA
# title: Infrastructure
# description: |
#   Plans and playbooks that change what runs for others.
package guard.rules.infra

import data.guard.form
import data.guard.stage

# METADATA
# title: Destroys infrastructure
# description: Machines, networks and data go at once.
# custom:
#   id: infra.destroy
#   remedy: terraform plan -destroy shows what would go
#   fires: terraform -chdir=infra destroy
#   quiet: terraform plan -destroy
hit contains {"id": "infra.destroy", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_tool[s.name]
	_destroys(s)
	not stage.dry(s)
	not stage.help(s)
	msg := sprintf("destroys infrastructure: %s", [stage.line(s)])
}

# METADATA
# title: Changes infrastructure
# description: Applies a plan to what runs.
# custom:
#   id: infra.apply
#   remedy: run plan and show it to a person
#   fires: terraform apply
#   quiet: terraform plan
hit contains {"id": "infra.apply", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_tool[s.name]
	s.name != "vagrant"
	_applies(s)
	not stage.dry(s)
	not stage.help(s)
	not _destroys(s)
	msg := sprintf("changes infrastructure: %s", [stage.line(s)])
}

# METADATA
# title: Runs a playbook
# description: Changes every host of its inventory (REQUIREMENTS S1-21).
# custom:
#   id: infra.playbook
#   remedy: run it with --check --diff first
#   fires: ansible-playbook site.yml
#   quiet: ansible-playbook site.yml --check
hit contains {"id": "infra.playbook", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"ansible-playbook", "ansible", "ansible-pull", "ansible-console", "salt", "puppet", "chef-client", "knife", "pssh", "parallel-ssh", "pdsh", "clush", "dsh"}
	not _plays_dry(s)
	not stage.help(s)
	msg := sprintf("changes the hosts of an inventory: %s", [stage.line(s)])
}

# METADATA
# title: Prints secrets of infrastructure
# description: State, vaults and stack settings hold passwords and keys in the clear.
# custom:
#   id: infra.secret
#   remedy: ask for the names only
#   fires: pulumi config get dbPassword --show-secrets
#   quiet: pulumi config
hit contains {"id": "infra.secret", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_prints_secrets(s)
	not stage.help(s)
	msg := sprintf("prints secrets: %s", [stage.line(s)])
}

_tool := {
	"terraform": true, "tofu": true, "terragrunt": true, "pulumi": true, "cdk": true, "sam": true, "serverless": true,
	"sls": true, "vagrant": true, "copilot": true, "sst": true, "cdktf": true, "packer": true, "crossplane": true,
}

# What it is told to do, within the first words: run-all destroy, state rm.
_words(s) := array.slice([word | some word in array.concat(split(s.sub, " "), s.operands); word != ""], 0, 3)

_destroys(s) if {
	some word in _words(s)
	word in {"destroy", "destroy-all"}
}

_destroys(s) if {
	s.name == "pulumi"
	_words(s)[0] in {"down", "cancel"}
}

_destroys(s) if {
	"destroy" in s.flags
	s.sub != "plan"
}

_destroys(s) if {
	s.name in {"serverless", "sls", "sam", "copilot", "sst"}
	some word in _words(s)
	word in {"remove", "delete"}
}

_destroys(s) if {
	s.name == "pulumi"
	concat(" ", array.slice(_words(s), 0, 2)) in {"stack rm", "state delete"}
}

_applies(s) if {
	some word in _words(s)
	word in {"apply", "apply-all", "up", "import", "taint", "untaint", "refresh", "force-unlock", "bootstrap"}
}

_applies(s) if {
	s.name in {"cdk", "sam", "serverless", "sls", "copilot", "sst", "cdktf"}
	"deploy" in _words(s)
}

_applies(s) if {
	concat(" ", array.slice(_words(s), 0, 2)) in {"state rm", "state mv", "state push", "state replace-provider", "workspace delete"}
}

# the shared state moves to another place
_applies(s) if {
	s.name in {"terraform", "tofu", "terragrunt"}
	some flag in ["migrate-state", "force-copy"]
	flag in s.flags
}

_applies(s) if {
	s.name == "packer"
	"build" in _words(s)
}

_prints_secrets(s) if {
	s.name == "pulumi"
	"show-secrets" in s.flags
}

_prints_secrets(s) if {
	s.name == "ansible-vault"
	s.operands[0] in {"view", "decrypt", "edit"}
}

_prints_secrets(s) if {
	s.name in {"terraform", "tofu", "terragrunt"}
	s.sub == "state pull"
	not _picks(s)
}

_prints_secrets(s) if {
	s.name in {"terraform", "tofu", "terragrunt"}
	stage.verb(s) == "output"
	some word in s.operands
	form.fits(lower(word), {"holds": ["passw", "secret", "token", "private", "_key", "-key"], "starts": ["key"]})
}

# terraform state pull | jq '.resources | length': everything goes into a filter, which names
# what is kept, or a file of this machine
_picks(s) if {
	count(s.writes_to) > 0
	every id in s.writes_to {
		_keeps_names(input.cmd.stages[id])
	}
}

_keeps_names(s) if s.name in {"wc", "md5sum", "sha256sum"}

_keeps_names(s) if {
	s.name == "jq"
	filter := s.operands[0]
	not regex.match(`(?i)passw|secret|token|private|attributes|outputs|value|\.\.|\$|tostring|tojson|@|(^|[^\]\w])\.([^\w\["]|$)|select[^|]*$`, filter)
	regex.match(`(\.(serial|version|lineage|terraform_version|type|name|mode|module|provider|address)|\b(length|keys))\b[^|]*$`, filter)
}

_plays_dry(s) if {
	some flag in ["C", "check", "syntax-check", "list-hosts", "list-tasks", "list-tags"]
	flag in s.flags
}

_plays_dry(s) if {
	s.name == "ansible"
	some o in s.options
	o.name in {"m", "module-name"}
	o.value in {"ping", "setup", "debug", "stat", "assert", "gather_facts", "ansible.builtin.ping", "ansible.builtin.setup", "ansible.builtin.debug"}
}
