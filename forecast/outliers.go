package forecast

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

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
	found := findOutliers(p, cmp.Or(season, p.Season()))
	return outlier.Limit(p, found), found
}

// findOutliers is outlier.Find on all processors.
func findOutliers(p *series.Panel, season int) []outlier.Finding {
	found := make([][]outlier.Finding, len(p.Series))
	err := EachSeries(context.Background(), len(found), func(i int) error {
		found[i] = outlier.Find(p.With(p.Series[i:i+1]), season)
		for k := range found[i] {
			found[i][k].Series = i
		}
		return nil
	})
	if err != nil {
		panic(err) // of the search
	}
	return slices.Concat(found...)
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
// a bound of the 80 % interval, and one of the 95 % interval, which of a Gaussian is half as far again.
const (
	supportedMedian = 10
	supportedBound  = 100
	supportedTail   = 200
)

// How many times as far above it as they have risen may the logarithms lie, of a series that moves in proportion to its
// level and never was zero.
const (
	supportedGrowth      = 1
	supportedGrowthBound = 2
	supportedGrowthTail  = 3
)

// How far the quantiles that supported looks at may lie, by both.
var (
	supportedRanges  = [...]float64{supportedTail, supportedBound, supportedMedian, supportedBound, supportedTail}
	supportedGrowths = [...]float64{supportedGrowthTail, supportedGrowthBound, supportedGrowth, supportedGrowthBound, supportedGrowthTail}
)

// fewValues is the number of values below which those of a series do not tell how far it
// goes, and the other series of its panel are asked as well.
const fewValues = 8

// Unsupported returns the places of the series whose forecasts no past of theirs
// supports: medians many times as far from all that was observed as that is wide, or
// intervals that reach farther still. Above a series whose logarithms are likelier (series.Panel.LogarithmFits) those
// may rise as far as they have from the first value to the last. Series that do not vary are measured by their size,
// those of few values by what is usual in the panel for their size, or by how far its series lie apart,
// if that is more, and those that are zero throughout not at all.
func Unsupported(f *Forecast, history *series.Panel) []int {
	usual := usualOf(history)
	leaves := make([]bool, len(f.Series))
	err := EachSeries(context.Background(), len(f.Series), func(i int) error {
		d := f.Series[i]
		leaves[i] = len(d.Times) > 0 && !supported(d, history.With(history.Series[i:i+1]), usual)
		return nil
	})
	if err != nil {
		panic(err) // of a distribution that is not valid
	}
	var all []int
	for i, is := range leaves {
		if is {
			all = append(all, i)
		}
	}
	return all
}

// A span is what was observed of a channel of a series.
type span struct {
	lo, hi      float64
	first, last float64
	values      int
}

// size returns the greatest magnitude, 0 of nothing.
func (s span) size() float64 {
	if s.values == 0 {
		return 0
	}
	return max(math.Abs(s.lo), math.Abs(s.hi))
}

// spansOf returns the spans of the channels of s.
func spansOf(s *series.Series, width int) []span {
	spans := slices.Repeat([]span{{lo: math.Inf(1), hi: math.Inf(-1)}}, width)
	for k, v := range s.Values {
		if c := &spans[k%width]; !math.IsNaN(v) {
			if c.values == 0 {
				c.first = v
			}
			c.lo, c.hi, c.last, c.values = min(c.lo, v), max(c.hi, v), v, c.values+1
		}
	}
	return spans
}

// A usual says what is usual of a channel in a panel.
type usual struct {
	width float64 // of the span of a series of more than one value, for its size
	apart float64 // distance of the middle of a series from that of all
}

// usualOf returns what is usual in the median of the series, by channel.
func usualOf(p *series.Panel) []usual {
	n := p.Width()
	widths, middles := make([][]float64, n), make([][]float64, n)
	for _, s := range p.Series {
		for c, x := range spansOf(s, n) {
			if x.values > 1 && x.size() > 0 {
				widths[c] = append(widths[c], (x.hi-x.lo)/x.size())
			}
			if x.values > 0 {
				middles[c] = append(middles[c], x.lo/2+x.hi/2)
			}
		}
	}
	all := make([]usual, n)
	for c := range all {
		all[c].width = middle(widths[c])
		center := middle(middles[c])
		for i, m := range middles[c] {
			middles[c][i] = math.Abs(m - center)
		}
		all[c].apart = middle(middles[c])
	}
	return all
}

// middle sorts x and returns its median, 0 of nothing.
func middle(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[len(x)/2]
}

// supported reports whether the past of a panel's only series supports its forecast.
func supported(d *Distribution, p *series.Panel, of []usual) bool {
	width := len(of)
	spans := spansOf(p.Series[0], width)
	growth := make([]float64, width) // by which logarithms rose, zero where they are not likelier
	for c, x := range spans {
		if _, likelier := p.LogarithmFits(c, 1); likelier {
			growth[c] = max(0, math.Log(x.last/x.first))
		}
	}
	q := d.Quantiles(0.025, 0.1, 0.5, 0.9, 0.975)
	for k := range q[0] {
		c := k % width
		x := spans[c]
		reach := x.hi - x.lo
		if x.values < fewValues {
			reach = max(reach, of[c].width*x.size(), of[c].apart)
		}
		if reach == 0 {
			reach = x.size()
		}
		if x.values == 0 || !(reach > 0) || math.IsInf(reach, 0) {
			continue
		}
		for l, ranges := range supportedRanges {
			highest := max(x.hi+ranges*reach, x.hi*math.Exp(supportedGrowths[l]*growth[c]))
			if q[l][k] < x.lo-ranges*reach || q[l][k] > highest {
				return false
			}
		}
	}
	return true
}
