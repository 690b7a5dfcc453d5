package receipt

import "time"

// Bounds. Those of the format are part of FORMAT.md and cannot be changed
// without a new schema version.
const (
	MaxLine  = 60 << 10 // bytes of a receipt without its newline
	maxBody  = MaxLine - 2<<10
	maxDepth = 64 // nesting of a body
	maxTags  = 16
	maxTag   = 64
	maxInt   = 1<<53 - 1

	segmentBytes = 64 << 20
	segmentAge   = 24 * time.Hour
	reserveBytes = 64 << 10
	syncWithin   = 50 * time.Millisecond
	followEvery  = 100 * time.Millisecond
	keepSnapshot = 2
)
