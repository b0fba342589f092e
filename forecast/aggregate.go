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

// AggregateOptions say what is aggregated.
type AggregateOptions struct {
	// Period is WholeHorizon, or a step of the calendar such as week, month or quarter, or
	// of numbers (see series.Bins).
	Period string

	How Aggregation

	// Whole leaves out a first or last period of which not all times are forecast.
	Whole bool
}

// Aggregate returns the forecast of aggregates over periods. Each sample path of
// the continuation of p, which must be there, has its own, so that their distribution heeds how
// the values of a period depend on each other. Times are the beginnings of the periods, or
// the first time of a whole horizon. Only times that are forecast count: a note says so where
// the first or the last period has others. The error wraps series.ErrStep if the period is
// none.
func Aggregate(p *series.Panel, f *Forecast, opt AggregateOptions) (*Forecast, error) {
	period, how := opt.Period, opt.How
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
		d = d.aggregate(begin, how)
		if n := len(f.Series[i].Times); n > 0 && p.Step.Regular() && period != WholeHorizon {
			first, last := f.Series[i].Times[0], f.Series[i].Times[n-1]
			if begin(p.TimeAt(p.Coordinate(last)+1)) == begin(last) {
				late++
				if opt.Whole {
					d = d.rows(0, len(d.Times)-1)
				}
			}
			if begin(p.TimeAt(p.Coordinate(first)-1)) == begin(first) {
				early++
				if opt.Whole {
					d = d.rows(min(1, len(d.Times)), len(d.Times))
				}
			}
		}
		all.Series[i] = d
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

// AggregateHistory returns the panel whose values are aggregates of those of p over periods, as
// Aggregate forecasts them: of periods that are whole. Values that are missing do not count;
// an aggregate of none is missing. The error wraps series.ErrStep if the period is no
// step, as that of a whole horizon is none.
func AggregateHistory(p *series.Panel, period string, how Aggregation) (*series.Panel, error) {
	step, begin, err := series.Bins(p.Axis, period)
	if err != nil {
		return nil, err
	}
	all := make([]*series.Series, len(p.Series))
	width := p.Width()
	for i, s := range p.Series {
		all[i] = &series.Series{ID: s.ID}
		for first := 0; first < s.Len(); {
			b, last := begin(s.Times[first]), first+1
			for last < s.Len() && begin(s.Times[last]) == b {
				last++
			}
			outside := func(row int, steps float64) bool {
				return !p.Step.Regular() || begin(p.TimeAt(p.Coordinate(s.Times[row])+steps)) != b
			}
			if outside(first, -1) && outside(last-1, 1) {
				all[i].Times = append(all[i].Times, b)
				for c := range width {
					var some []float64
					for k := first; k < last; k++ {
						if v := s.Row(k)[c]; !math.IsNaN(v) {
							some = append(some, v)
						}
					}
					v := math.NaN()
					if len(some) > 0 {
						v = how.of(some)
					}
					all[i].Values = append(all[i].Values, v)
				}
			}
			first = last
		}
	}
	q := p.With(all)
	q.Step, q.Seasons = step, []float64{}
	return q, nil
}

// rows returns the sample paths of the times from i to j, exclusive.
func (d *Distribution) rows(i, j int) *Distribution {
	some := &Distribution{ID: d.ID, Times: d.Times[i:j]}
	if i == j {
		return some
	}
	width := d.Width()
	for _, path := range d.Paths {
		some.Paths = append(some.Paths, path[i*width:j*width])
	}
	return some
}

// aggregate returns the distribution of aggregates of what lies between beginnings.
func (d *Distribution) aggregate(begin func(float64) float64, how Aggregation) *Distribution {
	out := &Distribution{ID: d.ID}
	if len(d.Times) == 0 {
		return out
	}
	if d.Domains != nil && how != Mean { // of whole numbers they are whole
		out.Domains = make([]Domain, len(d.Domains))
		for c, own := range d.Domains {
			out.Domains[c] = allNumbers()
			out.Domains[c].Step = own.Step
		}
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
