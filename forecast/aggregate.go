package forecast

import (
	"fmt"
	"math"
	"slices"

	"tsgen/series"
)

// An Aggregation says what becomes of the values of a path in a period.
type Aggregation string

// The aggregations.
const (
	Sum  Aggregation = "sum"
	Mean Aggregation = "mean"
	Max  Aggregation = "max"
	Min  Aggregation = "min"
)

// Aggregations returns the aggregations.
func Aggregations() []Aggregation { return []Aggregation{Sum, Mean, Max, Min} }

// WholeHorizon is the period that all times of a forecast lie in.
const WholeHorizon = "horizon"

// of returns the aggregate of values, of which there is one at least.
func (a Aggregation) of(values []float64) float64 {
	switch a {
	case Max:
		return slices.Max(values)
	case Min:
		return slices.Min(values)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if a == Mean {
		sum /= float64(len(values))
	}
	return sum
}

// Aggregate returns the forecast of aggregates over periods: WholeHorizon, or a step of the
// calendar such as week, month or quarter, or of numbers (see series.Bins). Each sample path of
// the continuation of p, which must be there, has its own, so that their distribution heeds how
// the values of a period depend on each other. Times are the beginnings of the periods, or
// the first time of a whole horizon. Only times that are forecast count: a note says so where
// the first or the last period has others. The error wraps series.ErrStep if the period is
// none.
func Aggregate(p *series.Panel, f *Forecast, period string, how Aggregation) (*Forecast, error) {
	if !slices.Contains(Aggregations(), how) {
		return nil, fmt.Errorf("forecast: an aggregate %q, want one of %q", how, Aggregations())
	}
	begin := func(float64) float64 { return math.Inf(-1) }
	if period != WholeHorizon {
		var err error
		if _, begin, err = series.Bins(p.Axis, period); err != nil {
			return nil, err
		}
	}
	if err := match(p, f); err != nil {
		return nil, fmt.Errorf("forecast: the panel: %w", err)
	}
	all := *f
	all.Notes = slices.Clone(f.Notes)
	all.Series = make([]*Distribution, len(f.Series))
	early, late := 0, 0
	for i, d := range f.Series {
		if len(d.Times) > 0 && len(d.Paths) == 0 {
			return nil, fmt.Errorf("forecast of %s: no sample paths to aggregate", Describe(d.ID))
		}
		all.Series[i] = d.aggregate(begin, how)
		if n := len(d.Times); n > 0 && p.Step.Regular() && period != WholeHorizon {
			if before := p.TimeAt(p.Coordinate(d.Times[0]) - 1); begin(before) == begin(d.Times[0]) {
				early++
			}
			if after := p.TimeAt(p.Coordinate(d.Times[n-1]) + 1); begin(after) == begin(d.Times[n-1]) {
				late++
			}
		}
	}
	for _, one := range []struct {
		n    int
		what string
	}{{early, "first"}, {late, "last"}} {
		if one.n > 0 {
			all.Notes = append(all.Notes, fmt.Sprintf("the %s %s of %d of %d series is not whole: what is given is of the times in it that are forecast",
				one.what, period, one.n, len(f.Series)))
		}
	}
	return &all, nil
}

// aggregate returns the distribution of aggregates of what lies between beginnings.
func (d *Distribution) aggregate(begin func(float64) float64, how Aggregation) *Distribution {
	out := &Distribution{ID: d.ID}
	if len(d.Times) == 0 {
		return out
	}
	width := d.Width()
	var first []int // row of each period
	for k, t := range d.Times {
		if b := begin(t); k == 0 || b != begin(d.Times[k-1]) {
			first = append(first, k)
			if math.IsInf(b, -1) {
				b = t
			}
			out.Times = append(out.Times, b)
		}
	}
	first = append(first, len(d.Times))
	out.Paths = make([][]float64, len(d.Paths))
	var some []float64
	for i, path := range d.Paths {
		for j := range out.Times {
			for c := range width {
				some = some[:0]
				for k := first[j]; k < first[j+1]; k++ {
					some = append(some, path[k*width+c])
				}
				out.Paths[i] = append(out.Paths[i], how.of(some))
			}
		}
	}
	return out
}
