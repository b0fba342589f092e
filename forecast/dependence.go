package forecast

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"

	"tsgen/internal/joint"
	"tsgen/internal/shrinkage"
	"tsgen/series"
)

// A dependence is how the errors of past forecasts of a panel depended on each other: a
// Gaussian copula whose correlations are those between steps of the horizon times those
// between channels.
type dependence struct {
	steps    [][]float64 // correlations of the steps from 1; nil if nothing is known
	persists float64     // correlation of neighbouring steps
	shrink   float64     // of steps towards powers of that
}

const (
	pastRecords              = 200 // series and origins that are looked at
	fewestPast, mostPast     = 4, 24
	mostCorrelated           = 1000 // steps ahead that have correlations of their own
	mostScore                = 3    // of an error in absolute value that is learned from
	mostPersistent, leastPIT = 0.99, 1e-4
)

// learnDependence returns what past forecasts from several origins say.
func learnDependence(ctx context.Context, m Model, history *series.Panel, f *Forecast, opt Options) (*dependence, error) {
	records, err := pastScores(ctx, m, history, f, mostPast, opt)
	if err != nil || records == nil {
		return &dependence{}, err
	}
	return dependenceOf(records), nil
}

// pastScores returns the normal scores of what came after past forecasts from so many origins
// at most: a row for each origin, series and channel, of a value for each step of the
// horizon, with NaN where nothing came. They are nil if the history is too short, or the model
// could not forecast it. f is the forecast of the history, which tells how far ahead to
// look.
func pastScores(ctx context.Context, m Model, history *series.Panel, f *Forecast, most int, opt Options) ([][]float64, error) {
	horizon := 1
	for i, d := range f.Series {
		for _, lead := range leadsOf(history, history.Series[i], d.Times) {
			horizon = max(horizon, lead)
		}
	}
	horizon = min(horizon, max(1, medianLength(history)/4), mostCorrelated)
	windows := min(max(pastRecords/len(history.Series), fewestPast), most)
	report, err := Backtest(ctx, history, []Candidate{{Name: "model", Fitted: m}}, BacktestOptions{
		Horizon: horizon, Windows: windows, Step: (horizon + 1) / 2,
		Season: opt.Season, Outliers: KeepOutliers, Domains: opt.Domains, Samples: 300, Seed: opt.Seed,
	})
	if err != nil && !cannot(err) {
		return nil, err
	}
	if err != nil || report.Models[0].Err != nil {
		return nil, nil
	}
	var records [][]float64
	width := history.Width()
	for o, origin := range report.Origins {
		for _, i := range byID(origin.History) {
			pit := report.Models[0].PIT[o][i]
			for c := range width {
				row := make([]float64, horizon)
				for h := range row {
					row[h] = math.NaN()
				}
				for k := c; k < len(pit); k += width {
					if u := pit[k]; !math.IsNaN(u) {
						z := mathext.NormalQuantile(min(max(u, leastPIT), 1-leastPIT))
						row[origin.Leads[i][k/width]-1] = max(-mostScore, min(z, mostScore))
					}
				}
				records = append(records, row)
			}
		}
	}
	return records, nil
}

// dependenceOf returns what the scores of past errors say.
func dependenceOf(records [][]float64) *dependence {
	cross, square := 0.0, 0.0
	for _, row := range records {
		for h := 1; h < len(row); h++ {
			if x := row[h] * row[h-1]; !math.IsNaN(x) {
				cross += x
				square += (row[h]*row[h] + row[h-1]*row[h-1]) / 2
			}
		}
	}
	d := &dependence{}
	if square > 0 {
		d.persists = min(max(cross/square, 0), mostPersistent)
	}
	d.correlate(records)
	return d
}

// byID returns the places of the series in the order of their identifiers, so that sums do
// not depend on the order in which they come.
func byID(p *series.Panel) []int {
	order := make([]int, len(p.Series))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Series[a].ID, p.Series[b].ID) })
	return order
}

// correlate sets the correlations of the steps, and how much they shrink towards powers
// of that of neighbours: by what the variance of all is to their squared distance from
// these (Schäfer and Strimmer 2005).
func (d *dependence) correlate(records [][]float64) {
	if len(records) < fewestPast {
		return
	}
	horizon := len(records[0])
	d.steps = make([][]float64, horizon)
	variance, distance := 0.0, 0.0
	for i := range d.steps {
		d.steps[i] = make([]float64, horizon)
		for j := range i {
			var xy, xx, yy, n float64
			for _, row := range records {
				if x, y := row[i], row[j]; !math.IsNaN(x * y) {
					xy, xx, yy, n = xy+x*y, xx+x*x, yy+y*y, n+1
				}
			}
			target := d.decay(float64(i - j))
			r := target
			if n > 2 && xx > 0 && yy > 0 {
				r = xy / math.Sqrt(xx*yy)
				variance += (1 - r*r) * (1 - r*r) / (n - 1)
				distance += (r - target) * (r - target)
			}
			d.steps[i][j] = r
		}
	}
	d.shrink = 1
	if distance > 0 {
		d.shrink = min(variance/distance, 1)
	}
}

// decay returns the correlation of what lies so many steps apart, as far as neighbours
// tell it.
func (d *dependence) decay(apart float64) float64 {
	if apart == 0 {
		return 1
	}
	return math.Pow(d.persists, apart)
}

// correlation returns that of the values at two leads in steps, a no less than b.
func (d *dependence) correlation(a, b float64) float64 {
	r := d.decay(a - b)
	i, j := int(a)-1, int(b)-1
	if a == math.Trunc(a) && b == math.Trunc(b) && j >= 0 && i < len(d.steps) && i > j {
		r = d.shrink*r + (1-d.shrink)*d.steps[i][j]
	}
	return r
}

// draws returns normal scores of the continuation d of s.
func (d *dependence) draws(p *series.Panel, s *series.Series, made *Distribution, opt Options) [][]float64 {
	leads := stepsTo(p, s, made.Times)
	courses := make([]joint.Course, made.Width())
	for c := range courses {
		courses[c] = d.course(leads, made, c)
	}
	return joint.Draws(opt.Samples, len(leads), joint.Source(opt.Seed, s.ID), courses, joint.Channels(p, s))
}

// course returns that of channel c of what was made at some leads.
func (d *dependence) course(leads []float64, made *Distribution, c int) joint.Course {
	if d.steps == nil && d.persists == 0 { // a random walk that is as wide as the marginals
		variance := made.channel(made.spreads(), c)
		for k, sd := range variance {
			variance[k] = sd * sd
		}
		return joint.Walk(variance, nil)
	}
	r := mat.NewSymDense(len(leads), nil)
	for i, a := range leads {
		r.SetSym(i, i, 1)
		for j, b := range leads[:i] {
			r.SetSym(i, j, d.correlation(a, b))
		}
	}
	return joint.Correlated(shrinkage.Factor(r))
}

// stepsTo returns how many steps after the last time of s the times lie, steps of the
// panel, or of the usual distance where times are irregular.
func stepsTo(p *series.Panel, s *series.Series, times []float64) []float64 {
	origin := p.Coordinate(s.Times[s.Len()-1])
	step := 1.0
	if !p.Step.Regular() {
		step = p.Coordinate(p.Future(s, 1)[0]) - origin
	}
	leads := make([]float64, len(times))
	for k, t := range times {
		leads[k] = (p.Coordinate(t) - origin) / step
		if p.Step.Regular() {
			leads[k] = math.Round(leads[k])
		}
	}
	return leads
}
