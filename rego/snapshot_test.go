package rego

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func readDir(dir string) (Snapshot, error) {
	return Read([]Folder{{"user", dir}}, os.Getuid())
}

func TestReadTakesPolicyFilesAndNothingElse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policy")
	for _, name := range []string{"a.rego", "x/b.rego", "x/b_test.rego", "guard.json", "README.md", ".hidden.rego", ".git/c.rego", "..data/d.rego", "a.rego~"} {
		write(t, filepath.Join(dir, name), name)
	}
	if err := os.Symlink("..data/d.rego", filepath.Join(dir, "d.rego")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(dir, "x", "loop")); err != nil {
		t.Fatal(err)
	}
	s, err := readDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range s.Files {
		got = append(got, f.Path+"="+string(f.Data))
	}
	want := "user/a.rego=a.rego user/d.rego=..data/d.rego user/guard.json=guard.json user/x/b.rego=x/b.rego user/x/b_test.rego=x/b_test.rego"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestAFolderThatDoesNotExistIsFine(t *testing.T) {
	s, err := readDir(filepath.Join(t.TempDir(), "none"))
	if err != nil || len(s.Files) != 0 || len(s.Folders) != 0 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestWhatReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		make func(dir string) error
		want string
	}{
		"a file others can write":        {func(d string) error { return os.Chmod(filepath.Join(d, "a.rego"), 0o646) }, "a.rego can be written by others (mode 0646); run: chmod go-w "},
		"a file the group can write":     {func(d string) error { return os.Chmod(filepath.Join(d, "a.rego"), 0o664) }, "chmod go-w"},
		"a folder others can write":      {func(d string) error { return os.Chmod(d, 0o777) }, "can be written by others (mode 0777)"},
		"a folder inside likewise":       {func(d string) error { return os.Chmod(filepath.Join(d, "x"), 0o777) }, "x can be written by others"},
		"a linked file others can write": {func(d string) error { return linkOut(d, "b.rego", 0o666) }, "b.rego can be written by others"},
		"a FIFO":                         {func(d string) error { return syscall.Mkfifo(filepath.Join(d, "b.rego"), 0o600) }, "b.rego is not a regular file"},
		"a link to nothing":              {func(d string) error { return os.Symlink("nothing", filepath.Join(d, "b.rego")) }, "b.rego: no such file"},
		"a large file": {func(d string) error {
			return os.WriteFile(filepath.Join(d, "b.rego"), make([]byte, maxFileBytes+1), 0o600)
		}, "b.rego is larger than 1 MiB"},
		"much in all":               {func(d string) error { return many(d, 9, maxFileBytes) }, "holds more than 8 MiB"},
		"many files":                {func(d string) error { return many(d, maxFiles, 1) }, "holds more than 1000 files"},
		"folders without end":       {func(d string) error { return os.MkdirAll(filepath.Join(d, strings.Repeat("y/", maxDepth+1)), 0o755) }, "nested more than 8 folders deep"},
		"a guard.json further down": {func(d string) error { return os.WriteFile(filepath.Join(d, "x", "guard.json"), nil, 0o600) }, "guard.json counts only at the top"},
		"a data file":               {func(d string) error { return os.WriteFile(filepath.Join(d, "data.yaml"), nil, 0o600) }, "data files are not read here"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "policy")
			write(t, filepath.Join(dir, "a.rego"), "package user.a\n")
			write(t, filepath.Join(dir, "x", "a.rego"), "package user.a\n")
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := readDir(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; want %s", err, c.want)
			}
		})
	}
}

func linkOut(dir, name string, mode os.FileMode) error {
	target := filepath.Join(filepath.Dir(dir), "outside")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		return err
	}
	if err := os.Chmod(target, mode); err != nil {
		return err
	}
	return os.Symlink(target, filepath.Join(dir, name))
}

func many(dir string, n, size int) error {
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%d.rego", i)), make([]byte, size), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func TestAForeignOwnerIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policy")
	write(t, filepath.Join(dir, "a.rego"), "package user.a\n")
	if os.Getuid() == 0 { // everything here is root's, which is always fine
		if err := os.Chown(filepath.Join(dir, "a.rego"), 65534, -1); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Read([]Folder{{"user", dir}}, 12345)
	if err == nil || !strings.Contains(err.Error(), "not to root or uid 12345; run: chown 12345 ") {
		t.Errorf("got %v", err)
	}
}

func TestRevisionTellsEveryDifference(t *testing.T) {
	base := Snapshot{Files: []File{{Path: "user/a", Data: []byte("xy")}, {Path: "user/b", Data: []byte("z")}}}
	seen := map[string]string{base.Revision("1"): "base"}
	for name, s := range map[string]Snapshot{
		"other bytes":  {Files: []File{{Path: "user/a", Data: []byte("xz")}, {Path: "user/b", Data: []byte("z")}}},
		"other name":   {Files: []File{{Path: "user/c", Data: []byte("xy")}, {Path: "user/b", Data: []byte("z")}}},
		"other folder": {Files: []File{{Path: "workspace/a", Data: []byte("xy")}, {Path: "user/b", Data: []byte("z")}}},
		"bytes moved":  {Files: []File{{Path: "user/a", Data: []byte("x")}, {Path: "user/b", Data: []byte("yz")}}},
		"name grown":   {Files: []File{{Path: "user/ax", Data: []byte("y")}, {Path: "user/b", Data: []byte("z")}}},
		"one file":     {Files: []File{{Path: "user/a", Data: []byte("xy")}}},
		"none":         {},
	} {
		r := s.Revision("1")
		if other, twice := seen[r]; twice {
			t.Errorf("%s is the same revision as %s", name, other)
		}
		seen[r] = name
	}
	if r := base.Revision("2"); seen[r] != "" {
		t.Error("another built-in policy is the same revision")
	}
	moved := base
	moved.Files = append([]File(nil), base.Files...)
	moved.Files[0].Source = "/elsewhere"
	if moved.Revision("1") != base.Revision("1") {
		t.Error("the place on this machine is part of the revision")
	}
}
