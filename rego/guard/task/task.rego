# METADATA
# title: Tasks
# description: |
#   What a stage is told to do by its own words, where no table says what they mean.
package guard.task

import data.guard.naming
import data.guard.stage

# METADATA
# title: What does something
# description: Not what reads, carries text, or only rehearses.
acting := [s |
	some s in input.cmd.stages
	s.name != ""
	not data.guard.tables.text_carriers[s.name]
	not s.builtin
	not stage.reads[s.id]
	not _given_code(s)
	not stage.dry(s)
	not stage.help(s)
	not _rehearses(s)
]

# npm run deploy -- --dry-run, ./deploy.sh --help; prisma migrate deploy is a
# migration.
_rehearses(s) if {
	some word in s.args
	word in {"--dry-run", "--help", "--check", "--plan", "--noop", "--what-if"}
}

_rehearses(s) if "migrate" in s.args

# python3 -m py_compile scripts/wipe.py reads the script, as php -l and ruby -c do.
_rehearses(s) if {
	some o in s.options
	o.name == "m"
	o.value in {
		"ast", "autopep8", "bandit", "black", "compileall", "dis", "flake8", "isort", "json.tool", "mypy", "py_compile", "pycodestyle",
		"pydoc", "pyflakes", "pylint", "pyright", "ruff", "tabnanny", "tokenize", "vulture", "yapf",
	}
	startswith(s.name, "python")
}

_rehearses(s) if {
	s.name in {"ruby", "perl"}
	"c" in s.flags
}

_rehearses(s) if {
	s.name == "php"
	"l" in s.flags
}

# ansible-lint deploy.yml
_rehearses(s) if endswith(s.name, "lint")

# cdklocal, tflocal: against a stand-in on this machine
_rehearses(s) if endswith(s.name, "local")

# jest -t 'deletes users': words of a test runner name tests.
_rehearses(s) if data.guard.task.testers[s.name]

# The commands in code that a shell is given are stages of their own, and a
# shell that only checks a script runs nothing.
_given_code(s) if s.payload.kind in {"inline", "heredoc"}

_given_code(s) if {
	data.guard.tables.shells[s.name]
	"n" in s.flags
}

# METADATA
# title: Words in the place of a task
# description: The program's own name, the first operands, and the name of the script that an interpreter runs.
tasks(s) := (({s.name} | {word |
	some i, word in s.operands
	i < 3
	not contains(word, "/")
	not startswith(word, "-")
	not contains(word, " ")
	not contains(word, "=")
}) | {word | some word in split(s.sub, " ")}) | script(s)

# METADATA
# title: The script that an interpreter runs
# description: By its name.
script(s) := {name |
	some table in ["shells", "interpreters"]
	data.guard.tables[table][s.name]
	parts := split(s.operands[0], "/")
	name := parts[count(parts) - 1]
}

# METADATA
# title: What the project itself brings along
# description: Its tasks and scripts.
of_project(s) if data.guard.rules.deploy.runners[s.name]

of_project(s) if count(script(s)) > 0

of_project(s) if count(names(s)) > 0

# METADATA
# title: A program by its path
# description: Its name, unless it is one of the system's.
names(s) := {s.name | s.path != ""; not strings.any_prefix_match(s.path, data.guard.tables.program_folders)}

# METADATA
# title: A program that other rules know
# description: What its words mean is said there.
ruled(s) if data.guard.rules.deploy.runners[s.name]

ruled(s) if data.guard.tables.interpreters[s.name]

ruled(s) if data.guard.tables.shells[s.name]

ruled(s) if data.guard.rules.deploy.migrators[s.name]

ruled(s) if {
	some family in data.guard.tables.families[s.name]
	not data.guard.rules.deploy.worded[family]
}

# METADATA
# title: Parts of a word
# description: deploy and prod of deploy:prod.
parts(word) := {part | some part in regex.split(`[^a-z]+`, lower(word))}

# METADATA
# title: Says that it is about production
# description: By a word or a variable.
production(s) if {
	some word in s.args
	count(word) < 200
	naming.production(word)
}

production(s) if {
	some v in s.env
	lower(v.value) in {"prod", "prd", "production"}
}
