package rego

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"lukechampine.com/blake3"

	"github.com/f958ca95/guard/proxy"
)

// Folder is one place policies come from. Layer is its name in a revision, so
// that the same bytes in another folder are another policy.
type Folder struct {
	Layer string // system, user, workspace
	Dir   string // absolute
}

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

// File is one policy file, read once.
type File struct {
	Path   string // layer and slash-separated path below the folder: "user/remotes.rego"
	Source string // where it was read, for people
	Data   []byte
}

// Snapshot is the bytes of some folders at one moment. Everything that follows
// (revision, parsing, archive) works on these bytes; no file is read twice.
type Snapshot struct {
	Files   []File   // sorted by Path
	Folders []string // those that exist, in the order they were given
}

// Read reads the .rego files and guard.json of every folder that exists. Names
// that begin with a dot are skipped, symbolic links are followed. A folder or
// file that others than root and uid own or can write is an error, because
// whoever can write a policy can end it.
func Read(folders []Folder, uid int) (Snapshot, error) {
	var s Snapshot
	for _, f := range folders {
		r := reader{folder: f, uid: uid, seen: map[string]bool{}}
		found, err := r.walk(f.Dir, "", 0)
		if err != nil {
			return Snapshot{}, err
		}
		if found {
			s.Folders = append(s.Folders, f.Dir)
			s.Files = append(s.Files, r.files...)
		}
	}
	slices.SortFunc(s.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return s, nil
}

type reader struct {
	folder Folder
	uid    int
	files  []File
	bytes  int
	seen   map[string]bool // real paths of the folders above and before, against loops
}

// walk reads dir, which is rel below the folder, and says whether it exists.
func (r *reader) walk(dir, rel string, depth int) (bool, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) && rel == "" {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read policy folder: %w", err)
	}
	if !info.IsDir() {
		return false, fmt.Errorf("read policy folder: %s is not a folder", dir)
	}
	if err := r.trusted(dir, info); err != nil {
		return false, err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false, fmt.Errorf("read policy folder: %w", err)
	}
	if r.seen[real] {
		return true, nil
	}
	r.seen[real] = true
	if depth > maxDepth {
		return false, fmt.Errorf("read policy folder: %s is nested more than %d folders deep", dir, maxDepth)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("read policy folder: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := r.entry(filepath.Join(dir, e.Name()), rel+"/"+e.Name(), depth); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (r *reader) entry(path, rel string, depth int) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	if info.IsDir() {
		_, err := r.walk(path, rel, depth+1)
		return err
	}
	if !wanted(rel) {
		return refusedName(path)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("read policy: %s is not a regular file", path)
	}
	if err := r.trusted(path, info); err != nil {
		return err
	}
	data, err := readBounded(path)
	if err != nil {
		return err
	}
	r.bytes += len(data)
	if r.bytes > maxFolderBytes {
		return fmt.Errorf("read policy: %s holds more than %d MiB", r.folder.Dir, maxFolderBytes>>20)
	}
	if len(r.files) == maxFiles {
		return fmt.Errorf("read policy: %s holds more than %d files", r.folder.Dir, maxFiles)
	}
	r.files = append(r.files, File{Path: r.folder.Layer + rel, Source: path, Data: data})
	return nil
}

// wanted says which files are policy. A README beside them is not.
func wanted(rel string) bool { return strings.HasSuffix(rel, ".rego") || rel == "/guard.json" }

// refusedName refuses files that look as if they counted, but would not.
func refusedName(path string) error {
	switch name := filepath.Base(path); {
	case name == "guard.json":
		return fmt.Errorf("read policy: %s: guard.json counts only at the top of a policy folder; move it there", path)
	case name == "data.json", name == "data.yaml", name == "data.yml":
		return fmt.Errorf("read policy: %s: data files are not read here; write the values as rules in the .rego file", path)
	}
	return nil
}

// readBounded reads a file without waiting for a FIFO that took its place.
func readBounded(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("read policy: %s is larger than %d MiB", path, maxFileBytes>>20)
	}
	return data, nil
}

func (r *reader) trusted(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("read policy: %s can be written by others (mode %04o); run: chmod go-w %s", path, info.Mode().Perm(), path)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("read policy: %s: owner unknown", path)
	}
	if owner := int(st.Uid); owner != 0 && owner != r.uid {
		return fmt.Errorf("read policy: %s belongs to uid %d, not to root or uid %d; run: chown %d %s", path, owner, r.uid, r.uid, path)
	}
	return nil
}

// Revision names the policy that these bytes make together with the built-in
// one of digest builtin.
func (s Snapshot) Revision(builtin string) string {
	h := blake3.New(32, nil)
	write := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	write([]byte(builtin))
	for _, f := range s.Files {
		write([]byte(f.Path))
		write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// PolicyFiles lists the files for people and receipts.
func (s Snapshot) PolicyFiles() []proxy.PolicyFile {
	out := make([]proxy.PolicyFile, 0, len(s.Files))
	for _, f := range s.Files {
		out = append(out, proxy.PolicyFile{Path: f.Source, Digest: digest(f.Data)})
	}
	return out
}

func digest(b []byte) string {
	sum := blake3.Sum256(b)
	return "blake3:" + hex.EncodeToString(sum[:])
}
