package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

// outputFlags name the flags of files that are written.
var outputFlags = []string{"output", "plot", "calibration", "grid", "roll"}

// checkApart says if two flags name the same file to write.
func checkApart(flags *pflag.FlagSet) error {
	written := make(map[string]string) // flags by file
	for _, name := range outputFlags {
		flag := flags.Lookup(name)
		if flag == nil || flag.Value.String() == "" || flag.Value.String() == "-" {
			continue
		}
		path, err := filepath.Abs(flag.Value.String())
		if err != nil {
			return err
		}
		if other, twice := written[path]; twice {
			return usagef("--%s and --%s both name %s, want two files", other, name, flag.Value)
		}
		written[path] = name
	}
	return nil
}

// writeOutput writes a file, whole or not at all.
func writeOutput(path string, data []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeTable writes a table, once it is complete, to the file, or to standard output
// where that is -.
func writeTable(path string, stdout io.Writer, write func(io.Writer) error) error {
	var table bytes.Buffer
	if err := write(&table); err != nil {
		return err
	}
	if path != "-" {
		return writeOutput(path, table.Bytes())
	}
	_, err := table.WriteTo(stdout)
	return err
}

// noteWriter returns where to write what is not a result: standard error, or
// nowhere with --quiet.
func noteWriter(cmd *cobra.Command) io.Writer {
	if quiet, err := cmd.Flags().GetBool("quiet"); err == nil && quiet {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

// writeJSON writes v as an indented document.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
