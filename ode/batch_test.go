package ode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// each makes a batched field of one for a single trajectory.
func each(dim, params int, f func(dst []float64, t float64, y []float64), vjp func(dy, dp []float64, t float64, y, a []float64)) BatchField {
	b := BatchField{Dim: dim, Params: params}
	b.Func = func(dst []float64, rows []int, t, y []float64) error {
		for i := range rows {
			f(dst[i*dim:(i+1)*dim], t[i], y[i*dim:(i+1)*dim])
		}
		return nil
	}
	if vjp != nil {
		b.VJP = func(dy, dp []float64, rows []int, t, y, a []float64) error {
			for i := range rows {
				vjp(dy[i*dim:(i+1)*dim], dp, t[i], y[i*dim:(i+1)*dim], a[i*dim:(i+1)*dim])
			}
			return nil
		}
	}
	return b
}

// lotka is the Lotka-Volterra field with the parameters p.
func lotka(p []float64) BatchField {
	return each(2, 4, func(dst []float64, _ float64, y []float64) {
		dst[0] = p[0]*y[0] - p[1]*y[0]*y[1]
		dst[1] = p[3]*y[0]*y[1] - p[2]*y[1]
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		dy[0] += a[0]*(p[0]-p[1]*y[1]) + a[1]*p[3]*y[1]
		dy[1] += -a[0]*p[1]*y[0] + a[1]*(p[3]*y[0]-p[2])
		if dp != nil {
			dp[0] += a[0] * y[0]
			dp[1] -= a[0] * y[0] * y[1]
			dp[2] -= a[1] * y[1]
			dp[3] += a[1] * y[0] * y[1]
		}
	})
}

// forced is y' = p0·cos(t) - p1·y², with a field that depends on time.
func forced(p []float64) BatchField {
	return each(1, 2, func(dst []float64, t float64, y []float64) {
		dst[0] = p[0]*math.Cos(t) - p[1]*y[0]*y[0]
	}, func(dy, dp []float64, t float64, y, a []float64) {
		dy[0] -= 2 * p[1] * y[0] * a[0]
		if dp != nil {
			dp[0] += a[0] * math.Cos(t)
			dp[1] -= a[0] * y[0] * y[0]
		}
	})
}

func newBatch(t testing.TB, f BatchField, m Method, opt *Options) *Batch {
	t.Helper()
	b, err := NewBatch(f, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func solve(t testing.TB, b *Batch, t0, y0 []float64, times [][]float64) {
	t.Helper()
	if err := b.Solve(context.Background(), t0, y0, times); err != nil {
		t.Fatal(err)
	}
	for i := range t0 {
		if err := b.Err(i); err != nil {
			t.Fatal(err)
		}
	}
}

// frozen returns options under which the steps of trajectory row are taken
// again whatever the error.
func frozen(b *Batch, row int) *Options {
	o := b.opt
	o.RTol, o.ATol, o.FirstStep = 1e12, 1e12, 1e9
	o.StepAt = nil
	for i := b.traj[row].first; i >= 0; i = b.steps[i].next {
		o.StepAt = append(o.StepAt, b.steps[i].end)
	}
	return &o
}

var methods = []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}, RK4{Step: 0.1}, RK4{Step: 0.1, Dense: true},
	Heun{Step: 0.05}, Midpoint{Step: 0.05, Dense: true}, Euler{Step: 0.05}, Euler{Step: 0.05, Dense: true}, Rodas5P{}}

func name(m Method) string {
	if a, ok := m.(auto); ok {
		return "Auto " + name(a.Method) + " " + name(a.implicit)
	}
	return fmt.Sprintf("%s%+v", m.tableau().name, m.fixed())
}

