package baseline

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/fits"
)

// A demandDistribution is a joint distribution of the demand that follows a series.
type demandDistribution interface {
	// draw fills path with a draw of the values 0, 1 ... steps after the last observation.
	draw(rng *rand.Rand, path []float64)

	// logLikelihood returns that of what was observed.
	logLikelihood() float64

	// unknowns is the number of parameters that were estimated.
	unknowns() float64

	// after returns the distribution of what follows the values y, which begin with those that it
	// was estimated from; ok is false if it does not hold for them.
	after(y []float64) (d demandDistribution, ok bool)

	write(w *fits.Writer)
}

// A recursion is a mean that moves with what comes: the next one is
// (1 - keep - gain) mean + keep state + gain x.
type recursion struct {
	mean, state float64
	keep, gain  float64
}

func (r *recursion) see(x float64) {
	r.state = (1-r.keep-r.gain)*r.mean + r.keep*r.state + r.gain*x
}

// A countDistribution is a negative binomial distribution of counts whose mean moves with them.
type countDistribution struct {
	y      []float64
	n      float64 // values observed
	mean   recursion
	shape  float64 // r of the variance m + m²/r
	season []float64
	phase  int // place in the season of the step after the last
	fits   float64
	k      float64
}

// seasonal returns the factor of a step, one without a season.
func seasonal(season []float64, step int) float64 {
	if season == nil {
		return 1
	}
	return season[step%len(season)]
}

