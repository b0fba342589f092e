package main

import (
	"io"
	"os"

	"tsgen/internal/atomicfile"
)

// checkOutput says early if a file could not be written, or is one of those
// that are read.
func checkOutput(path string, inputs ...string) error {
	if info, err := os.Stat(path); err == nil {
		for _, in := range inputs {
			if read, err := os.Stat(in); err == nil && os.SameFile(info, read) {
				return usagef("%s would be written over %s, which is read", path, in)
			}
		}
	}
	return atomicfile.Check(path)
}

// writeOutput writes a file, whole or not at all.
func writeOutput(path string, data []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