// TestBackward compares the discrete adjoint with central differences of the
// same loss over the same steps.
func TestBackward(t *testing.T) {
	type problem struct {
		name  string
		field func(p []float64) BatchField
		p, y0 []float64
		t0    float64
		times []float64
	}
	problems := []problem{
		{"lotka", lotka, []float64{1.5, 1, 3, 1}, []float64{1, 1}, 0, []float64{0, 0.3, 0.31, 1, 1, 2.5, 3}},
		{"lotka backward", lotka, []float64{1.5, 1, 3, 1}, []float64{1, 1}, 2, []float64{1.7, 0.2, 0.2, -0.5}},
		{"forced", forced, []float64{1.2, 0.7}, []float64{0.4}, 0.5, []float64{0.5, 0.7, 1.9, 2, 4}},
	}
	for _, m := range methods {
		for _, pr := range problems {
			t.Run(name(m)+"/"+pr.name, func(t *testing.T) {
				for _, tol := range []float64{1e-3, 1e-7} {
					testBackward(t, m, pr.field, pr.p, pr.y0, pr.t0, pr.times, tol)
				}
			})
		}
	}
}

func testBackward(t *testing.T, m Method, field func([]float64) BatchField, p, y0 []float64, t0 float64, times []float64, tol float64) {
	d := len(y0)
	rng := rand.New(rand.NewPCG(1, 2))
	g := make([]float64, len(times)*d)
	for i := range g {
		g[i] = rng.NormFloat64()
	}
	b := newBatch(t, field(p), m, &Options{RTol: tol, ATol: tol})
	solve(t, b, []float64{t0}, y0, [][]float64{times})
	dy0, dp := make([]float64, d), make([]float64, len(p))
	if err := b.Backward(dy0, dp, [][]float64{g}); err != nil {
		t.Fatal(err)
	}
	opt := frozen(b, 0)
	loss := func(p, y0 []float64) float64 {
		c := newBatch(t, field(p), m, opt)
		solve(t, c, []float64{t0}, y0, [][]float64{times})
		if got, want := c.Stats(0).Accepted, b.Stats(0).Accepted; got != want {
			t.Fatalf("%d steps, not the %d of the first solve", got, want)
		}
		s := 0.0
		for i, y := range c.Y(0) {
			s += g[i] * y
		}
		return s
	}
	check := func(what string, x, got []float64) {
		for i := range x {
			if want := difference(func() float64 { return loss(p, y0) }, &x[i]); math.Abs(got[i]-want) > 1e-8*(1+math.Abs(want)) {
				t.Errorf("tol %g: d/d%s[%d] is %.12g, differences say %.12g", tol, what, i, got[i], want)
			}
		}
	}
	check("y0", y0, dy0)
	check("p", p, dp)
}

// difference returns the derivative of f with respect to *x by central
// differences of order 6.
func difference(f func() float64, x *float64) float64 {
	x0 := *x
	h := 1e-3 * (1 + math.Abs(x0))
	s := 0.0
	for _, c := range [...]struct{ k, w float64 }{{1, 45}, {2, -9}, {3, 1}} {
		*x = x0 + c.k*h
		up := f()
		*x = x0 - c.k*h
		s += c.w * (up - f())
	}
	*x = x0
	return s / (60 * h)
}

