package guard.rules.git_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

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

test_config_get if fixture.ids(_git("config", ["get"], ["core.hooksPath"])) == set()

test_changes_taken_back if {
	apply := {"name": "git", "sub": "apply", "flags": ["R"], "reads_from": [0]}
	"git.apply_back" in fixture.ids([{"name": "git", "sub": "diff"}, apply])
	not "git.apply_back" in fixture.ids([{"name": "git", "sub": "diff"}, object.union(apply, {"flags": []})])
	not "git.apply_back" in fixture.ids([{"name": "git", "sub": "show"}, apply])
}

test_checkout_of_one_word if {
	every word in ["Makefile", "docs/README", "LICENSE", "./x", "../x", "src/", "src/main.go", "a.b.yaml"] {
		"git.checkout_discard" in fixture.ids(_git("checkout", [], [word]))
	}
	every word in ["v1.2", "1.2.x", "release/2.0", "Feature", "feature/file", ".x", "v1.2.3-rc.1"] {
		not "git.checkout_discard" in fixture.ids(_git("checkout", [], [word]))
	}
}
