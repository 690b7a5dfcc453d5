# METADATA
# title: Emptying
# description: |
#   Ways of writing that leave nothing in a file.
package guard.emptying

# METADATA
# title: Empties a file
# description: The stage writes to the path, and writes nothing.
whole(s, p) if {
	some r in s.redirects
	r.op in {">", ">|", "&>"}
	r.path.raw == p.raw
	_writes_nothing(s)
}

whole(s, p) if {
	s.name == "cp"
	p.access == "write"
	s.operands[0] == "/dev/null"
}

whole(s, p) if {
	s.name == "dd"
	p.access == "write"
	some o in s.options
	o.name == "if"
	o.value == "/dev/null"
}

whole(s, p) if {
	s.name == "tee"
	p.access == "write"
	not "a" in s.flags
	some r in s.redirects
	r.op == "<"
	r.path.zone == "null"
}

# sed's d without an address, or for every line
whole(s, p) if {
	s.name == "sed"
	p.access == "write"
	some script in array.concat(s.operands, [o.value | some o in s.options; o.name in {"e", "expression"}])
	endswith(script, "d")
	replace(script, " ", "") in {"d", "1,$d", "/./d", "/.*/d"}
}

# Every line, or what is in it, replaced by nothing.
whole(s, p) if {
	s.name in {"sed", "perl"}
	p.access == "write"
	some flag in s.flags
	flag in {"i", "in-place"}
	some script in array.concat(s.operands, [o.value | some o in s.options; o.name in {"e", "expression"}])
	regex.match(`^\s*(1,\$)?s([/|#,!])\^?\.[*+]\$?[/|#,!]{2}[a-z]*;?\s*$`, script)
}

_writes_nothing(s) if {
	data.guard.rules.emptied.nothing[s.name]
	not _of_code(s)
}

# What code opens for writing, it writes to.
_of_code(s) if {
	s.parent >= 0
	input.cmd.stages[s.parent].payload.lang != "shell"
}

_writes_nothing(s) if {
	s.name == "cat"
	s.operands == ["/dev/null"]
}

_writes_nothing(s) if {
	s.name in {"echo", "printf"}
	every word in s.args {
		word in {"", "-n"}
	}
}
