//go:build unix && !linux

package receipt

import "os"

func syncData(f *os.File) error { return f.Sync() }
