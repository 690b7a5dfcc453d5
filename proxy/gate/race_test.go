//go:build race

package gate

// someSteps is how many steps a random history of authority has under the race
// detector, which makes each several times slower.
const someSteps = 1000
