# METADATA
# title: Packages as they are named
# description: |
#   What npm, pip and their like take for a package: a name that their registry
#   knows, with a version or without, a folder, or an address.
package guard.registry

import data.guard.form

# METADATA
# title: Name in the registry
# description: |
#   Without the version: of @scope/name, name@1.2 and name==1.2. Addresses, and
#   versions that are addresses, have none.
name(word) := _name(word) if not contains(word, "/")

name(word) := sprintf("%s/%s", [scope, _name(rest)]) if {
	[scope, rest] := split(word, "/")
	startswith(scope, "@")
}

# METADATA
# title: Scaffolders
# description: They make a new project, and are named create-*, with a scope or without.
scaffolder(word) if {
	parts := split(name(word), "/")
	last := parts[count(parts) - 1]
	startswith(sprintf("%s-", [last]), "create-")
	form.made_of(last, "abcdefghijklmnopqrstuvwxyz0123456789-")
}

# METADATA
# title: With a version
# description: Which a program that looks among what is installed does not find.
versioned(word) if {
	not startswith(word, "@")
	indexof(split(word, "/")[0], "@") > 0
}

versioned(word) if {
	startswith(word, "@")
	indexof(split(word, "/")[1], "@") > 0
}

# METADATA
# title: Somebody's repository
# description: user/repository, or the folder of that name.
repository(word) if {
	not startswith(word, "@")
	not startswith(word, ".")
	parts := split(word, "/")
	parts[0] != ""
	parts[1] != ""
}

_name(word) := parts[0] if {
	parts := split(replace(word, "==", "@"), "@")
	parts[0] != ""
	not contains(parts[0], ":")
	count(parts) < 3
	every version in array.slice(parts, 1, 2) {
		trim(version, concat("", [form.alphanumeric, ".^~*_-"])) == ""
	}
}
