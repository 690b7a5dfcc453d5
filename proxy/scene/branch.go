package scene

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/f958ca95/guard/proxy"
)

var errNoRepo = errors.New("not in a git repository")

// observeBranch reads the branch from the repository's HEAD file, without git.
func observeBranch(o *proxy.Observation) {
	branch, err := branchAt(o.Path)
	if err != nil {
		o.Error = reason(err)
		return
	}
	o.Branch = branch
}

func branchAt(path string) (string, error) {
	real, err := resolve(path)
	if err != nil {
		return "", err
	}
	top, err := topOf(real)
	if err != nil {
		return "", err
	}
	dir, err := gitDir(top)
	if err != nil {
		return "", err
	}
	head, err := readSmall(filepath.Join(dir, "HEAD"))
	if err != nil {
		return "", err
	}
	branch, ok := strings.CutPrefix(head, "ref: refs/heads/")
	switch {
	case !ok:
		return "", errors.New("no branch is checked out")
	case branch == ".invalid": // what the reftable format keeps for old programs
		return "", errors.New("a repository format that is not read here")
	}
	return branch, nil
}

// topOf returns the folder of the work tree that dir, free of symbolic links, is
// in: the nearest one with an entry .git.
func topOf(dir string) (string, error) {
	for {
		_, err := os.Lstat(filepath.Join(dir, ".git"))
		switch {
		case err == nil:
			return dir, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			return "", err
		case dir == "/":
			return "", errNoRepo
		}
		dir = filepath.Dir(dir)
	}
}

// gitDir returns the repository of a work tree: .git, or where the file .git of
// an added work tree or a submodule points (gitrepository-layout(5)).
func gitDir(top string) (string, error) {
	dir, err := resolve(filepath.Join(top, ".git"))
	if err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return dir, nil
	}
	text, err := readSmall(dir)
	if err != nil {
		return "", err
	}
	to, ok := strings.CutPrefix(text, "gitdir: ")
	if !ok {
		return "", errNoRepo
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(top, to)
	}
	return resolve(to)
}

// readSmall returns a one-line file without its line end.
func readSmall(path string) (string, error) {
	real, err := resolve(path)
	if err != nil {
		return "", err
	}
	b, _, err := readRegular(real, 4<<10)
	return strings.TrimRight(string(b), "\r\n"), err
}
