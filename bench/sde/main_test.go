package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"tsgen/internal/clock"
	"tsgen/sde"
)

// The networks' products are the derivatives of what they compute: the check of
// package sde finds no fault in them, with the parameters among what it checks.
func TestNetworks(t *testing.T) {
	for _, c := range []sde.Calculus{sde.Ito, sde.Stratonovich} {
		b, err := sde.NewBatch(newSystem(c), sde.Milstein{Step: 0.1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		y0 := []float64{1, -0.5, 0.2, 0.7}
		if err := b.Solve(context.Background(), []float64{0}, y0, [][]float64{{1}}, []uint64{1}); err != nil {
			t.Fatal(err)
		}
		dp := make([]float64, 2*parameters)
		if err := b.Backward(nil, dp, [][]float64{{1, 1, 1, 1}}); err != nil {
			t.Fatal(err)
		}
		for i, x := range dp {
			if x == 0 {
				t.Errorf("parameter %d has no part", i)
			}
		}
	}
}

// Every method is timed and has a line; a peer's has the ratio to ours.
func TestTable(t *testing.T) {
	best := map[key]result{}
	if err := ours(best, 1); err != nil {
		t.Fatal(err)
	}
	for _, c := range contestants {
		if r := best[key{mine, c.name}]; !(r.forward > 0) || r.gradient < r.forward/2 || math.Abs(r.square-1) > 1 {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	own := best[key{mine, "SRI"}]
	best[key{"torchsde", "SRI"}] = result{30 * own.forward, 7 * own.gradient, 1.5}
	best[key{"diffrax, unsafe path", "SRI"}] = result{2 * own.forward, math.NaN(), 1.25}
	var out bytes.Buffer
	if err := write(&out, best); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 2+len(contestants)+2 || !strings.Contains(out.String(), "| none | 2 |  | 1.250 |") || !strings.Contains(out.String(), "| 30 | 7 | 1.500 |") {
		t.Errorf("table of %d lines:\n%s", n, out.String())
	}
	if write(&out, map[key]result{}) == nil {
		t.Error("no error without times")
	}
}

// The processor time of what a solution by Euler-Maruyama asks of the networks
// alone: evaluations of both on the whole batch in each of the steps, and for
// the gradient their products as well.
func BenchmarkNetworks(b *testing.B) {
	s := newSystem(sde.Ito)
	y, out, dp := make([]float64, batch*dim), make([]float64, batch*dim), make([]float64, 2*parameters)
	for i := range y {
		y[i] = math.Cos(float64(i))
	}
	rows, ts := make([]int, batch), make([]float64, batch)
	for _, products := range []bool{false, true} {
		name := "forward"
		if products {
			name = "gradient"
		}
		b.Run(name, func(b *testing.B) {
			least := math.Inf(1)
			for b.Loop() {
				began := clock.Processor()
				for range steps {
					err := errors.Join(s.Drift(out, rows, ts, y), s.Diffusion(out, rows, ts, y))
					if products {
						err = errors.Join(err, s.DriftVJP(out, dp, rows, ts, y, y), s.DiffusionVJP(out, dp, rows, ts, y, y))
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				least = min(least, (clock.Processor() - began).Seconds())
			}
			b.ReportMetric(1e3*least, "cpu-ms/solution")
		})
	}
}
