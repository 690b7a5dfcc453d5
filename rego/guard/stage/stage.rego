# METADATA
# title: Stages
# description: |
#   What rules of several families ask about a stage. What is worked out for
#   all stages at once is a rule, so that OPA keeps it for the rest of the
#   decision; the others are functions of one stage or path.
package guard.stage

import data.guard.form

# METADATA
# title: Stages that change nothing
# description: |
#   By program, by subcommand, or because nothing but help was asked for.
#   Files that such a stage writes are findings of their own.
reads := {id: true | some id in data.guard.reading.ids}

# METADATA
# title: Paths that a stage changes
# description: Pairs of stage and path, for writing, deleting, and changing mode or owner.
changed := [[s, p] |
	some s in input.cmd.stages
	some p in s.paths
	p.access in {"write", "delete", "meta"}
	p.zone != "null"
]

# METADATA
# title: Paths that a stage may read
# description: Pairs of stage and path.
seen := [[s, p] |
	some s in input.cmd.stages
	some p in s.paths
	p.access in {"read", "unknown"}
]

# METADATA
# title: What flows into a stage
# description: By stage, the stages whose output it gets through pipes, substitutions and files.
feeds := {s.id: array.concat(s.reads_from, s.takes) | some s in input.cmd.stages}

# METADATA
# title: What git is told to do
# description: Its stages by the first word of their subcommand, but for those that only ask for help.
git[sub] contains s if {
	some s in input.cmd.stages
	s.name == "git"
	not help(s)
	sub := split(s.sub, " ")[0]
}

# METADATA
# title: Only help is asked for
# description: A single -h or -V means other things to many programs.
help(s) if {
	"help" in input.cmd.has
	_help(s)
}

_help(s) if {
	count(s.args) == 1
	s.args[0] in {"--help", "--version"}
}

# Programs with subcommands look for it before they do anything.
_help(s) if {
	s.args[count(s.args) - 1] in {"--help", "-help"}
	_has_commands(s)
	not _is_value(s)
	count(s.reads_from) == 0
}

# terraform help destroy, gcloud help sql instances delete
_help(s) if verb(s) in {"help", "--help"}

# For other programs, -h is the host, or makes numbers readable.
_help(s) if {
	s.args[count(s.args) - 1] == data.guard.stage.short_help[s.name]
	count(s.args) > 1
	not _is_value(s)
}

_has_commands(s) if s.sub != ""

_has_commands(s) if data.guard.stage.told_by_words[s.name]

_has_commands(s) if {
	some family in data.guard.tables.families[s.name]
	data.guard.stage.has_commands[family]
	not s.payload.kind
	not data.guard.tables.interpreters[s.name]
}

# The last word is what an option before it takes.
_is_value(s) if {
	some o in s.options
	o.value == s.args[count(s.args) - 1]
}

_is_value(s) if {
	s.sub == ""
	before := s.args[count(s.args) - 2]
	startswith(before, "-")
	form.made_of(lower(before), "-abcdefghijklmnopqrstuvwxyz")
}

# METADATA
# title: Only says what it would do
# description: A dry run, and not one that the option's value turns off.
dry(s) if {
	some flag in s.flags
	flag in {"dry-run", "dryrun", "dry_run", "dryRun", "dry", "noop", "no-op", "pretend", "no-execute", "preview", "check", "what-if", "whatif", "no-act", "simulate", "just-print"}
	not _not_dry(s, flag)
}

dry(s) if {
	some flag in data.guard.stage.rehearsals[s.name]
	flag in s.flags
}

# of gsutil's commands, only rsync has one; cp -n keeps what is there
dry(s) if {
	s.name == "gsutil"
	"n" in s.flags
	"rsync" in s.operands
}

# METADATA
# title: Only shows something
# description: Has options with which a program that also writes only shows, and no other.
shows(s) if {
	options := data.guard.stage.looks[s.name]
	count(s.flags) > 0
	every flag in s.flags {
		_shows(options, flag)
	}
}

