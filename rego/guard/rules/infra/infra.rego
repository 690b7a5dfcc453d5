# METADATA
# title: Infrastructure
# description: |
#   Plans and playbooks that change what runs for others.
package guard.rules.infra

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
	s.name in {"terraform", "tofu", "terragrunt", "pulumi", "cdk", "sam", "serverless", "sls", "vagrant", "copilot"}
	_destroys(s)
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
	s.name in {"terraform", "tofu", "terragrunt", "pulumi", "cdk", "sam", "serverless", "sls"}
	stage.verb(s) in {"apply", "up", "deploy", "import", "taint", "untaint", "refresh", "force-unlock", "state rm", "state mv", "state push", "run-all", "workspace delete"}
	not stage.dry(s)
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
	s.name in {"ansible-playbook", "ansible", "ansible-pull", "salt", "puppet", "chef-client", "knife"}
	not _plays_dry(s)
	not stage.help(s)
	msg := sprintf("changes the hosts of an inventory: %s", [stage.line(s)])
}

_destroys(s) if stage.verb(s) == "destroy"

_destroys(s) if {
	"destroy" in s.flags
	s.sub != "plan"
}

_destroys(s) if {
	s.name in {"serverless", "sls", "sam", "copilot", "terragrunt"}
	some word in s.operands
	word in {"remove", "delete", "destroy"}
}

_plays_dry(s) if {
	some flag in ["C", "check", "syntax-check", "list-hosts", "list-tasks", "list-tags"]
	flag in s.flags
}

_plays_dry(s) if {
	s.name == "ansible"
	some o in s.options
	o.name in {"m", "module-name"}
	o.value in {"ping", "setup", "ansible.builtin.ping", "ansible.builtin.setup"}
}
