package auto

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
)

// deciles is the number of quantiles by which forecasts are compared: those of SQL.
const deciles = 9

// fewOrigins is the number of origins, those that overlap counted in part, from which on the
// weights of few series follow the losses.
const fewOrigins = 8

// manySeries is the number of series from which on errors are clustered by series, no
// longer by origin.
const manySeries = 8

// evidence is what examinations from the same origins are compared by: the deciles that
// they gave to the values that came.
type evidence struct {
	y      []float64
	weight []float64 // of the loss of a value: their weighted sum is the mean scaled loss
	record []int     // of each value, a record being a series from one origin

	origin, series []int     // of each record
	origins        float64   // number, those that overlap counted in part
	known          []float64 // of each record: the part of its series that came before
	recents        []recent  // of few series

	quantiles [][]float64 // by candidate: the deciles of each value, one after the other
}

// newEvidence returns what the examinations of a report show. Where nothing has a scale
// errors count as they are.
func newEvidence(r *forecast.Report) *evidence {
	for _, scaled := range []bool{true, false} {
		e := &evidence{quantiles: make([][]float64, len(r.Models)), origins: forecast.Apart(r.Origins)}
		numbers := make(map[string]int)
		for o := range r.Origins {
			for i, s := range r.Origins[o].Actual.Series {
				if _, seen := numbers[s.ID]; !seen {
					numbers[s.ID] = len(numbers)
				}
				if e.collect(r, o, i, scaled) {
					e.origin, e.series = append(e.origin, o), append(e.series, numbers[s.ID])
					e.known = append(e.known, known(r, o, i))
				}
			}
		}
		if n := float64(len(e.origin)); n > 0 {
			for k := range e.weight {
				e.weight[k] /= n
			}
			return e
		}
	}
	return nil
}

// known returns the part of series i that came before origin o of what came before the last.
func known(r *forecast.Report, o, i int) float64 {
	own := r.Origins[o].History.Series[i]
	last := r.Origins[len(r.Origins)-1].History.Lookup(own.ID)
	if last == nil {
		return 1
	}
	return float64(own.Len()) / float64(last.Len())
}

// collect adds the record of a series from an origin, and reports whether it has values.
func (e *evidence) collect(r *forecast.Report, o, i int, scaled bool) bool {
	origin := &r.Origins[o]
	width, first := origin.Actual.Width(), len(e.y)
	scale := origin.Scales(i, r.Season)
	probs := make([]float64, deciles)
	for p := range probs {
		probs[p] = float64(p+1) / (deciles + 1)
	}
	q := make([][][]float64, len(r.Models))
	for m := range r.Models {
		q[m] = r.Models[m].Forecasts[o].Series[i].Quantiles(probs...)
	}
	for k, y := range origin.Actual.Series[i].Values {
		by := 1.0
		if scaled {
			by = scale[k%width]
		}
		if math.IsNaN(y) || math.IsNaN(by) {
			continue
		}
		e.y, e.weight, e.record = append(e.y, y), append(e.weight, 1/by), append(e.record, len(e.origin))
		for m := range q {
			for _, row := range q[m] {
				e.quantiles[m] = append(e.quantiles[m], row[k])
			}
		}
	}
	n := float64(len(e.y) - first)
	for k := first; k < len(e.y); k++ {
		e.weight[k] /= n
	}
	return n > 0
}

// thinned returns the evidence of at most n values, evenly spread.
func (e *evidence) thinned(n int) *evidence {
	every := (len(e.y) + n - 1) / n
	if every < 2 {
		return e
	}
	t := &evidence{origin: e.origin, series: e.series, origins: e.origins, quantiles: make([][]float64, len(e.quantiles))}
	for k := 0; k < len(e.y); k += every {
		t.y, t.weight, t.record = append(t.y, e.y[k]), append(t.weight, e.weight[k]), append(t.record, e.record[k])
		for m, q := range e.quantiles {
			t.quantiles[m] = append(t.quantiles[m], q[k*deciles:(k+1)*deciles]...)
		}
	}
	return t
}

// loss returns what the deciles q of value k lose, twice the pinball loss as in SQL, and
// writes its derivatives by them to slope unless that is nil.
func (e *evidence) loss(k int, q, slope []float64) float64 {
	sum := 0.0
	for p, x := range q {
		level := float64(p+1) / (deciles + 1)
		d := e.y[k] - x
		g := -level
		if d < 0 {
			g = 1 - level
		}
		sum -= g * d
		if slope != nil {
			slope[p] = 2 * g / deciles
		}
	}
	return 2 * sum / deciles
}

