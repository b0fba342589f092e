package sde

import (
	"context"
	"math"
	"slices"
	"testing"
)

// A gradientCase is a method on a system that it suits.
type gradientCase struct {
	name string
	sys  func(p []float64) System
	m    Method
	y0   []float64
	p    []float64
}

func gradientCases() []gradientCase {
	p := []float64{0.8, 0.5, 1.2, 0.4, 0.3}
	y0 := []float64{0.5, -0.2}
	with := func(c Calculus, n Noise) func(p []float64) System {
		return func(p []float64) System { return coupled(c, n, p) }
	}
	const h = 0.11
	return []gradientCase{
		{"Euler-Maruyama, diagonal", with(Ito, Diagonal), EulerMaruyama{h}, y0, p},
		{"Euler-Maruyama, general", with(Ito, General), EulerMaruyama{h}, y0, p},
		{"Milstein, diagonal", with(Ito, Diagonal), Milstein{h}, y0, p},
		{"Milstein, scalar", with(Ito, Scalar), Milstein{h}, y0, p},
		{"Milstein, Stratonovich", with(Stratonovich, Diagonal), Milstein{h}, y0, p},
		{"SRI, diagonal", with(Ito, Diagonal), SRI{h}, y0, p},
		{"SRI, scalar", with(Ito, Scalar), SRI{h}, y0, p},
		{"SRA, general", coupledAdditive, SRA{h}, y0, p},
		{"SRA, double well", doubleWell, SRA{h}, y0[:1], p[:3]},
		{"Heun, general", with(Stratonovich, General), Heun{h}, y0, p},
		{"Heun, scalar", with(Stratonovich, Scalar), Heun{h}, y0, p},
		{"reversible Heun, general", with(Stratonovich, General), ReversibleHeun{h}, y0, p},
		{"reversible Heun, diagonal", with(Stratonovich, Diagonal), ReversibleHeun{h}, y0, p},
	}
}

// The gradient of every method is that of the solution along the same path, by
// central differences, with respect to initial states and parameters, for
// rows of their own times, and Recompute changes no bit of it.
func TestGradientDifferences(t *testing.T) {
	times := [][]float64{{0.2, 0.5, 0.5, 1}, {0.1, 0.33}, nil, {-0.4, 2}}
	t0 := []float64{0, 0.1, 0, -0.4}
	seeds := []uint64{3, 1, 4, 1}
	worst := 0.0
	for _, c := range gradientCases() {
		p := slices.Clone(c.p)
		sys := c.sys(p)
		d := sys.Dim
		var y0 []float64
		for i := range t0 {
			for _, y := range c.y0 {
				y0 = append(y0, y+0.1*float64(i))
			}
		}
		b := newBatch(t, sys.Batch(), c.m, nil)
		loss := func() float64 {
			if err := b.Solve(context.Background(), t0, y0, times, seeds); err != nil {
				t.Fatal(err)
			}
			s := 0.0
			for i := range t0 {
				for k, y := range b.Y(i) {
					s += y * y * math.Cos(float64(k+i)) / 2
				}
			}
			return s
		}
		backward := func(b *Batch) (dy0, dp []float64) {
			dy0, dp = make([]float64, len(y0)), make([]float64, len(p))
			var dy [][]float64
			for i := range t0 {
				var g []float64
				for k, y := range b.Y(i) {
					g = append(g, y*math.Cos(float64(k+i)))
				}
				dy = append(dy, g)
			}
			if err := b.Backward(dy0, dp, dy); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			return dy0, dp
		}
		loss()
		dy0, dp := backward(b)
		check := func(what string, x []float64, got []float64) {
			for j := range x {
				keep := x[j]
				// Richardson's extrapolation of central differences.
				diff := func(e float64) float64 {
					x[j] = keep + e
					up := loss()
					x[j] = keep - e
					down := loss()
					x[j] = keep
					return (up - down) / (2 * e)
				}
				want := (4*diff(5e-4) - diff(1e-3)) / 3
				e := math.Abs(got[j]-want) / (1 + math.Abs(want))
				worst = max(worst, e)
				if e > 1e-8 {
					t.Errorf("%s: ∂/∂%s[%d] is %.12g, differences say %.12g", c.name, what, j, got[j], want)
				}
			}
		}
		check("y0", y0, dy0)
		check("p", p, dp)
		if dp[0] == 0 || dp[len(dp)-1] == 0 || dy0[0] == 0 || dy0[2*d] != 0 {
			t.Errorf("%s: gradients %g and %g", c.name, dy0, dp)
		}
		for _, every := range []int{1, 3, 4, 1000} {
			again := newBatch(t, sys.Batch(), c.m, &Options{Recompute: every})
			if err := again.Solve(context.Background(), t0, y0, times, seeds); err != nil {
				t.Fatal(err)
			}
			ay0, ap := backward(again)
			if !slices.Equal(ay0, dy0) || !slices.Equal(ap, dp) {
				t.Errorf("%s: with Recompute %d the gradient is %v, %v, not %v, %v", c.name, every, ay0, ap, dy0, dp)
			}
		}
	}
	t.Logf("worst difference %.1e", worst)
}

