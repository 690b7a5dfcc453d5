//go:build !linux

package main

import (
	"errors"
	"os"
)

const openPath = os.O_RDONLY

func identityOf(*os.File) (string, error) { return "", errors.ErrUnsupported }

func canRaise(string) error { return errors.ErrUnsupported }

func sameNamespaces(int) error { return errors.ErrUnsupported }
