package rego

import (
	"path/filepath"

	"github.com/f958ca95/guard/proxy"
)

// Folders are the places policies come from, in the order they are joined: the
// system's, the user's, and the workspace's own. Empty names are left out.
func Folders(system, user, workspace string) []Folder {
	var out []Folder
	for _, f := range []Folder{{"system", system}, {"user", user}} {
		if f.Dir != "" {
			out = append(out, f)
		}
	}
	if workspace != "" {
		out = append(out, Folder{"workspace", filepath.Join(workspace, ".guard", "policy")})
	}
	return out
}

// Files lists what the Set was made of besides the built-in policy.
func (s *Set) Files() []proxy.PolicyFile { return s.snapshot.PolicyFiles() }
