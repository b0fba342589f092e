package forecast

import (
	"fmt"
	"math"
	"slices"
)

// Blend combines forecasts of the same series and times: each quantile is the
// weighted mean of theirs (Lichtendahl, Grushka-Cockayne and Winkler 2013), or
// without weights their median. Weights are not negative and need not sum to one.
// The result's Model is empty, its notes are those of all. The error says which
// forecast is of other times, or what is wrong with the weights.
func Blend(forecasts []*Forecast, weights []float64) (*Forecast, error) {
	if len(forecasts) == 0 {
		return nil, fmt.Errorf("forecast: a blend of nothing")
	}
	combine := median
	if weights != nil {
		total := 0.0
		for _, w := range weights {
			if !(w >= 0) {
				return nil, fmt.Errorf("forecast: a blend with the weights %v", weights)
			}
			total += w
		}
		if len(weights) != len(forecasts) || !(total > 0) || math.IsInf(total, 1) {
			return nil, fmt.Errorf("forecast: a blend of %d forecasts with the weights %v", len(forecasts), weights)
		}
		combine = func(values []float64) float64 {
			sum := 0.0
			for i, v := range values {
				sum += weights[i] / total * v
			}
			return sum
		}
	}
	f := &Forecast{Channels: slices.Clone(forecasts[0].Channels)}
	for _, g := range forecasts {
		if len(g.Series) != len(forecasts[0].Series) {
			return nil, fmt.Errorf("forecast: a blend of %s and %s, which forecast other series", forecasts[0].Model, g.Model)
		}
		f.Notes = append(f.Notes, g.Notes...)
	}
	for i := range forecasts[0].Series {
		d, err := combined(forecasts, i, combine)
		if err != nil {
			return nil, err
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// median returns the median of values, which it reorders.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return values[(n-1)/2]/2 + values[n/2]/2
}

// combined returns the law of series i whose quantiles combine makes of those of
// the forecasts.
func combined(forecasts []*Forecast, i int, combine func([]float64) float64) (*Distribution, error) {
	first := forecasts[0].Series[i]
	d := &Distribution{ID: first.ID, Times: first.Times}
	if len(d.Times) == 0 {
		return d, nil
	}
	d.Probs = summaryProbabilities()
	laws := make([][][]float64, len(forecasts))
	for k, f := range forecasts {
		s := f.Series[i]
		if s.ID != d.ID || !slices.Equal(s.Times, d.Times) || s.size() != first.size() {
			return nil, fmt.Errorf("forecast of %s: %s and %s forecast other times", describe(d.ID), forecasts[0].Model, f.Model)
		}
		laws[k] = s.Quantiles(d.Probs...)
	}
	values := make([]float64, len(forecasts))
	for p := range d.Probs {
		row := make([]float64, first.size())
		for k := range row {
			for m := range laws {
				values[m] = laws[m][p][k]
			}
			row[k] = combine(values)
		}
		d.Values = append(d.Values, row)
	}
	return d, nil
}

// BestBlend returns weights of the report's models, the blend of which has the
// least scaled quantile loss over the origins: forward selection with replacement
// (Caruana et al. 2004), which begins with the best model and adds the one that
// helps most, most times in all, and goes back to where the loss was least. The
// weights sum to one;
// models that could not forecast have none. Where nothing has a scale, or no
// model could forecast, it returns nil.
func (r *Report) BestBlend(most int) []float64 {
	b, err := r.newBlending()
	if err != nil || b == nil {
		return nil
	}
	return b.best(most, -1)
}

// Blended examines the blend of the report's models with the given weights.
func (r *Report) Blended(name string, weights []float64) (Tested, error) {
	return r.blended(name, func(int) []float64 { return weights })
}

// CrossBlended examines what BestBlend comes to on data that it has not seen: the
// forecast from each origin is the best blend of the others. It needs two origins
// and a scale; the second result tells whether there are.
func (r *Report) CrossBlended(name string, most int) (Tested, bool, error) {
	b, err := r.newBlending()
	if err != nil || b == nil || len(r.Origins) < 2 {
		return Tested{}, false, err
	}
	t, err := r.blended(name, func(origin int) []float64 { return b.best(most, origin) })
	return t, true, err
}

// blended examines the blend with the weights that of says for each origin.
func (r *Report) blended(name string, of func(origin int) []float64) (Tested, error) {
	n := len(r.Origins)
	t := Tested{Name: name, Forecasts: make([]*Forecast, n), SQL: make([][]float64, n), PIT: make([][][]float64, n)}
	tallies := make([]originTally, n)
	for o, origin := range r.Origins {
		var forecasts []*Forecast
		var weights []float64
		for i, w := range of(o) {
			if w > 0 {
				forecasts, weights = append(forecasts, r.Models[i].Forecasts[o]), append(weights, w)
			}
		}
		var err error
		if t.Forecasts[o], err = Blend(forecasts, weights); err != nil {
			return t, err
		}
		t.Forecasts[o].Model = name
		if tallies[o], t.SQL[o], t.PIT[o], err = examineOrigin(t.Forecasts[o], origin, r.Season, r.Horizon); err != nil {
			return t, err
		}
	}
	t.sumUp(tallies, r.Horizon)
	return t, nil
}

// A blending holds what blends are compared by: the deciles of every model for
// every value that was observed and has a scale, and what the loss of the value
// counts.
type blending struct {
	models  int
	deciles [][]float64 // by model, nil where it could not forecast: values × 9
	actual  []float64
	counts  []float64
	origin  []int // of each value
}

const deciles = 9

// newBlending returns nil if there is nothing to compare.
func (r *Report) newBlending() (*blending, error) {
	b := &blending{models: len(r.Models), deciles: make([][]float64, len(r.Models))}
	probs := make([]float64, deciles)
	for k := range probs {
		probs[k] = float64(k+1) / (deciles + 1)
	}
	for o, origin := range r.Origins {
		for i, actual := range origin.Actual.Series {
			scale, err := scales(origin.History, origin.History.Series[i], r.Season)
			if err != nil {
				return nil, err
			}
			laws := make([][][]float64, len(r.Models))
			for m := range r.Models {
				if r.Models[m].Err == nil {
					laws[m] = r.Models[m].Forecasts[o].Series[i].Quantiles(probs...)
				}
			}
			b.add(o, actual.Values, scale, laws)
		}
	}
	if len(b.actual) == 0 || !slices.ContainsFunc(b.deciles, func(d []float64) bool { return d != nil }) {
		return nil, nil
	}
	return b, nil
}

// add adds the values of a series, with channels of the given scales, and the
// deciles of each model's law of them.
func (b *blending) add(origin int, values, scale []float64, laws [][][]float64) {
	width := len(scale)
	for c, s := range scale {
		var seen []int
		for k := c; k < len(values); k += width {
			if !math.IsNaN(values[k]) && s > 0 {
				seen = append(seen, k)
			}
		}
		for _, k := range seen {
			b.actual, b.origin = append(b.actual, values[k]), append(b.origin, origin)
			b.counts = append(b.counts, 1/(s*float64(len(seen))))
			for m, law := range laws {
				for _, q := range law {
					b.deciles[m] = append(b.deciles[m], q[k])
				}
			}
		}
	}
}

// best returns the weights of the best blend over all origins but one.
func (b *blending) best(most, without int) []float64 {
	sum := make([]float64, deciles*len(b.actual))
	picks := make([]float64, b.models)
	var weights []float64
	best := math.Inf(1)
	for n := range most {
		pick, least := -1, math.Inf(1)
		for m, d := range b.deciles {
			if d != nil {
				if l := b.loss(sum, d, 1/float64(n+1), without); l < least {
					pick, least = m, l
				}
			}
		}
		if pick < 0 {
			break
		}
		picks[pick]++
		for k, q := range b.deciles[pick] {
			sum[k] += q
		}
		// A pick that does not help may be what the next one needs.
		if least < best {
			best = least
			weights = slices.Clone(picks)
			for m := range weights {
				weights[m] /= float64(n + 1)
			}
		}
	}
	return weights
}

// loss returns the loss of the blend of a sum of deciles and another model's,
// each pick of the given part.
func (b *blending) loss(sum, other []float64, part float64, without int) float64 {
	loss := 0.0
	for i, y := range b.actual {
		if b.origin[i] == without {
			continue
		}
		own := 0.0
		for k := range deciles {
			at := i*deciles + k
			own += pinball(y, part*(sum[at]+other[at]), float64(k+1)/(deciles+1))
		}
		loss += b.counts[i] * own
	}
	return loss
}
