// Command defaults measures what the command's fit reaches with no option given, beside the
// figures that the right seasons and other programs reach on the same values, and prints the
// tables of docs/benchmarks/defaults.md as Markdown. With -write it replaces one there.
//
//	go run ./bench/defaults DATA...
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"tsgen/bench/internal/chosen"
	"tsgen/bench/internal/report"
)

func main() {
	public := flag.Bool("public", false, "the files of others' repositories instead")
	only := flag.String("rows", "", "rows to measure, separated by commas (default all)")
	names := flag.String("models", "", "models by name instead of the choice, separated by commas")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/defaults.md")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: defaults [flags] DATA...")
		flag.PrintDefaults()
		os.Exit(2)
	}
	r := runner{dirs: flag.Args(), models: split(*names)}
	if len(r.models) == 0 {
		r.models = []string{chosen.Name}
	}
	if err := r.report(os.Stdout, os.Stderr, *public, split(*only), *document); err != nil {
		fmt.Fprintln(os.Stderr, "defaults:", err)
		os.Exit(1)
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// A runner measures models on files of some directories.
type runner struct {
	dirs   []string
	models []string
}

// report measures the rows of a table and reports it.
func (r runner) report(w, log io.Writer, public bool, only []string, document string) error {
	name, todo := "simulated and own", ownRows()
	if public {
		name, todo = "public", publicRows()
	}
	if r.models[0] != chosen.Name {
		name += " " + strings.Join(r.models, ",")
	}
	rep, err := report.New(w, document, name)
	if err != nil {
		return err
	}
	var written string // the rows of the document, of which those that are not measured stay
	if document != "" {
		text, err := os.ReadFile(document)
		if err != nil {
			return err
		}
		written = string(text)
	}
	return rep.Table(name, func(w io.Writer) error {
		fmt.Fprintln(w, "| data, origins × horizon, score | seasons found | "+strings.Join(r.models, " | ")+" | right seasons + 3 % | peer | target | |\n|---|---|"+strings.Repeat("---|", len(r.models))+"---|---|---|---|")
		for _, t := range todo {
			if len(only) > 0 && !slices.Contains(only, t.name) {
				fmt.Fprint(w, t.written(written))
				continue
			}
			if err := r.measure(w, log, t); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		return nil
	})
}
