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
	some fact in input.cmd.has
	some name in data.guard.tables.families_of[fact]
}

# Most of git's rules are about one subcommand each.
family contains name if {
	"git" in input.cmd.names
	some s in input.cmd.stages
	s.name == "git"
	some name in data.guard.tables.git_families[split(s.sub, " ")[0]]
}

family contains "exe" if "exe" in input.cmd.has

family contains "session" if input.session.hook == "proven"

family contains "session" if some _ in input.session.writable

family contains "text" if input.cmd.kind == "text"

family contains "action" if input.cmd.kind == "action"

family contains "unit" if {
	some s in input.cmd.stages
	startswith(s.path, "/etc/init.d/")
}

# mkfs.ext4, mkfs.xfs and so on
family contains "disk" if {
	some name in input.cmd.names
	startswith(name, "mkfs.")
}
