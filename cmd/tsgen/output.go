package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

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

// noteWriter returns where to write what is not a result: standard error, or
// nowhere with --quiet.
func noteWriter(cmd *cobra.Command) io.Writer {
	if quiet, err := cmd.Flags().GetBool("quiet"); err == nil && quiet {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}
