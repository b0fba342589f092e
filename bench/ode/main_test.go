package main

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
	"tsgen/ode"
)

// references solves the problems by the method of order eight.
func references(t *testing.T) map[string][]float64 {
	t.Helper()
	all := make(map[string][]float64)
	for _, p := range problems {
		q := ode.Problem{Field: ode.Field{Dim: len(p.y0), Func: p.f}, Y0: p.y0, Times: []float64{p.end}}
		s, err := ode.Solve(t.Context(), q, ode.DOP853{}, &ode.Options{RTol: 1e-12, ATol: 1e-12, MaxSteps: 1 << 20})
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		all[p.name] = s.Y(0)
	}
	return all
}

// The problems are solved as well as their tolerances say, and each has a line in
// every table.
func TestTables(t *testing.T) {
	best := map[key]solution{}
	if err := ours(references(t), best); err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		s := best[key{p.name, "1e-09", "tsgen"}]
		if limit := 1e-3; !(s.err < limit) || s.calls < 100 {
			t.Errorf("%s: error %v after %d evaluations", p.name, s.err, s.calls)
		}
		for _, tolerance := range tolerances {
			own := best[key{p.name, tolerance, "tsgen"}]
			for i, solver := range []string{"dopri5", "RK45", "torchdiffeq"} {
				other := own
				other.seconds *= math.Pow(10, float64(i))
				best[key{p.name, tolerance, solver}] = other
			}
		}
	}
	var b bytes.Buffer
	for _, write := range []func(io.Writer, map[key]solution) error{writeTimes, writeEvaluations, writeDifferentiable} {
		if err := write(&b, best); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"| geometric mean | | | | 1.00 | 10 | |", "| geometric mean | | | | 100 |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in\n%s", want, &b)
		}
	}
	delete(best, key{"lorenz", "1e-06", "dopri5"})
	if err := writeTimes(&b, best); err == nil {
		t.Error("a time is missing: no error")
	}
}

// The stiff problems are solved, by every method to what its tolerance says and
// alike, and each has its lines in the table.
func TestStiffTable(t *testing.T) {
	references := map[string][]float64{}
	for _, p := range stiffProblems {
		q := ode.Problem{Field: p.field, Y0: p.y0, Times: []float64{p.end}}
		s, err := ode.Solve(t.Context(), q, ode.Rodas5P{}, &ode.Options{RTol: 1e-11, ATol: 1e-11 * p.share})
		if err != nil {
			t.Fatal(err)
		}
		references[p.name] = s.Y(0)
	}
	best := map[key]solution{}
	if err := stiffOurs(references, best); err != nil {
		t.Fatal(err)
	}
	for _, p := range stiffProblems {
		for _, tol := range stiffTolerances {
			for _, solver := range stiffSolvers {
				if s := best[key{p.name, tol, solver.name}]; !(s.err < 1e-2) || tol == "1e-08" && !(s.err < 1e-5) {
					t.Errorf("%s at %s by %s: error %v", p.name, tol, solver.name, s.err)
				}
			}
			for _, solver := range []string{"LSODA", "BDF", "Radau"} {
				best[key{p.name, tol, solver}] = solution{1e-3, 100, 1e-5}
			}
		}
	}
	var b bytes.Buffer
	if err := writeStiff(&b, best); err != nil {
		t.Fatal(err)
	}
	if want := "| robertson | 1e-06 | BDF | 1 ms | 100 | 1.0e-05 |"; !strings.Contains(b.String(), want) {
		t.Errorf("no line %q in\n%s", want, &b)
	}
	delete(best, key{"robertson", "1e-06", "BDF"})
	if err := writeStiff(&b, best); err == nil {
		t.Error("a time is missing: no error")
	}
}

// The document has a place for every table that the command writes there.
func TestDocument(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/ode.md", timesTable, evaluationsTable, torchTable, stiffTable); err != nil {
		t.Error(err)
	}
}
