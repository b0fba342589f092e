package sde

import (
	"context"
	"math"
	"testing"
	"tsgen/internal/seriestest"
)

// The double well's law from one start agrees with the Fokker-Planck equation,
// solved on a grid: the mean, the second moment and the share that has crossed
// the middle, at an early and a late time, and at the latter with the stationary
// density exp(-2V/σ²) by quadrature.
func TestDoubleWellLaw(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	const sigma, start, n = 0.9, 0.4, 4000
	p := []float64{1, 1, sigma}
	b := newBatch(t, doubleWell(p).Batch(), SRA{1. / 16}, &Options{NoGradient: true})
	times := []float64{0.5, 12}
	solveMany(t, b, n, []float64{start}, times, 1)
	for k, end := range times {
		density, x := fokkerPlanck(sigma, start, end)
		stats := [3]func(x float64) float64{
			func(x float64) float64 { return x },
			func(x float64) float64 { return x * x },
			func(x float64) float64 {
				if x < 0 {
					return 1
				}
				return 0
			},
		}
		for j, f := range stats {
			want, norm, second, stationary, all := 0.0, 0.0, 0.0, 0.0, 0.0
			for i := range x {
				v := f(x[i])
				want, norm, second = want+v*density[i], norm+density[i], second+v*v*density[i]
				rho := math.Exp(-2 / (sigma * sigma) * (x[i]*x[i]*x[i]*x[i]/4 - x[i]*x[i]/2))
				stationary, all = stationary+v*rho, all+rho
			}
			want, second, stationary = want/norm, second/norm, stationary/all
			got := 0.0
			for i := range n {
				got += f(b.Y(i)[k]) / n
			}
			chance := math.Sqrt((second - want*want) / n)
			t.Logf("time %g, statistic %d: %.4f, by Fokker and Planck %.4f, stationary %.4f", end, j, got, want, stationary)
			if math.Abs(got-want) > 4*chance {
				t.Errorf("time %g: statistic %d is %g, want %g", end, j, got, want)
			}
			if end > 10 && math.Abs(want-stationary) > 0.02 {
				t.Errorf("statistic %d: the Fokker-Planck equation has %g, its stationary solution %g", j, want, stationary)
			}
		}
	}
}

// fokkerPlanck returns the density at time end of dy = (y - y³) dt + sigma dW
// from a point, by Crank and Nicolson's scheme in its conservative form.
func fokkerPlanck(sigma, start, end float64) (density, x []float64) {
	const n, lo, hi = 401, -3., 3.
	dx := (hi - lo) / (n - 1)
	x, density = make([]float64, n), make([]float64, n)
	// From a narrow Gaussian at a small time, in which the drift is linear.
	early := 0.002
	for i := range x {
		x[i] = lo + dx*float64(i)
		z := (x[i] - start - (start-start*start*start)*early) / (sigma * math.Sqrt(early))
		density[i] = math.Exp(-z * z / 2)
	}
	steps := 1000
	dt := (end - early) / float64(steps)
	// Flux between i and i+1: drift at the middle times the mean, less diffusion.
	left, diag, right := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n - 1 {
		m := x[i] + dx/2
		f, d := (m-m*m*m)/(2*dx), sigma*sigma/(2*dx*dx)
		// p_i' -= f(p_i + p_{i+1}) - d(p_{i+1} - p_i), and the reverse for i+1.
		diag[i] -= f + d
		right[i] -= f - d
		left[i+1] += f + d
		diag[i+1] += f - d
	}
	rhs, c, work := make([]float64, n), make([]float64, n), make([]float64, n)
	for k := range steps {
		// A few implicit steps damp what the narrow start excites.
		theta := 0.5
		if k < 4 {
			theta = 1
		}
		for i := range n {
			s := diag[i] * density[i]
			if i > 0 {
				s += left[i] * density[i-1]
			}
			if i < n-1 {
				s += right[i] * density[i+1]
			}
			rhs[i] = density[i] + (1-theta)*dt*s
		}
		for i := range n {
			a, m := -theta*dt*left[i], 1-theta*dt*diag[i]
			if i > 0 {
				m -= a * c[i-1]
				rhs[i] -= a * work[i-1]
			}
			c[i] = -theta * dt * right[i] / m
			work[i] = rhs[i] / m
		}
		for i := n - 1; i >= 0; i-- {
			density[i] = work[i]
			if i < n-1 {
				density[i] -= c[i] * density[i+1]
			}
		}
	}
	return density, x
}

