//go:build !race

package gate

// someSteps is how many steps a random history of authority has, unless -ladder
// says otherwise.
const someSteps = 2500
