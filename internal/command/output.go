package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/internal/atomicfile"
	"tsgen/series"
	"tsgen/series/formats"
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

// An output says where a table goes, and in which format.
type output struct {
	out      string // a file, - for standard output; empty for none
	format   formats.Format
	compress bool
	named    string // the format that the command line asks for
	document bool   // it is no table but one JSON document
	noTable  bool   // it is music or a report
}

// registerTable registers the flags of a table.
func (o *output) registerTable(cmd *cobra.Command, preset, what string) {
	cmd.Flags().StringVarP(&o.out, "output", "o", preset, what)
	o.registerFormat(cmd)
}

func (o *output) registerFormat(cmd *cobra.Command) {
	var names []string
	for _, f := range formats.Formats() {
		names = append(names, string(f))
	}
	cmd.Flags().StringVar(&o.named, "format", "", "`format` of the output: "+strings.Join(names, ", ")+" (default by its ending, csv for standard output)")
	completeWords(cmd, "format", names...)
	if err := cmd.Flags().MarkHidden("format"); err != nil {
		panic(err) // there is no such flag
	}
}

// settle finds the format that the table is written in.
func (o *output) settle() (err error) {
	if o.noTable {
		return nil
	}
	if o.document {
		if f, compress, err := formats.Of(o.out); o.named != "" || o.out != "-" && !isDevice(o.out) && (err != nil || compress || f != formats.JSON && filepath.Ext(o.out) != "") {
			return usagef("--json writes one JSON document and no table: name the file .json, and leave out --format")
		}
		return nil
	}
	if o.named != "" {
		if o.format, err = formats.Named(o.named); err != nil {
			return usagef("--format: %v", err)
		}
		_, o.compress, _ = formats.Of(o.out)
		return nil
	}
	o.format = formats.CSV
	if o.out != "-" && o.out != "" && !isDevice(o.out) {
		if o.format, o.compress, err = formats.Of(o.out); err != nil {
			return usagef("--output: %v; --format says what to write under another name", err)
		}
	}
	return nil
}

// isDevice reports whether a path is that of a device or a pipe, whose name says nothing.
func isDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular()
}

// writeTable writes a table of the series of p, once it is complete; write writes it as CSV.
func (o *output) writeTable(stdout io.Writer, p *series.Panel, write func(io.Writer) error) error {
	if o.document || o.format == formats.CSV && !o.compress {
		if o.out != "-" {
			return atomicfile.Write(o.out, func(w io.Writer) error {
				if isDevice(o.out) {
					return whole(w, write)
				}
				return write(w)
			})
		}
		return whole(stdout, write)
	}
	var text, table bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if err := formats.Write(&table, o.format, o.compress, text.Bytes(), p); err != nil {
		return err
	}
	if o.out != "-" {
		return writeOutput(o.out, table.Bytes())
	}
	_, err := table.WriteTo(stdout)
	return err
}

// mostHeld is the number of bytes of a table that are held in memory until it is complete; more
// are in a temporary file.
const mostHeld = 16 << 20

// whole writes to w what write writes, once that is complete, and nothing if it fails.
func whole(w io.Writer, write func(io.Writer) error) (err error) {
	h := &holder{}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := write(h); err != nil {
		return err
	}
	if h.file != nil {
		if _, err := h.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(w, h.file); err != nil {
			return err
		}
	}
	_, err = h.rest.WriteTo(w)
	return err
}

// A holder holds what is written to it: what is much in a temporary file, and the rest behind it.
type holder struct {
	file *os.File
	rest bytes.Buffer
}

// Write implements io.Writer.
func (h *holder) Write(b []byte) (int, error) {
	n, _ := h.rest.Write(b)
	if h.rest.Len() < mostHeld {
		return n, nil
	}
	if h.file == nil {
		var err error
		if h.file, err = os.CreateTemp("", "tsgen-table-*"); err != nil {
			return 0, err
		}
	}
	_, err := h.rest.WriteTo(h.file)
	return n, err
}

func (h *holder) close() error {
	if h.file == nil {
		return nil
	}
	return errors.Join(h.file.Close(), os.Remove(h.file.Name()))
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
