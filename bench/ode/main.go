// Command ode times the solvers of package ode beside Hairer's dopri5, as SciPy
// has it compiled, and SciPy's RK45, in turns within one run, and prints the
// tables of docs/benchmarks/ode.md as Markdown. With -write it replaces them there.
//
//	go run ./bench/ode -python PYTHON_WITH_SCIPY -rounds 5
//	go run ./bench/ode -python PYTHON_WITH_SCIPY_AND_DIFFRAX -stiff -diffrax -rounds 2
//
// It is run from the root of the repository. See bench/peers/ode/README.md for
// what SciPy needs.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"tsgen/bench/internal/report"
)

func main() {
	python := flag.String("python", "python3", "Python interpreter that has SciPy 1.14")
	rounds := flag.Int("rounds", 5, "turns; the least time of each side counts")
	torch := flag.Bool("torchdiffeq", false, "time torchdiffeq as well, once; the interpreter needs it")
	stiff := flag.Bool("stiff", false, "the stiff problems alone, beside LSODA, BDF and Radau")
	diffrax := flag.Bool("diffrax", false, "with -stiff, time diffrax as well; the interpreter needs it")
	document := flag.String("write", "", "document whose tables to replace: docs/benchmarks/ode.md")
	flag.Parse()
	names := []string{timesTable, evaluationsTable}
	if *torch {
		names = append(names, torchTable)
	}
	if *stiff {
		names = []string{stiffTable}
	}
	r, err := report.New(os.Stdout, *document, names...)
	if err == nil && *stiff {
		err = runStiff(r, os.Stdout, os.Stderr, *python, *rounds, *diffrax)
	} else if err == nil {
		err = run(r, os.Stdout, os.Stderr, *python, *rounds, *torch)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ode:", err)
		os.Exit(1)
	}
}

// A key names a case; a solution is what a solver makes of it.
type (
	key      struct{ problem, tolerance, solver string }
	solution struct {
		seconds float64 // of the processor
		calls   int
		err     float64 // at the end, the largest |y - reference| / (1 + |reference|)
	}
)

// The names of the tables in the document.
const (
	timesTable       = "times"
	evaluationsTable = "evaluations"
	torchTable       = "torchdiffeq"
	stiffTable       = "stiff"
)

var tolerances = []string{"0.001", "1e-06", "1e-09"}

// run measures both sides, reports the tables, and writes the versions to w and
// the progress to log.
func run(r *report.Report, w, log io.Writer, python string, rounds int, torch bool) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", rounds)
	}
	best := map[key]solution{}
	var version, also string
	for round := range rounds {
		fmt.Fprintf(log, "round %d of %d\n", round+1, rounds)
		references, v, err := peers(python, "ode.py", best)
		if err != nil {
			return err
		}
		version = v
		if torch && round == 0 {
			_, v, err := peers(python, "differentiable.py", best)
			if err != nil {
				return err
			}
			also = "; " + v
		}
		if err := ours(references, best); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s%s.\n\n", version, also)
	for _, t := range []struct {
		name  string
		write func(io.Writer, map[key]solution) error
	}{{timesTable, writeTimes}, {evaluationsTable, writeEvaluations}, {torchTable, writeDifferentiable}} {
		if t.name == torchTable && !torch {
			continue
		}
		if err := r.Table(t.name, func(w io.Writer) error { return t.write(w, best) }); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	return nil
}

// runStiff is run for the stiff problems.
func runStiff(r *report.Report, w, log io.Writer, python string, rounds int, diffrax bool) error {
	best := map[key]solution{}
	var version string
	for round := range rounds {
		fmt.Fprintf(log, "round %d of %d\n", round+1, rounds)
		var args []string
		if diffrax {
			args = append(args, "diffrax")
		}
		references, v, err := peers(python, "stiff.py", best, args...)
		if err != nil {
			return err
		}
		version = v
		if err := stiffOurs(references, best); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s.\n\n", version)
	return r.Table(stiffTable, func(w io.Writer) error { return writeStiff(w, best) })
}

// take keeps s if it is the fastest so far.
func take(best map[key]solution, k key, s solution) {
	if b, ok := best[k]; !ok || s.seconds < b.seconds {
		best[k] = s
	}
}

// peers runs a script of bench/peers/ode, adds what it measures to best, and
// returns the references and the versions that it prints.
func peers(python, script string, best map[key]solution, args ...string) (references map[string][]float64, version string, err error) {
	cmd := exec.Command(python, append([]string{"bench/peers/ode/" + script}, args...)...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "XLA_FLAGS=--xla_cpu_multi_thread_eigen=false")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("bench/peers/ode/%s: %w\n%s", script, err, problems.Bytes())
	}
	references = map[string][]float64{}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		switch cells[0] {
		case "version":
			version = cells[1]
			continue
		case "reference":
			for _, c := range cells[2:] {
				x, err := strconv.ParseFloat(c, 64)
				if err != nil {
					return nil, "", err
				}
				references[cells[1]] = append(references[cells[1]], x)
			}
			continue
		}
		if len(cells) != 6 {
			return nil, "", fmt.Errorf("line %q of bench/peers/ode/%s", s.Text(), script)
		}
		var r solution
		var errs [3]error
		r.seconds, errs[0] = strconv.ParseFloat(cells[3], 64)
		r.calls, errs[1] = strconv.Atoi(cells[4])
		r.err, errs[2] = strconv.ParseFloat(cells[5], 64)
		for _, err := range errs {
			if err != nil {
				return nil, "", fmt.Errorf("line %q: %w", s.Text(), err)
			}
		}
		take(best, key{cells[0], cells[1], cells[2]}, r)
	}
	return references, version, nil
}