// records returns the mean scaled loss of each record by the quantiles q of all values.
func (e *evidence) records(q []float64) []float64 {
	losses := make([]float64, len(e.origin))
	for k := range e.y {
		losses[e.record[k]] += float64(len(e.origin)) * e.weight[k] * e.loss(k, q[k*deciles:(k+1)*deciles], nil)
	}
	return losses
}

// blended returns the weighted means of the candidates' quantiles.
func (e *evidence) blended(weights []float64) []float64 {
	q := make([]float64, len(e.y)*deciles)
	for m, w := range weights {
		if w > 0 {
			for k, x := range e.quantiles[m] {
				q[k] += w * x
			}
		}
	}
	return q
}

// clusters returns the number of each record's cluster, within which errors go together:
// its series where there are many, else its origin; and how many there are.
func (e *evidence) clusters() (of []int, n int) {
	series := 0
	for _, s := range e.series {
		series = max(series, s+1)
	}
	if of, n = e.series, series; series < manySeries {
		of, n = e.origin, 0
		for _, o := range of {
			n = max(n, o+1)
		}
	}
	return of, n
}

// few reports whether the evidence is of few series.
func (e *evidence) few() bool { return slices.Max(e.series)+1 < manySeries }

// scores returns by what candidates are compared, the least being the best, by the records
// that use allows. Of many series it is the mean loss. The records of few are so few that a
// single bad one would decide: there it is the geometric mean of the losses in proportion to
// the median candidate's, in which later origins, before which more was known, count more,
// and the recent ones for as much as they show of the horizon. Differences are believed the
// less the fewer values were forecast.
func (e *evidence) scores(use func(record int) bool) []float64 {
	losses := make([][]float64, len(e.quantiles))
	for m, q := range e.quantiles {
		losses[m] = e.records(q)
	}
	scores := make([]float64, len(e.quantiles))
	if !e.few() {
		for m := range scores {
			var used []float64
			for r, l := range losses[m] {
				if use(r) {
					used = append(used, l)
				}
			}
			scores[m] = stat.Mean(used, nil)
		}
		return scores
	}
	totals := make([]float64, len(scores))
	add := func(by []float64, weight float64) {
		there := slices.DeleteFunc(slices.Clone(by), math.IsNaN)
		if len(there) == 0 {
			return
		}
		slices.Sort(there)
		middle := max(there[len(there)/2], math.SmallestNonzeroFloat64)
		for m, l := range by {
			if !math.IsNaN(l) {
				scores[m] += weight * math.Log(max(l, leastLoss*middle)/middle)
				totals[m] += weight
			}
		}
	}
	by := make([]float64, len(scores))
	for r := range e.origin {
		if use(r) {
			for m := range by {
				by[m] = losses[m][r]
			}
			add(by, e.known[r]*e.known[r])
		}
	}
	for _, r := range e.recents {
		add(r.losses, r.part)
	}
	values := e.certainty() * float64(len(e.y)) / float64(len(e.origin))
	for m := range scores {
		scores[m] = math.Exp(values / (values + halfBelieved) * scores[m] / totals[m])
	}
	return scores
}

// halfBelieved is the number of values, those that were forecast from several origins counted
// once and those of several series by the root of their number, of which half of a difference is
// believed.
const halfBelieved = 10

// leastLoss bounds what a candidate without a loss is better than the median one.
const leastLoss = 1e-3

// weak reports whether the evidence is too little for anything but simple weights.
func (e *evidence) weak() bool { return e.few() && e.origins < fewOrigins }

// certainty returns the number of clusters that the evidence is worth: origins that
// overlap, and series beside each other, count in part.
func (e *evidence) certainty() float64 {
	series := 0
	for _, s := range e.series {
		series = max(series, s+1)
	}
	if series < manySeries {
		return e.origins * math.Sqrt(float64(series))
	}
	return float64(series) * math.Sqrt(e.origins)
}

// standardError returns that of the mean of the records' losses, by clusters; infinite if
// there are fewer than two.
func (e *evidence) standardError(losses []float64) float64 {
	of, n := e.clusters()
	if n < 2 {
		return math.Inf(1)
	}
	mean := stat.Mean(losses, nil)
	sums := make([]float64, n)
	for r, x := range losses {
		sums[of[r]] += x - mean
	}
	return math.Sqrt(floats.Dot(sums, sums)*float64(n)/float64(n-1)) / float64(len(losses))
}