// logNegativeBinomial returns the logarithm of the probability of the count x under the negative
// binomial distribution with a mean and a shape.
func logNegativeBinomial(x, mean, shape float64) float64 {
	if mean <= 0 {
		if x == 0 {
			return 0
		}
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(x + shape)
	b, _ := math.Lgamma(shape)
	c, _ := math.Lgamma(x + 1)
	return a - b - c - shape*math.Log1p(mean/shape) - x*math.Log1p(shape/mean)
}

// drawNegativeBinomial draws from the distribution of logNegativeBinomial.
func drawNegativeBinomial(rng *rand.Rand, mean, shape float64) float64 {
	if !(mean > 0) {
		return 0
	}
	rate := mean
	if shape < manyShape {
		rate = distuv.Gamma{Alpha: shape, Beta: shape / mean, Src: rng}.Rand()
	}
	if !(rate > 0) {
		return 0
	}
	return distuv.Poisson{Lambda: rate, Src: rng}.Rand()
}

// manyShape is the shape from which a negative binomial distribution is Poisson's.
const manyShape = 1e5

// likelihood runs the recursion over the observations and returns the logarithm of their
// likelihood; it leaves the state as after the last.
func (l *countDistribution) likelihood() float64 {
	l.mean.state = l.mean.mean
	sum := 0.0
	for t, v := range l.y {
		if !isObserved(v) {
			continue
		}
		s := seasonal(l.season, t)
		sum += logNegativeBinomial(v, l.mean.state*s, l.shape)
		l.mean.see(v / s)
	}
	return sum
}

func (l *countDistribution) logLikelihood() float64 { return l.fits }

func (l *countDistribution) unknowns() float64 { return l.k }

func (l *countDistribution) draw(rng *rand.Rand, path []float64) {
	m := l.mean
	// The mean of a path is as uncertain as a mean of n values is.
	scale := logMeanError(rng, m.mean, m.mean+m.mean*m.mean/l.shape, l.n)
	m.mean, m.state = m.mean*scale, m.state*scale
	for h := 1; h < len(path); h++ {
		s := seasonal(l.season, l.phase+h-1)
		path[h] = drawNegativeBinomial(rng, m.state*s, l.shape)
		m.see(path[h] / s)
	}
}

// leastShape bounds the shapes of the errors of means.
const leastShape = 1e-12

// logMeanError draws the factor by which a mean that was estimated from n values with a
// variance may be off: gamma distributed around one.
func logMeanError(rng *rand.Rand, mean, variance, n float64) float64 {
	if !(mean > 0) {
		return 1
	}
	relative := variance / (mean * mean * n)
	shape := 1 / relative
	if !(shape >= leastShape && shape <= 1/leastShape) {
		return 1 // of numbers beyond those of any demand
	}
	return distuv.Gamma{Alpha: shape, Beta: shape, Src: rng}.Rand()
}

// A hurdle is a distribution by which there is demand with a probability, of some size.
type hurdle struct {
	y             []float64
	n, demands    float64 // values observed, and those above zero
	whole         bool
	occurs, sizes recursion
	shape         float64 // of the sizes: negative binomial of whole ones, less one, or gamma
	season        []float64
	phase         int
	known         bool // means are taken as they are
	fits, k       float64
}

// newHurdle returns the hurdle with the probability, the mean size and the shape of what was
// observed.
func newHurdle(y []float64) *hurdle {
	l := &hurdle{y: y, whole: true, shape: 1, phase: len(y)}
	sum, squares := 0.0, 0.0
	for _, v := range y {
		if !isObserved(v) {
			continue
		}
		l.n++
		if v > 0 {
			l.demands++
			l.whole = l.whole && v == math.Trunc(v)
			sum += v
		}
	}
	if l.demands == 0 {
		return l
	}
	mean := sum / l.demands
	for _, v := range y {
		if v > 0 {
			squares += (v - mean) * (v - mean)
		}
	}
	l.occurs = recursion{mean: l.demands / l.n, state: l.demands / l.n}
	l.sizes = recursion{mean: mean, state: mean}
	if l.demands > 2 {
		variance := squares / (l.demands - 1)
		switch over := variance - (mean - 1); {
		case !l.whole:
			l.shape = mean * mean / math.Max(variance, 1e-6*mean*mean)
		case over > 0 && mean > 1:
			l.shape = math.Min((mean-1)*(mean-1)/over, manyShape)
		default:
			l.shape = manyShape
		}
	}
	return l
}

// logSize returns the logarithm of the probability, or its density, of a size.
func (l *hurdle) logSize(v, mean float64) float64 {
	if l.whole {
		return logNegativeBinomial(v-1, mean-1, l.shape)
	}
	return distuv.Gamma{Alpha: l.shape, Beta: l.shape / mean}.LogProb(v)
}

// drawSize draws a size.
func (l *hurdle) drawSize(rng *rand.Rand, mean float64) float64 {
	switch {
	case !(mean > 0):
		return 0
	case !l.whole:
		return distuv.Gamma{Alpha: l.shape, Beta: l.shape / mean, Src: rng}.Rand()
	case mean <= 1:
		return 1
	}
	return 1 + drawNegativeBinomial(rng, mean-1, l.shape)
}

// likely returns the probability of demand at a step: the odds are multiplied by
// the season's.
func (l *hurdle) likely(state float64, step int) float64 {
	p := math.Min(math.Max(state, 0), 1)
	if l.season == nil {
		return p
	}
	odds := l.season[step%len(l.season)]
	return p * odds / (1 - p + p*odds)
}

func (l *hurdle) likelihood() float64 {
	l.occurs.state, l.sizes.state = l.occurs.mean, l.sizes.mean
	sum := 0.0
	for t, v := range l.y {
		switch p := l.likely(l.occurs.state, t); {
		case !isObserved(v):
			continue
		case v > 0:
			sum += math.Log(p) + l.logSize(v, l.sizes.state)
			l.occurs.see(1)
			l.sizes.see(v)
		default:
			sum += math.Log1p(-p)
			l.occurs.see(0)
		}
	}
	return sum
}

func (l *hurdle) logLikelihood() float64 { return l.fits }

func (l *hurdle) unknowns() float64 { return l.k }

func (l *hurdle) draw(rng *rand.Rand, path []float64) {
	occurs, sizes := l.occurs, l.sizes
	if !l.known {
		// Jeffreys' prior for the probability, and the uncertainty of a mean for the size.
		p := distuv.Beta{Alpha: l.demands + 0.5, Beta: l.n - l.demands + 0.5, Src: rng}.Rand()
		if occurs.mean > 0 {
			scale := p / (l.demands / l.n)
			occurs.mean, occurs.state = math.Min(occurs.mean*scale, 1), math.Min(occurs.state*scale, 1)
		} else {
			occurs.mean, occurs.state = p, p
			sizes.mean, sizes.state = 1, 1
		}
		if l.demands > 0 {
			excess, variance := sizes.mean, sizes.mean*sizes.mean/l.shape
			if l.whole {
				excess = sizes.mean - 1
				variance = excess + excess*excess/l.shape
			}
			scale := logMeanError(rng, excess, variance, l.demands)
			sizes.mean, sizes.state = sizes.mean+(scale-1)*excess, sizes.state+(scale-1)*excess
		}
	}
	for h := 1; h < len(path); h++ {
		path[h] = 0
		if rng.Float64() < l.likely(occurs.state, l.phase+h-1) {
			path[h] = l.drawSize(rng, sizes.state)
		}
		if path[h] > 0 {
			occurs.see(1)
			sizes.see(path[h])
		} else {
			occurs.see(0)
		}
	}
}

// chooseDemand returns the distribution with the least AICc.
func chooseDemand(y []float64, season int) demandDistribution {
	plain := newHurdle(y)
	if plain.demands == 0 || plain.n < 4 {
		return plain
	}
	var best demandDistribution
	least := math.Inf(1)
	consider := func(l demandDistribution) {
		k := l.unknowns()
		if room := plain.n - k - 1; room > 0 {
			if aicc := -2*l.logLikelihood() + 2*k + 2*k*(k+1)/room; aicc < least {
				best, least = l, aicc
			}
		}
	}
	seasons := [][]float64{nil}
	if season > 1 && len(y) >= 3*season {
		seasons = append(seasons, demandSeason(y, season))
	}
	for _, moving := range []bool{false, true} {
		for _, factors := range seasons {
			consider(fitHurdle(y, factors, moving, false))
			if moving && plain.demands >= leastMoving {
				consider(fitHurdle(y, factors, moving, true))
			}
			if plain.whole {
				consider(fitCounts(y, factors, moving))
			}
		}
	}
	if best == nil {
		return plain
	}
	return best
}

// leastMoving is the number of demands from which their size may be smoothed.
const leastMoving = 8

// demandSeason returns factors of the steps of a season: their means over that of
// all, drawn towards one as by a season of values at the mean.
func demandSeason(y []float64, season int) []float64 {
	sums, counts := make([]float64, season), make([]float64, season)
	total, n := 0.0, 0.0
	for t, v := range y {
		if isObserved(v) {
			sums[t%season] += v
			counts[t%season]++
			total += v
			n++
		}
	}
	mean := total / n
	factors := make([]float64, season)
	for i := range factors {
		factors[i] = (sums[i] + mean) / ((counts[i] + 1) * mean)
	}
	return factors
}

// seasonUnknowns returns how many parameters a season stands for.
func seasonUnknowns(season []float64) float64 { return math.Max(float64(len(season)-1), 0) }

// fitCounts returns the negative binomial distribution that is the likeliest.
func fitCounts(y, season []float64, moving bool) *countDistribution {
	h := newHurdle(y)
	mean, variance := h.moments()
	l := &countDistribution{y: y, n: h.n, season: season, phase: len(y), k: 2 + seasonUnknowns(season)}
	shape := 10.0
	if variance > mean {
		shape = math.Min(mean*mean/(variance-mean), 100)
	}
	x := []float64{math.Log(mean), math.Log(shape)}
	if moving {
		x = append(x, startGain, startKeep)
		l.k += 2
	}
	set := func(x []float64) bool {
		l.mean = recursion{mean: math.Exp(x[0])}
		l.shape = math.Exp(x[1])
		if moving {
			l.mean.gain, l.mean.keep = weights(x[2], x[3])
		}
		return l.shape < manyShape && l.shape > 1e-3
	}
	l.fits = climb(x, set, l.likelihood)
	return l
}

// moments returns the mean and the variance of all values.
func (l *hurdle) moments() (mean, variance float64) {
	sum, squares := 0.0, 0.0
	for _, v := range l.y {
		if isObserved(v) {
			sum += v
			squares += v * v
		}
	}
	mean = sum / l.n
	return mean, math.Max(squares/l.n-mean*mean, 0)
}

// fitHurdle returns the hurdle that is the likeliest, with a probability that moves if
// moving is set, and sizes that are smoothed if they are to be.
func fitHurdle(y, season []float64, moving, smoothed bool) *hurdle {
	l := newHurdle(y)
	l.season = season
	l.k = 3 + seasonUnknowns(season)
	if !moving && season == nil {
		l.fits = l.likelihood()
		return l
	}
	p := math.Min(math.Max(l.occurs.mean, 0.01), 0.99)
	x := []float64{math.Log(p / (1 - p))}
	if moving {
		x = append(x, startGain, startKeep)
		l.k += 2
	}
	if smoothed {
		x = append(x, startGain)
		l.k++
	}
	set := func(x []float64) bool {
		l.occurs = recursion{mean: 1 / (1 + math.Exp(-x[0]))}
		if moving {
			l.occurs.gain, l.occurs.keep = weights(x[1], x[2])
		}
		if smoothed {
			gain := 1 / (1 + math.Exp(-x[3]))
			l.sizes.gain, l.sizes.keep = gain, 1-gain
		}
		return true
	}
	l.fits = climb(x, set, l.likelihood)
	return l
}

// Where the search for the weights of a recursion begins, see weights.
const startGain, startKeep = -1.0, 1.0

// weights returns those of the latest and of the state in a recursion, whose sum stays
// below one.
func weights(a, b float64) (gain, keep float64) {
	const most = 0.999
	ea, eb := math.Exp(a), math.Exp(b)
	return most * ea / (1 + ea + eb), most * eb / (1 + ea + eb)
}

// climb finds the parameters of the greatest likelihood by the method of Nelder and Mead,
// leaves them set and returns it. Where set returns false there is none.
func climb(x []float64, set func([]float64) bool, likelihood func() float64) float64 {
	value := func(x []float64) float64 {
		for _, v := range x {
			if math.Abs(v) > 30 {
				return math.Inf(1)
			}
		}
		if !set(x) {
			return math.Inf(1)
		}
		v := -likelihood()
		if math.IsNaN(v) {
			return math.Inf(1)
		}
		return v
	}
	best := slices.Clone(x)
	r, err := optimize.Minimize(optimize.Problem{Func: value}, x, &optimize.Settings{
		FuncEvaluations: 120 * len(x),
		Converger:       &optimize.FunctionConverge{Absolute: 1e-4, Iterations: 30},
	}, &optimize.NelderMead{})
	if r != nil && (err == nil || r.F < value(best)) {
		best = r.X
	}
	set(best)
	return likelihood()
}
