package scene

import (
	"os"
	"path/filepath"
	"strings"
)

// Workspace is the tree an agent works in: the git root around cwd, else cwd.
// A home folder, or a folder above it, is no workspace: calling everything a
// person owns "the project" would excuse deleting it. The answer is "" then.
func Workspace(cwd, home string) string {
	root := cwd
	for dir := cwd; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			root = dir
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if root == "/" || root == home || strings.HasPrefix(home, root+"/") {
		return ""
	}
	return root
}
