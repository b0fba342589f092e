package ode

import (
	"context"
	"math"
	"testing"
)

// robertson is Robertson's reaction with the rates p.
func robertson(p []float64) Field {
	f := one(3, 3, func(dst []float64, _ float64, y []float64) {
		a, b, c := p[0]*y[0], p[1]*y[1]*y[2], p[2]*y[1]*y[1]
		dst[0], dst[1], dst[2] = b-a, a-b-c, c
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		u, v, w := a[1]-a[0], a[0]-a[1], a[2]-a[1]
		dy[0] += u * p[0]
		dy[1] += v*p[1]*y[2] + 2*w*p[2]*y[1]
		dy[2] += v * p[1] * y[1]
		if dp != nil {
			dp[0] += u * y[0]
			dp[1] += v * y[1] * y[2]
			dp[2] += w * y[1] * y[1]
		}
	})
	return f
}

// relaxation is van der Pol's oscillator with the damping p[0].
func relaxation(p []float64) Field {
	return one(2, 1, func(dst []float64, _ float64, y []float64) {
		dst[0], dst[1] = y[1], p[0]*(1-y[0]*y[0])*y[1]-y[0]
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		dy[0] += a[1] * (-2*p[0]*y[0]*y[1] - 1)
		dy[1] += a[0] + a[1]*p[0]*(1-y[0]*y[0])
		if dp != nil {
			dp[0] += a[1] * (1 - y[0]*y[0]) * y[1]
		}
	})
}

var stiffMethods = []Method{Rodas5P{}, Kvaerno5{}, Auto(Dopri5{}, Rodas5P{}), Auto(Dopri5{}, Kvaerno5{})}

// TestStiffProblems protects stiff problems from explicit methods' fate: few
// steps, and answers as published (Hairer and Wanner 1996, IV.10; the test set
// of Mazzia and Magherini, 2008, for Robertson's reaction). Rodas5P takes at most
// twice the evaluations of SciPy 1.14's LSODA, those for the Jacobian included.
func TestStiffProblems(t *testing.T) {
	for _, tt := range []struct {
		name  string
		f     Field
		y0    []float64
		times []float64
		opt   Options
		want  []float64 // at the last time
		tol   float64
		calls int
	}{
		{"van der Pol, 1000", relaxation([]float64{1000}), []float64{2, 0}, []float64{2000}, Options{RTol: 1e-6, ATol: 1e-6},
			[]float64{1.706167732170483, -8.928097010247975e-4}, 2e-4, 2 * 1726},
		{"van der Pol, loose", relaxation([]float64{1000}), []float64{2, 0}, []float64{2000}, Options{RTol: 1e-4, ATol: 1e-4},
			[]float64{1.706167732170483, -8.928097010247975e-4}, 2e-3, 2 * 1149},
		{"Robertson", robertson([]float64{0.04, 1e4, 3e7}), []float64{1, 0, 0}, []float64{40}, Options{RTol: 1e-8, ATol: 1e-12},
			[]float64{0.7158270687193941, 9.185534764557338e-6, 0.2841637457458413}, 1e-6, 2 * 760},
		{"Robertson, long", robertson([]float64{0.04, 1e4, 3e7}), []float64{1, 0, 0}, []float64{1e5}, Options{RTol: 1e-6, ATol: 1e-10},
			[]float64{1.78659211e-2, 7.27475147e-8, 9.82134006e-1}, 1e-5, 2 * 1008},
	} {
		for _, m := range stiffMethods {
			for _, jac := range []string{"products", "differences"} {
				f := tt.f
				if jac == "differences" {
					f.VJP = nil
				}
				s, err := Solve(context.Background(), Problem{Field: f, Y0: tt.y0, Times: tt.times}, m, &tt.opt)
				if err != nil {
					t.Errorf("%s, %s: %v", tt.name, name(m), err)
					continue
				}
				st := s.Stats()
				t.Logf("%s, %s, %s: %v %+v", tt.name, name(m), jac, s.Y(len(tt.times)-1), st)
				if e := off(s.Y(len(tt.times)-1), tt.want); e > tt.tol {
					t.Errorf("%s, %s, %s: %v, off by %.2g", tt.name, name(m), jac, s.Y(len(tt.times)-1), e)
				}
				if limit := tt.calls; st.Calls > 3*limit || st.Calls > limit && m == (Rodas5P{}) {
					t.Errorf("%s, %s, %s: %d evaluations", tt.name, name(m), jac, st.Calls)
				}
			}
		}
	}
}