// The Ornstein-Uhlenbeck process has its mean, its variance and its covariance
// over time, whether steps are adaptive or not.
func TestOrnsteinUhlenbeckLaw(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	p := []float64{1.5, 0.3, 0.8}
	const n, y0 = 2000, 2.
	for _, m := range []Method{EulerMaruyama{1. / 64}, SRA{1. / 16}, SRA{}, Heun{}, ReversibleHeun{1. / 64}} {
		s := ornsteinUhlenbeck(p)
		b := newBatch(t, s.Batch(), m, &Options{NoGradient: true, RTol: 1e-2, ATol: 1e-2})
		solveMany(t, b, n, []float64{y0}, []float64{0.5, 1.3}, 77)
		mean := func(t float64) float64 { return p[1] + (y0-p[1])*math.Exp(-p[0]*t) }
		cov := func(s, t float64) float64 {
			return p[2] * p[2] / (2 * p[0]) * (math.Exp(-p[0]*(t-s)) - math.Exp(-p[0]*(t+s)))
		}
		var m1, m2, c11, c12, c22 float64
		for i := range n {
			a, c := b.Y(i)[0]-mean(0.5), b.Y(i)[1]-mean(1.3)
			m1, m2 = m1+a/n, m2+c/n
			c11, c12, c22 = c11+a*a/n, c12+a*c/n, c22+c*c/n
		}
		v1, v2, v12 := cov(0.5, 0.5), cov(1.3, 1.3), cov(0.5, 1.3)
		bias := 0.0
		if _, ok := m.(EulerMaruyama); ok {
			bias = 0.012 // of the order of p0·h/2
		}
		for _, x := range []struct{ got, want, chance float64 }{
			{m1, 0, math.Sqrt(v1 / n)}, {m2, 0, math.Sqrt(v2 / n)},
			{c11, v1, v1 * math.Sqrt(2./n)}, {c22, v2, v2 * math.Sqrt(2./n)}, {c12, v12, math.Sqrt((v1*v2 + v12*v12) / n)},
		} {
			if math.Abs(x.got-x.want) > 4*x.chance+bias {
				t.Errorf("%T, step %g: %g, want %g ± %.1g", m, m.step(), x.got, x.want, x.chance)
			}
		}
	}
}

// The divergence of two Ornstein-Uhlenbeck processes that differ in their
// level is ½(p0·(a - b)/p2)² t for every path, and of those that differ in
// their rate it has the mean that the moments give.
func TestKL(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	p := []float64{1.5, 0.3, 0.8, -0.5, 0.6} // rate, level, noise; the prior's level and rate
	sys := ornsteinUhlenbeck(p[:3])
	sys.Params, sys.Theta = 5, p
	prior := func(rate, level *float64) Prior {
		return Prior{
			Drift: func(dst []float64, _ []int, _, y []float64) error {
				for i := range dst {
					dst[i] = *rate * (*level - y[i])
				}
				return nil
			},
			DriftVJP: func(dy, dp []float64, _ []int, _, y, a []float64) error {
				for i := range a {
					dy[i] -= a[i] * *rate
					if dp != nil {
						dp[index(p, rate)] += a[i] * (*level - y[i])
						dp[index(p, level)] += a[i] * *rate
					}
				}
				return nil
			},
		}
	}
	const n, end = 1500, 1.2
	for _, c := range []struct {
		name        string
		rate, level *float64
		want        float64
		chance      bool
	}{
		{"levels", &p[0], &p[3], math.Pow(p[0]*(p[1]-p[3])/p[2], 2) / 2 * end, false},
		{"rates", &p[4], &p[1], math.Pow((p[0]-p[4])/p[2], 2) / 2 * integralOfSquare(p, 2-p[1], end), true},
	} {
		kl, err := WithKL(sys.Batch(), prior(c.rate, c.level))
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(t, kl, SRI{1. / 32}, nil)
		solveMany(t, b, n, []float64{2, 0}, []float64{end}, 5)
		plain := newBatch(t, sys.Batch(), SRI{1. / 32}, nil)
		solveMany(t, plain, n, []float64{2}, []float64{end}, 5)
		mean, square := 0.0, 0.0
		for i := range n {
			y := b.Y(i)
			if y[0] != plain.Y(i)[0] {
				t.Fatalf("%s: trajectory %d is at %g with the divergence, at %g without", c.name, i, y[0], plain.Y(i)[0])
			}
			mean, square = mean+y[1]/n, square+y[1]*y[1]/n
		}
		chance := math.Sqrt(max(0, square-mean*mean) / n)
		t.Logf("%s: %.5f ± %.5f, want %.5f", c.name, mean, chance, c.want)
		if math.Abs(mean-c.want) > 4*chance+1e-4*c.want || c.chance != (chance > 1e-6) {
			t.Errorf("%s: divergence %g ± %g, want %g", c.name, mean, chance, c.want)
		}

		// Its gradient agrees with differences along the same paths.
		few := newBatch(t, kl, SRI{1. / 8}, nil)
		loss := func() float64 {
			solveMany(t, few, 3, []float64{2, 0}, []float64{end}, 5)
			s := 0.0
			for i := range 3 {
				s += few.Y(i)[1] + 0.3*few.Y(i)[0]
			}
			return s
		}
		loss()
		dp := make([]float64, 5)
		if err := few.Backward(nil, dp, [][]float64{{0.3, 1}, {0.3, 1}, {0.3, 1}}); err != nil {
			t.Fatal(err)
		}
		for j := range p {
			keep := p[j]
			p[j] = keep + 1e-5
			up := loss()
			p[j] = keep - 1e-5
			down := loss()
			p[j] = keep
			if want := (up - down) / 2e-5; math.Abs(dp[j]-want) > 1e-8*(1+math.Abs(want)) {
				t.Errorf("%s: derivative %d is %.10g, differences say %.10g", c.name, j, dp[j], want)
			}
		}
	}
	if _, err := WithKL(coupled(Ito, General, make([]float64, 5)).Batch(), prior(&p[0], &p[1])); !isErr(err, ErrOption) {
		t.Errorf("general noise gives the error %v", err)
	}
	if _, err := WithKL(sys.Batch(), Prior{}); !isErr(err, ErrOption) {
		t.Errorf("no prior gives the error %v", err)
	}
}