// TestOrder measures orders of convergence by halving the steps.
func TestOrder(t *testing.T) {
	// y' = y·cos(t) + a rotation, without a closed form that hides an order:
	// y = exp(sin t)·(cos t², sin t²).
	field := each(2, 0, func(dst []float64, t float64, y []float64) {
		dst[0] = math.Cos(t)*y[0] - 2*t*y[1]
		dst[1] = math.Cos(t)*y[1] + 2*t*y[0]
	}, nil)
	exact := func(t float64) (float64, float64) {
		e := math.Exp(math.Sin(t))
		return e * math.Cos(t*t), e * math.Sin(t*t)
	}
	type made func(h float64) (Method, *Options)
	fixedSteps := func(m Method) made {
		return func(h float64) (Method, *Options) {
			return m, &Options{RTol: 1e12, ATol: 1e12, FirstStep: h, MaxStep: h}
		}
	}
	tests := []struct {
		name  string
		make  made
		order float64
		dense float64 // power of h in the error between the steps' ends
		n     int
	}{
		{"Dopri5", fixedSteps(Dopri5{}), 5, 5, 40},
		{"Tsit5", fixedSteps(Tsit5{}), 5, 5, 80},
		{"BogackiShampine", fixedSteps(BogackiShampine{}), 3, 3, 100},
		{"DOP853", fixedSteps(DOP853{}), 8, 8, 12},
		{"RK4", func(h float64) (Method, *Options) { return RK4{Step: h, Dense: true}, nil }, 4, 4, 80},
		{"Heun", func(h float64) (Method, *Options) { return Heun{Step: h, Dense: true}, nil }, 2, 2, 200},
		{"Midpoint", func(h float64) (Method, *Options) { return Midpoint{Step: h, Dense: true}, nil }, 2, 2, 200},
		{"Euler", func(h float64) (Method, *Options) { return Euler{Step: h, Dense: true}, nil }, 1, 1, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// The steps' ends and the tenths of a step between them.
			ends := make([]float64, 0, 4)
			within := make([]float64, 0, 4)
			var size []float64
			for n := tt.n; n <= 4*tt.n; n *= 2 {
				h := 2 / float64(n)
				m, opt := tt.make(h)
				b := newBatch(t, field, m, opt)
				var times []float64
				for i := range 10 * n {
					times = append(times, h*float64(i+1)/10)
				}
				times[len(times)-1] = 2
				solve(t, b, []float64{0}, []float64{1, 0}, [][]float64{times})
				if got := b.Stats(0).Accepted; got != n {
					t.Fatalf("%d steps, want %d", got, n)
				}
				y := b.Y(0)
				e := func(i int) float64 {
					u, v := exact(times[i])
					return math.Hypot(y[2*i]-u, y[2*i+1]-v)
				}
				atEnds, between := 0.0, 0.0
				for i := range times {
					if i%10 == 9 {
						atEnds = max(atEnds, e(i))
					} else {
						between = max(between, e(i))
					}
				}
				size = append(size, math.Log(h))
				ends, within = append(ends, math.Log(atEnds)), append(within, math.Log(between))
			}
			// The leading term of a method's error is not alone at steps that
			// rounding leaves room for: measured, 0.17 is the worst (Tsit5).
			tol := 0.1
			if tt.name == "Tsit5" || tt.name == "DOP853" {
				tol = 0.2
			}
			if got := slope(size, ends); math.Abs(got-tt.order) > tol {
				t.Errorf("order %.3f, want %g", got, tt.order)
			}
			if got := slope(size, within); math.Abs(got-tt.dense) > tol {
				t.Errorf("error between the steps' ends goes with h to the %.3f, want %g", got, tt.dense)
			}
		})
	}
}

// slope returns that of the line through (x, y) by least squares.
func slope(x, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		sxx, sxy = sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	n := float64(len(x))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// crowd is a batch of Lotka-Volterra trajectories that differ in all there is.
func crowd(n int) (t0, y0 []float64, times [][]float64) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		t0 = append(t0, rng.Float64())
		y0 = append(y0, 0.5+rng.Float64(), 0.5+rng.Float64())
		dir := 1.0
		if i%3 == 1 {
			dir = -0.2
		}
		ts := []float64{}
		at := t0[i]
		for range rng.IntN(12) {
			at += dir * rng.Float64() * rng.Float64()
			ts = append(ts, at)
			if rng.IntN(4) == 0 {
				ts = append(ts, at)
			}
		}
		times = append(times, ts)
	}
	return t0, y0, times
}

