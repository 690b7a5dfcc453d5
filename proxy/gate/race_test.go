//go:build race

package gate

// ladderSteps is how many steps a random history of authority has under the race
// detector, which makes each several times slower.
const ladderSteps = 1000
