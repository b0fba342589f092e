package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Blend combines forecasts of the same series and times: each quantile is the
// weighted mean of theirs (Lichtendahl, Grushka-Cockayne and Winkler 2013), or
// without weights their median. Weights are not negative and need not sum to one.
// The result's Model is empty, its notes are those of all. Of a series whose
// distribution is nil in some forecasts it is that of the others; one at least has it.
// The error says which forecast is of other times, or what is wrong with the weights.
func Blend(forecasts []*Forecast, weights []float64) (*Forecast, error) {
	if len(forecasts) == 0 {
		return nil, fmt.Errorf("forecast: a blend of nothing")
	}
	combine := func(values []float64, _ []int) float64 { return median(values) }
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
		combine = func(values []float64, of []int) float64 {
			sum, total := 0.0, total
			if len(of) < len(weights) {
				total = 0
				for _, m := range of {
					total += weights[m]
				}
			}
			for i, v := range values {
				sum += weights[of[i]] / total * v
			}
			return sum
		}
	}
	f := &Forecast{Channels: slices.Clone(forecasts[0].Channels)}
	for _, g := range forecasts {
		if len(g.Series) != len(forecasts[0].Series) {
			return nil, fmt.Errorf("forecast: a blend of %s and %s, which forecast other series", forecasts[0].Model, g.Model)
		}
		for _, n := range g.Notes {
			if !slices.Contains(f.Notes, n) {
				f.Notes = append(f.Notes, n)
			}
		}
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

// combined returns the distribution of series i whose quantiles combine makes of those of
// the forecasts.
func combined(forecasts []*Forecast, i int, combine func(values []float64, of []int) float64) (*Distribution, error) {
	var first *Distribution
	var of []int // the forecasts that have it
	for k, f := range forecasts {
		if f.Series[i] != nil {
			of = append(of, k)
			first = cmp.Or(first, f.Series[i])
		}
	}
	if first == nil {
		return nil, fmt.Errorf("forecast: a blend in which nothing forecasts series %d", i+1)
	}
	d := &Distribution{ID: first.ID, Times: first.Times}
	if len(d.Times) == 0 {
		return d, nil
	}
	d.Probs = summaryProbabilities()
	quantiles := make([][][]float64, len(of))
	for k, m := range of {
		f := forecasts[m]
		s := f.Series[i]
		if s.ID != d.ID || !slices.Equal(s.Times, d.Times) || s.size() != first.size() {
			return nil, fmt.Errorf("forecast of %s: %s and %s forecast other times", Describe(d.ID), forecasts[0].Model, f.Model)
		}
		quantiles[k] = s.free().Quantiles(d.Probs...)
	}
	values := make([]float64, len(of))
	for p := range d.Probs {
		row := make([]float64, first.size())
		for k := range row {
			for m := range quantiles {
				values[m] = quantiles[m][p][k]
			}
			row[k] = combine(values, of)
		}
		d.Values = append(d.Values, row)
	}
	return d, nil
}

// Blended examines the blend of the report's models that has, in the forecast from
// each origin, the weights that weights returns for it, one for every model; those
// of models that could not forecast must be zero. If weights is nil it is their median,
// and all must have been able to forecast.
func (r *Report) Blended(name string, weights func(origin int) []float64) (Tested, error) {
	n := len(r.Origins)
	t := Tested{Name: name, Forecasts: make([]*Forecast, n), SQL: make([][]float64, n), PIT: make([][][]float64, n)}
	accumulators := make([]originScores, n)
	for o, origin := range r.Origins {
		var forecasts []*Forecast
		var positive, all []float64
		if weights != nil {
			all = weights(o)
		}
		for i := range r.Models {
			switch {
			case weights == nil:
				forecasts = append(forecasts, r.Models[i].Forecasts[o])
			case all[i] != 0:
				forecasts, positive = append(forecasts, r.Models[i].Forecasts[o]), append(positive, all[i])
			}
		}
		var err error
		if t.Forecasts[o], err = Blend(forecasts, positive); err != nil {
			return t, err
		}
		t.Forecasts[o].Model = name
		for i, d := range t.Forecasts[o].Series {
			d.Domains = forecasts[0].Series[i].Domains
		}
		if accumulators[o], t.SQL[o], t.PIT[o], err = examineOrigin(t.Forecasts[o], origin, r.Season, r.Horizon); err != nil {
			return t, err
		}
	}
	t.sumUp(accumulators, r.Horizon)
	return t, nil
}
