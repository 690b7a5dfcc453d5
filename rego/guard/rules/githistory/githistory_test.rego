package guard.rules.githistory_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_branch_delete_is_low_and_held if {
	fixture.tier(_git("branch", ["D"], ["old"])) == 1
	"git.branch_delete" in fixture.ids(_git("branch", ["D"], ["old"]))
	"git.branch_delete" in fixture.ids(_git("branch", ["d", "f"], ["old"]))
}

test_branch_delete_merged if fixture.ids(_git("branch", ["d"], ["x"])) == {"program.other"}

test_branch_force if "git.branch_force" in fixture.ids(_git("branch", ["f"], ["main", "x"]))

test_branch_new if not "git.branch_force" in fixture.ids(_git("branch", [], ["x"]))

test_branch_list if fixture.ids(_git("branch", ["a"], [])) == set()

test_tag_delete if "git.tag_delete" in fixture.ids(_git("tag", ["d"], ["v1"]))

test_tag_new if not "git.tag_delete" in fixture.ids(_git("tag", ["a"], ["v1"]))

test_rewrite if {
	every stage in [
		_git("filter-branch", ["force"], []), _git("filter-repo", [], []), _git("reflog", [], ["delete"]),
		_git("gc", ["prune"], []), _git("update-ref", ["d"], ["refs/heads/x"]),
	] {
		"git.rewrite" in fixture.ids(stage)
	}
}

_dates(sub, args) := [{"name": "git", "sub": sub, "operands": args, "args": array.concat([sub], args)}]

test_drops_what_is_new if {
	every stage in [
		_dates("prune", []), _dates("prune", ["--expire", "now"]), _dates("prune", ["--expire=now"]), _dates("prune", ["--expire"]),
		_dates("prune", ["--expire", "0.days.ago"]), _dates("prune", ["--expire", "2.weeks.ago", "--expire=all"]),
		_dates("reflog", ["expire", "--expire=now", "--all"]), _dates("reflog", ["expire", "--expire-unreachable=now"]),
		[object.union(_dates("reflog", ["expire", "--all"])[0], {"options": [{"name": "c", "value": "gc.reflogExpire=now"}]})],
	] {
		"git.rewrite" in fixture.ids(stage)
	}
}

test_drops_only_what_is_old if {
	every stage in [
		_dates("prune", ["--expire", "2.weeks.ago", "--no-progress"]), _dates("prune", ["--expire=1.month.ago"]), _dates("reflog", ["expire", "--all"]),
		_dates("reflog", ["expire", "--expire=90.days.ago"]),
	] {
		not "git.rewrite" in fixture.ids(stage)
	}
}

test_gc if not "git.rewrite" in fixture.ids(_git("gc", ["auto"], []))

test_lfs_prune if {
	"git.rewrite" in fixture.ids(_git("lfs prune", ["force"], []))
	not "git.rewrite" in fixture.ids(_git("lfs prune", [], []))
}

test_fetch_by_force if {
	"git.branch_force" in fixture.ids(_git("fetch", [], ["origin", "+main:main"]))
	"git.branch_force" in fixture.ids(_git("fetch", [], ["origin", "+refs/heads/a:refs/heads/a"]))
	not "git.branch_force" in fixture.ids(_git("fetch", [], ["origin", "+refs/heads/*:refs/remotes/origin/*"]))
	not "git.branch_force" in fixture.ids(_git("fetch", ["f"], ["origin", "main"]))
}

test_annex if {
	"git.rewrite" in fixture.ids(_git("annex", ["force"], ["drop", "a"]))
	not "git.rewrite" in fixture.ids(_git("annex", [], ["drop", "a"]))
}

test_an_import_over_branches if {
	"git.rewrite" in fixture.ids([{"name": "git", "sub": "fast-import", "flags": ["force"], "args": ["fast-import", "--force"]}])
	not "git.rewrite" in fixture.ids([{"name": "git", "sub": "fast-import", "args": ["fast-import"]}])
}

test_fetch_over_branches if {
	every words in [["origin", "refs/heads/*:refs/heads/*"], ["origin", "main:main"]] {
		"git.branch_force" in fixture.ids([{"name": "git", "sub": "fetch", "flags": ["force"], "operands": words}])
		not "git.branch_force" in fixture.ids([{"name": "git", "sub": "fetch", "operands": words}])
	}
	not "git.branch_force" in fixture.ids([{"name": "git", "sub": "fetch", "flags": ["force"], "operands": ["origin", "v1:refs/tags/v1"]}])
	not "git.branch_force" in fixture.ids([{"name": "git", "sub": "fetch", "flags": ["force"], "operands": ["origin", "main"]}])
}

test_references_by_a_list if {
	"git.rewrite" in fixture.ids([{"name": "git", "sub": "update-ref", "flags": ["stdin"], "args": ["update-ref", "--stdin"]}])
}
