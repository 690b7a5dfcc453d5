package state

import "slices"

// Bounds of what stays known of searches.
const (
	keptSearches = 64 // of one session
	keptTried    = 8  // program files of one search
)

// Search is one process that may not execute a program and tries the next folder of
// its PATH: CPython and some shells go on after any error.
type Search struct {
	ID    string   `json:"id"`    // as in Decided
	Hold  string   `json:"hold"`  // the one that was opened for it last, "" for none
	Tried []string `json:"tried"` // hashes of its requests
}

// Search is the one that a request goes on with, so that it is no attempt of its own;
// nil for another. What was tried before is: who asks again does not search, but insist.
func (s *Session) Search(id, hash string) *Search {
	i := s.search(id)
	if i < 0 || len(s.Searches[i].Tried) >= keptTried || slices.Contains(s.Searches[i].Tried, hash) {
		return nil
	}
	return &s.Searches[i]
}

func (s *Session) search(id string) int {
	return slices.IndexFunc(s.Searches, func(one Search) bool { return one.ID == id })
}

// searched notes what a process tried and may not run. Searches are replaced, never
// changed in place.
func (s *Session) searched(b Decided) {
	if b.Search == "" {
		return
	}
	one := Search{ID: b.Search, Hold: b.Hold, Tried: []string{b.RequestHash}}
	if before := s.Search(b.Search, b.RequestHash); before != nil {
		one.Tried = append(slices.Clone(before.Tried), b.RequestHash)
		if b.Hold == "" {
			one.Hold = before.Hold
		}
	}
	all := slices.Clone(s.Searches)
	if i := s.search(b.Search); i >= 0 {
		all = slices.Delete(all, i, i+1)
	}
	s.Searches = append(all[max(0, len(all)+1-keptSearches):], one)
}
