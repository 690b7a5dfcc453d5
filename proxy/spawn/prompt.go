package spawn

// Choice is what the person chose. The zero Choice is none.
type Choice int

const (
	Approve Choice = iota + 1
	Deny
)

// Prompt is a question. Lines are drawn with "guard: " before them and invisible
// characters made visible; they contain no newline.
type Prompt struct {
	ID   string   // of the hold, for pointing to guard inbox
	Text []string // shown at once
	More []string // shown for ?
}
