# METADATA
# title: Reliefs
# description: |
#   Context that makes a finding harmless. A relief cancels one finding's
#   effect on one stage; the tier stays, the receipt says which relief and why,
#   and whatever else was found on that stage counts on. Which reliefs
#   may cancel a finding is a table, data.guard.relief.cancels. Nothing here may rest on
#   a path, a word or a payload that is not known.
package guard.relief

import data.guard.place
import data.guard.stage

# METADATA
# title: Only temporary files
# description: |
#   Everything the stage deletes or writes lies inside a temporary folder, or
#   was made by the same line.
# custom:
#   id: relief.temporary
#   fires: rm -rf /tmp/build
#   quiet: rm -rf build/../src
hit contains {"id": "relief.temporary", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"temporary" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	touched := place.touched(s)
	count(touched) > 0
	every p in touched {
		place.temporary(p)
		not _holds_landed(p)
	}
	why := sprintf("%s: temporary, or made by this line", [concat(", ", {_shown(p) | some p in touched})])
}

# METADATA
# title: Only what can be made again
# description: |
#   Everything the stage deletes is build output, a cache or installed
#   dependencies inside the workspace, by name or because git ignores it, and
#   git tracks nothing of it.
# custom:
#   id: relief.regenerable
#   fires: rm -rf node_modules
#   quiet: rm -rf src
hit contains {"id": "relief.regenerable", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"regenerable" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	s.name != "find"
	touched := place.touched(s)
	count(touched) > 0
	every p in touched {
		place.again(p)
		not _holds_landed(p)
	}
	why := sprintf("%s can be made again", [concat(", ", {_shown(p) | some p in touched})])
}

# METADATA
# title: Only artefacts by their names
# description: find is limited to names of build output and caches, inside the workspace.
# custom:
#   id: relief.regenerable_names
#   fires: find . -name '*.pyc' -delete
#   quiet: find . -name '*.go' -delete
hit contains {"id": "relief.regenerable_names", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"regenerable" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	some find in input.cmd.stages
	find.id in {s.id, s.parent}
	data.guard.artefact.finds[find.id]
	every p in place.touched(s) {
		_found_or_again(s, find, p)
	}
	why := "find is limited to names of files that can be made again"
}

# METADATA
# title: An image that this line made
# description: The file was filled with nothing just before, so nothing on it is lost.
# custom:
#   id: relief.made_image
#   fires: truncate -s 64M disk.img && mkfs.ext4 disk.img
#   quiet: mkfs.ext4 disk.img
hit contains {"id": "relief.made_image", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"made_image" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	touched := place.touched(s)
	count(touched) > 0
	every p in touched {
		place.inside(p)
		p.path in _images(s)
	}
	why := sprintf("%s was made by this line", [concat(", ", {_shown(p) | some p in touched})])
}

# METADATA
# title: An image among test data
# description: The file lies in the project's folder for tests, and is made again by who formats it.
# custom:
#   id: relief.test_image
#   fires: mkfs.ext4 -F fixtures/disk.img
#   quiet: mkfs.ext4 -F images/disk.img
hit contains {"id": "relief.test_image", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"test_image" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	touched := place.touched(s)
	count(touched) > 0
	every p in touched {
		place.inside(p)
		not p.glob
		some part in split(p.raw, "/")
		part in {"test", "tests", "testdata", "fixtures", "__fixtures__", "spec"}
	}
	why := sprintf("%s is test data", [concat(", ", {_shown(p) | some p in touched})])
}

_images(s) := {p.path |
	some before in input.cmd.stages
	before.id < s.id
	_makes_image(before)
	some p in before.paths
	p.access == "write"
	p.path != ""
}

_makes_image(s) if s.name in {"truncate", "fallocate", "mkfile"}

_makes_image(s) if {
	s.name == "dd"
	some o in s.options
	o.name == "if"
	o.value == "/dev/zero"
}

_makes_image(s) if {
	s.name == "qemu-img"
	stage.verb(s) == "create"
}

# METADATA
# title: Only single files
# description: |
#   rm -r on files is rm on files: git has them, or they are judged by rules
#   about files. By what was seen there, or by the ending of the name.
# custom:
#   id: relief.plain_files
#   fires: rm -rf notes.txt
#   quiet: rm -rf notes
hit contains {"id": "relief.plain_files", "finding": f.id, "stage": s.id, "why": why} if {
	some f in candidates
	"plain_files" in data.guard.relief.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	touched := place.touched(s)
	count(touched) > 0
	every p in touched {
		place.plain_file(p)
	}
	why := sprintf("%s: single files", [concat(", ", {_shown(p) | some p in touched})])
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.relief.cancels[f.id]
]

_found_or_again(s, find, p) if {
	p.path != ""
	s.id == find.id
}

_found_or_again(_, _, p) if {
	p.path != ""
	p.raw in {"{}", "..."}
}

_found_or_again(_, _, p) if place.again(p)

# What the same line put or linked there is not temporary and cannot be made again.
_landed contains place if {
	some name in ["mv", "ln"]
	name in input.cmd.names
	some s in input.cmd.stages
	s.name == name
	some from in s.paths
	from.access in {"delete", "read"}
	not _passing(from)
	some to in s.paths
	to.access == "write"
	parts := split(from.path, "/")
	some place in {to.path, sprintf("%s/%s", [to.path, parts[count(parts) - 1]])}
	not data.guard.relief.tops[place]
}

# Something that is temporary, or can be made again, before it moves.
_passing(p) if {
	p.access == "delete"
	p.zone == "temporary"
}

_passing(p) if {
	p.access == "delete"
	place.by_name(p)
}

_holds_landed(p) if {
	some place in _landed
	_same_or_below(p.path, place)
}

_holds_landed(p) if {
	some place in _landed
	_same_or_below(place, p.path)
}

_same_or_below(path, folder) if startswith(sprintf("%s/", [path]), sprintf("%s/", [folder]))

_shown(p) := p.raw
