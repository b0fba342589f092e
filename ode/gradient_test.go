package ode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A gradientProblem has a loss ½Σ|y(t_k) - target|² whose gradient is known
// from differences of solutions by DOP853 at the tightest tolerance.
type gradientProblem struct {
	name   string
	field  func(p []float64) Field
	p, y0  []float64
	t0     float64
	times  []float64
	target []float64
}

// one makes a Field of functions without errors.
func one(dim, params int, f func(dst []float64, t float64, y []float64), vjp func(dy, dp []float64, t float64, y, a []float64)) Field {
	return Field{Dim: dim, Params: params,
		Func: func(dst []float64, t float64, y []float64) error { f(dst, t, y); return nil },
		VJP:  func(dy, dp []float64, t float64, y, a []float64) error { vjp(dy, dp, t, y, a); return nil },
	}
}

func lotkaVolterra(p []float64) Field {
	return one(2, 4, func(dst []float64, _ float64, y []float64) {
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

// fitzhughNagumo is v' = c(v - v³/3 + r), r' = -(v - a + b·r)/c.
func fitzhughNagumo(p []float64) Field {
	return one(2, 3, func(dst []float64, _ float64, y []float64) {
		dst[0] = p[2] * (y[0] - y[0]*y[0]*y[0]/3 + y[1])
		dst[1] = -(y[0] - p[0] + p[1]*y[1]) / p[2]
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		dy[0] += a[0]*p[2]*(1-y[0]*y[0]) - a[1]/p[2]
		dy[1] += a[0]*p[2] - a[1]*p[1]/p[2]
		if dp != nil {
			dp[0] += a[1] / p[2]
			dp[1] -= a[1] * y[1] / p[2]
			dp[2] += a[0]*(y[0]-y[0]*y[0]*y[0]/3+y[1]) + a[1]*(y[0]-p[0]+p[1]*y[1])/(p[2]*p[2])
		}
	})
}

// duffing is x” + p0·x' + p1·x + p2·x³ = p3·cos(p4·t).
func duffing(p []float64) Field {
	return one(2, 5, func(dst []float64, t float64, y []float64) {
		dst[0] = y[1]
		dst[1] = p[3]*math.Cos(p[4]*t) - p[0]*y[1] - p[1]*y[0] - p[2]*y[0]*y[0]*y[0]
	}, func(dy, dp []float64, t float64, y, a []float64) {
		dy[0] -= a[1] * (p[1] + 3*p[2]*y[0]*y[0])
		dy[1] += a[0] - a[1]*p[0]
		if dp != nil {
			dp[0] -= a[1] * y[1]
			dp[1] -= a[1] * y[0]
			dp[2] -= a[1] * y[0] * y[0] * y[0]
			dp[3] += a[1] * math.Cos(p[4]*t)
			dp[4] -= a[1] * p[3] * t * math.Sin(p[4]*t)
		}
	})
}

// stiffDecay is y' = -p0(y - cos t) + p1.
func stiffDecay(p []float64) Field {
	return one(1, 2, func(dst []float64, t float64, y []float64) {
		dst[0] = -p[0]*(y[0]-math.Cos(t)) + p[1]
	}, func(dy, dp []float64, t float64, y, a []float64) {
		dy[0] -= a[0] * p[0]
		if dp != nil {
			dp[0] -= a[0] * (y[0] - math.Cos(t))
			dp[1] += a[0]
		}
	})
}

func lorenzField(p []float64) Field {
	return one(3, 3, func(dst []float64, _ float64, y []float64) {
		dst[0] = p[0] * (y[1] - y[0])
		dst[1] = y[0]*(p[1]-y[2]) - y[1]
		dst[2] = y[0]*y[1] - p[2]*y[2]
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		dy[0] += -a[0]*p[0] + a[1]*(p[1]-y[2]) + a[2]*y[1]
		dy[1] += a[0]*p[0] - a[1] + a[2]*y[0]
		dy[2] += -a[1]*y[0] - a[2]*p[2]
		if dp != nil {
			dp[0] += a[0] * (y[1] - y[0])
			dp[1] += a[1] * y[0]
			dp[2] -= a[2] * y[2]
		}
	})
}

// tanhMLP is y' = W₂ tanh(W₁ y + b₁), 3-8-3.
func tanhMLP(p []float64) Field {
	const n, h = 3, 8
	w1, b1, w2 := p[:n*h], p[n*h:n*h+h], p[n*h+h:]
	hidden := func(u *[h]float64, y []float64) {
		for i := range u {
			s := b1[i]
			for j := range n {
				s += w1[i*n+j] * y[j]
			}
			u[i] = math.Tanh(s)
		}
	}
	return one(n, len(p), func(dst []float64, _ float64, y []float64) {
		var u [h]float64
		hidden(&u, y)
		for j := range n {
			dst[j] = inner(w2[j*h:(j+1)*h], u[:])
		}
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		var u [h]float64
		hidden(&u, y)
		for i := range h {
			s := 0.0
			for j := range n {
				s += a[j] * w2[j*h+i]
				if dp != nil {
					dp[n*h+h+j*h+i] += a[j] * u[i]
				}
			}
			s *= 1 - u[i]*u[i]
			if dp != nil {
				dp[n*h+i] += s
			}
			for j := range n {
				dy[j] += s * w1[i*n+j]
				if dp != nil {
					dp[i*n+j] += s * y[j]
				}
			}
		}
	})
}

func gradientProblems() []gradientProblem {
	rng := rand.New(rand.NewPCG(5, 6))
	weights := make([]float64, 3*8+8+8*3)
	for i := range weights {
		weights[i] = rng.NormFloat64() / 2
	}
	ps := []gradientProblem{
		{name: "Lotka-Volterra", field: lotkaVolterra, p: []float64{1.5, 1, 3, 1}, y0: []float64{1, 1}, times: []float64{1, 3, 5.5, 8}},
		{name: "Lotka-Volterra backward", field: lotkaVolterra, p: []float64{1.5, 1, 3, 1}, y0: []float64{1, 1}, t0: 2, times: []float64{1.5, 0.5, -1}},
		{name: "Lotka-Volterra repeated", field: lotkaVolterra, p: []float64{1.5, 1, 3, 1}, y0: []float64{1, 1}, times: []float64{0, 1, 1, 2.5, 4, 4}},
		{name: "FitzHugh-Nagumo", field: fitzhughNagumo, p: []float64{0.2, 0.2, 3}, y0: []float64{-1, 1}, times: []float64{2, 5, 9, 14}},
		{name: "tanh MLP", field: tanhMLP, p: weights, y0: []float64{0.5, -1, 1}, times: []float64{0.2, 0.9, 1.5, 2}},
		{name: "Duffing", field: duffing, p: []float64{0.1, -1, 1, 0.3, 1.2}, y0: []float64{1, 0}, times: []float64{0.7, 2, 4.4, 6}},
		{name: "Lorenz", field: lorenzField, p: []float64{10, 28, 8. / 3}, y0: []float64{1, 1, 1}, times: []float64{0.5, 1, 1.7, 2}},
		{name: "stiff decay", field: stiffDecay, p: []float64{50, 0.5}, y0: []float64{0.3}, times: []float64{0.01, 0.5, 2, 3}},
	}
	for i := range ps {
		for range len(ps[i].times) * len(ps[i].y0) {
			ps[i].target = append(ps[i].target, rng.NormFloat64())
		}
	}
	return ps
}

func (pr *gradientProblem) problem() Problem {
	return Problem{Field: pr.field(pr.p), T0: pr.t0, Y0: pr.y0, Times: pr.times}
}

// loss returns the loss of a solution and its gradient.
func (pr *gradientProblem) loss(s *Solution) (float64, []float64) {
	var g []float64
	sum := 0.0
	for k := range pr.times {
		for j, y := range s.Y(k) {
			r := y - pr.target[k*len(pr.y0)+j]
			g = append(g, r)
			sum += r * r / 2
		}
	}
	return sum, g
}

// truth returns the gradient by differences, of order 6, of solutions that are
// as good as rounding allows.
func (pr *gradientProblem) truth(t *testing.T) *Gradient {
	tight := &Options{RTol: 1e-14, ATol: 1e-14, NoGradient: true}
	loss := func() float64 {
		s, err := Solve(context.Background(), pr.problem(), DOP853{}, tight)
		if err != nil {
			t.Fatal(err)
		}
		l, _ := pr.loss(s)
		return l
	}
	g := &Gradient{}
	for i := range pr.y0 {
		g.Y0 = append(g.Y0, difference(loss, &pr.y0[i]))
	}
	for i := range pr.p {
		g.Params = append(g.Params, difference(loss, &pr.p[i]))
	}
	for k := range pr.times {
		if pr.times[k] == pr.t0 {
			g.Times = append(g.Times, 0)
			continue
		}
		// Moved alone, a time would pass its neighbours: it is asked for by
		// itself.
		whole := pr.times
		alone := *pr
		alone.times = []float64{whole[k]}
		alone.target = pr.target[k*len(pr.y0) : (k+1)*len(pr.y0)]
		g.Times = append(g.Times, difference(func() float64 {
			s, err := Solve(context.Background(), alone.problem(), DOP853{}, tight)
			if err != nil {
				t.Fatal(err)
			}
			l, _ := alone.loss(s)
			return l
		}, &alone.times[0]))
	}
	late := *pr
	for len(late.times) > 0 && late.times[0] == late.t0 {
		late.times, late.target = late.times[1:], late.target[len(late.y0):]
	}
	g.T0 = difference(func() float64 {
		s, err := Solve(context.Background(), late.problem(), DOP853{}, tight)
		if err != nil {
			t.Fatal(err)
		}
		l, _ := late.loss(s)
		return l
	}, &late.t0)
	return g
}

// off returns the greatest relative error of a group of derivatives.
func off(got, want []float64) float64 {
	scale, d := 1e-300, 0.0
	for i := range want {
		scale = max(scale, math.Abs(want[i]))
		d = max(d, math.Abs(got[i]-want[i]))
	}
	return d / scale
}

// TestGradientTruth compares every way to the gradient with the truth, at two
// tolerances those that do not lose it on the way back.
func TestGradientTruth(t *testing.T) {
	for _, pr := range gradientProblems() {
		t.Run(pr.name, func(t *testing.T) {
			want := pr.truth(t)
			for _, adj := range []Adjoint{Discrete, Interpolating, Backsolve} {
				if adj == Backsolve && (pr.name == "FitzHugh-Nagumo" || pr.name == "stiff decay") {
					continue // see TestBacksolveDrift
				}
				pr.compare(t, adj, 1e-9, 1e-7, want)
				if adj != Backsolve {
					pr.compare(t, adj, 1e-6, 1e-4, want)
				}
			}
		})
	}
}

// compare holds the gradient at a tolerance of tol against want: each group of
// derivatives is to be within limit, that with respect to t0 within ten times
// as much, and those of Backsolve within ten times as much again.
func (pr *gradientProblem) compare(t *testing.T, adj Adjoint, tol, limit float64, want *Gradient) {
	s, err := Solve(context.Background(), pr.problem(), Dopri5{}, &Options{RTol: tol, ATol: tol, Adjoint: adj})
	if err != nil {
		t.Fatal(err)
	}
	_, g := pr.loss(s)
	got, err := s.Gradient(Loss{States: g})
	if err != nil {
		t.Fatal(err)
	}
	if adj == Backsolve {
		limit *= 10
	}
	for _, x := range []struct {
		name      string
		got, want []float64
		limit     float64
	}{
		{"y0", got.Y0, want.Y0, limit},
		{"params", got.Params, want.Params, limit},
		{"t0", []float64{got.T0}, []float64{want.T0}, 10 * limit},
		{"times", got.Times, want.Times, limit},
	} {
		e := off(x.got, x.want)
		t.Logf("adjoint %d at %g: %s off by %.1e", adj, tol, x.name, e)
		if !(e <= x.limit) {
			t.Errorf("adjoint %d at %g: the gradient with respect to %s is off by %.2g: %v, want %v", adj, tol, x.name, e, x.got, x.want)
		}
	}
}

// TestBacksolveDrift has Backsolve fail, and say so, where the solution
// forgets.
func TestBacksolveDrift(t *testing.T) {
	for _, pr := range gradientProblems() {
		if pr.name != "FitzHugh-Nagumo" && pr.name != "stiff decay" {
			continue
		}
		for _, tol := range []float64{1e-6, 1e-9} {
			s, err := Solve(context.Background(), pr.problem(), Dopri5{}, &Options{RTol: tol, ATol: tol, Adjoint: Backsolve})
			if err != nil {
				t.Fatal(err)
			}
			_, g := pr.loss(s)
			_, err = s.Gradient(Loss{States: g})
			t.Logf("%s %g: drift %.2g, %v", pr.name, tol, s.Stats().Drift, err)
			if err == nil {
				t.Errorf("%s at %g: no error for a drift of %g", pr.name, tol, s.Stats().Drift)
			}
		}
	}
}

// TestCheckpoints asks for the same bits whatever the memory, and counts the
// evaluations.
func TestCheckpoints(t *testing.T) {
	// Lotka-Volterra with a harvest that changes at 0.9 and 2.
	smooth := lotka([]float64{1.5, 1, 3, 1})
	f := smooth
	f.Func = func(dst []float64, rows []int, t, y []float64) error {
		err := smooth.Func(dst, rows, t, y)
		for i := range rows {
			if t[i] > 0.9 && t[i] < 2 {
				dst[2*i] -= 0.2
			}
		}
		return err
	}
	for _, m := range []Method{Dopri5{}, DOP853{}, RK4{Step: 0.02, Dense: true}} {
		t.Run(name(m), func(t *testing.T) {
			t0, y0, times := crowd(5)
			for i := range times {
				end := t0[i] + 10
				if i == 1 {
					end = t0[i] - 0.4
				}
				times[i] = []float64{t0[i] + (end-t0[i])/3.1, t0[i] + (end-t0[i])/2.1, end}
			}
			var want [3][]float64
			for _, memory := range []int{0, 200000, 20000, 2000, 1} {
				b := newBatch(t, f, m, &Options{RTol: 1e-8, ATol: 1e-8, Memory: memory, Jumps: []float64{0.9, 2}})
				solve(t, b, t0, y0, times)
				dy := make([][]float64, 5)
				for i := range dy {
					dy[i] = b.Y(i)
				}
				for _, again := range []bool{false, true} {
					if again {
						if err := b.Resolve(context.Background(), y0); err != nil {
							t.Fatal(err)
						}
					}
					got := [3][]float64{make([]float64, 10), make([]float64, 4), nil}
					if err := b.Backward(got[0], got[1], dy); err != nil {
						t.Fatal(err)
					}
					for i := range dy {
						got[2] = append(got[2], b.Y(i)...)
					}
					if memory == 0 && !again {
						want = got
					}
					for i := range got {
						same(t, fmt.Sprintf("memory %d, again %v, part %d", memory, again, i), got[i], want[i])
					}
				}
			}
		})
	}
}

// TestCheckpointCost measures what 10000 steps within the room of 100 states
// cost.
func TestCheckpointCost(t *testing.T) {
	f := lotka([]float64{1.5, 1, 3, 1})
	b := newBatch(t, f, RK4{Step: 1e-3}, &Options{Memory: 100 * 2 * 8})
	solve(t, b, []float64{0}, []float64{1, 1}, [][]float64{{10}})
	calls := b.Stats(0).Calls
	if n := b.Stats(0).Accepted; n != 10000 {
		t.Fatalf("%d steps", n)
	}
	if err := b.Backward(nil, nil, [][]float64{{1, 1}}); err != nil {
		t.Fatal(err)
	}
	again := float64(b.Stats(0).Calls-calls) / float64(calls)
	t.Logf("%.2f solves again", again)
	if again > 3 {
		t.Errorf("%.2f solves again, want at most 3", again)
	}
	if n := len(b.cache.states) + len(b.cache.steps) + cap(b.data); n > 200 {
		t.Errorf("%d numbers kept, want at most 200", n)
	}
}

// TestResolve differentiates plain central differences of Resolve.
func TestResolve(t *testing.T) {
	p := []float64{1.5, 1, 3, 1}
	y0 := []float64{1, 1, 0.5, 2}
	times := [][]float64{{0, 0.5, 2}, {-0.3, -1}}
	b := newBatch(t, lotka(p), Dopri5{}, &Options{RTol: 1e-4, ATol: 1e-4})
	solve(t, b, []float64{0, 0}, y0, times)
	steps := []int{b.Stats(0).Accepted, b.Stats(1).Accepted}
	dy := [][]float64{{1, 2, 3, 4, 5, 6}, {-1, 1, 2, -2}}
	loss := func() float64 {
		if err := b.Resolve(context.Background(), y0); err != nil {
			t.Fatal(err)
		}
		return inner(b.Y(0), dy[0]) + inner(b.Y(1), dy[1])
	}
	loss()
	dy0, dp := make([]float64, 4), make([]float64, 4)
	if err := b.Backward(dy0, dp, dy); err != nil {
		t.Fatal(err)
	}
	for i := range y0 {
		if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-8*(1+math.Abs(want)) {
			t.Errorf("dy0[%d] is %v, want %v", i, dy0[i], want)
		}
	}
	for i := range p {
		if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-8*(1+math.Abs(want)) {
			t.Errorf("dp[%d] is %v, want %v", i, dp[i], want)
		}
	}
	for i, n := range steps {
		if got := b.Stats(i).Accepted; got != n {
			t.Errorf("trajectory %d: %d steps, want %d", i, got, n)
		}
	}
	if err := b.Resolve(context.Background(), []float64{1, math.NaN(), 1, 1}); !errors.Is(err, ErrNonFiniteState) {
		t.Errorf("%v, want %v", err, ErrNonFiniteState)
	}
	if err := b.Resolve(context.Background(), []float64{1e200, 1e200, 0.5, 2}); err != nil {
		t.Fatal(err)
	}
	if err := b.Err(0); !errors.Is(err, ErrNonFiniteStage) || b.Err(1) != nil {
		t.Errorf("%v and %v, want %v and nil", err, b.Err(1), ErrNonFiniteStage)
	}
	if n := len(b.Y(0)); n != 2 {
		t.Errorf("%d numbers of the failed trajectory, want those of its start", n)
	}
	loss()
	if b.Err(0) != nil || len(b.Y(0)) != 6 {
		t.Errorf("a later Resolve keeps the failure: %v", b.Err(0))
	}
}
