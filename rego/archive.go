package rego

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// archive keeps the bytes of every revision that was ever in force, one folder
// per revision, and of every built-in policy, so that a decision can be made
// again and a restart can fall back. It is not synced to disk: what is read back
// must have the digest it is named by, and what does not counts as missing.
type archive struct{ dir string }

// manifest is what a revision was made of.
type manifest struct {
	Builtin string         `json:"builtin"`
	Folders []string       `json:"folders"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Path   string `json:"path"`
	Source string `json:"source"`
}

const manifestName = "manifest.json"

// put stores a snapshot under its revision, once.
func (a archive) put(revision, builtin string, snap Snapshot) error {
	m := manifest{Builtin: builtin, Folders: snap.Folders}
	files := map[string][]byte{}
	for _, f := range snap.Files {
		m.Files = append(m.Files, manifestFile{f.Path, f.Source})
		files[f.Path] = f.Data
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("archive policy: %w", err)
	}
	files[manifestName] = text
	return a.write(revision, files)
}

// putBuiltin stores the built-in policy under its digest, once.
func (a archive) putBuiltin(digest string, fsys fs.FS) error {
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.rego") {
			return err
		}
		files[name], err = fs.ReadFile(fsys, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("archive built-in policy: %w", err)
	}
	return a.write("builtin-"+digest, files)
}

// write makes the folder appear whole or not at all.
func (a archive) write(name string, files map[string][]byte) error {
	final := filepath.Join(a.dir, name)
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return fmt.Errorf("archive policy: %w", err)
	}
	tmp, err := os.MkdirTemp(a.dir, ".new-")
	if err != nil {
		return fmt.Errorf("archive policy: %w", err)
	}
	defer os.RemoveAll(tmp)
	for path, data := range files {
		to := filepath.Join(tmp, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return fmt.Errorf("archive policy: %w", err)
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return fmt.Errorf("archive policy: %w", err)
		}
	}
	if err := os.Rename(tmp, final); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("archive policy: %w", err)
	}
	return nil
}

// get reads a revision back and proves that it is the one it is named by.
func (a archive) get(revision string) (Snapshot, error) {
	dir := filepath.Join(a.dir, filepath.Base(revision))
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Snapshot{}, fmt.Errorf("read archived policy: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Snapshot{}, fmt.Errorf("read archived policy: %w", err)
	}
	snap := Snapshot{Folders: m.Folders}
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Path) {
			return Snapshot{}, fmt.Errorf("read archived policy: %s: bad path %q", revision, f.Path)
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			return Snapshot{}, fmt.Errorf("read archived policy: %w", err)
		}
		snap.Files = append(snap.Files, File{Path: f.Path, Source: f.Source, Data: data})
	}
	if snap.Revision(m.Builtin) != revision {
		return Snapshot{}, fmt.Errorf("read archived policy: %s was changed", dir)
	}
	return snap, nil
}
