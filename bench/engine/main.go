// Command engine times the engine's matrix products, functions and training
// steps beside PyTorch's, in turns within one run so that both meet the same
// load, and prints the table of docs/benchmarks/engine.md as Markdown. With
// -write it replaces the table there. What is compared is processor time, which on a machine that others share says more than the
// clock.
//
//	go run ./bench/engine -python python3 -rounds 5
//
// It is run from the root of the repository. See bench/peers/README.md for what
// PyTorch needs.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"tsgen/bench/internal/report"
)

func main() {
	python := flag.String("python", "python3", "Python interpreter that has PyTorch")
	rounds := flag.Int("rounds", 5, "turns; the least time of each side counts")
	at := flag.Duration("time", 200*time.Millisecond, "processor time for each measurement of a turn")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/engine.md")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, tableName)
	if err == nil {
		err = run(r, os.Stdout, os.Stderr, *python, *rounds, *at)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

const tableName = "engine" // in the document

// run measures both sides, reports the table, and writes the versions to w and
// the progress to log.
func run(r *report.Report, w, log io.Writer, python string, rounds int, at time.Duration) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", rounds)
	}
	ours, err := newGo(at)
	if err != nil {
		return err
	}
	defer ours.close()
	contestants := []contestant{ours, &torch{python: python, dtype: "float64", at: at}, &torch{python: python, dtype: "float32", at: at}}
	best := make([]result, len(contestants))
	for round := range rounds {
		for i, c := range contestants {
			fmt.Fprintf(log, "round %d of %d: %s\n", round+1, rounds, c.name())
			if best[i], err = c.measure(); err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
		}
	}
	fmt.Fprintf(w, "Kernel path %s, PyTorch %s.\n\n", best[0].version, best[1].version)
	return r.Table(tableName, func(w io.Writer) error { return writeTable(w, best[0], best[1], best[2]) })
}
