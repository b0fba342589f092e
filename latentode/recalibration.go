package latentode

import (
	"context"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
)

// Held-back data chose the weights, the noise and the companion, and some series are less certain than others: intervals that are
// right in the middle are too narrow in the tails, and those of two models together too wide where their errors are independent.
// What is finally said of held-back values tells by how much. The normal scores of these,
//
//	z = Φ⁻¹(F(x)) ~ s · t(ν),
//
// have a scale s and degrees of freedom ν that are not known either: the posterior of both, the series being independent
// and no more, gives the distribution of the next score, and quantiles are read where that has them (Kuleshov, Fenner & Ermon 2018).

const (
	leastRecalibrated = 5    // series that are held back, from which on they tell
	scoreStep         = 0.02 // between the logarithms of scales that are tried
	scoreSteps        = 50   // on each side of 0
	scoreDoubt        = 0.3  // the deviation of the logarithm of the scale before anything is seen
	steadyTails       = 0.5  // the probability of Gaussian tails then
	mostScore         = 1e3  // of a value that is far from all that was said
	scoreAccuracy     = 1e-6 // of quantiles of the next score
)

// freedoms returns the degrees of freedom that are tried; of the last the tails are next to a Gaussian's.
func freedoms() []float64 { return []float64{3, 4, 6, 10, 20, 200} }

// A scored is the scores of a channel's held-back values, series by series.
type scored [][]float64

// recalibrate learns by how much the quantiles of what is ahead are to be moved away from the median; beside is what
// the companion, if there is one, says of the held-back windows.
func (o *objective) recalibrate(ctx context.Context, beside *forecast.Forecast) error {
	if !o.config.closed() {
		return nil
	}
	all := make([]scored, len(o.config.Channels))
	place := make(map[string]int)
	for _, w := range o.valid {
		if _, ok := place[w.ID]; !ok {
			place[w.ID] = len(place)
		}
	}
	if len(place) < leastRecalibrated {
		return nil
	}
	for j := range all {
		all[j] = make(scored, len(place))
	}
	scores, both := scoresOf(mixture.Probabilities()), make([]float64, len(mixture.Probabilities()))
	err := o.eachSaid(ctx, beside, func(s saidOf) {
		w := 1.0
		if s.beside != nil {
			w = o.config.Companion.weight(s.channel, s.lead)
		}
		for i, own := range s.own {
			both[i] = own
			if w < 1 {
				both[i] = w*own + (1-w)*s.beside[i]
			}
		}
		x := s.x
		if o.config.inLogarithms(s.channel, both[0], x) {
			x = math.Log(x)
			for i, q := range both {
				both[i] = math.Log(q)
			}
		}
		if z := score(x, both, scores); !math.IsNaN(z) {
			of := &all[s.channel][place[s.series]]
			*of = append(*of, z)
		}
	})
	o.config.Stretch = make([][]float64, len(all))
	for j, of := range all {
		o.config.Stretch[j] = of.stretch(scores, !o.config.HoldSeries)
	}
	return err
}

// scoresOf returns the normal quantiles of probabilities.
func scoresOf(probs []float64) []float64 {
	scores := make([]float64, len(probs))
	for i, p := range probs {
		if p != 0.5 {
			scores[i] = mathext.NormalQuantile(p)
		}
	}
	return scores
}

// inLogarithms reports whether quantiles of channel j, of which this is the least, are moved in their logarithms, and x with them.
func (c *config) inLogarithms(j int, least, x float64) bool { return c.Log[j] && least > 0 && x > 0 }

// score returns the normal score of x under quantiles with the given scores, the median in their middle: linear between them,
// and in proportion to the distance from the median beyond the last.
func score(x float64, q, scores []float64) float64 {
	middle := len(q) / 2
	end, step := len(q)-1, 1
	if x < q[middle] {
		end, step = 0, -1
	}
	for i := middle + step; ; i += step {
		if d := (x - q[i]) * float64(step); d <= 0 {
			if q[i] == q[i-step] {
				return scores[i]
			}
			return scores[i] + (x-q[i])/(q[i]-q[i-step])*(scores[i]-scores[i-step])
		}
		if i == end {
			z := scores[end] * (x - q[middle]) / (q[end] - q[middle])
			return min(max(z, -mostScore), mostScore)
		}
	}
}

// stretch returns for each score by how much what lies there is to be moved away from the median. Values that chose the
// weights make no interval narrower, others, of which some chose, by as much as is beyond two standard errors of the scale.
func (s scored) stretch(scores []float64, chose bool) []float64 {
	weights := s.posterior()
	by := make([]float64, len(scores))
	caution := math.Exp(2 * scaleDeviation(weights))
	for i, z := range scores {
		by[i] = 1
		if weights != nil && z != 0 {
			by[i] = nextScore(weights, z) / z
		}
		switch {
		case by[i] < 1 && chose:
			by[i] = 1
		case by[i] < 1:
			by[i] = min(1, caution*by[i])
		}
	}
	return by
}

// scaleDeviation returns the deviation of the logarithm of the scale.
func scaleDeviation(weights []float64) float64 {
	var m moments.Moments
	tails := freedoms()
	for i, w := range weights {
		m.Join(moments.Moments{N: w, Mean: scoreStep * float64(i/len(tails)-scoreSteps)})
	}
	return math.Sqrt(m.Variance())
}

