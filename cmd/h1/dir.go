package main

import (
	"errors"

	"github.com/seed-489864d5/h1"
)

// newDir returns the handler that serves the files of dir.
func newDir(dir string) (h1.Handler, error) {
	return nil, errors.New("-dir is not built yet: it needs the net/http adapter")
}
