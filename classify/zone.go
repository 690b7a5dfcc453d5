package classify

import (
	"path"
	"strings"
)

// places are the folders that give a path its zone.
type places struct {
	home, workspace string
	temp, own       []string
}

func newPlaces(c *Command) places {
	// Not TMPDIR: it is the asker's, and could call any folder temporary.
	p := places{home: clean(c.Home), workspace: clean(c.Workspace), temp: []string{"/tmp", "/var/tmp", "/dev/shm", "/var/folders"}}
	// A workspace that holds the home folder, or everything, protects nothing.
	if p.workspace == "/" || p.home != "" && inside(p.home, p.workspace) {
		p.workspace = ""
	}
	for _, o := range c.Own {
		if o = clean(o); o != "" {
			p.own = append(p.own, o)
		}
	}
	return p
}

// clean returns an absolute path in its shortest form, "" for any other.
func clean(p string) string {
	if !strings.HasPrefix(p, "/") {
		return ""
	}
	return path.Clean(p)
}

// join resolves p against the working directory, lexically; "" if that is not
// known and would matter.
func join(cwd, p string) string {
	if strings.HasPrefix(p, "/") {
		return path.Clean(p)
	}
	if cwd == "" {
		return ""
	}
	return path.Clean(cwd + "/" + p)
}

// inside reports whether p is dir or lies below it; both are clean.
func inside(p, dir string) bool {
	if dir == "" || p == "" {
		return false
	}
	return p == dir || dir == "/" || strings.HasPrefix(p, dir) && p[len(dir)] == '/'
}

// zone returns the zone of a clean absolute path: the longest match.
func (p *places) zone(abs string) string {
	best, zone := 0, "system"
	try := func(dir, name string) {
		if inside(abs, dir) && len(dir) >= best {
			best, zone = len(dir), name
		}
	}
	try("/dev", deviceZone(abs))
	for _, t := range p.temp {
		try(t, "temporary")
	}
	try(p.workspace, "workspace")
	try(p.home, "home")
	for _, o := range p.own {
		try(o, "guard")
	}
	return zone
}

// deviceZone tells what can be written without any effect from real devices.
func deviceZone(abs string) string {
	switch name := strings.TrimPrefix(abs, "/dev/"); name {
	case "null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr", "tty", "fd", "ptmx":
		return "null"
	default:
		if strings.HasPrefix(name, "fd/") || strings.HasPrefix(name, "tcp/") || strings.HasPrefix(name, "udp/") {
			return "null"
		}
	}
	return "device"
}

// covers returns the zones whose top folder pattern stands for or contains.
// A pattern of all entries counts as their folder.
func (p *places) covers(pattern string) []string {
	parts := split(pattern)
	for len(parts) > 0 && allEntries(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	out := map[string]bool{}
	if len(parts) == 0 {
		out["root"], out["system"] = true, true
	}
	if len(parts) == 1 {
		out["system"] = systemTop(parts[0])
	}
	out["home"] = p.home != "" && matchesTop(parts, p.home)
	out["workspace"] = p.workspace != "" && matchesTop(parts, p.workspace)
	for _, o := range p.own {
		out["guard"] = out["guard"] || matchesTop(parts, o)
	}
	for k, v := range out {
		if !v {
			delete(out, k)
		}
	}
	return set(out)
}

func split(abs string) []string {
	return strings.FieldsFunc(abs, func(r rune) bool { return r == '/' })
}

// allEntries reports whether a pattern matches every name, or every hidden or
// every other one: * .* .??* *.* and their like.
func allEntries(part string) bool {
	return strings.Contains(part, "*") && strings.Trim(part, "*?.[!]") == ""
}

// systemTop reports whether a top-level folder, or a pattern for some, belongs
// to the system.
func systemTop(part string) bool {
	for _, top := range []string{"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "usr", "var",
		"Applications", "Library", "System", "Users", "Volumes", "private"} {
		if ok, _ := path.Match(part, top); ok {
			return true
		}
	}
	return false
}

// matchesTop reports whether a pattern stands for top or a folder above it.
func matchesTop(parts []string, top string) bool {
	want := split(top)
	if len(parts) > len(want) {
		return false
	}
	for i, part := range parts {
		if ok, _ := path.Match(part, want[i]); !ok && part != want[i] {
			return false
		}
	}
	return true
}

// beforeGlob cuts a pattern before its first component with a pattern.
func beforeGlob(abs string) string {
	i := strings.IndexAny(abs, "*?[")
	if i < 0 {
		if i = strings.Index(abs, "("); i < 0 {
			return abs
		}
	}
	return path.Clean("/" + abs[:strings.LastIndexByte(abs[:i], '/')+1])
}
