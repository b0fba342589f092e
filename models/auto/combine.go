package auto

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

const (
	// mostBlended is the number of members of a blend at most, leastShare the least part of
	// one.
	mostBlended = 8
	leastShare  = 0.03

	// mostCompared bounds the values by which weights are found, descents the steps.
	mostCompared = 6000
	descents     = 80

	// doubt is how strongly weights are held to those of the losses alone: as a part of
	// the loss, for a nat of divergence and a single cluster.
	doubt = 1.0
)

// members returns the candidates that may be part of a blend, best first, of those that
// able allows, by their scores at the records that use allows.
func (e *evidence) members(able []bool, use func(record int) bool) (members []int, losses []float64) {
	losses = e.scores(use)
	for m := range losses {
		if able[m] {
			members = append(members, m)
		}
	}
	slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(losses[a], losses[b]) })
	for i, m := range members {
		if i == mostBlended || losses[m] > hopeless*losses[members[0]] {
			members = members[:i]
			break
		}
	}
	return members, losses
}

// weigh returns the weights of a blend, which sum to one, by the records that use allows:
// those of the least loss of the blend (stacking, Breiman 1996), which is convex in them,
// but held to weights in inverse proportion to the squares of the candidates' losses
// (Bates and Granger 1969), the more so the less evidence there is, and to nothing else where
// it is weak. They are found by mirror descent.
func (e *evidence) weigh(able []bool, certainty float64, use func(record int) bool) []float64 {
	members, losses := e.members(able, use)
	prior := make([]float64, len(members))
	for i, m := range members {
		prior[i] = 1
		if least := losses[members[0]]; losses[m] > least {
			prior[i] = least * least / (losses[m] * losses[m])
		}
	}
	floats.Scale(1/floats.Sum(prior), prior)
	t := e.thinned(mostCompared)
	var values []int
	total := 0.0
	for k, r := range t.record {
		if use(r) {
			values = append(values, k)
			total += t.weight[k]
		}
	}
	if e.weak() {
		return e.whole(members, prior)
	}
	w := slices.Clone(prior)
	best, least := slices.Clone(w), math.Inf(1)
	gradient, q, slope := make([]float64, len(w)), make([]float64, deciles), make([]float64, deciles)
	hold, unit := 0.0, 0.0
	for step := range descents {
		loss := 0.0
		clear(gradient)
		for _, k := range values {
			clear(q)
			for i, m := range members {
				floats.AddScaled(q, w[i], t.quantiles[m][k*deciles:(k+1)*deciles])
			}
			part := t.weight[k] / total
			loss += part * t.loss(k, q, slope)
			for i, m := range members {
				gradient[i] += part * floats.Dot(slope, t.quantiles[m][k*deciles:(k+1)*deciles])
			}
		}
		if step == 0 {
			unit = loss
			hold = doubt / certainty * loss
		}
		if unit == 0 {
			break // nothing can be better
		}
		for i := range w {
			apart := math.Log(w[i] / prior[i])
			loss += hold * w[i] * apart
			gradient[i] += hold * (apart + 1)
		}
		if loss < least {
			least = loss
			copy(best, w)
		}
		lowest, rate := floats.Min(gradient), 1.5/(unit*math.Sqrt(float64(step+1)))
		for i := range w {
			w[i] = max(w[i]*math.Exp(-rate*(gradient[i]-lowest)), 1e-8)
		}
		floats.Scale(1/floats.Sum(w), w)
	}
	return e.whole(members, best)
}

// whole returns weights of all candidates by those of the members, without the least.
func (e *evidence) whole(members []int, w []float64) []float64 {
	weights := make([]float64, len(e.quantiles))
	for i, m := range members {
		if w[i] >= leastShare {
			weights[m] = w[i]
		}
	}
	floats.Scale(1/floats.Sum(weights), weights)
	return weights
}

// folds returns the parts into which the records fall for a blend to be tried at records
// that do not weigh it: those of each origin, or of a single one two halves of the
// series. There are none if there are too few of either.
func (e *evidence) folds() []func(record int) bool {
	var folds []func(int) bool
	if last := slices.Max(e.origin); last > 0 {
		for o := range last + 1 {
			folds = append(folds, func(r int) bool { return e.origin[r] == o })
		}
		return folds
	}
	if slices.Max(e.series)+1 < manySeries {
		return nil
	}
	for half := range 2 {
		folds = append(folds, func(r int) bool { return e.series[r]%2 == half })
	}
	return folds
}

// unseenAlone returns the losses of the records by the candidate that is the best at the
// other folds.
func (e *evidence) unseenAlone(folds []func(record int) bool) []float64 {
	losses := make([]float64, len(e.origin))
	for _, within := range folds {
		scores := e.scores(func(r int) bool { return !within(r) })
		for r, l := range e.records(e.quantiles[floats.MinIdx(scores)]) {
			if within(r) {
				losses[r] = l
			}
		}
	}
	return losses
}

// unseen returns the losses of the records by a blend that is weighed by the other folds,
// and the weights for each fold.
func (e *evidence) unseen(able []bool, folds []func(record int) bool) (losses []float64, weights [][]float64) {
	losses = make([]float64, len(e.origin))
	part := 1 - 1/float64(len(folds))
	for _, within := range folds {
		w := e.weigh(able, e.certainty()*part, func(r int) bool { return !within(r) })
		weights = append(weights, w)
		for r, l := range e.records(e.blended(w)) {
			if within(r) {
				losses[r] = l
			}
		}
	}
	return losses, weights
}
