package baseline

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Bounds of the search.
const (
	mostARIMA, mostSeasonalARIMA = 5, 2  // coefficients of either kind
	mostCoefficients             = 5     // p + q + P + Q
	mostForms                    = 94    // that are tried
	leastRoot                    = 1.01  // of the polynomials, in modulus
	strongSeason                 = 0.64  // share of the variance beside the trend
	stationary                   = 0.463 // critical value of the test at 5 %
	exactUpTo, exactSeason       = 150, 12
)

// chooseARIMA returns the model of y, whose first and last values are observed, with the least
// AICc, nil if its differences are constant.
func chooseARIMA(y []float64, season int) *arimaModel {
	s := arimaSearch{y: y, n: observed(y), tried: make(map[arimaForm]bool)}
	s.exact = s.n <= exactUpTo && season <= exactSeason
	if season > 1 && len(y) <= 2*season {
		season = 1
	}
	s.form.period = max(season, 1)
	dx := filled(y)
	if season > 1 && seasonStrength(y, season) > strongSeason {
		if next := lagged(dx, season); !isConstant(next) {
			s.form.sd, dx = 1, next
		}
	}
	for s.form.d < 2 && !isConstant(dx) && kpss(dx) > stationary {
		next := lagged(dx, 1)
		if isConstant(next) {
			break
		}
		s.form.d++
		dx = next
	}
	if isConstant(dx) {
		return nil
	}
	s.mean, s.scale = stat.MeanStdDev(dx, nil)
	s.scale /= math.Sqrt(float64(len(dx)))
	s.search()
	if s.best == nil {
		return nil
	}
	if !s.exact {
		// The orders are chosen; now the estimate, and of the next best where that fails.
		s.exact = true
		if m := s.estimate(s.best.form); m != nil {
			return m
		}
	}
	return s.best
}

// lagged returns the differences of values lag steps apart.
func lagged(y []float64, lag int) []float64 {
	if len(y) <= lag {
		return nil
	}
	d := make([]float64, len(y)-lag)
	for t := range d {
		d[t] = y[t+lag] - y[t]
	}
	return d
}

func isConstant(y []float64) bool {
	for _, v := range y {
		if v != y[0] {
			return false
		}
	}
	return true
}

// seasonStrength returns the strength of a season (Wang, Smith and Hyndman 2006): one less the
// part of the variance beside the trend that the season leaves.
func seasonStrength(y []float64, season int) float64 {
	if len(y) < 2*season+1 {
		return 0
	}
	d := decompose(y, DecomposeOptions{Period: season}.complete(len(y)))
	var rest, both []float64
	for t, r := range d.Remainder {
		if isObserved(r) {
			rest, both = append(rest, r), append(both, r+d.Seasonal[t])
		}
	}
	if v := stat.Variance(both, nil); v > 0 {
		return max(0, 1-stat.Variance(rest, nil)/v)
	}
	return 0
}

// kpss returns the statistic of the test of Kwiatkowski, Phillips, Schmidt and Shin (1992)
// of stationarity around a level, with Bartlett's weights on 3 sqrt(n) / 13 lags.
func kpss(y []float64) float64 {
	n := len(y)
	mean := stat.Mean(y, nil)
	lags := int(3 * math.Sqrt(float64(n)) / 13)
	variance, sum, squares := 0.0, 0.0, 0.0
	for lag := range lags + 1 {
		weight := 2 * (1 - float64(lag)/float64(lags+1))
		if lag == 0 {
			weight = 1
		}
		for t := lag; t < n; t++ {
			variance += weight * (y[t] - mean) * (y[t-lag] - mean)
		}
	}
	for _, v := range y {
		sum += v - mean
		squares += sum * sum
	}
	if !(variance > 0) {
		return 0
	}
	return squares / (float64(n) * variance)
}

// An arimaSearch is one under way.
type arimaSearch struct {
	y           []float64
	n           int       // observed
	form        arimaForm // period and differences
	exact       bool
	mean, scale float64 // of the differences: of their constant
	tried       map[arimaForm]bool
	best        *arimaModel
}

// search is the stepwise one of Hyndman and Khandakar (2008).
func (s *arimaSearch) search() {
	seasonal := 0
	if s.form.period > 1 {
		seasonal = 1
	}
	constant := s.form.d+s.form.sd <= 1
	s.try(2, 2, seasonal, seasonal, constant)
	s.try(0, 0, 0, 0, constant)
	s.try(1, 0, seasonal, 0, constant)
	s.try(0, 1, 0, seasonal, constant)
	if constant {
		s.try(0, 0, 0, 0, false)
	}
	for improved := s.best != nil; improved && len(s.tried) < mostForms; {
		improved = false
		f := s.best.form
		for _, v := range [][4]int{
			{0, 0, -1, 0}, {0, 0, 0, -1}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, -1, -1}, {0, 0, -1, 1}, {0, 0, 1, -1}, {0, 0, 1, 1},
			{-1, 0, 0, 0}, {0, -1, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0},
		} {
			if improved = s.try(f.p+v[0], f.q+v[1], f.sp+v[2], f.sq+v[3], f.constant); improved {
				break
			}
		}
		if !improved && constant {
			improved = s.try(f.p, f.q, f.sp, f.sq, !f.constant)
		}
	}
}

