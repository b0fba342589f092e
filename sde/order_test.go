package sde

import (
	"math"
	"testing"
	"tsgen/internal/seriestest"
)

// slope returns the slope of the least-squares line through (log h, log e).
func slope(h, e []float64) float64 {
	var mx, my, xx, xy float64
	n := float64(len(h))
	for i := range h {
		mx, my = mx+math.Log(h[i])/n, my+math.Log(e[i])/n
	}
	for i := range h {
		x, y := math.Log(h[i])-mx, math.Log(e[i])-my
		xx, xy = xx+x*x, xy+x*y
	}
	return xy / xx
}

// fixedStep returns a method of m's kind with a fixed step.
func fixedStep(m Method, h float64) Method {
	switch m.(type) {
	case EulerMaruyama:
		return EulerMaruyama{h}
	case Milstein:
		return Milstein{h}
	case SRI:
		return SRI{h}
	case SRA:
		return SRA{h}
	case Heun:
		return Heun{h}
	}
	return ReversibleHeun{h}
}

// Every method has its strong order on equations with known solutions: the
// root of the mean square of the error at time 1 along common paths goes with
// that power of the step.
func TestStrongOrder(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	gbm := []float64{0.4, 0.6}
	exp := func(c Calculus) func(float64) float64 {
		return func(w float64) float64 {
			if c == Ito {
				return math.Exp(gbm[0] - gbm[1]*gbm[1]/2 + gbm[1]*w)
			}
			return math.Exp(gbm[0] + gbm[1]*w)
		}
	}
	tanh := func(w float64) float64 { return math.Tanh(-0.3 + 0.8*w + math.Atanh(0.2)) }
	for _, c := range []struct {
		name  string
		sys   System
		y0    float64
		exact func(w float64) float64
		m     Method
		order float64
	}{
		{"Euler-Maruyama, geometric", geometric(Ito, gbm), 1, exp(Ito), EulerMaruyama{}, 0.5},
		{"Milstein, geometric", geometric(Ito, gbm), 1, exp(Ito), Milstein{}, 1},
		{"Milstein, geometric, Stratonovich", geometric(Stratonovich, gbm), 1, exp(Stratonovich), Milstein{}, 1},
		{"SRI, geometric", geometric(Ito, gbm), 1, exp(Ito), SRI{}, 1.5},
		{"Heun, geometric", geometric(Stratonovich, gbm), 1, exp(Stratonovich), Heun{}, 1},
		{"reversible Heun, geometric", geometric(Stratonovich, gbm), 1, exp(Stratonovich), ReversibleHeun{}, 1},
		{"Euler-Maruyama, bounded", bounded(0.3, 0.8), 0.2, tanh, EulerMaruyama{}, 0.5},
		{"Milstein, bounded", bounded(0.3, 0.8), 0.2, tanh, Milstein{}, 1},
		{"SRI, bounded", bounded(0.3, 0.8), 0.2, tanh, SRI{}, 1.5},
		{"Milstein, bounded, Stratonovich", boundedStratonovich(0.3, 0.8), 0.2, tanh, Milstein{}, 1},
		{"Heun, bounded", boundedStratonovich(0.3, 0.8), 0.2, tanh, Heun{}, 1},
		{"reversible Heun, bounded", boundedStratonovich(0.3, 0.8), 0.2, tanh, ReversibleHeun{}, 0.5},
	} {
		var hs, es []float64
		for k := 5; k <= 8; k++ {
			h := math.Ldexp(1, -k)
			const n = 300
			b := newBatch(t, c.sys.Batch(), fixedStep(c.m, h), nil)
			solveMany(t, b, n, []float64{c.y0}, []float64{1}, 1)
			square, w := 0.0, make([]float64, 1)
			for i := range n {
				if err := b.Path(i).At(w, 1); err != nil {
					t.Fatal(err)
				}
				e := b.Y(i)[0] - c.exact(w[0])
				square += e * e / n
			}
			hs, es = append(hs, h), append(es, math.Sqrt(square))
		}
		got := slope(hs, es)
		t.Logf("%-36s order %.3f, error %.1e with a step of 1/256", c.name, got, es[len(es)-1])
		over := 0.12
		if _, ok := c.m.(ReversibleHeun); ok {
			over = 0.5 // its order 1/2 is where it is going
		}
		if got < c.order-0.12 || got > c.order+over {
			t.Errorf("%s: order %.3f, want %g", c.name, got, c.order)
		}
	}
}

