package seasons

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Evidence is what a record says of a season.
type evidence struct {
	cycles float64 // that it has of the season
	z      float64 // how unlikely its harmonics are without one, as a normal score
	share  float64 // of the variance that they explain, of values or of surprises
	raw    float64 // of values
	bic    float64 // of the regression, a step
	block  int     // steps that were averaged for it
}

const (
	// mostHarmonics is the number of harmonics that a season is tested by, at most.
	mostHarmonics = 12

	// mostOrder is the highest order of the autoregression beside the season.
	mostOrder = 6

	// perCycle is how many steps of a long season are kept: more are averaged.
	perCycle = 200

	// mostScore bounds normal scores.
	mostScore = 8

	// allButAll is the share of the variance from which on a season is certain.
	allButAll = 0.998

	// outlying is the number of robust deviations from which on a surprise is an outlier.
	outlying = 4
)

// test returns the evidence that the record has a season of the period, beside those that
// have been found and taken out.
//
// Two nulls have to fall. The first is an autoregression of low order about a straight
// line, whose surprises the harmonics of the season would explain by accident: an F test,
// with the order chosen by BIC beside the harmonics. The second is noise that is as strong
// at the neighbouring frequencies as at the season's, such as of cycles without a fixed
// length: an F test of the power there in the values that the autoregression has made white.
// Outliers among the surprises are drawn in before.
func (r record) test(period float64, found []float64, rowsAtMost int, calendar bool) evidence {
	b := max(1, int(period/perCycle))
	if len(found) > 0 && b > 1 {
		m := max(1, int(math.Round(found[0])))
		b = max(m, b/m*m)
	}
	whole := period
	e := evidence{cycles: float64(len(r.y)) / period}
	r, period = r.blocks(b).last(rowsAtMost), period/float64(b)
	var numbers []int
	for k := 1; k <= int(period/2+1e-9) && len(numbers) < mostHarmonics; k++ {
		f, steps := float64(k)/period/float64(b), float64(len(r.y)*b)
		if !taken(f, found) && (calendar || !modulates(f, 1/steps, found)) {
			numbers = append(numbers, k)
		}
	}
	if len(numbers) == 0 {
		return e
	}
	spent := 0
	for _, p := range found { // of which steps of b have no harmonics but the slow ones
		spent += 2 * min(harmonicsOf(p), int(p/float64(2*b)))
	}
	f := newRegression(r, period, numbers, spent)
	if f == nil {
		return e
	}
	if drawn, any := f.drawnIn(r); any {
		r = drawn
		if f = newRegression(r, period, numbers, spent); f == nil {
			return e
		}
	}
	e.z, e.share = f.score(r, whole, found, calendar)
	e.raw, e.bic, e.block = f.share, f.bic, b
	return e
}

// taken reports whether a frequency is a harmonic of one of the periods.
func taken(f float64, periods []float64) bool {
	for _, p := range periods {
		if x := f * p; x > 0.5 && math.Abs(x-math.Round(x)) < 1e-6*x {
			return true
		}
	}
	return false
}

// modulations is how many harmonics of a season a shorter one is taken to change its size by.
const modulations = 4

// modulates reports whether a frequency is, as nearly as so much can tell, that of a season whose
// size changes with a longer one: a harmonic of one of the periods, and a low one of another
// more or less, as of a week that is stronger in winter.
func modulates(f, nearly float64, periods []float64) bool {
	for _, p := range periods {
		k := math.Round(f * p)
		for _, q := range periods {
			if m := math.Abs(f-k/p) * q; k > 0 && q > p && math.Round(m) <= modulations && math.Abs(m-math.Round(m)) < nearly*q {
				return true
			}
		}
	}
	return false
}

// A regression is of values on a line, values before them and the harmonics of a season.
type regression struct {
	period   float64
	numbers  []int // of harmonics
	order    int
	harmonic int // how many of the numbers are used
	coef     []float64
	z        float64 // of the F test
	explains float64 // share of the variance of the surprises
	gain     float64 // twice the logarithm of the likelihood ratio
	bic      float64 // of a row
	share    float64 // of the variance of the values about the line
}

