// Command scale measures how processor time and memory of fits and forecasts grow with the
// number of series, their length and their channels, and prints the tables of
// docs/benchmarks/scale.md as Markdown. With -write it replaces them there.
//
//	go run ./bench/scale
//
// Every fit and every forecast is a process of its own. Where a tenth of a size took so long
// that the size would take more than the budget, the row is computed and marked as that.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/models"
)

func main() {
	var c config
	only := flag.String("models", "", "models to measure, separated by commas (default those of each table)")
	flag.Float64Var(&c.budget, "budget", 60, "processor `seconds` beyond which a row is computed from the one of a tenth of its size")
	tables := flag.String("tables", "", "tables to measure, of series, lengths and channels, separated by commas (default all)")
	document := flag.String("write", "", "document whose tables to replace: docs/benchmarks/scale.md")
	one := flag.String("one", "", "")
	flag.Parse()
	c.only, c.tables = listed(*only), listed(*tables)
	var err error
	if *one != "" {
		err = child(os.Stdout, *one, flag.Args())
	} else {
		err = run(os.Stdout, c, *document)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

type config struct {
	budget float64
	only   []string
	tables []string
}

// listed returns what a text lists between commas.
func listed(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }

// A sweep is a table: sizes of panels, each about ten times that before, and models.
type sweep struct {
	name   string
	shapes []shape
	models []string
}

func sweeps() []sweep {
	closed := []string{"theta", "ets", "stl", "ar", "regression", "lgssm"}
	return []sweep{
		{"series", []shape{{100, 1, 60, 12, 12}, {1000, 1, 60, 12, 12}, {10_000, 1, 60, 12, 12}, {100_000, 1, 60, 12, 12}}, closed},
		{"lengths", []shape{{1, 1, 1000, 24, 48}, {1, 1, 10_000, 24, 48}, {1, 1, 100_000, 24, 48}, {1, 1, 1_000_000, 24, 48}}, append(slices.Clone(closed), "gauss", "linear-map")},
		{"channels", []shape{{1, 2, 1000, 24, 24}, {1, 20, 1000, 24, 24}, {1, 200, 1000, 24, 24}}, []string{"ets", "ar", "linear-map", "gauss", "latent-ode", "mixer"}},
	}
}

// A cost is what a process took.
type cost struct {
	seconds, mebibytes float64
	computed           bool
	note               string // why there is none
}

func (c cost) String() string {
	switch {
	case c.note != "":
		return c.note + " |"
	case c.computed:
		return fmt.Sprintf("(%.3g) | ", c.seconds)
	}
	return fmt.Sprintf("%.3g | %.0f", c.seconds, c.mebibytes)
}

// tenfold returns what ten times the work takes, if all of it grows likewise. Of memory that
// cannot be told.
func (c cost) tenfold() cost { return cost{seconds: 10 * c.seconds, computed: true, note: c.note} }

func run(w io.Writer, c config, document string) error {
	var names []string
	for _, s := range sweeps() {
		names = append(names, s.name)
	}
	for _, name := range c.tables {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-tables %s: there are %s", name, strings.Join(names, ", "))
		}
	}
	rep, err := report.New(w, document, names...)
	if err != nil {
		return err
	}
	if document != "" && len(c.only) > 0 {
		return errors.New("-write wants the tables of all models; leave out -models")
	}
	dir, err := os.MkdirTemp("", "scale")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, s := range sweeps() {
		if len(c.tables) > 0 && !slices.Contains(c.tables, s.name) {
			continue
		}
		if err := rep.Table(s.name, func(w io.Writer) error { return c.table(w, s, dir) }); err != nil {
			return err
		}
	}
	return nil
}

// table writes the rows of a sweep.
func (c config) table(w io.Writer, s sweep, dir string) error {
	fmt.Fprint(w, "| model, panel | fit, s | fit, MiB | forecast, s | forecast, MiB |\n|---|---|---|---|---|\n")
	for _, name := range s.models {
		if len(c.only) > 0 && !slices.Contains(c.only, name) {
			continue
		}
		if _, err := models.Lookup(name); err != nil {
			return err
		}
		path := filepath.Join(dir, "model.tsgen")
		var fit, ahead cost
		for i, size := range s.shapes {
			if i > 0 && (fit.computed || 10*max(fit.seconds, ahead.seconds) > c.budget) {
				fit, ahead = fit.tenfold(), ahead.tenfold()
			} else {
				fit = process("fit", name, size.text(), path)
				if ahead = fit; fit.note == "" {
					ahead = process("forecast", path, size.text())
				}
			}
			fmt.Fprintf(w, "| %s, %v | %v | %v |\n", name, size, fit, ahead)
		}
	}
	return nil
}

// process runs a child and returns what it took.
func process(what string, args ...string) cost {
	cmd := exec.Command(os.Args[0], append([]string{"-one", what}, args...)...)
	cmd.Env = append(os.Environ(), environment+"=1")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		message, _, _ := strings.Cut(stderr.String(), "\n")
		return cost{note: strings.TrimPrefix(message, "scale: ")}
	}
	c := cost{}
	if _, err := fmt.Sscan(stdout.String(), &c.mebibytes); err != nil {
		return cost{note: err.Error()}
	}
	c.seconds = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return c
}

// environment is set for children, for the test to be one.
const environment = "TSGEN_SCALE_CHILD"
