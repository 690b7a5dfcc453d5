//go:build race

package rego_test

// part of the lines are spelt in each way: judging is slow under the race detector,
// which has nothing to find in one goroutine.
const part = 9
