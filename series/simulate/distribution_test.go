package simulate

import (
	"math"
	"math/cmplx"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// steps returns n steps of a process.
func steps(p process, k uint64, n int) []float64 {
	s := newSource(7, k)
	y := make([]float64, n)
	for i := range y {
		y[i] = p.step(s)
	}
	return y
}

// acf returns the autocorrelation at a lag.
func acf(y []float64, lag int) float64 {
	mean := stat.Mean(y, nil)
	var a, b float64
	for i, v := range y {
		b += (v - mean) * (v - mean)
		if i >= lag {
			a += (v - mean) * (y[i-lag] - mean)
		}
	}
	return a / b
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.4g, want %.4g", what, got, want)
	}
}

var gaussian = innovation{variance: 1}

// Autoregressions that are drawn have their roots where they are said to be.
func TestStable(t *testing.T) {
	for k := range uint64(300) {
		s := newSource(3, k)
		order := 1 + int(k%4)
		a := stable(s, order, 0.9)
		companion := mat.NewDense(order, order, nil)
		for j, c := range a {
			companion.Set(0, j, c)
			if j > 0 {
				companion.Set(j, j-1, 1)
			}
		}
		var e mat.Eigen
		if !e.Factorize(companion, mat.EigenNone) {
			t.Fatal("no eigenvalues")
		}
		for _, v := range e.Values(nil) {
			if cmplx.Abs(v) > 0.9+1e-6 {
				t.Fatalf("order %d: a root of modulus %v", order, cmplx.Abs(v))
			}
		}
	}
}

// ARMA processes have the autocorrelations and the variance of their closed forms, a
// seasonal one those a season apart, and differences undo the sums.
func TestARIMAMoments(t *testing.T) {
	a := &arima{shock: gaussian, ar: []float64{0.7}, w: newRing(1), inner: newRing(1), u: newRing(1), e: newRing(1), v: newRing(1)}
	y := steps(a, 1, 200000)
	near(t, "variance", stat.Variance(y, nil), 1/(1-0.49), 0.04)
	near(t, "autocorrelation at 3", acf(y, 3), 0.343, 0.01)

	a = &arima{shock: gaussian, ma: []float64{0.5}, w: newRing(1), inner: newRing(1), u: newRing(1), e: newRing(1), v: newRing(1)}
	y = steps(a, 2, 200000)
	near(t, "autocorrelation of MA(1)", acf(y, 1), 0.5/1.25, 0.01)
	near(t, "autocorrelation of MA(1) at 2", acf(y, 2), 0, 0.01)

	a = &arima{shock: gaussian, seasonalAR: 0.6, seasonalMA: 0, w: newRing(1), inner: newRing(1), u: newRing(12), e: newRing(12), v: newRing(12)}
	y = steps(a, 3, 200000)
	near(t, "autocorrelation a season apart", acf(y, 12), 0.6, 0.015)
	near(t, "autocorrelation next to it", acf(y, 11), 0, 0.015)

	a = &arima{shock: gaussian, ar: []float64{0.5}, differences: 1, seasonDiffs: 1, w: newRing(1), inner: newRing(1), u: newRing(12), e: newRing(12), v: newRing(12)}
	y = steps(a, 4, 20000)
	var w []float64
	for i := 13; i < len(y); i++ {
		w = append(w, y[i]-y[i-1]-y[i-12]+y[i-13])
	}
	near(t, "autocorrelation of the differences", acf(w, 1), 0.5, 0.03)
	near(t, "variance of the differences", stat.Variance(w, nil), 1/0.75, 0.06)
}

// Shocks with a spread of their own dynamics have the variance 1 and heavy tails.
func TestInnovation(t *testing.T) {
	l := innovation{alpha: 0.1, beta: 0.8, variance: 1}
	s := newSource(1, 1)
	y := make([]float64, 300000)
	for i := range y {
		y[i] = l.draw(s)
	}
	near(t, "variance", stat.Variance(y, nil), 1, 0.04)
	// Bollerslev 1986, equation 8: 3 (1 - (α+β)²) / (1 - (α+β)² - 2α²).
	near(t, "kurtosis", stat.ExKurtosis(y, nil)+3, 3*(1-0.81)/(1-0.81-0.02), 0.35)
}

