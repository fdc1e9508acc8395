package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/nethttp"
)

// newDir returns the handler that serves the files of dir.
func newDir(dir string) (h1.Handler, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", dir)
	}
	return nethttp.Handler(http.FileServer(http.Dir(dir))), nil
}
