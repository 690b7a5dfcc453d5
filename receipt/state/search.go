package state

import "slices"

// Bounds of what stays known of searches.
const (
	keptSearches = 32 // of one agent
	keptTried    = 8  // program files of one search
)

// Search is one process that may not execute a program and tries the next folder of
// its PATH: CPython and some shells go on after any error.
type Search struct {
	ID    string   `json:"id"`    // as in Count
	Tried []string `json:"tried"` // hashes of its requests
}

// Continues says whether a request goes on with a search, and so is no attempt of its
// own. What was tried before is: who asks again does not search, but insist.
func (p *Pace) Continues(id, hash string) bool {
	i := p.search(id)
	return i >= 0 && len(p.Searches[i].Tried) < keptTried && !slices.Contains(p.Searches[i].Tried, hash)
}

func (p *Pace) search(id string) int {
	return slices.IndexFunc(p.Searches, func(s Search) bool { return s.ID == id })
}

// searched notes what a process tried and may not run.
func (p *Pace) searched(id, hash string) {
	one := Search{ID: id, Tried: []string{hash}}
	i := p.search(id)
	if p.Continues(id, hash) {
		one.Tried = append(slices.Clone(p.Searches[i].Tried), hash)
	}
	all := slices.Clone(p.Searches)
	if i >= 0 {
		all = slices.Delete(all, i, i+1)
	}
	p.Searches = append(all[max(0, len(all)+1-keptSearches):], one)
}
