# METADATA
# title: Places
# description: |
#   What reliefs ask about a path: whether it is temporary, can be made again, or
#   is one file of the workspace. Each is a reason to let something go, and so
#   holds only where it is known to.
package guard.place

import data.guard.artefact
import data.guard.form

# METADATA
# title: What a stage changes
# description: A path that is not known is in the list, and no relief holds for it.
touched(s) := [p |
	some p in s.paths
	p.access in {"write", "delete", "meta", "unknown"}
	p.zone != "null"
]

# METADATA
# title: A temporary place
# description: Below a temporary folder, or made by the line; never all of such a folder.
temporary(p) if {
	p.made
	p.path != ""
	count(p.covers) == 0
}

temporary(p) if {
	p.zone == "temporary"
	p.path != ""
	not data.guard.relief.tops[p.path]
}

# /tmp/build-*: a pattern right below the temporary folder, with a name of its own
temporary(p) if {
	p.zone == "temporary"
	p.glob
	data.guard.relief.tops[p.path]
	before := _before_pattern(p.raw)
	before != p.raw
	parts := split(before, "/")
	count(parts) == count(split(trim_suffix(p.raw, "/"), "/"))
	count(parts) > 1
	name := parts[count(parts) - 1]
	count(name) > 2
	not startswith(name, ".")
	form.made_of(name, concat("", [form.alphanumeric, "_.-"]))
	not contains(p.raw, "..")
}

# METADATA
# title: Somebody's home folder
# description: All of it.
home_folder(path) if {
	strings.any_prefix_match(path, ["/home/", "/Users/"])
	parts := split(path, "/")
	count(parts) == 3
	parts[2] != ""
}

# METADATA
# title: What can be made again
# description: Git ignores it, or its name says what makes it.
again(p) if {
	inside(p)
	p.git == "ignored"
}

again(p) if by_name(p)

# rm -rf public && hugo: the line runs the program that makes it.
again(p) if {
	inside(p)
	not p.glob
	p.git != "tracked"
	some program in input.cmd.names
	some folder in data.guard.relief.generators[program]
	below(p) == folder
}

# rm -rf vendor && go mod vendor
again(p) if {
	inside(p)
	not p.glob
	p.git != "tracked"
	below(p) == "vendor"
	some s in input.cmd.stages
	s.name == "go"
	s.sub in {"mod vendor", "work vendor"}
}

# src/App/bin, for one of many projects
again(p) if {
	inside(p)
	not p.glob
	p.git != "tracked"
	some program in ["dotnet", "msbuild"]
	program in input.cmd.names
	parts := split(below(p), "/")
	parts[count(parts) - 1] in {"bin", "obj"}
}

# What a package manager writes anew from the manifest.
again(p) if {
	inside(p)
	not p.glob
	parts := split(p.path, "/")
	data.guard.relief.lock_files[parts[count(parts) - 1]]
}

# vendor/bundle
again(p) if {
	inside(p)
	p.git != "tracked"
	some folder in data.guard.relief.folders
	startswith(sprintf("/%s/", [below(p)]), sprintf("/%s/", [folder]))
}

# ~/.cache/pip, but not all of ~/.cache
again(p) if {
	p.zone == "home"
	count(p.covers) == 0
	some cache in data.guard.relief.home_caches
	below := sprintf("%s/", [substring(p.path, count(input.session.home) + 1, -1)])
	startswith(below, cache)
	not data.guard.relief.home_cache_tops[below]
}

# METADATA
# title: What can be made again, by its name
# description: Folders of dependencies, builds and caches.
by_name(p) if {
	inside(p)
	not p.glob
	p.git != "tracked"
	some part in split(below(p), "/")
	artefact.is(part)
}

# cd build && rm -rf *
by_name(p) if {
	inside(p)
	p.glob
	p.git != "tracked"
	not contains(p.raw, "..")
	some part in split(below(p), "/")
	artefact.is(part)
}

by_name(p) if {
	p.zone == "workspace"
	p.glob
	p.git != "tracked"
	some part in split(p.raw, "/")
	artefact.is(part)
	not contains(p.raw, "..")
}

# METADATA
# title: Inside the workspace
# description: Not all of it, and nothing of .git.
inside(p) if {
	p.zone == "workspace"
	p.path != ""
	count(p.covers) == 0
	not contains(sprintf("%s/", [p.path]), "/.git/")
}

# METADATA
# title: A path below the workspace
# description: Relative to it.
below(p) := substring(p.path, count(input.session.workspace) + 1, -1) if {
	input.session.workspace != ""
	startswith(p.path, sprintf("%s/", [input.session.workspace]))
}

_before_pattern(path) := split(replace(replace(replace(path, "?", "*"), "[", "*"), "{", "*"), "*")[0]

# METADATA
# title: A single file
# description: By what was seen there, or by the ending of the name.
plain_file(p) if {
	inside(p)
	not p.glob
	p.type == "file"
}

plain_file(p) if {
	inside(p)
	not p.glob
	p.type == "unknown"
	strings.any_suffix_match(p.path, data.guard.relief.file_endings)
}