// posterior returns the weights of scales, of each for all degrees of freedom in turn, nil if nothing was seen.
func (s scored) posterior() []float64 {
	part := s.independent()
	if part == 0 {
		return nil
	}
	tails := freedoms()
	var weights []float64
	for k := -scoreSteps; k <= scoreSteps; k++ {
		log := scoreStep * float64(k)
		for f, nu := range tails {
			l, prior := 0.0, (1-steadyTails)/float64(len(tails)-1)
			if f == len(tails)-1 {
				prior = steadyTails
			}
			constant := distuv.StudentsT{Sigma: math.Exp(log), Nu: nu}.LogProb(0)
			unit := math.Exp(-2*log) / nu
			for _, of := range s {
				for _, z := range of {
					l += constant - (nu+1)/2*math.Log1p(z*z*unit)
				}
			}
			weights = append(weights, part*l+math.Log(prior)-0.5*log*log/(scoreDoubt*scoreDoubt))
		}
	}
	most, total := slices.Max(weights), 0.0
	for i, w := range weights {
		weights[i] = math.Exp(w - most)
		total += weights[i]
	}
	for i := range weights {
		weights[i] /= total
	}
	return weights
}

// independent returns the part of the values' likelihoods that counts, 0 if there are none or all are the medians: values of a
// series err together, and count as much less as the slope by the scale varies more between series than it would if they did not
// (Pauli, Racugno & Ventura 2011).
func (s scored) independent() float64 {
	const farthest = 25 // of the squares of scores: single values say little of the scale
	n, square := 0.0, 0.0
	for _, of := range s {
		for _, z := range of {
			n++
			square += min(z*z, farthest)
		}
	}
	if square == 0 {
		return 0
	}
	between := 0.0
	for _, of := range s {
		sum := 0.0
		for _, z := range of {
			sum += min(z*z, farthest)*n/square - 1
		}
		between += sum * sum
	}
	return min(1, 2*n/between)
}

// nextScore returns the quantile of the next score, by the posterior of its scale and tails, at which a normal one is z.
func nextScore(weights []float64, z float64) float64 {
	want := distuv.UnitNormal.CDF(-math.Abs(z))
	tails := freedoms()
	low, high := -mostScore, 0.0
	for high-low > scoreAccuracy {
		at, p := (low+high)/2, 0.0
		for i, w := range weights {
			k, f := i/len(tails)-scoreSteps, i%len(tails)
			if w > 1e-9 {
				p += w * distuv.StudentsT{Sigma: math.Exp(scoreStep * float64(k)), Nu: tails[f]}.CDF(at)
			}
		}
		if p < want {
			low = at
		} else {
			high = at
		}
	}
	return math.Copysign(high, z)
}

// stretches reports whether there is a stretch for every channel and probability.
func (c *config) stretches() bool {
	return len(c.Stretch) == len(c.Channels) && !slices.ContainsFunc(c.Stretch, func(by []float64) bool {
		return len(by) != len(mixture.Probabilities()) || neural.Positive(by...) != nil
	})
}

// widen moves what d says of values that lie beyond the observations, by lead times of which the others are 0, away from
// their medians as held-back values say.
func (c *config) widen(d *forecast.Distribution, leads []float64) {
	if c.Stretch == nil {
		return
	}
	levels := scoresOf(mixture.Probabilities())
	rows, probs := d.Values, d.Probs
	if len(d.Paths) > 0 {
		rows, probs = d.Paths, nil
		for r := range rows {
			probs = append(probs, (float64(r)+0.5)/float64(len(rows)))
		}
	}
	scores := scoresOf(probs)
	column, ranks := make([]float64, len(rows)), make([]int, len(rows))
	for k, lead := range leads {
		for j := range c.Channels {
			if lead == 0 {
				break
			}
			at := k*len(c.Channels) + j
			for r := range rows {
				column[r], ranks[r] = rows[r][at], r
			}
			sort.SliceStable(ranks, func(a, b int) bool { return column[ranks[a]] < column[ranks[b]] })
			least, middle := column[ranks[0]], (column[ranks[(len(ranks)-1)/2]]+column[ranks[len(ranks)/2]])/2
			logarithm := c.inLogarithms(j, least, middle)
			for rank, r := range ranks {
				by := c.stretched(between(scores[rank], levels, c.Stretch[j]), lead)
				if logarithm {
					rows[r][at] = middle * math.Pow(column[r]/middle, by)
				} else {
					rows[r][at] = middle + by*(column[r]-middle)
				}
			}
		}
	}
}

// stretched returns a stretch as it is at a lead time: farther ahead than held-back values lie these do not say that intervals are
// too wide, and those of dynamics with noise have been judged already.
func (c *config) stretched(by, lead float64) float64 {
	if by < 1 && lead > c.Judged {
		return 1 - (1-by)*c.Judged/lead
	}
	return by
}

// between returns the value at x of the line through points whose abscissas increase, constant beyond them.
func between(x float64, at, values []float64) float64 {
	i := sort.SearchFloat64s(at, x)
	switch {
	case i == 0:
		return values[0]
	case i == len(at):
		return values[i-1]
	}
	part := (x - at[i-1]) / (at[i] - at[i-1])
	return values[i-1] + part*(values[i]-values[i-1])
}