// index returns the index of p's element at x.
func index(p []float64, x *float64) int {
	for i := range p {
		if &p[i] == x {
			return i
		}
	}
	return -1
}

// integralOfSquare returns the integral from 0 to end of the mean of
// (y - p1)², y being the Ornstein-Uhlenbeck process that begins off its level.
func integralOfSquare(p []float64, off, end float64) float64 {
	rate, v := p[0], p[2]*p[2]/(2*p[0])
	return (off*off-v)*(1-math.Exp(-2*rate*end))/(2*rate) + v*end
}

// A solution to a later time begins with that to an earlier one, and other
// methods go along the same path: their difference is small.
func TestSamePath(t *testing.T) {
	p := []float64{1.5, 0.3, 0.8}
	solve := func(m Method, times ...float64) []float64 {
		s, err := Solve(context.Background(), Problem{System: ornsteinUhlenbeck(p), Y0: []float64{2}, Times: times, Seed: 9}, m, &Options{RTol: 1e-4, ATol: 1e-4})
		if err != nil {
			t.Fatal(err)
		}
		return s.batch.Y(0)
	}
	long := solve(SRA{0.01}, 0.5, 1, 200)
	if short := solve(SRA{0.01}, 0.5, 1); short[0] != long[0] || short[1] != long[1] {
		t.Errorf("%v to time 1, %v to time 200", short, long)
	}
	for _, c := range []struct {
		m   Method
		tol float64
	}{{SRA{}, 1e-3}, {EulerMaruyama{0.001}, 3e-3}, {Heun{0.001}, 3e-3}, {SRI{1. / 128}, 1e-3}, {ReversibleHeun{0.001}, 3e-3}, {Milstein{0.001}, 3e-3}} {
		if y := solve(c.m, 0.5, 1); math.Abs(y[0]-long[0]) > c.tol || math.Abs(y[1]-long[1]) > c.tol {
			t.Errorf("%T: %v, SRA %v", c.m, y, long)
		}
	}
}

// Where the clock stands is of no matter: from the seconds of an epoch on, an
// autonomous system goes as from 0.
func TestLargeTimes(t *testing.T) {
	p := []float64{1.5, 0.3, 0.8}
	times := []float64{0.25, 3.5, 100}
	for _, m := range []Method{EulerMaruyama{0.01}, SRA{0.01}, SRA{}, Heun{}, ReversibleHeun{0.01}} {
		var want []float64
		for _, t0 := range []float64{0, 1.7e9} {
			var at []float64
			for _, x := range times {
				at = append(at, t0+x)
			}
			s, err := Solve(context.Background(), Problem{System: ornsteinUhlenbeck(p), T0: t0, Y0: []float64{2}, Times: at, Seed: 3}, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			y := s.batch.Y(0)
			if t0 == 0 {
				want = y
			}
			for k := range y {
				if math.Abs(y[k]-want[k]) > 1e-12 {
					t.Errorf("%T: at %g after %g the state is %g, after 0 %g", m, times[k], t0, y[k], want[k])
				}
			}
		}
	}
}