// Exponential smoothing with additive errors is ARIMA(0,1,1), so that its differences
// have that autocorrelation.
func TestSmoothingMoments(t *testing.T) {
	x := &smoothing{shock: gaussian, alpha: 0.3, phi: 1, sd: 1, least: math.Inf(-1), most: math.Inf(1)}
	y := steps(x, 1, 200000)
	var d []float64
	for i := 1; i < len(y); i++ {
		d = append(d, y[i]-y[i-1])
	}
	near(t, "autocorrelation", acf(d, 1), -0.7/(1+0.49), 0.01)
	near(t, "variance", stat.Variance(d, nil), 1.49, 0.03)
}

// The parts of Gaussian processes have their covariance functions.
func TestLinearMoments(t *testing.T) {
	for _, c := range []struct {
		name string
		part linearPart
		want func(k float64) float64
	}{
		{"Ornstein-Uhlenbeck", forgetting(2, 8), func(k float64) float64 { return math.Exp(-k / 8) }},
		{"Matérn", smooth(2, 10), func(k float64) float64 {
			return (1 + math.Sqrt(3)*k/10) * math.Exp(-math.Sqrt(3)*k/10)
		}},
		{"oscillation", oscillation(2, 12, 30), func(k float64) float64 { return math.Cos(2*math.Pi*k/12) * math.Exp(-k/30) }},
	} {
		x := &linear{shock: gaussian, parts: []linearPart{c.part}}
		x.parts[0].start(newSource(1, 1))
		y := steps(x, 5, 400000)
		near(t, c.name+": variance", stat.Variance(y, nil), 4, 0.25)
		for _, lag := range []int{1, 5, 9} {
			near(t, c.name+": autocorrelation", acf(y, lag), c.want(float64(lag)), 0.03)
		}
	}
}

// The first value of a Gaussian process is of the stationary distribution already.
func TestLinearStart(t *testing.T) {
	p := smooth(2, 10)
	var y, d []float64
	for k := range uint64(20000) {
		q := p
		q.start(newSource(2, k))
		y, d = append(y, q.x[0]), append(d, q.x[1])
	}
	near(t, "deviation", stat.StdDev(y, nil), 2, 0.05)
	near(t, "deviation of the derivative", stat.StdDev(d, nil), 2*math.Sqrt(3)/10, 0.01)
}

// A local level seen through noise has the differences of Harvey 1989, section 2.4.
func TestStructuralMoments(t *testing.T) {
	x := &structural{structuralParameters: &structuralParameters{noiseSD: 1, levelSD: 0.5}}
	y := steps(x, 1, 200000)
	var d []float64
	for i := 1; i < len(y); i++ {
		d = append(d, y[i]-y[i-1])
	}
	near(t, "variance", stat.Variance(d, nil), 2.25, 0.05)
	near(t, "autocorrelation", acf(d, 1), -1/2.25, 0.01)

	x = &structural{structuralParameters: &structuralParameters{noiseSD: 1, damping: 1}, slope: 0.2}
	y = steps(x, 2, 1000)
	_, slope := stat.LinearRegression(ramp(len(y)), y, nil, false)
	near(t, "slope", slope, 0.2, 0.001)
}

func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// A season has the mean, the spread and the period that it is drawn with, a fractional
// one too.
func TestProfile(t *testing.T) {
	for k := range uint64(50) {
		s := newSource(1, k)
		p := newProfile(s, 12, 3)
		if stat.StdDev(p.values, nil) == 0 {
			continue // no peak was drawn
		}
		near(t, "mean", stat.Mean(p.values, nil), 0, 1e-9)
		near(t, "deviation", math.Sqrt(stat.PopVariance(p.values, nil)), 3, 1e-9)
	}
	p := newWaves(newSource(1, 1), 365.25, 1)
	for _, turn := range []int{4, 8, 40} { // as many years of 365.25 days are whole days
		for i := range 300 {
			if p.at(source{}, i) != p.at(source{}, i+turn/4*1461) {
				t.Fatalf("step %d differs %d years later", i, turn)
			}
		}
	}
}