// TestBatchIndependence asks for the same bits from a trajectory alone and in
// company.
func TestBatchIndependence(t *testing.T) {
	const n = 23
	t0, y0, times := crowd(n)
	cases := []struct {
		Method
		*Options
	}{{Dopri5{}, &Options{Adjoint: Interpolating}}, {Dopri5{}, &Options{Adjoint: Backsolve}}, {Dopri5{}, &Options{Memory: 4000}}}
	for _, m := range methods {
		cases = append(cases, struct {
			Method
			*Options
		}{m, nil})
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(name(c.Method), c.Options), func(t *testing.T) {
			f := lotka([]float64{1.5, 1, 3, 1})
			opt := Options{TrustVJP: true} // the check counts its calls
			if c.Options != nil {
				opt.Adjoint, opt.Memory = c.Options.Adjoint, c.Options.Memory
			}
			all := newBatch(t, f, c.Method, &opt)
			opt.Memory /= n
			one := newBatch(t, f, c.Method, &opt)
			solve(t, all, t0, y0, times)
			var dy [][]float64
			for i := range n {
				dy = append(dy, all.Y(i))
			}
			dy0 := make([]float64, 2*n)
			if err := all.Backward(dy0, nil, dy); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				solve(t, one, t0[i:i+1], y0[2*i:2*i+2], times[i:i+1])
				same(t, fmt.Sprint("states of ", i), all.Y(i), one.Y(0))
				g := make([]float64, 2)
				if err := one.Backward(g, nil, [][]float64{one.Y(0)}); err != nil {
					t.Fatal(err)
				}
				same(t, fmt.Sprint("gradient of ", i), dy0[2*i:2*i+2], g)
				if opt.Memory == 0 && all.Stats(i) != one.Stats(0) {
					t.Errorf("trajectory %d: %+v in company, %+v alone", i, all.Stats(i), one.Stats(0))
				}
			}
		})
	}
}

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Fatalf("%s: element %d is %.17g, want %.17g", what, i, got[i], want[i])
		}
	}
}

// TestFailedRow has trajectories fail in their own ways beside a whole one.
func TestFailedRow(t *testing.T) {
	f := each(1, 0, func(dst []float64, t float64, y []float64) { dst[0] = y[0] * y[0] }, func(dy, _ []float64, t float64, y, a []float64) {
		if t > 0.9 {
			dy[0] = math.NaN() // behind the last output: of no matter
		}
		dy[0] += 2 * a[0] * y[0]
	})
	b := newBatch(t, f, Dopri5{}, nil)
	times := [][]float64{{0.5}, {0.5, 2}, {1}, {1}}
	if err := b.Solve(context.Background(), make([]float64, 4), []float64{1, 1, math.NaN(), 1e200}, times); err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, ErrUnderflow, ErrNonFiniteState, ErrNonFiniteStart} {
		if err := b.Err(i); !errors.Is(err, want) {
			t.Errorf("trajectory %d: %v, want %v", i, err, want)
		}
	}
	// y = 1/(1-t).
	if y := b.Y(0); math.Abs(y[0]-2) > 1e-5 {
		t.Errorf("y(0.5) is %v, want 2", y[0])
	}
	if y := b.Y(1); len(y) != 1 || math.Abs(y[0]-2) > 1e-5 {
		t.Errorf("the failed trajectory keeps %v, want the state 2 alone", y)
	}
	var e *Error
	if !errors.As(b.Err(1), &e) || math.Abs(e.T-1) > 1e-4 || e.Row != 1 || e.Component != 0 {
		t.Errorf("blow-up reported as %+v", e)
	}
	dy0 := make([]float64, 4)
	if err := b.Backward(dy0, nil, [][]float64{{1}, {1}, nil, nil}); err != nil {
		t.Fatal(err)
	}
	if math.Abs(dy0[0]-4) > 1e-4 || math.Abs(dy0[1]-4) > 1e-4 || dy0[2] != 0 || dy0[3] != 0 {
		t.Errorf("gradient %v, want 4 4 0 0", dy0) // dy/dy0 = 1/(1-t)²
	}
}

// TestAllocations asks a batch used again for the same work to allocate
// nothing.
func TestAllocations(t *testing.T) {
	t0, y0, times := crowd(16)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, m := range methods {
		t.Run(name(m), func(t *testing.T) {
			b := newBatch(t, lotka([]float64{1.5, 1, 3, 1}), m, nil)
			dy0, dp := make([]float64, 32), make([]float64, 4)
			dy := make([][]float64, 16)
			if n := testing.AllocsPerRun(10, func() {
				if err := b.Solve(ctx, t0, y0, times); err != nil {
					t.Fatal(err)
				}
				for i := range dy {
					dy[i] = b.Y(i)
				}
				if err := b.Backward(dy0, dp, dy); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}