// TestImplicitGradient holds the discrete adjoint of the implicit methods
// against differences of the same steps, with outputs within them, on a
// problem that depends on time and under a bound on memory.
func TestImplicitGradient(t *testing.T) {
	for _, m := range stiffMethods {
		for _, tt := range []struct {
			name  string
			field func([]float64) Field
			p, y0 []float64
			times []float64
		}{
			{"Lotka-Volterra", lotkaVolterra, []float64{1.5, 1, 3, 1}, []float64{1, 1}, []float64{0.3, 0.31, 1, 2.5}},
			{"van der Pol", relaxation, []float64{30}, []float64{2, 0.1}, []float64{1, 5, 20}},
			{"stiff decay", stiffDecay, []float64{500, 0.5}, []float64{0.3}, []float64{0.02, 1, 2}},
			{"Duffing", duffing, []float64{0.1, -1, 1, 0.3, 1.2}, []float64{1, 0}, []float64{0.7, 2, 4.4}},
		} {
			d := len(tt.y0)
			var first []float64
			for _, memory := range []int{0, 800} {
				opt := &Options{RTol: 1e-7, ATol: 1e-7, Memory: memory, MaxStep: 0.5}
				b := newBatch(t, tt.field(tt.p).Batch(), m, opt)
				solve(t, b, []float64{0}, tt.y0, [][]float64{tt.times})
				g := make([]float64, len(tt.times)*d)
				for i := range g {
					g[i] = math.Cos(float64(3*i) + 1)
				}
				dy0, dp := make([]float64, d), make([]float64, len(tt.p))
				if err := b.Backward(dy0, dp, [][]float64{g}); err != nil {
					t.Fatal(err)
				}
				if memory > 0 {
					same(t, name(m)+", "+tt.name+" with little memory", append(dy0, dp...), first)
					continue
				}
				first = append(append(first, dy0...), dp...)
				loss := func() float64 {
					if err := b.Resolve(context.Background(), tt.y0); err != nil {
						t.Fatal(err)
					}
					if err := b.Err(0); err != nil {
						t.Fatal(err)
					}
					return inner(g, b.Y(0))
				}
				check := func(what string, x, got []float64) {
					for i := range x {
						keep := x[i]
						h := 1e-4 * (1 + math.Abs(keep))
						at := func(k float64) float64 { x[i] = keep + k*h; return loss() }
						want := (8*(at(1)-at(-1)) - (at(2) - at(-2))) / (12 * h)
						x[i] = keep
						limit := 2e-7
						if m == (Kvaerno5{}) || m == Auto(Dopri5{}, Kvaerno5{}) {
							limit = 2e-6 // Newton's iterations end here and there at different numbers
						}
						if math.Abs(got[i]-want) > limit*(1+math.Abs(want)) {
							t.Errorf("%s, %s: d/d%s[%d] is %.10g, differences say %.10g", name(m), tt.name, what, i, got[i], want)
						}
					}
				}
				check("y0", tt.y0, dy0)
				check("p", tt.p, dp)
			}
		}
	}
}

// TestLateForcing protects fields that begin to change with time when Rodas5P
// has long seen that they do not: the solution is as good as the tolerance, and
// the gradient that of the steps taken.
func TestLateForcing(t *testing.T) {
	// y' = -p(y - max(0, t-5)³): for z = t-5 > 0, with y(5) = 0, y is
	// z³ - 3z²/p + 6z/p² - (6/p³)(1-exp(-pz)).
	p := []float64{200}
	f := one(1, 1, func(dst []float64, at float64, y []float64) {
		z := max(0, at-5)
		dst[0] = -p[0] * (y[0] - z*z*z)
	}, func(dy, dp []float64, at float64, y, a []float64) {
		z := max(0, at-5)
		dy[0] -= a[0] * p[0]
		if dp != nil {
			dp[0] -= a[0] * (y[0] - z*z*z)
		}
	})
	exact := func(at float64) float64 {
		z := max(0, at-5)
		q := p[0]
		return z*z*z - 3*z*z/q + 6*z/(q*q) - 6/(q*q*q)*(1-math.Exp(-q*z))
	}
	times := []float64{4, 5.1, 5.5, 6.5}
	for _, memory := range []int{0, 200} {
		y0 := []float64{1e-30} // which is as good as 0
		b := newBatch(t, f.Batch(), Rodas5P{}, &Options{RTol: 1e-7, ATol: 1e-9, Memory: memory, MaxStep: 0.25})
		solve(t, b, []float64{0}, y0, [][]float64{times})
		first := append([]float64(nil), b.Y(0)...)
		if st := b.Stats(0); st.Accepted+st.Rejected > 150 {
			t.Errorf("%d and %d steps: what is missing of the derivative with respect to time is paid for by small ones", st.Accepted, st.Rejected)
		}
		for k, at := range times {
			if e := math.Abs(b.Y(0)[k] - exact(at)); e > 10*(1e-9+1e-7*exact(at)) {
				t.Errorf("y(%g) is %g, want %g", at, b.Y(0)[k], exact(at))
			}
		}
		dy0, dp := make([]float64, 1), make([]float64, 1)
		if err := b.Backward(dy0, dp, [][]float64{{1, 1, 1, 1}}); err != nil {
			t.Fatal(err)
		}
		loss := func() float64 {
			if err := b.Resolve(context.Background(), y0); err != nil {
				t.Fatal(err)
			}
			s := 0.0
			for _, y := range b.Y(0) {
				s += y
			}
			return s
		}
		loss()
		same(t, "states of the same steps", b.Y(0), first)
		if want := difference(loss, &p[0]); math.Abs(dp[0]-want) > 1e-9 {
			t.Errorf("the derivative with respect to the rate is %.12g, want %.12g", dp[0], want)
		}
	}
}

