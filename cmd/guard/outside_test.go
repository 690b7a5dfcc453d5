package main

import (
	"slices"
	"strings"
	"testing"
)

func TestAProgramOutsideGetsPlainValuesAlone(t *testing.T) {
	for value, want := range map[string]bool{
		"xterm-256color": true, "C.UTF-8": true, "de_DE@euro": true, strings.Repeat("x", 64): true,
		"": false, ".hidden": false, "-rf": false, "a b": false, "a/b": false, "$(id)": false, "\u00e4": false, "x\n": false,
		strings.Repeat("x", 65): false,
	} {
		env := cleanEnviron([]string{"TERM=" + value, "LD_PRELOAD=x"})
		if got := slices.Contains(env, "TERM="+value); got != want || slices.Contains(env, "LD_PRELOAD=x") {
			t.Errorf("TERM=%q: got %v, want %v; all: %q", value, got, want, env)
		}
	}
}
