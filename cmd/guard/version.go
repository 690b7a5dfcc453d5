package main

import (
	"fmt"
	"runtime/debug"

	"github.com/f958ca95/guard/proxy/sock"
)

// version is guard's own and that of the protocol it speaks.
func version() string {
	release := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		release = info.Main.Version
	}
	return fmt.Sprintf("%s, protocol %d", release, sock.Protocol)
}