// TestAuto protects the switch between methods: a reaction that is mild, stiff
// and mild again goes there and back, in a batch each trajectory for itself,
// bitwise as alone, backwards too.
func TestAuto(t *testing.T) {
	// y' = -k(t)(y - cos t), with k = 2 + p·exp(-(t-5)²).
	p := []float64{1e4, 3, 1}
	f := each(1, 3, nil, nil)
	stiff := func(row int, at float64) (k, dk float64) {
		dk = math.Exp(-(at - 5) * (at - 5))
		return 2 + p[row]*dk, dk
	}
	f.Func = func(dst []float64, rows []int, ts, y []float64) error {
		for i, row := range rows {
			k, _ := stiff(row, ts[i])
			dst[i] = -k * (y[i] - math.Cos(ts[i]))
		}
		return nil
	}
	f.VJP = func(dy, dp []float64, rows []int, ts, y, a []float64) error {
		for i, row := range rows {
			k, dk := stiff(row, ts[i])
			dy[i] -= k * a[i]
			if dp != nil {
				dp[row] -= a[i] * dk * (y[i] - math.Cos(ts[i]))
			}
		}
		return nil
	}
	t0, y0, times := make([]float64, 3), []float64{0, 1, 2}, [][]float64{{5, 12}, {3, 12}, {12}}
	for _, m := range stiffMethods[2:] {
		for _, memory := range []int{0, 6000} {
			opt := &Options{RTol: 1e-7, ATol: 1e-7, TrustVJP: true, Memory: memory}
			b := newBatch(t, f, m, opt)
			solve(t, b, t0, y0, times)
			if st := b.Stats(0); st.Switches != 2 || st.Accepted > 900 {
				t.Errorf("%s: %d switches in %d steps, want 2", name(m), st.Switches, st.Accepted)
			}
			if st := b.Stats(1); st.Switches != 0 {
				t.Errorf("%s: the mild trajectory switches %d times", name(m), st.Switches)
			}
			dy := [][]float64{{1, 1}, {1, 1}, {1}}
			dy0, dp := make([]float64, 3), make([]float64, 3)
			if err := b.Backward(dy0, dp, dy); err != nil {
				t.Fatal(err)
			}
			// Alone, as the only one that has outputs.
			for i := range t0 {
				alone := make([][]float64, 3)
				alone[i] = times[i]
				one := newBatch(t, f, m, opt)
				solve(t, one, t0, y0, alone)
				same(t, "states", b.Y(i), one.Y(i))
				grad, g := make([][]float64, 3), make([]float64, 3)
				grad[i] = dy[i]
				if err := one.Backward(g, nil, grad); err != nil {
					t.Fatal(err)
				}
				same(t, "gradient", dy0[i:i+1], g[i:i+1])
			}
			loss := func() float64 {
				if err := b.Resolve(context.Background(), y0); err != nil {
					t.Fatal(err)
				}
				s := 0.0
				for i := range t0 {
					for _, y := range b.Y(i) {
						s += y
					}
				}
				return s
			}
			for i := range y0 {
				if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-7 {
					t.Errorf("%s: dy0[%d] is %v, want %v", name(m), i, dy0[i], want)
				}
				if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-7 {
					t.Errorf("%s: dp[%d] is %v, want %v", name(m), i, dp[i], want)
				}
			}
		}
	}
}

// TestImplicitTruth holds gradients by the implicit methods at a tolerance of
// 1e-9 against those of solutions as good as rounding allows.
func TestImplicitTruth(t *testing.T) {
	for _, pr := range gradientProblems() {
		if pr.name != "stiff decay" && pr.name != "FitzHugh-Nagumo" && pr.name != "Duffing" {
			continue
		}
		want := pr.truth(t)
		for _, m := range stiffMethods[:2] {
			s, err := Solve(context.Background(), pr.problem(), m, &Options{RTol: 1e-9, ATol: 1e-9, TrustVJP: true})
			if err != nil {
				t.Fatal(err)
			}
			_, g := pr.loss(s)
			grad, err := s.Gradient(Loss{States: g})
			if err != nil {
				t.Fatal(err)
			}
			y0, p := off(grad.Y0, want.Y0), off(grad.Params, want.Params)
			t.Logf("%s, %s: y0 off by %.1e, parameters by %.1e", pr.name, name(m), y0, p)
			if y0 > 1e-7 || p > 1e-7 {
				t.Errorf("%s, %s: y0 off by %.2g, parameters by %.2g", pr.name, name(m), y0, p)
			}
		}
	}
}