// newRegression returns the regression with the order and the number of harmonics that the
// record speaks for, which has spent some degrees of freedom before; nil if it is too short.
func newRegression(r record, period float64, numbers []int, spent int) *regression {
	n, h := len(r.y), len(numbers)
	observed := 0
	for _, s := range r.seen {
		if s {
			observed++
		}
	}
	most := min(mostOrder, observed/8)
	if m := int(math.Round(period)); m <= most { // the lag of a season is a season that changes
		most = m - 1
	}
	k := trend + 2*h + most + 1 // the lags come last, before the response
	gram, row := make([]float64, k*k), make([]float64, 0, k)
	sums, waves := newRows(gram, k), make([]float64, 0, 2*numbers[h-1])
	count := 0
	for t := most; t < n; t++ {
		if !r.seen[t] {
			continue
		}
		waves = appendWaves(waves[:0], float64(t)/period, numbers[h-1])
		row = appendTrend(row[:0], t, n)
		for _, m := range numbers {
			row = append(row, waves[2*m-2], waves[2*m-1])
		}
		for l := 1; l <= most; l++ {
			row = append(row, r.y[t-l])
		}
		sums.add(append(row, r.y[t]))
		count++
	}
	sums.flush()
	orders := make([]*cholesky, most+1)
	for p := range orders {
		at := []int{0, 1, 2}
		for l := range p {
			at = append(at, k-1-most+l)
		}
		for i := range 2 * h {
			at = append(at, trend+i)
		}
		at = append(at, k-1)
		orders[p] = newCholesky(sub(gram, k, at), len(at))
	}
	best := &regression{period: period, numbers: numbers, z: math.Inf(-1)}
	tried := 0
	for _, use := range []int{1, 2, 3, 4, 6, 8, 12} {
		if use <= h {
			tried++
			best.try(orders, use, gram[k*k-1], count, spent)
		}
	}
	if math.IsInf(best.z, -1) {
		return nil
	}
	// The best of so many.
	if p := distuv.UnitNormal.Survival(best.z); best.z < mostScore {
		best.z = scoreOf(math.Min(1, p*float64(tried)))
	}
	return best
}

// try makes the regression one with so many of the harmonics if that is likelier a season,
// given the factors of each order and the sum of squares.
func (f *regression) try(orders []*cholesky, use int, square float64, count, spent int) {
	bic, order := math.Inf(1), 0
	for p, c := range orders {
		rest, used := c.left(square, trend+p+2*use)
		if v := float64(count)*math.Log(rest+1e-12*square) + float64(used)*math.Log(float64(count)); v < bic {
			bic, order = v, p
		}
	}
	before, usedBefore := orders[order].left(square, trend+order)
	after, used := orders[order].left(square, trend+order+2*use)
	degrees, extra := float64(count-used-spent), float64(used-usedBefore)
	if degrees < 3 || extra < 1 || before <= 0 {
		return
	}
	after = math.Max(after, 1e-9*square)
	z := scoreOfF((before-after)/extra/(after/degrees), extra, degrees)
	explains := (before - after - extra*after/degrees) / before
	trendLeft, _ := orders[0].left(square, trend)
	seasonLeft, _ := orders[0].left(square, trend+2*use)
	share := 0.0
	if trendLeft > 0 {
		share = 1 - seasonLeft/trendLeft
	}
	if share > allButAll && float64(count) > 2*f.period+extra {
		z = mostScore // next to nothing is left that the values before could explain
	}
	if z > f.z || z == mostScore && bic < f.bic*float64(count) {
		f.z, f.order, f.harmonic, f.share, f.explains = z, order, use, share, explains
		f.gain, f.bic = float64(count)*math.Log(before/after), bic/float64(count)
		f.coef = orders[order].solve(trend + order + 2*use)
	}
}

// sub returns the rows and columns of a square matrix of k rows.
func sub(gram []float64, k int, at []int) []float64 {
	out := make([]float64, 0, len(at)*len(at))
	for _, i := range at {
		for _, j := range at {
			out = append(out, gram[i*k+j])
		}
	}
	return out
}

// scoreOfF returns the normal score of a value of the F distribution.
func scoreOfF(x, d1, d2 float64) float64 {
	if !(x > 0) {
		return -mostScore
	}
	return scoreOf(distuv.F{D1: d1, D2: d2}.Survival(x))
}

// scoreOf returns the normal score that is exceeded with probability p.
func scoreOf(p float64) float64 {
	if !(p > 1e-15) {
		return mostScore
	}
	return math.Max(-mostScore, -distuv.UnitNormal.Quantile(p))
}

