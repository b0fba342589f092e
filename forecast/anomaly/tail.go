package anomaly

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// A tail says how large deviations are about a center: as Student's distributions with these weights.
type tail struct {
	center float64
	parts  []student
	beyond
}

// A beyond says how far off the deviations are that are a habit: a share of all, exponentially far beyond a limit.
type beyond struct{ share, limit, excess float64 }

// p returns the probability of such a deviation of that size at least, zero if it is within the limit.
func (b beyond) p(size float64) float64 {
	if b.share == 0 || size <= b.limit {
		return 0
	}
	return b.share * math.Exp((b.limit-size)/b.excess)
}

// beyondOf returns what is beyond hidden medians of some sizes in order.
func beyondOf(size []float64) beyond {
	limit := hidden * size[len(size)/2]
	far := size[sort.SearchFloat64s(size, math.Nextafter(limit, math.Inf(1))):]
	if len(far) == 0 {
		return beyond{}
	}
	return beyond{float64(len(far)) / float64(len(size)), limit, floats.Sum(far)/float64(len(far)) - limit}
}

// A student is Student's distribution, or for infinitely many degrees of freedom the Gaussian.
type student struct{ weight, scale, degrees float64 }

const (
	enough = 60 // deviations that tell the tail of a series by itself

	// bulk is the part of the deviations that a tail is learned from: of the others it counts how many there are,
	// not how far out they lie. Those that later forecasts do not see are left out, and the likelihood is that of
	// the rest: they are anomalies, or of a tail that the rest tells as well.
	bulk = 0.95

	negligible = 1e-4 // probability of degrees of freedom that do not count

	// leastScale is the least scale of a tail: what the model itself holds for a usual deviation is no anomaly, however
	// little most of them vary, as those of values most of which are the same.
	leastScale = 0.3
)

// triedDegrees are the degrees of freedom among which a tail has some.
func triedDegrees() []float64 { return []float64{math.Inf(1), 30, 15, 10, 7, 5, 4, 3, 2.5} }

// A body is what some deviations say of their tail: where their center is, and for each of the
// degrees of freedom that are tried the likeliest scale and the logarithm of its likelihood, with what lies
// beyond the bulk censored. It has no scales of deviations that say nothing.
type body struct {
	center       float64
	scales, logL []float64 // the latter for each deviation
	independent  float64   // deviations that say as much of a scale
	part         float64   // that they are of all
	beyond
}

