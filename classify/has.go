package classify

import "strings"

// has is the set of what there is to judge about f besides its programs. A rule
// that needs one of these can be skipped for every command that lacks it.
func has(f *Facts) []string {
	all := map[string]bool{}
	note := func(fact string, holds bool) {
		if holds {
			all[fact] = true
		}
	}
	note("opaque", len(f.Opaque) > 0)
	note("stage", len(f.Stages) > 0)
	for i := range f.Stages {
		s := &f.Stages[i]
		says(s, note)
		note("help", mayAskForHelp(s))
		note("env", len(s.Env) > 0)
		note("exe", s.Exe != nil && (s.Exe.Origin != "system" || s.Exe.Setuid || s.Exe.Traced))
		note("host", len(s.Hosts) > 0)
		note("payload", s.Payload != nil)
		note("recursive", s.Recursive)
		note("remote", s.Remote)
		note("root", s.Root)
		note("sql", len(s.SQL) > 0)
		note("via", len(s.Via) > 0)
		for _, p := range s.Paths {
			switch p.Access {
			case "write", "delete", "meta":
				note("change", p.Zone != "null")
				note("away", away(p))
			case "read", "unknown":
				note("look", true)
			}
			note("device", p.Zone == "device")
		}
	}
	return set(all)
}

// away reports whether a path may lead to files that are not the task's.
func away(p Path) bool {
	at := p.Zone == "workspace" || p.Zone == "temporary" || p.Zone == "null"
	return !at || len(p.Covers) > 0 || strings.Contains(p.Path+"/", "/.guard/")
}