// Oscillators without noise have the amplitude and the period of their equations, and a
// particle in two wells spends its time as Boltzmann says.
func TestDynamicsMoments(t *testing.T) {
	d := &dynamics{inner: 6, dt: 2 * math.Pi / 50, x: 0.5, see: func(x, _ float64) float64 { return x }}
	d.field = func(x, y float64) (float64, float64) { return y, 0.1*(1-x*x)*y - x }
	y := steps(d, 1, 2000)[1000:]
	most := 0.0
	var rises []int
	for i := 1; i < len(y); i++ {
		most = math.Max(most, y[i])
		if y[i-1] < 0 && y[i] >= 0 {
			rises = append(rises, i)
		}
	}
	near(t, "amplitude of van der Pol's oscillator", most, 2, 0.1)
	near(t, "period", float64(rises[len(rises)-1]-rises[0])/float64(len(rises)-1), 50, 0.5)

	const q = 0.9
	d = &dynamics{inner: 6, dt: 0.2, q: q, across: 1, see: func(x, _ float64) float64 { return x }}
	d.field = func(x, y float64) (float64, float64) { return 2 * (x - x*x*x), -y }
	square := 0.0
	y = steps(d, 2, 400000)
	for _, v := range y {
		square += v * v / float64(len(y))
	}
	var z, want float64
	for x := -4.0; x <= 4; x += 0.001 {
		w := math.Exp(2 / (q * q) * (x*x - x*x*x*x/2))
		z, want = z+w, want+w*x*x
	}
	near(t, "mean square in two wells", square, want/z, 0.04)
}

// Numbers of events, sizes and prices have the moments of their distributions.
func TestMoments(t *testing.T) {
	s := newSource(1, 9)
	for _, mean := range []float64{0.3, 4, 25, 80} {
		y := make([]float64, 100000)
		for i := range y {
			y[i] = s.count(mean)
		}
		near(t, "mean count", stat.Mean(y, nil), mean, 0.02*mean+0.005)
		near(t, "variance of counts", stat.Variance(y, nil), mean, 0.03*mean+0.005)
	}
	for _, shape := range []float64{0.5, 1, 6} {
		y := make([]float64, 200000)
		for i := range y {
			y[i] = s.gamma(shape)
		}
		near(t, "mean of Gamma", stat.Mean(y, nil), 1, 0.015)
		near(t, "variance of Gamma", stat.Variance(y, nil), 1/shape, 0.06/shape)
	}
	y := steps(&walk{sd: 0.01, shock: gaussian}, 3, 2000)
	var d []float64
	for i := 1; i < len(y); i++ {
		d = append(d, y[i]-y[i-1])
	}
	near(t, "deviation of returns", stat.StdDev(d, nil), 0.01, 0.0006)
	near(t, "autocorrelation of returns", acf(d, 1), 0, 0.07)

	quiet := &structural{structuralParameters: &structuralParameters{}}
	c := &counts{rate: quiet, mean: 5, swing: 0.1, busy: 0.4, size: 1}
	zeros := 0.0
	for _, v := range steps(c, 4, 50000) {
		if v == 0 {
			zeros += 1. / 50000
		}
	}
	near(t, "share of steps without events", zeros, 0.6+0.4*math.Exp(-5), 0.01)

	r := &regimes{n: 2, stay: 0.9, mean: [3]float64{-5, 5}, sd: [3]float64{0.1, 0.1}}
	changes := 0.0
	y = steps(r, 5, 100000)
	for i := 1; i < len(y); i++ {
		if y[i]*y[i-1] < 0 {
			changes += 1. / 100000
		}
	}
	near(t, "share of changes", changes, 0.05, 0.004) // half of the draws are of another regime
}
