package forecast

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"tsgen/series"
)

// A PathForecaster knows how the values that continue a series depend on each other.
type PathForecaster interface {
	Model

	// ForecastPaths is as Forecast, but every distribution holds opt.Samples sample
	// paths, 1000 if that is zero, drawn from the joint distribution over all times and
	// channels. Their marginals are those of Forecast, but for what so few draws are off
	// by. What is drawn for a series depends on the seed, its identifier and its own
	// values, not on which other series there are.
	ForecastPaths(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error)
}

// DefaultPaths is the number of sample paths unless another is asked for.
const DefaultPaths = 1000

// Paths returns the forecast of m as sample paths: those of a PathForecaster, or those that
// m's forecasts consist of. Where m knows the marginals alone, the paths depend on each
// other over times and channels as the errors of its past forecasts of the
// history did (a Gaussian copula), or, if that is too short to tell, as the values of
// a random walk. The paths of a PathForecaster are corrected so that the steps of a path go
// together as much as its past errors did, which what it takes the series for need not say.
// See Continue for the history that m sees, and for the notes.
func Paths(ctx context.Context, m Model, history *series.Panel, opt Options) (*Forecast, error) {
	opt.Samples = cmp.Or(opt.Samples, DefaultPaths)
	if c, ok := m.(*Calibrated); ok {
		return c.ForecastPaths(ctx, history, opt) // which are corrected
	}
	if p, ok := m.(PathForecaster); ok {
		f, err := Continue(ctx, joining{p}, history, opt)
		if err != nil {
			return nil, err
		}
		seen, _ := opt.Outliers.Seen(history, opt.Season)
		records, err := pastScores(ctx, m, seen, f, mostCorrected, opt)
		if err != nil {
			return nil, err
		}
		return f, EachSeries(ctx, len(f.Series), func(i int) error {
			f.Series[i] = f.Series[i].gathered(records, seen, seen.Series[i])
			return nil
		})
	}
	f, err := Continue(ctx, m, history, opt)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(f.Series, func(d *Distribution) bool { return len(d.Times) > 0 && len(d.Paths) == 0 }) {
		return f, nil
	}
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	learned, err := learnDependence(ctx, m, seen, f, opt)
	if err != nil {
		return nil, err
	}
	joint := *f
	joint.Series = slices.Clone(f.Series)
	err = EachSeries(ctx, len(f.Series), func(i int) error {
		d := f.Series[i]
		if len(d.Times) == 0 || len(d.Paths) > 0 {
			return nil
		}
		joint.Series[i] = Join(d, learned.draws(seen, seen.Series[i], d, opt))
		return joint.Series[i].Validate()
	})
	return &joint, err
}

// joining is a PathForecaster whose forecasts are its paths.
type joining struct{ PathForecaster }

func (j joining) Forecast(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error) {
	return j.ForecastPaths(ctx, history, opt)
}

// Join returns sample paths that have the marginals of d and normal scores as drawn: one
// row of len(d.Times) x channels for each path.
func Join(d *Distribution, scores [][]float64) *Distribution {
	joint := &Distribution{ID: d.ID, Times: d.Times, Domains: d.Domains}
	if len(d.Times) == 0 {
		return joint
	}
	joint.Paths = make([][]float64, len(scores))
	for i := range scores {
		joint.Paths[i] = make([]float64, d.size())
	}
	g := newGatherer(d)
	for k := range d.size() {
		m := g.marginal(k)
		for i, z := range scores {
			joint.Paths[i][k] = m.at(z[k])
		}
	}
	return joint
}

// Scores returns the normal scores of the sample paths of d, those of their ranks
// among all paths.
func (d *Distribution) Scores() [][]float64 {
	n := len(d.Paths)
	scores := make([][]float64, n)
	for i := range scores {
		scores[i] = make([]float64, d.size())
	}
	of := make([]float64, n)
	for r := range of {
		of[r] = mathext.NormalQuantile((float64(r) + 0.5) / float64(n))
	}
	ranks := make([]int, n)
	for k := range d.size() {
		for i := range ranks {
			ranks[i] = i
		}
		slices.SortStableFunc(ranks, func(a, b int) int { return cmp.Compare(d.Paths[a][k], d.Paths[b][k]) })
		for r, i := range ranks {
			scores[i][k] = of[r]
		}
	}
	return scores
}

// ForecastPaths implements PathForecaster: what the function Paths makes of the model, with the
// marginals that the calibration corrects.
func (m *Calibrated) ForecastPaths(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error) {
	if m.model == nil {
		return nil, ErrNotFitted
	}
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	opt.Outliers = KeepOutliers
	f, err := Paths(ctx, m.model, seen, opt)
	if err != nil {
		return nil, err
	}
	if len(f.Series) != len(history.Series) {
		return nil, fmt.Errorf("forecast: the model forecast %d series of %d", len(f.Series), len(history.Series))
	}
	return Confine(m.calibration.Apply(f, seen), history, opt.Domains), nil
}

// First returns the forecast with the first n of its sample paths at most.
func (f *Forecast) First(n int) *Forecast {
	some := *f
	some.Series = make([]*Distribution, len(f.Series))
	for i, d := range f.Series {
		fewer := *d
		fewer.Paths = d.Paths[:min(n, len(d.Paths))]
		some.Series[i] = &fewer
	}
	return &some
}

// spreads returns for each value half the width of the central interval of 68 %, about a
// standard deviation.
func (d *Distribution) spreads() []float64 {
	q := d.Quantiles(normalCDF(-1), normalCDF(1))
	sd := make([]float64, d.size())
	for k := range sd {
		sd[k] = math.Max(0, (q[1][k]-q[0][k])/2)
	}
	return sd
}
