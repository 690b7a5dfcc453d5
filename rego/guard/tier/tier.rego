# METADATA
# title: Tiers
# description: |
#   What each stage of a command risks. The rules stand in families, one
#   package each below guard.rules, whose set hit holds their findings. Only
#   the families that a command's programs, paths or other facts call for are
#   asked, so that a rule costs nothing for commands it is not about. The tier
#   of a command is the highest of its findings, and a command that no rule has
#   anything to say about is SAFE.
#
#   The thing to get right: only what is listed as reading is SAFE. Whatever is
#   unknown is LOW, whatever cannot be understood is MEDIUM or more. A rule
#   about a program is in force when data.guard.tables.families names its
#   family for that program.
package guard.tier

# METADATA
# title: Findings of all families
# description: Objects with id, tier, msg, stage and, where a rule has one, verdict.
hit contains found if {
	some name in family
	some found in data.guard.rules[name].hit
}

# METADATA
# title: Families to ask
# description: By program name, and by what else there is to judge.
family contains name if {
	some program in input.cmd.names
	some name in data.guard.tables.families[program]
}

family contains name if {
	input.cmd.stages[0]
	some name in ["program", "deploy"]
}

family contains name if {
	count(data.guard.stage.changed) > 0
	some name in ["fs", "loss", "persist", "secret"]
}

family contains "secret" if count(data.guard.stage.seen) > 0

family contains "opaque" if count(input.cmd.opaque) > 0

family contains "text" if input.cmd.kind == "text"

family contains "action" if input.cmd.kind == "action"

family contains name if {
	input.cmd.stages[_].payload.kind
	some name in ["payload", "fetch"]
}

# a shell that sudo starts
family contains "payload" if input.cmd.stages[_].root == true

family contains "env" if input.cmd.stages[_].env[_]

family contains "host" if input.cmd.stages[_].hosts[_]

family contains "db" if input.cmd.stages[_].sql[_]

family contains "remote" if input.cmd.stages[_].remote == true

family contains "outside" if input.cmd.stages[_].via[_]

family contains "recursion" if input.cmd.stages[_].recursive == true

family contains "disk" if input.cmd.stages[_].paths[_].zone == "device"

# mkfs.ext4, mkfs.xfs and so on
family contains "disk" if {
	some name in input.cmd.names
	startswith(name, "mkfs.")
}
