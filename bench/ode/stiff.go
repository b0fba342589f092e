package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"tsgen/internal/clock"
	"tsgen/ode"
)

// A stiffProblem is one of bench/peers/ode/stiff.py.
type stiffProblem struct {
	name  string
	field ode.Field
	y0    []float64
	end   float64
	share float64 // of the relative tolerance in the absolute one
}

var stiffProblems = []stiffProblem{
	{"vdp 1000", relaxation(1000), []float64{2, 0}, 2000, 1},
	{"vdp 2000", relaxation(2000), []float64{2, 0}, 4000, 1},
	{"robertson", robertson(), []float64{1, 0, 0}, 1e5, 1e-4},
}

var stiffTolerances = []string{"0.0001", "1e-06", "1e-08"}

func relaxation(mu float64) ode.Field {
	return ode.Field{Dim: 2,
		Func: func(dst []float64, _ float64, y []float64) error {
			dst[0], dst[1] = y[1], mu*(1-y[0]*y[0])*y[1]-y[0]
			return nil
		},
		Jac: func(dst []float64, _ float64, y []float64) error {
			dst[1] = 1
			dst[2], dst[3] = -2*mu*y[0]*y[1]-1, mu*(1-y[0]*y[0])
			return nil
		},
	}
}

func robertson() ode.Field {
	return ode.Field{Dim: 3,
		Func: func(dst []float64, _ float64, y []float64) error {
			a, b, c := 0.04*y[0], 1e4*y[1]*y[2], 3e7*y[1]*y[1]
			dst[0], dst[1], dst[2] = b-a, a-b-c, c
			return nil
		},
		Jac: func(dst []float64, _ float64, y []float64) error {
			copy(dst, []float64{
				-0.04, 1e4 * y[2], 1e4 * y[1],
				0.04, -1e4*y[2] - 6e7*y[1], -1e4 * y[1],
				0, 6e7 * y[1], 0,
			})
			return nil
		},
	}
}

var stiffSolvers = []struct {
	name   string
	method ode.Method
}{
	{"Rodas5P", ode.Rodas5P{}}, {"Kvaerno5", ode.Kvaerno5{}}, {"Auto", ode.Auto(ode.Dopri5{}, ode.Rodas5P{})},
}

// stiffOurs adds to best what package ode makes of the stiff problems.
func stiffOurs(references map[string][]float64, best map[key]solution) error {
	ctx := context.Background()
	for _, p := range stiffProblems {
		exact := references[p.name]
		if len(exact) != len(p.y0) {
			return fmt.Errorf("a reference of %d values for %s, want %d", len(exact), p.name, len(p.y0))
		}
		top := 0.0
		for _, x := range exact {
			top = max(top, math.Abs(x))
		}
		for _, tolerance := range stiffTolerances {
			tol, err := strconv.ParseFloat(tolerance, 64)
			if err != nil {
				return err
			}
			for _, solver := range stiffSolvers {
				s, err := ode.NewBatch(p.field.Batch(), solver.method, &ode.Options{RTol: tol, ATol: tol * p.share, NoGradient: true})
				if err != nil {
					return err
				}
				for range 3 {
					const repeats = 10
					from := clock.Processor()
					for range repeats {
						if err := s.Solve(ctx, []float64{0}, p.y0, [][]float64{{p.end}}); err != nil {
							return err
						}
						if err := s.Err(0); err != nil {
							return fmt.Errorf("%s at %s by %s: %w", p.name, tolerance, solver.name, err)
						}
					}
					r := solution{seconds: ((clock.Processor() - from) / time.Duration(repeats)).Seconds(), calls: s.Stats(0).Calls}
					for i, y := range s.Y(0) {
						r.err = max(r.err, math.Abs(y-exact[i])/top)
					}
					take(best, key{p.name, tolerance, solver.name}, r)
				}
			}
		}
	}
	return nil
}

// writeStiff writes times, evaluations and errors of stiff problems. What
// diffrax counts are steps.
func writeStiff(w io.Writer, best map[key]solution) error {
	fmt.Fprintln(w, "| problem | tolerance | solver | time | evaluations | error |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, p := range stiffProblems {
		for _, tol := range stiffTolerances {
			for _, solver := range []string{"Rodas5P", "Kvaerno5", "Auto", "LSODA", "BDF", "Radau", "diffrax"} {
				s, ok := best[key{p.name, tol, solver}]
				if !ok {
					if solver == "diffrax" {
						continue
					}
					return fmt.Errorf("no time of %s on %s at %s", solver, p.name, tol)
				}
				calls := strconv.Itoa(s.calls)
				if solver == "diffrax" {
					solver, calls = "diffrax Kvaerno5", calls+" steps"
				}
				fmt.Fprintf(w, "| %s | %s | %s | %.3g ms | %s | %.1e |\n", p.name, tol, solver, 1e3*s.seconds, calls, s.err)
			}
		}
	}
	return nil
}