// With additive noise Euler-Maruyama and Heun have strong order 1 and SRA 1.5,
// or 2 where the drift is linear: on the Ornstein-Uhlenbeck process, the double
// well and a system of two against SRA with much smaller steps.
func TestStrongOrderAdditive(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	coupledP := []float64{0.8, 2, 1.2, 1.4, 1.3}
	for _, c := range []struct {
		name  string
		sys   System
		y0    []float64
		m     Method
		order float64
	}{
		{"Euler-Maruyama, Ornstein-Uhlenbeck", ornsteinUhlenbeck([]float64{1.5, 0.3, 0.8}), []float64{1}, EulerMaruyama{}, 1},
		{"SRA, Ornstein-Uhlenbeck", ornsteinUhlenbeck([]float64{1.5, 0.3, 0.8}), []float64{1}, SRA{}, 2},
		{"SRI, double well", doubleWell([]float64{1, 1, 1.5}), []float64{0.3}, SRI{}, 1.5},
		{"SRA, double well", doubleWell([]float64{1, 1, 1.5}), []float64{0.3}, SRA{}, 1.5},
		{"Heun, double well", doubleWell([]float64{1, 1, 1.5}), []float64{0.3}, Heun{}, 1},
		{"reversible Heun, Ornstein-Uhlenbeck", ornsteinUhlenbeck([]float64{1.5, 0.3, 0.8}), []float64{1}, ReversibleHeun{}, 1},
		{"SRA, coupled", coupledAdditive(coupledP), []float64{0.5, -0.2}, SRA{}, 1.5},
	} {
		const n = 120
		ref := newBatch(t, c.sys.Batch(), SRA{math.Ldexp(1, -10)}, nil)
		solveMany(t, ref, n, c.y0, []float64{1}, 1)
		var hs, es []float64
		for k := 4; k <= 7; k++ {
			h := math.Ldexp(1, -k)
			b := newBatch(t, c.sys.Batch(), fixedStep(c.m, h), nil)
			solveMany(t, b, n, c.y0, []float64{1}, 1)
			square := 0.0
			for i := range n {
				for j, y := range b.Y(i) {
					e := y - ref.Y(i)[j]
					square += e * e / n
				}
			}
			hs, es = append(hs, h), append(es, math.Sqrt(square))
		}
		got := slope(hs, es)
		t.Logf("%-36s order %.3f", c.name, got)
		if got < c.order-0.12 || got > c.order+0.3 {
			t.Errorf("%s: order %.3f, want %g", c.name, got, c.order)
		}
	}
}

