package rego

import "time"

// Bounds on what a policy folder may hold and on how long its rules may think.
// Parsing and compiling cannot be cancelled, so size is what bounds them.
const (
	maxFileBytes   = 1 << 20
	maxFolderBytes = 8 << 20
	maxFiles       = 1000
	maxDepth       = 8
	maxRules       = 5000 // of a snapshot
)

// Bounds on the shape of one rule. The compiler's time grows exponentially with
// nested comprehensions and steeply with the others; a few dozen bytes could
// otherwise keep it busy for ever.
const (
	maxLoops = 5    // comprehensions and every inside one another
	maxNest  = 64   // terms inside one another
	maxElse  = 64   // branches
	maxRefs  = 2000 // references
)

// What the bounds do not catch, an exponential type for example, is given up
// after compileTime, as a meter counts. Such a compilation cannot be stopped, only
// left behind, and while maxStuck of them go on, no further files are compiled.
const (
	compileTime = 10 * time.Second
	maxStuck    = 2
)

// Times an evaluation may take, as a meter counts. A soft limit asks the evaluator
// to stop; the hard one, soft plus grace, stops waiting for it.
const (
	lookTime     = 250 * time.Millisecond // to work out what the evaluator need not be asked
	builtinTime  = 2 * time.Second
	packageTime  = 500 * time.Millisecond
	graceTime    = 250 * time.Millisecond
	testTime     = 5 * time.Second       // by the wall's clock, so generous: a test too slow refuses its file
	maxTimeouts  = 3                     // after so many in a row a package is not asked again
	quietTime    = 20 * time.Millisecond // a folder must be quiet for this long before it is read
	quietTimeMax = 100 * time.Millisecond
	rescanTime   = 2 * time.Second // network and overlay file systems send no events
)
