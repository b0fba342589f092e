package forecast

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"tsgen/series"
	"tsgen/series/outlier"
)

// Outliers says what becomes of the absurd values of series and of the breaks of their
// level (package outlier) before a model sees them. The zero value limits them.
type Outliers string

// What may become of outliers.
const (
	LimitOutliers Outliers = ""     // models see what outlier.Limit makes of the series
	KeepOutliers  Outliers = "keep" // models see the series as they are
)

// Seen returns the panel as models are to see it, and what was found in it; season is
// as in FitOptions.
func (o Outliers) Seen(p *series.Panel, season int) (*series.Panel, []outlier.Finding) {
	if o == KeepOutliers || p == nil || p.Validate() != nil {
		return p, nil
	}
	found := outlier.Find(p, cmp.Or(season, p.Season()))
	return outlier.Limit(p, found), found
}

// Fit fits m to the panel as it is to see it. A model's own Fit takes series as they
// are: to heed opt.Outliers is for this function, Continue, Backtest, Examine and
// Calibrated.
func Fit(ctx context.Context, m Model, train *series.Panel, opt FitOptions) error {
	train, _ = opt.Outliers.Seen(train, opt.Season)
	opt.Outliers = KeepOutliers
	return m.Fit(ctx, train, opt)
}

// Continue returns what m forecasts of the history as it is to see it; see Fit. The forecast
// is confined to the domains of the channels (see Confine). A note
// says of how many series the forecast leaves what their past supports.
func Continue(ctx context.Context, m Model, history *series.Panel, opt Options) (*Forecast, error) {
	f, err := continueFree(ctx, m, history, opt)
	if err != nil {
		return nil, err
	}
	return Confine(f, history, opt.Domains), nil
}

// continueFree is Continue without domains.
func continueFree(ctx context.Context, m Model, history *series.Panel, opt Options) (*Forecast, error) {
	history, _ = opt.Outliers.Seen(history, opt.Season)
	opt.Outliers = KeepOutliers
	f, err := m.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	if n := len(Unsupported(f, history)); n > 0 {
		noted := *f
		noted.Notes = append(noted.Notes[:len(noted.Notes):len(noted.Notes)], fmt.Sprintf(
			"%s: the forecasts of %d of %d series leave what their past supports; do not rely on them", f.Model, n, len(f.Series)))
		f = &noted
	}
	return f, nil
}

// How many times as far from the range of the history as that is wide a median may lie,
// and a bound of the 80 % interval.
const (
	supportedMedian = 10
	supportedBound  = 100
)

// Unsupported returns the places of the series whose forecasts no past of theirs
// supports: medians many times as far from all that was observed as that is wide, or
// intervals that reach farther still. Series that do not vary are measured by their size,
// and those that are zero throughout not at all.
func Unsupported(f *Forecast, history *series.Panel) []int {
	var all []int
	for i, d := range f.Series {
		if len(d.Times) > 0 && !supported(d, history.Series[i]) {
			all = append(all, i)
		}
	}
	return all
}

func supported(d *Distribution, s *series.Series) bool {
	width := d.Width()
	lo, hi := make([]float64, width), make([]float64, width)
	for c := range width {
		lo[c], hi[c] = math.Inf(1), math.Inf(-1)
	}
	for k, v := range s.Values {
		if c := k % width; !math.IsNaN(v) {
			lo[c], hi[c] = min(lo[c], v), max(hi[c], v)
		}
	}
	q := d.Quantiles(0.1, 0.5, 0.9)
	for k, m := range q[1] {
		c := k % width
		reach := hi[c] - lo[c]
		if reach == 0 {
			reach = math.Abs(hi[c])
		}
		if !(reach > 0) || math.IsInf(reach, 0) {
			continue
		}
		if m < lo[c]-supportedMedian*reach || m > hi[c]+supportedMedian*reach ||
			q[0][k] < lo[c]-supportedBound*reach || q[2][k] > hi[c]+supportedBound*reach {
			return false
		}
	}
	return true
}