// try estimates a form unless it has been, or is out of bounds, and reports whether it is the
// best so far.
func (s *arimaSearch) try(p, q, sp, sq int, constant bool) bool {
	third := s.n / 3
	most := min(mostARIMA, third)
	mostSeasonal := min(mostSeasonalARIMA, third/s.form.period)
	if s.form.period == 1 {
		mostSeasonal = 0
	} else {
		most = min(most, s.form.period-1)
	}
	first := len(s.tried) < 4 // the starting forms are cut to what is possible
	if first {
		p, q, sp, sq = min(p, most), min(q, most), min(sp, mostSeasonal), min(sq, mostSeasonal)
	}
	f := s.form
	f.p, f.q, f.sp, f.sq, f.constant = p, q, sp, sq, constant
	if min(p, q, sp, sq) < 0 || max(p, q) > most || max(sp, sq) > mostSeasonal || !first && p+q+sp+sq > mostCoefficients || s.tried[f] {
		return false
	}
	s.tried[f] = true
	m := s.estimate(f)
	if m == nil || !m.wellBehaved() || s.best != nil && !(m.aicc < s.best.aicc) {
		return false
	}
	s.best = m
	return true
}

// estimate returns the model of a form, nil if it cannot be estimated.
func (s *arimaSearch) estimate(f arimaForm) *arimaModel {
	k := f.unknowns()
	series := newARIMASeries(s.y, f)
	if s.n-f.lost()-k-2 <= 0 {
		return nil
	}
	fit := func(x []float64, exact bool) float64 {
		deviance := func(x []float64) float64 {
			v, _, _ := series.deviance(f.process(x, s.mean, s.scale), exact)
			return v
		}
		return minimise(x, deviance)
	}
	x := make([]float64, k)
	exact := s.exact
	value := fit(x, false)
	if exact {
		// From the conditional estimate, or from nothing where that is at the border.
		value = fit(x, true)
		if slices.ContainsFunc(x, func(v float64) bool { return math.Abs(v) > border }) || math.IsInf(value, 1) {
			zero := make([]float64, k)
			if other := fit(zero, true); other < value || math.IsInf(value, 1) {
				x, value = zero, other
			}
		}
	}
	if math.IsInf(value, 1) || math.IsNaN(value) {
		return nil
	}
	m := &arimaModel{form: f, process: f.process(x, s.mean, s.scale)}
	m.deviance, m.variance, m.n = series.deviance(m.process, exact)
	total := float64(s.n - f.lost())
	deviance := m.deviance
	if !exact {
		deviance = total * math.Log(m.variance)
	}
	params := float64(k + 1)
	m.aicc = deviance + 2*params + 2*params*(params+1)/(total-params-1)
	return m
}

// wellBehaved reports whether the roots of both polynomials are off the unit circle.
func (m *arimaModel) wellBehaved() bool {
	minus := make([]float64, len(m.process.phi))
	for i, c := range m.process.phi {
		minus[i] = -c
	}
	return cmp.Compare(nearestRoot(minus), leastRoot) >= 0 && nearestRoot(m.process.theta) >= leastRoot
}

// nearestRoot returns the least modulus of the roots of 1 + c_1 z + c_2 z² + ..., infinite if there
// are none: one over the greatest of the eigenvalues of the companion matrix.
func nearestRoot(c []float64) float64 {
	n := len(c)
	for n > 0 && math.Abs(c[n-1]) < 1e-8 {
		n--
	}
	if n == 0 {
		return math.Inf(1)
	}
	companion := mat.NewDense(n, n, nil)
	for j := range n {
		companion.Set(0, j, -c[j])
		if j > 0 {
			companion.Set(j, j-1, 1)
		}
	}
	var e mat.Eigen
	if !e.Factorize(companion, mat.EigenNone) {
		return 0
	}
	largest := 0.0
	for _, v := range e.Values(nil) {
		largest = max(largest, cmplx.Abs(v))
	}
	return 1 / largest
}

// border is the inverse hyperbolic tangent of a partial autocorrelation near one.
const border = 2.5

// minimise moves x to a local minimum of a function, whose gradient is by forward
// differences, and returns the value there.
func minimise(x []float64, f func([]float64) float64) float64 {
	if len(x) == 0 {
		return f(x)
	}
	const step = 1e-6
	d := descent{iterations: 50, tolerance: 1e-8, value: func(x, gradient []float64) float64 {
		for _, v := range x {
			if math.Abs(v) > 50 {
				return math.Inf(1)
			}
		}
		here := f(x)
		for i, v := range x {
			x[i] = v + step
			gradient[i] = (f(x) - here) / step
			x[i] = v
		}
		return here
	}}
	if v := f(x); math.IsInf(v, 0) || math.IsNaN(v) {
		return math.Inf(1)
	}
	return d.descend(x)
}