// bodyOf returns that of successive deviations, of which so many at once were forecast, and of which those that are far
// off are a habit or not.
func bodyOf(x []float64, together int, habit bool) body {
	const fewest, ofNoSpread = 8, 1e6 // as far off a forecast that has no spread lets values be
	if habit {
		x = slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return math.Abs(v) > ofNoSpread })
	}
	if len(x) < fewest {
		return body{}
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	b := body{center: (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2}
	if len(x) < enough { // too few to tell that from nothing
		b.center = 0
	}
	size := make([]float64, len(x))
	for i, v := range x {
		size[i] = math.Abs(v - b.center)
	}
	slices.Sort(size)
	far := math.Inf(1)
	if habit {
		b.beyond = beyondOf(size)
	} else if median := size[len(size)/2]; median > 0 {
		far = hidden * median
		size = size[:sort.SearchFloat64s(size, far)]
	}
	inside := int(math.Ceil(bulk * float64(len(size))))
	n, limit := float64(len(x)), size[inside-1]
	if limit == 0 { // anything else is an anomaly
		k := len(triedDegrees())
		return body{center: b.center, beyond: b.beyond, scales: make([]float64, k), logL: make([]float64, k), independent: math.Inf(1), part: 1}
	}
	for _, degrees := range triedDegrees() {
		scale, l := likeliestScale(size[:inside], len(size)-inside, limit, far, degrees)
		b.scales, b.logL = append(b.scales, scale), append(b.logL, l/n)
	}
	b.independent = independent(x, b.center, limit, together)
	b.part = b.independent / n
	return b
}

// A weighing is of the degrees of freedom of one series: the logarithms of their likelihoods.
type weighing []float64

// weigh returns the weighing of a series by what its stages say, in each of which it has so many deviations.
func weigh(bodies [stages]body, own [stages]int) weighing {
	logs := make(weighing, len(triedDegrees()))
	for k := range logs {
		for i, b := range bodies {
			if b.scales != nil {
				logs[k] += b.logL[k] * b.part * float64(own[i])
			}
		}
	}
	return logs
}

// posterior returns the probabilities of the degrees of freedom, given those before.
func (w weighing) posterior(prior []float64) []float64 {
	p := make([]float64, len(w))
	for k, l := range w {
		p[k] = l + math.Log(prior[k])
	}
	all := floats.LogSumExp(p)
	for k := range p {
		p[k] = math.Exp(p[k] - all)
	}
	return p
}

// posteriors returns the probabilities of the degrees of freedom of each of the series that were weighed. How
// probable they are before is what is likeliest of the others (empirical Bayes, by expectation and maximization), and of
// one series more, of which nothing is known: as what a series itself says counted for its own prior too, it
// would count twice, and that of a panel of one would be what it seems to be.
func posteriors(all []weighing) [][]float64 {
	const steps = 50
	supposed := supposedDegrees()
	counts := slices.Clone(supposed)
	each := make([][]float64, len(all))
	prior := make([]float64, len(counts))
	for range steps {
		floats.ScaleTo(prior, 1/floats.Sum(counts), counts)
		copy(counts, supposed)
		for i, w := range all {
			each[i] = w.posterior(prior)
			floats.Add(counts, each[i])
		}
	}
	for i, w := range all {
		for k := range prior { // of the others
			prior[k] = max(counts[k]-each[i][k], supposed[k])
		}
		each[i] = w.posterior(prior)
	}
	return each
}

// supposedDegrees returns how probable the degrees of freedom are of a series of which nothing is known: it is
// Gaussian or not, and then has any.
func supposedDegrees() []float64 {
	n := len(triedDegrees())
	p := slices.Repeat([]float64{0.5 / float64(n-1)}, n)
	p[0] = 0.5
	return p
}

// tailsOf returns the tails of the stages of a series with the probabilities of degrees of freedom: of scales
// of their own, or the Gaussian that a model says itself where there are few. The variance of the logarithm of a
// scale, estimated from m independent deviations, is that which Student's distribution of m degrees of freedom
// stands for, and is added to that of the tail.
func tailsOf(bodies [stages]body, weights []float64) (tails [stages]tail) {
	for i, b := range bodies {
		if b.scales == nil {
			tails[i] = tail{parts: []student{{1, 1, math.Inf(1)}}}
			continue
		}
		tails[i].center, tails[i].beyond = b.center, b.beyond
		for k, degrees := range triedDegrees() {
			if w := weights[k]; w > negligible {
				tails[i].parts = append(tails[i].parts, student{w, max(b.scales[k], leastScale), 1 / (1/degrees + 1/b.independent)})
			}
		}
	}
	return tails
}

// independent returns how many independent deviations say as much of their scale as those in x, so
// many of which at once were forecast and depend on each other: the squares of Gaussians are
// correlated by the squares of their correlations. Those beyond a limit from the center count as at it.
func independent(x []float64, center, limit float64, together int) float64 {
	n := float64(len(x))
	z := make([]float64, len(x))
	for i, v := range x {
		z[i] = min(max(v-center, -limit), limit)
	}
	square, of := floats.Dot(z, z), 1.0
	for lag := 1; lag < min(together, len(x)); lag++ {
		r := floats.Dot(z[lag:], z[:len(z)-lag]) / square
		of += 2 * max(0, r*r-1/n) // 1/n comes of chance
	}
	return n / of
}

// likeliestScale returns the scale of deviations in size, beside which so many lie beyond a
// limit, given that none lies far out, and the logarithm of the likelihood.
func likeliestScale(size []float64, beyond int, limit, far, degrees float64) (scale, logL float64) {
	constant := -0.5 * math.Log(2*math.Pi)
	if !math.IsInf(degrees, 1) {
		above, _ := math.Lgamma((degrees + 1) / 2)
		below, _ := math.Lgamma(degrees / 2)
		constant = above - below - 0.5*math.Log(degrees*math.Pi)
	}
	l := func(log float64) float64 { // of the logarithm of a scale
		t := student{1, math.Exp(log), degrees}
		out := 0.0
		if !math.IsInf(far, 1) {
			out = t.p(far)
		}
		sum := float64(beyond)*math.Log(math.Max(t.p(limit)-out, 1e-300)) + float64(len(size))*(constant-log) -
			float64(beyond+len(size))*math.Log1p(-out)
		for _, x := range size {
			z := x / t.scale
			if math.IsInf(degrees, 1) {
				sum -= z * z / 2
			} else {
				sum -= (degrees + 1) / 2 * math.Log1p(z*z/degrees)
			}
		}
		return sum
	}
	a, b := math.Log(limit)-4, math.Log(limit)+2
	const golden, steps = 0.6180339887498949, 40
	x, y := b-golden*(b-a), a+golden*(b-a)
	fx, fy := l(x), l(y)
	for range steps {
		if fx >= fy {
			b, y, fy = y, x, fx
			x = b - golden*(b-a)
			fx = l(x)
		} else {
			a, x, fx = x, y, fy
			y = a + golden*(b-a)
			fy = l(y)
		}
	}
	return math.Exp((a + b) / 2), math.Max(fx, fy)
}

// p returns the probability of a deviation as large as x, or larger; NaN of NaN.
func (t tail) p(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	sum := 0.0
	for _, s := range t.parts {
		sum += s.weight * s.p(math.Abs(x-t.center))
	}
	return max(sum, t.beyond.p(math.Abs(x-t.center)))
}

// p returns the probability of a deviation of that size at least.
func (s student) p(size float64) float64 {
	if math.IsInf(s.degrees, 1) {
		return math.Erfc(size / s.scale / math.Sqrt2)
	}
	return 2 * distuv.StudentsT{Sigma: 1, Nu: s.degrees}.Survival(size/s.scale)
}

// interval returns the deviations between which all but a share lies.
func (t tail) interval(share float64) (lo, hi float64) {
	z, most := 0.0, 0.0
	for _, s := range t.parts {
		far := math.Sqrt2 * math.Erfcinv(share)
		if !math.IsInf(s.degrees, 1) {
			far = -distuv.StudentsT{Sigma: 1, Nu: s.degrees}.Quantile(share / 2)
		}
		most = max(most, s.scale*far)
	}
	if t.share > share {
		most = max(most, t.limit+t.excess*math.Log(t.share/share))
	}
	for step := most / 2; step > 1e-9*most; step /= 2 {
		if t.p(t.center+z+step) >= share {
			z += step
		}
	}
	return t.center - z, t.center + z
}