// white returns what the lags and the trend do not explain of every step, the season within,
// 0 where that is not known.
func (f *regression) white(r record) []float64 {
	n := len(r.y)
	white := make([]float64, n)
	for t := f.order; t < n; t++ {
		if !r.seen[t] {
			continue
		}
		u := line(t, n)
		v := r.y[t] - f.coef[0] - f.coef[1]*u - f.coef[2]*u*u
		for l := range f.order {
			v -= f.coef[trend+l] * r.y[t-1-l]
		}
		white[t] = v
	}
	return white
}

const (
	// fewCycles is the number of cycles up to which neighbouring frequencies cannot be told
	// from the season's own.
	fewCycles = 3

	// neighbours is how many frequencies on either side a harmonic is compared with at most.
	neighbours = 5

	// borrowed is the weight, in frequencies, of the neighbours of all harmonics in what a
	// harmonic is compared with.
	borrowed = 2

	// alone and beside are by how much the score of the first test may exceed that of the
	// second: of a first season, whose length may vary a little, and of one more, which cycles
	// of varying size of the first must not pass for.
	alone, beside = 2.0, 0.3
)

// score returns the normal score of a season of the period in steps, the lesser of both tests,
// beside those found, and its share.
func (f *regression) score(r record, period float64, found []float64, calendar bool) (z, share float64) {
	share = math.Max(f.share, f.explains)
	cycles := float64(len(r.y)) / f.period
	if z = f.z; cycles < fewCycles || z < 0 || f.share > allButAll {
		return z, share
	}
	white := f.white(r)
	half := cycles / 2
	var apart []float64 // in bins
	for j := 2; float64(j) <= half && len(apart) < neighbours; j++ {
		apart = append(apart, float64(j))
	}
	if len(apart) == 0 {
		apart = []float64{half}
	}
	k := float64(f.harmonic)
	own, near, counts := make([]float64, f.harmonic), make([]float64, f.harmonic), make([]float64, f.harmonic)
	all, n := 0.0, 0.0
	for i, m := range f.numbers[:f.harmonic] {
		at := float64(m) / f.period
		own[i] = power(white, at)
		for _, a := range apart {
			for _, side := range []float64{-1, 1} {
				if g := at + side*a/float64(len(r.y)); g > 0 && g < 0.5 {
					near[i] += power(white, g)
					counts[i]++
				}
			}
		}
		all, n = all+near[i], n+counts[i]
	}
	if n == 0 {
		return z, share
	}
	ratio := 0.0
	for i := range own {
		ratio += own[i] / k / ((near[i] + borrowed*all/n) / (counts[i] + borrowed))
	}
	leeway, free := alone, k
	for _, p := range found {
		leeway = beside
		if j := period / p; !calendar && j > 1.5 && math.Abs(j-math.Round(j)) < 0.1 {
			// Noise that comes at one time of the shorter season has harmonics that are the
			// same again after so many.
			free = math.Min(free, math.Max(1, math.Floor(j/2)))
		}
	}
	return math.Min(z, leeway+scoreOfF(ratio, 2*free, 2*n*free/k)), share
}

// power returns the squared size of the Fourier coefficient at a frequency in cycles a step.
func power(x []float64, f float64) float64 {
	sin, cos := math.Sincos(2 * math.Pi * f)
	c, s, re, im := 1.0, 0.0, 0.0, 0.0
	for _, v := range x {
		re += v * c
		im += v * s
		c, s = c*cos-s*sin, c*sin+s*cos
	}
	return re*re + im*im
}

// drawnIn returns the record with its outliers drawn in to the bound, and whether there
// are any.
func (f *regression) drawnIn(r record) (record, bool) {
	white := f.white(r)
	sizes := make([]float64, 0, len(white))
	for t := f.order; t < len(white); t++ {
		if r.seen[t] {
			sizes = append(sizes, math.Abs(white[t]))
		}
	}
	slices.Sort(sizes)
	bound := outlying * 1.4826 * sizes[len(sizes)/2]
	if bound == 0 || sizes[len(sizes)-1] <= bound {
		return r, false
	}
	out := record{slices.Clone(r.y), r.seen}
	for t, e := range white {
		switch {
		case e > bound:
			out.y[t] -= e - bound
		case e < -bound:
			out.y[t] -= e + bound
		}
	}
	return out, true
}
