//go:build !race

package gate

// ladderSteps is how many steps a random history of authority has.
const ladderSteps = 10_000
