package classify

import "slices"

// readScene indexes the observations that came with the command.
func (w *walk) readScene() {
	if len(w.cmd.Scene) == 0 {
		return
	}
	w.scene = make(map[Query]*Observation, len(w.cmd.Scene))
	for i := range w.cmd.Scene {
		o := &w.cmd.Scene[i]
		w.scene[o.Query] = o
	}
}

// want notes that an observation would help, unless it is there already.
func (w *walk) want(op, abs string) {
	q := Query{Op: op, Path: abs}
	if abs == "" || w.scene[q] != nil || w.asked[q] || len(w.wants) >= maxWants {
		return
	}
	w.asked[q] = true
	w.wants = append(w.wants, q)
}

// observe puts into p what the scene says about it.
func (w *walk) observe(p *Path, follow bool) {
	if o := w.scene[Query{Op: "path", Path: p.Path}]; o != nil && o.Error == "" {
		if o.Exists != "" {
			p.Exists = o.Exists
		}
		if o.Type != "" {
			p.Type = o.Type
		}
		// Deleting a link deletes the link.
		if real := clean(o.Real); real != "" && (p.Access != "delete" || o.Type != "link" || follow) {
			p.Path = real
		}
	}
	if o := w.scene[Query{Op: "git", Path: p.Path}]; o != nil && o.Git != "" {
		p.Git = o.Git
	}
}

// askFor wants what could change the facts about a stage's paths.
func (w *walk) askFor(sh *shell, s *Stage) {
	if sh.remote {
		return
	}
	deep := slices.Contains(s.Flags, "r") || slices.Contains(s.Flags, "R") || slices.Contains(s.Flags, "recursive") || slices.Contains(s.Flags, "delete")
	for _, p := range s.Paths {
		switch p.Access {
		case "write", "delete", "meta":
			if p.Zone != "null" && p.Exists == "unknown" {
				w.want("path", p.Path)
			}
			if p.Access == "delete" && deep && p.Zone == "workspace" {
				w.want("git", p.Path)
			}
		}
	}
}