// writeTimes writes the processor times and their ratios.
func writeTimes(w io.Writer, best map[key]solution) error {
	fmt.Fprintln(w, "| problem | tolerance | tsgen | dopri5 | ratio to dopri5 | RK45 / tsgen | ns an evaluation, tsgen / dopri5 |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	var logs [2]float64
	n := 0.0
	for _, p := range problems {
		for _, tol := range tolerances {
			var s [3]solution
			for i, solver := range []string{"tsgen", "dopri5", "RK45"} {
				var ok bool
				if s[i], ok = best[key{p.name, tol, solver}]; !ok {
					return fmt.Errorf("no time of %s on %s at %s", solver, p.name, tol)
				}
			}
			ratio, faster := s[0].seconds/s[1].seconds, s[2].seconds/s[0].seconds
			logs[0], logs[1], n = logs[0]+math.Log(ratio), logs[1]+math.Log(faster), n+1
			fmt.Fprintf(w, "| %s | %s | %.3g µs | %.3g µs | %.2f | %.0f | %.1f / %.1f |\n", p.name, tol, 1e6*s[0].seconds, 1e6*s[1].seconds,
				ratio, faster, 1e9*s[0].seconds/float64(s[0].calls), 1e9*s[1].seconds/float64(s[1].calls))
		}
	}
	_, err := fmt.Fprintf(w, "| geometric mean | | | | %.2f | %.0f | |\n", math.Exp(logs[0]/n), math.Exp(logs[1]/n))
	return err
}

// writeEvaluations writes how often the solvers evaluate and how far they err.
func writeEvaluations(w io.Writer, best map[key]solution) error {
	fmt.Fprintln(w, "| evaluations, error | tolerance | tsgen | dopri5 | RK45 |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, p := range problems {
		for _, tol := range tolerances {
			fmt.Fprintf(w, "| %s | %s |", p.name, tol)
			for _, solver := range []string{"tsgen", "dopri5", "RK45"} {
				s := best[key{p.name, tol, solver}]
				fmt.Fprintf(w, " %d, %.1e |", s.calls, s.err)
			}
			fmt.Fprintln(w)
		}
	}
	return nil
}

// writeDifferentiable writes how many times faster than torchdiffeq we are.
func writeDifferentiable(w io.Writer, best map[key]solution) error {
	fmt.Fprintln(w, "| problem | tolerance | torchdiffeq | evaluations | torchdiffeq / tsgen |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	sum, n := 0.0, 0.0
	for _, p := range problems {
		for _, tol := range tolerances {
			theirs, ok := best[key{p.name, tol, "torchdiffeq"}]
			if !ok {
				return fmt.Errorf("no time of torchdiffeq on %s at %s", p.name, tol)
			}
			ratio := theirs.seconds / best[key{p.name, tol, "tsgen"}].seconds
			sum, n = sum+math.Log(ratio), n+1
			fmt.Fprintf(w, "| %s | %s | %.3g ms | %d | %.0f |\n", p.name, tol, 1e3*theirs.seconds, theirs.calls, ratio)
		}
	}
	fmt.Fprintf(w, "| geometric mean | | | | %.0f |\n", math.Exp(sum/n))
	return nil
}