// On geometric Brownian motion the gradient goes to that of the exact solution
// y0·exp((p0 - p1²/2)t + p1·W), and on the Ornstein-Uhlenbeck process with
// noise of size 0 to that of the exponential.
func TestGradientClosedForm(t *testing.T) {
	p := []float64{0.4, 0.6}
	for seed := range uint64(10) {
		s, err := Solve(context.Background(), Problem{System: geometric(Ito, p), Y0: []float64{1.5}, Times: []float64{1}, Seed: seed}, SRI{1. / 4096}, nil)
		if err != nil {
			t.Fatal(err)
		}
		g, err := s.Gradient([]float64{1})
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, 1)
		if err := s.Path().At(w, 1); err != nil {
			t.Fatal(err)
		}
		y := 1.5 * math.Exp(p[0]-p[1]*p[1]/2+p[1]*w[0])
		for _, x := range []struct{ got, want float64 }{
			{s.Y(0)[0], y}, {g.Y0[0], y / 1.5}, {g.Params[0], y}, {g.Params[1], y * (w[0] - p[1])},
		} {
			if math.Abs(x.got-x.want) > 1e-4*(1+math.Abs(x.want)) {
				t.Errorf("seed %d: %.9g, want %.9g", seed, x.got, x.want)
			}
		}
	}
	// y = p1 + (y0 - p1)·exp(-p0·t).
	ou := []float64{1.3, 0.4, 0}
	s, err := Solve(context.Background(), Problem{System: ornsteinUhlenbeck(ou), Y0: []float64{2}, Times: []float64{1.5}}, SRA{1. / 1024}, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Gradient([]float64{1})
	if err != nil {
		t.Fatal(err)
	}
	e := math.Exp(-1.3 * 1.5)
	for _, x := range []struct{ got, want float64 }{{g.Y0[0], e}, {g.Params[0], -1.6 * 1.5 * e}, {g.Params[1], 1 - e}} {
		if math.Abs(x.got-x.want) > 1e-6 {
			t.Errorf("%.9g, want %.9g", x.got, x.want)
		}
	}
}

// The gradient of an adaptive solution is, to the last bit, that of the fixed
// steps that it took.
func TestGradientAdaptive(t *testing.T) {
	for _, c := range gradientCases() {
		m := fixedStep(c.m, 0)
		sys := c.sys(c.p).Batch()
		b := newBatch(t, sys, m, &Options{RTol: 1e-2, ATol: 1e-2})
		if !b.adaptive {
			continue
		}
		solveMany(t, b, 1, c.y0, []float64{1}, 5)
		var ends []float64
		for _, r := range b.kept {
			ends = append(ends, r.end)
		}
		dy0, dp := make([]float64, sys.Dim), make([]float64, sys.Params)
		g := slices.Repeat([]float64{1}, sys.Dim)
		if err := b.Backward(dy0, dp, [][]float64{g}); err != nil {
			t.Fatal(err)
		}
		f := newBatch(t, sys, fixedStep(c.m, 1e9), nil)
		solveMany(t, f, 1, c.y0, ends, 5)
		fy0, fp := make([]float64, sys.Dim), make([]float64, sys.Params)
		all := make([]float64, len(ends)*sys.Dim)
		copy(all[len(all)-sys.Dim:], g)
		if err := f.Backward(fy0, fp, [][]float64{all}); err != nil {
			t.Fatal(err)
		}
		if len(ends) < 5 || !slices.Equal(dy0, fy0) || !slices.Equal(dp, fp) {
			t.Errorf("%s: %v, %v in %d adaptive steps, %v, %v in the same fixed ones", c.name, dy0, dp, len(ends), fy0, fp)
		}
	}
}

// A wrong product is found at the first gradient, and TrustVJP leaves out the
// check.
func TestWrongProduct(t *testing.T) {
	p := []float64{0.4, 0.6}
	for name, spoil := range map[string]func(s *System){
		"drift's state": func(s *System) {
			s.DriftVJP = func(dy, dp []float64, _ float64, y, a []float64) error {
				dy[0] += a[0] * p[1]
				dp[0] += a[0] * y[0]
				return nil
			}
		},
		"diffusion's parameters": func(s *System) {
			s.DiffusionVJP = func(dy, dp []float64, _ float64, y, a []float64) error {
				dy[0] += a[0] * p[1]
				dp[1] += 2 * a[0] * y[0]
				return nil
			}
		},
	} {
		s := geometric(Ito, p)
		spoil(&s)
		for _, trust := range []bool{false, true} {
			b := newBatch(t, s.Batch(), EulerMaruyama{0.1}, &Options{TrustVJP: trust})
			solveMany(t, b, 1, []float64{1}, []float64{1}, 1)
			err := b.Backward(nil, make([]float64, 2), [][]float64{{1}})
			if is := isErr(err, ErrVJP); is == trust {
				t.Errorf("%s: with TrustVJP %v the error is %v", name, trust, err)
			}
		}
	}
}