// The means of solutions converge with the weak order: the difference of a
// moment from that of the exact solution, taken along common paths so that
// little of it is chance.
func TestWeakOrder(t *testing.T) {
	seriestest.Long(t)
	t.Parallel()
	gbm := []float64{1.1, 0.3}
	for _, c := range []struct {
		name     string
		calculus Calculus
		m        Method
		order    float64
	}{
		{"Euler-Maruyama", Ito, EulerMaruyama{}, 1},
		{"Milstein", Ito, Milstein{}, 1},
		{"SRI", Ito, SRI{}, 2},
		{"Heun", Stratonovich, Heun{}, 1},
		{"reversible Heun", Stratonovich, ReversibleHeun{}, 1},
	} {
		var hs, es []float64
		worst := 0.0
		for k := 2; k <= 5; k++ {
			h := math.Ldexp(1, -k)
			const n = 2000
			b := newBatch(t, geometric(c.calculus, gbm).Batch(), fixedStep(c.m, h), nil)
			solveMany(t, b, n, []float64{1}, []float64{1}, 1)
			mean, square, w := 0.0, 0.0, make([]float64, 1)
			for i := range n {
				if err := b.Path(i).At(w, 1); err != nil {
					t.Fatal(err)
				}
				drift := gbm[0]
				if c.calculus == Ito {
					drift -= gbm[1] * gbm[1] / 2
				}
				e := b.Y(i)[0] - math.Exp(drift+gbm[1]*w[0])
				mean, square = mean+e/n, square+e*e/n
			}
			worst = max(worst, math.Sqrt((square-mean*mean)/n)/math.Abs(mean))
			hs, es = append(hs, h), append(es, math.Abs(mean))
		}
		got := slope(hs, es)
		t.Logf("%-16s weak order %.3f, error by chance up to %.2f", c.name, got, worst)
		if math.Abs(got-c.order) > 0.3 {
			t.Errorf("%s: weak order %.3f, want %g", c.name, got, c.order)
		}
	}
}

// Components that grow geometrically and share motions, by General noise of two
// or by Scalar noise, have the strong orders as well: component i is
// exp(μᵢt + Σ σᵢₖWₖ), in Itô's calculus less half the sum of the squares of σᵢₖ.
func TestStrongOrderShared(t *testing.T) {
	t.Parallel()
	mu, sigma := [2]float64{0.3, -0.2}, [2][2]float64{{0.5, -0.3}, {0.2, 0.4}}
	for _, c := range []struct {
		name     string
		noise    Noise
		calculus Calculus
		m        Method
		order    float64
		over     float64
	}{
		{"Euler-Maruyama, general", General, Ito, EulerMaruyama{}, 0.5, 0.12},
		{"Heun, general", General, Stratonovich, Heun{}, 1, 0.12},
		{"reversible Heun, general", General, Stratonovich, ReversibleHeun{}, 0.5, 0.62},
		{"Milstein, scalar", Scalar, Ito, Milstein{}, 1, 0.12},
		{"Milstein, scalar, Stratonovich", Scalar, Stratonovich, Milstein{}, 1, 0.12},
		{"SRI, scalar", Scalar, Ito, SRI{}, 1.5, 0.12},
	} {
		motions := 2
		if c.noise == Scalar {
			motions = 1
		}
		sys := one(System{Dim: 2, Motions: motions, Noise: c.noise, Calculus: c.calculus},
			func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = mu[0]*y[0], mu[1]*y[1] },
			func(dst []float64, _ float64, y []float64) {
				for i := range y {
					for k := range motions {
						dst[i*motions+k] = sigma[i][k] * y[i]
					}
				}
			}, nil, nil)
		var hs, es []float64
		for k := 5; k <= 8; k++ {
			h := math.Ldexp(1, -k)
			const n = 200
			b := newBatch(t, sys.Batch(), fixedStep(c.m, h), nil)
			solveMany(t, b, n, []float64{1, 1}, []float64{1}, 1)
			square, w := 0.0, make([]float64, motions)
			for i := range n {
				if err := b.Path(i).At(w, 1); err != nil {
					t.Fatal(err)
				}
				for j, y := range b.Y(i) {
					x := mu[j]
					for k := range motions {
						x += sigma[j][k] * w[k]
						if c.calculus == Ito {
							x -= sigma[j][k] * sigma[j][k] / 2
						}
					}
					e := y - math.Exp(x)
					square += e * e / n
				}
			}
			hs, es = append(hs, h), append(es, math.Sqrt(square))
		}
		got := slope(hs, es)
		t.Logf("%-32s order %.3f", c.name, got)
		if got < c.order-0.12 || got > c.order+c.over {
			t.Errorf("%s: order %.3f, want %g", c.name, got, c.order)
		}
	}
}
