// Command sde times the solvers of package sde beside torchsde and diffrax, in
// turns within one run: a batch of 128 trajectories of a system whose drift and
// diffusion are perceptrons 4-20-20-4, solved over 100 steps, with and without
// the gradient. It prints the table of docs/benchmarks/sde.md as Markdown; with
// -write it replaces it there.
//
//	go run ./bench/sde -python PYTHON_WITH_TORCHSDE_AND_DIFFRAX -rounds 3
//
// It is run from the root of the repository. Without -python it times package
// sde alone. See bench/peers/sde/README.md for what Python needs.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"tsgen/bench/internal/report"
	"tsgen/internal/clock"
	"tsgen/sde"
)

func main() {
	python := flag.String("python", "", "Python interpreter that has torchsde and diffrax")
	rounds := flag.Int("rounds", 3, "turns; the least time of each side counts")
	document := flag.String("write", "", "document whose table to replace: docs/benchmarks/sde.md")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, table)
	if err == nil {
		err = run(r, os.Stdout, os.Stderr, *python, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sde:", err)
		os.Exit(1)
	}
}

const (
	table = "peers"
	mine  = "tsgen"
)

// A key names a case, a result is what came of it.
type (
	key    struct{ side, method string }
	result struct {
		forward, gradient float64 // processor seconds; gradient is that of both ways, NaN if there is none
		square            float64 // mean square of the states at the end
	}
)

// run measures all sides, reports the table, and writes the versions to w and
// the progress to log.
func run(r *report.Report, w, log io.Writer, python string, rounds int) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", rounds)
	}
	best := map[key]result{}
	var versions []string
	for round := range rounds {
		fmt.Fprintf(log, "round %d of %d\n", round+1, rounds)
		versions = versions[:0]
		if python != "" {
			for _, script := range []string{"torch_sde.py", "jax_sde.py"} {
				v, err := peer(python, script, best)
				if err != nil {
					return err
				}
				versions = append(versions, v)
			}
		}
		if err := ours(best, 5); err != nil {
			return err
		}
	}
	if len(versions) > 0 {
		fmt.Fprintf(w, "%s.\n\n", strings.Join(versions, "; "))
	}
	return r.Table(table, func(w io.Writer) error { return write(w, best) })
}

// take keeps the lesser times.
func take(best map[key]result, k key, r result) {
	if b, ok := best[k]; ok {
		r.forward, r.gradient = min(r.forward, b.forward), min(r.gradient, b.gradient)
	}
	best[k] = r
}

// A contestant is a method, under the name that all sides know it by.
type contestant struct {
	name     string
	calculus sde.Calculus
	method   sde.Method
}

var contestants = []contestant{
	{"Euler-Maruyama", sde.Ito, sde.EulerMaruyama{Step: end / steps}},
	{"SRI", sde.Ito, sde.SRI{Step: end / steps}},
	{"reversible Heun", sde.Stratonovich, sde.ReversibleHeun{Step: end / steps}},
}

// ours times package sde, each case a number of times.
func ours(best map[key]result, repeats int) error {
	var y0, t0, dy0 []float64
	var times [][]float64
	var seeds []uint64
	for i := range batch * dim {
		y0 = append(y0, math.Cos(float64(i)))
	}
	for i := range batch {
		t0, times, seeds = append(t0, 0), append(times, []float64{end}), append(seeds, uint64(i))
	}
	dy0, dp, dy := make([]float64, len(y0)), make([]float64, 2*parameters), make([][]float64, batch)
	ctx := context.Background()
	for _, c := range contestants {
		plain, err := sde.NewBatch(newSystem(c.calculus), c.method, &sde.Options{NoGradient: true})
		if err != nil {
			return err
		}
		whole, err := sde.NewBatch(newSystem(c.calculus), c.method, nil)
		if err != nil {
			return err
		}
		for range repeats {
			began := clock.Processor()
			if err := plain.Solve(ctx, t0, y0, times, seeds); err != nil {
				return err
			}
			forward := clock.Processor() - began
			began = clock.Processor()
			if err := whole.Solve(ctx, t0, y0, times, seeds); err != nil {
				return err
			}
			square := 0.0
			for i := range batch {
				dy[i] = whole.Y(i)
				for _, y := range dy[i] {
					square += y * y / (batch * dim)
				}
			}
			if err := whole.Backward(dy0, dp, dy); err != nil {
				return err
			}
			take(best, key{mine, c.name}, result{forward.Seconds(), (clock.Processor() - began).Seconds(), square})
		}
	}
	return nil
}

// peer runs a script of bench/peers/sde, adds what it measures to best, and
// returns the versions that it prints.
func peer(python, script string, best map[key]result) (version string, err error) {
	cmd := exec.Command(python, "bench/peers/sde/"+script)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("bench/peers/sde/%s: %w\n%s", script, err, problems.Bytes())
	}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		if cells[0] == "version" {
			version = cells[1]
			continue
		}
		if len(cells) != 5 {
			return "", fmt.Errorf("line %q of bench/peers/sde/%s", s.Text(), script)
		}
		var r result
		for i, x := range []*float64{&r.forward, &r.gradient, &r.square} {
			if *x, err = strconv.ParseFloat(cells[2+i], 64); err != nil {
				return "", fmt.Errorf("line %q: %w", s.Text(), err)
			}
		}
		take(best, key{cells[0], cells[1]}, r)
	}
	return version, nil
}

// sides are the columns of the table, ours first.
var sides = []string{mine, "torchsde", "diffrax, tree", "diffrax, unsafe path"}

// write writes the times and their ratios.
func write(w io.Writer, best map[key]result) error {
	fmt.Fprintln(w, "| method | side | forward | forward and gradient | forward, to tsgen | with gradient, to tsgen | mean square at the end |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, c := range contestants {
		own, ok := best[key{mine, c.name}]
		if !ok {
			return fmt.Errorf("no time of tsgen by %s", c.name)
		}
		for _, side := range sides {
			r, ok := best[key{side, c.name}]
			if !ok {
				continue
			}
			gradient, ratio := "none", ""
			if !math.IsNaN(r.gradient) {
				gradient, ratio = fmt.Sprintf("%.3g ms", 1e3*r.gradient), fmt.Sprintf("%.3g", r.gradient/own.gradient)
			}
			if _, err := fmt.Fprintf(w, "| %s | %s | %.3g ms | %s | %.3g | %s | %.3f |\n", c.name, side,
				1e3*r.forward, gradient, r.forward/own.forward, ratio, r.square); err != nil {
				return err
			}
		}
	}
	return nil
}
