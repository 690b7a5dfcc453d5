package guard.rules.git_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_force_push if {
	every stage in [
		_git("push", ["f"], []), _git("push", ["force"], ["origin", "main"]), _git("push", ["force-with-lease"], []),
		_git("push", [], ["origin", "+main"]), _git("push", ["mirror"], ["x"]),
	] {
		fixture.tier(stage) == 3
		"git.push_force" in fixture.ids(stage)
	}
}

test_push if fixture.ids(_git("push", ["u"], ["origin", "main"])) == {"program.other"}

test_push_delete if {
	"git.push_delete" in fixture.ids(_git("push", [], ["origin", ":main"]))
	"git.push_delete" in fixture.ids(_git("push", ["delete"], ["origin", "main"]))
}

test_push_refspec if not "git.push_delete" in fixture.ids(_git("push", [], ["origin", "main:main"]))

test_reset_hard if "git.reset_hard" in fixture.ids(_git("reset", ["hard"], ["HEAD~5"]))

test_reset_soft if not "git.reset_hard" in fixture.ids(_git("reset", ["soft"], ["HEAD~1"]))

test_clean if fixture.tier(_git("clean", ["f", "d", "x"], [])) == 3

test_clean_dry if fixture.ids(_git("clean", ["n", "f", "d"], [])) == set()

test_checkout_discards if {
	"git.checkout_discard" in fixture.ids(_git("checkout", [], ["."]))
	"git.checkout_discard" in fixture.ids(_git("checkout", ["f"], ["main"]))
}

test_checkout_branch if {
	fixture.ids(_git("checkout", ["b"], ["fix/x"])) == {"program.other"}
	fixture.ids(_git("checkout", [], ["main"])) == {"program.other"}
}

test_restore if "git.restore" in fixture.ids(_git("restore", ["source", "worktree"], ["src"]))

test_restore_staged if not "git.restore" in fixture.ids(_git("restore", ["staged"], ["src"]))

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

test_stash_drop if {
	"git.stash_drop" in fixture.ids(_git("stash", [], ["drop"]))
	"git.stash_drop" in fixture.ids(_git("stash drop", [], []))
}

test_stash_list if {
	fixture.ids(_git("stash", [], ["list"])) == set()
	fixture.ids(_git("stash list", [], [])) == set()
}

test_worktree_remove if "git.worktree_remove" in fixture.ids(_git("worktree", ["force"], ["remove", "../wt"]))

test_worktree_remove_clean if not "git.worktree_remove" in fixture.ids(_git("worktree", [], ["remove", "../wt"]))

test_rm_tree if "git.rm_recursive" in fixture.ids(_git("rm", ["r"], ["src"]))

test_rm_cached if not "git.rm_recursive" in fixture.ids(_git("rm", ["r", "cached"], ["src"]))

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

test_config_get if fixture.ids(_git("config", ["get"], ["core.hooksPath"])) == set()
