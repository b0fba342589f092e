package ode

import (
	"context"
	"math"
	"testing"
)

// TestStatistics counts the calls.
func TestStatistics(t *testing.T) {
	for _, m := range methods {
		for _, memory := range []int{0, 500} {
			f := lotkaVolterra([]float64{1.5, 1, 3, 1})
			calls, vjps := 0, 0
			counted := f
			counted.Func = func(dst []float64, t float64, y []float64) error { calls++; return f.Func(dst, t, y) }
			counted.VJP = func(dy, dp []float64, t float64, y, a []float64) error {
				vjps++
				return f.VJP(dy, dp, t, y, a)
			}
			s, err := Solve(context.Background(), Problem{Field: counted, Y0: []float64{1, 1}, Times: []float64{0.33, 0.7, 3}}, m, &Options{Memory: memory, FirstStep: 0.5})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Gradient(Loss{States: make([]float64, 6)}); err != nil {
				t.Fatal(err)
			}
			st := s.Stats()
			if st.Calls != calls || st.VJPs != vjps {
				t.Errorf("%s: %d evaluations and %d products, counted %d and %d", name(m), st.Calls, st.VJPs, calls, vjps)
			}
			if m.tableau().e != nil && st.Rejected == 0 {
				t.Errorf("%s: a first step of 0.5 was not rejected", name(m))
			}
			if !(0 < st.MinStep && st.MinStep <= st.MaxStep && st.MaxStep < 3) {
				t.Errorf("%s: steps from %g to %g", name(m), st.MinStep, st.MaxStep)
			}
			most := m.tableau().s + 1
			if n := len(m.tableau().c); n > most {
				most = n
			}
			if m.tableau().linear != nil {
				// Twice Dim for the Jacobians there and back, a product and two
				// for its bend a stage, three for the derivative by time.
				most = 2*2 + 3*8 + 3
				if memory > 0 {
					most += 2 * 3 // Jacobians of the steps solved again
				}
			}
			if st.VJPs > st.Accepted*most+1 {
				t.Errorf("%s: %d products in %d steps", name(m), st.VJPs, st.Accepted)
			}
		}
	}
}

// TestProducts asks a gradient for at most one product more in a step than the
// stages that make it, whatever the number of outputs, and for evaluations that
// do not depend on it.
func TestProducts(t *testing.T) {
	pr := Problem{Field: lotkaVolterra([]float64{1.5, 1, 3, 1}), Y0: []float64{1, 1}}
	forward := 0
	for _, n := range []int{2, 11, 101, 501} {
		pr.Times = nil
		for k := range n {
			pr.Times = append(pr.Times, 10*float64(k+1)/float64(n))
		}
		s, err := Solve(context.Background(), pr, Dopri5{}, &Options{RTol: 1e-3, ATol: 1e-3, TrustVJP: true})
		if err != nil {
			t.Fatal(err)
		}
		calls := s.Stats().Calls
		if forward == 0 {
			forward = calls
		}
		if calls != forward {
			t.Errorf("%d evaluations for %d outputs, %d for 2", calls, n, forward)
		}
		if _, err := s.Gradient(Loss{States: make([]float64, 2*n)}); err != nil {
			t.Fatal(err)
		}
		if st := s.Stats(); st.VJPs < 6*st.Accepted || st.VJPs > 7*st.Accepted {
			t.Errorf("%d products for %d outputs in %d steps, want 6 or 7 a step", st.VJPs, n, st.Accepted)
		}
	}
}

// TestRows asks a batch for just the evaluations that each trajectory counts, at
// that trajectory's times: a row leaves when its trajectory is done.
func TestRows(t *testing.T) {
	t0, y0, times := crowd(23)
	f := lotka([]float64{1.5, 1, 3, 1})
	calls, products := make([]int, len(t0)), make([]int, len(t0))
	count := func(n, rows []int, at []float64) {
		for i, r := range rows {
			n[r]++
			if end := times[r][len(times[r])-1]; at[i] < min(t0[r], end) || at[i] > max(t0[r], end) {
				t.Fatalf("trajectory %d, from %g to %g, is evaluated at %g", r, t0[r], end, at[i])
			}
		}
	}
	counted := f
	counted.Func = func(dst []float64, rows []int, at, y []float64) error {
		count(calls, rows, at)
		return f.Func(dst, rows, at, y)
	}
	counted.VJP = func(dy, dp []float64, rows []int, at, y, a []float64) error {
		count(products, rows, at)
		return f.VJP(dy, dp, rows, at, y, a)
	}
	for _, m := range methods {
		clear(calls)
		clear(products)
		b := newBatch(t, counted, m, &Options{TrustVJP: true})
		solve(t, b, t0, y0, times)
		dy := make([][]float64, len(t0))
		for i := range dy {
			dy[i] = b.Y(i)
		}
		if err := b.Backward(nil, nil, dy); err != nil {
			t.Fatal(err)
		}
		for i := range t0 {
			if st := b.Stats(i); st.Calls != calls[i] || st.VJPs != products[i] {
				t.Errorf("%s, trajectory %d: %d evaluations and %d products, counted %d and %d", name(m), i, st.Calls, st.VJPs, calls[i], products[i])
			}
		}
	}
}

// TestStiffness compares the estimate of h|λ| with its value for a linear field,
// and, where stability bounds the step, with the end of the interval of
// stability: 3.31 for Dopri5, 3.51 for Tsit5 and 6.39 for DOP853, where the
// polynomial of stability passes 1.
func TestStiffness(t *testing.T) {
	const lambda = 1000
	f := plain(1, func(dst []float64, t float64, y []float64) { dst[0] = -lambda * (y[0] - math.Cos(t)) })
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}} {
		edge := stable(m.tableau())
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{1}, Times: []float64{2}}, m, &Options{RTol: 1e-4, ATol: 1e-4})
		if err != nil {
			t.Fatal(err)
		}
		st := s.Stats()
		t.Logf("%s: h|λ| up to %.3f, stable to %.3f", name(m), st.Stiffness, edge)
		if most := lambda * st.MaxStep; st.Stiffness > most*(1+1e-6) {
			t.Errorf("%s: h|λ| is %v in a step of at most %v", name(m), st.Stiffness, most)
		}
		if st.Stiffness < 0.9*edge || st.Stiffness > 1.1*edge {
			t.Errorf("%s: h|λ| is %v, but the method is stable to %v", name(m), st.Stiffness, edge)
		}
	}
}

// stable returns the end of a method's interval of stability on the negative
// real axis, by the steps for y' = -x·y with h = 1.
func stable(tab *tableau) float64 {
	grows := func(x float64) bool {
		y, k := 1.0, make([]float64, tab.s)
		for i := range tab.s + 1 {
			y = 1
			for j, a := range tab.a[i] {
				y += a * k[j]
			}
			if i < tab.s {
				k[i] = -x * y
			}
		}
		return math.Abs(y) > 1
	}
	x := 0.5
	for !grows(x) {
		x += 1e-3
	}
	return x
}
