// Command engine times the engine's matrix products, functions and training
// steps beside PyTorch's and JAX's, in turns within one run so that all meet the same
// load, and prints the table of docs/benchmarks/engine.md as Markdown. With
// -write it replaces the table there. What is compared is processor time, which on a
// machine that others share says more than the clock.
//
//	go run ./bench/engine -python python3 -compiled -jax python3 -rounds 5
//
// It is run from the root of the repository. With -contended a process that copies memory
// runs beside all turns, and the table is another. See bench/peers/README.md for what
// PyTorch and JAX need.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"tsgen/bench/internal/neighbour"
	"tsgen/bench/internal/report"
)

// A bench says who is timed and how.
type bench struct {
	python, jax         string // interpreters; empty: without
	compiled, contended bool
	rounds              int
	at                  time.Duration
}

func main() {
	var b bench
	flag.StringVar(&b.python, "python", "", "Python interpreter that has PyTorch; none: without")
	flag.BoolVar(&b.compiled, "compiled", false, "time PyTorch behind torch.compile too")
	flag.StringVar(&b.jax, "jax", "", "Python interpreter that has JAX; none: without")
	flag.BoolVar(&b.contended, "contended", false, "beside a process that copies memory")
	flag.IntVar(&b.rounds, "rounds", 5, "turns; the least time of each side counts")
	flag.DurationVar(&b.at, "time", 200*time.Millisecond, "processor time for each measurement of a turn")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/engine.md")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, b.table())
	if err == nil {
		err = b.run(r, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// The tables in the document.
const quiet, disturbed = "engine", "engine-contended"

func (b *bench) table() string {
	if b.contended {
		return disturbed
	}
	return quiet
}

// contestants returns ours in both widths, by the tests in a folder, and the peers.
func (b *bench) contestants(folder string) []contestant {
	var all []contestant
	for width := range widths {
		all = append(all, &goEngine{folder, width, b.at, map[string]*taken{}})
	}
	torch := func(name string, width int, more ...string) {
		command := append([]string{b.python, "bench/peers/engine.py", "--dtype", widths[width]}, more...)
		all = append(all, &peer{called: "PyTorch " + widths[width] + name, of: width, command: command, at: b.at})
	}
	if b.python != "" {
		torch("", 0)
		torch("", 1)
		if b.compiled {
			torch(", compiled", 1, "--compile")
		}
	}
	if b.jax != "" {
		all = append(all, &peer{called: "JAX float32", of: 1, command: []string{b.jax, "bench/peers/engine_jax.py"}, at: b.at})
	}
	return all
}

// run measures all sides, reports the table, and writes the versions to w and
// the progress to log.
func (b *bench) run(r *report.Report, w, log io.Writer) error {
	if b.rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", b.rounds)
	}
	folder, err := compile()
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	stop, err := neighbour.Start(b.contended)
	if err != nil {
		return err
	}
	defer stop()
	contestants := b.contestants(folder)
	best := make([]result, len(contestants))
	for round := range b.rounds {
		for i, c := range contestants {
			fmt.Fprintf(log, "round %d of %d: %s\n", round+1, b.rounds, c.name())
			if best[i], err = c.measure(); err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
		}
	}
	for i, c := range contestants {
		fmt.Fprintf(w, "%s: %s. ", c.name(), best[i].version)
	}
	fmt.Fprint(w, "\n\n")
	return r.Table(b.table(), func(w io.Writer) error { return writeTable(w, contestants, best) })
}