shows(s) if {
	words := data.guard.stage.look_words[s.name]
	count(s.operands) > 1
	every word in array.slice(s.operands, 1, count(s.operands)) {
		words[word]
	}
}

# METADATA
# title: Subcommand
# description: What a program with subcommands is told to do, whether classify knows its subcommands or not.
verb(s) := s.sub if s.sub != ""

verb(s) := s.operands[0] if s.sub == ""

# METADATA
# title: Told to
# description: As the second word of its subcommand, whether classify takes it as one or not.
told(s, verb) if s.sub == sprintf("%s %s", [split(s.sub, " ")[0], verb])

told(s, verb) if {
	not contains(s.sub, " ")
	s.operands[0] == verb
}

# METADATA
# title: Told one of several things
# description: |
#   Each is some words, as they stand one after another where a subcommand may:
#   first, or behind options whose values are not known to be values. Words that
#   begin with - or + may stand anywhere.
tells(s, things) if {
	some thing in things
	words := split(thing, " ")
	wanted := {word | some word in words; _loose(word)}
	count(wanted - {word | some word in s.args}) == 0
	_says(s, [word | some word in words; not _loose(word)])
}

_loose(word) if startswith(word, "-")

_loose(word) if startswith(word, "+")

_says(_, [])

_says(s, verbs) if {
	some start in _starts(s)
	array.slice([word | some i, word in s.args; i >= start; not startswith(word, "-")], 0, count(verbs)) == verbs
}

# METADATA
# title: A stage's name for people
# description: Never empty.
program(s) := s.name if s.name != ""

program(s) := "the shell" if s.name == ""

# METADATA
# title: A stage's words for people
# description: Program and arguments, not longer than a line.
line(s) := cut(concat(" ", array.concat([program(s)], s.args)))

# METADATA
# title: A stage's operands for people
# description: Not longer than a line.
words(s) := cut(concat(" ", s.operands))

# METADATA
# title: What a stage is part of
# description: The stages whose code or operands it is, from the nearest on.
above(s) := {input.cmd.stages[id] | some id in graph.reachable({up.id: {up.parent} | some up in input.cmd.stages}, {s.parent})}

# METADATA
# title: Each word with the one after it
# description: What two words of a program's say together.
pairs(words) := [sprintf("%s %s", [word, words[i + 1]]) | some i, word in words]

# METADATA
# title: A path for people
# description: As it was written.
shown(p) := cut(p.raw) if p.raw != ""

shown(p) := p.path if p.raw == ""

# METADATA
# title: A text that fits a line
# description: At most 120 characters.
cut(text) := text if count(text) <= 120

cut(text) := sprintf("%s...", [substring(text, 0, 117)]) if count(text) > 120

# METADATA
# title: A path below the home folder
# description: Relative to it, with a slash at the end.
below_home(path) := sprintf("%s/", [substring(path, count(input.session.home) + 1, -1)]) if {
	startswith(path, _home)
}

_home := sprintf("%s/", [input.session.home]) if input.session.home != ""

_shows(options, flag) if options[flag]

# several letters in one word
_shows(options, flag) if {
	count(flag) > 1
	every letter in split(flag, "") {
		options[letter]
	}
}

# Where a subcommand may stand: up to the first word that is surely no value.
_starts(s) := {i |
	some i, word in s.args
	not startswith(word, "-")
	every before in array.slice(sure, 0, 1) {
		i <= before
	}
} if sure := [i |
	some i, word in s.args
	not startswith(word, "-")
	not _may_be_value(s.args, i)
]

_may_be_value(args, i) if {
	i > 0
	startswith(args[i - 1], "-")
	not contains(args[i - 1], "=")
}

# npm's --dry-run=false, kubectl's --dry-run=none
_not_dry(s, flag) if {
	some o in s.options
	o.name == flag
	o.value in {"none", "false"}
}
