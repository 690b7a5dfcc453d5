//go:build !race

package rego_test

const part = 3 // of the lines are spelt in each way
