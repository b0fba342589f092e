package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"tsgen/series"
)

// An Origin is a moment from which a backtest forecasts.
type Origin struct {
	// History holds what was observed up to the origin and Actual what came
	// within the horizon after it, of the same series in the same order.
	History, Actual *series.Panel

	// Leads holds for each series the step of the horizon, from 1, in which
	// each time of Actual falls.
	Leads [][]int
}

// Scales returns the scale of each channel of series i by which errors are divided: the mean
// absolute error of the seasonal naive forecast within its history, NaN of a channel that
// has none.
func (o *Origin) Scales(i, season int) []float64 {
	scale, err := scales(o.History, o.History.Series[i], season)
	if err != nil {
		scale = slices.Repeat([]float64{math.NaN()}, o.History.Width())
	}
	return scale
}

// leastHistory is the number of times that a series must have before an origin
// to take part in it.
const leastHistory = 4

// RollingOrigins returns origins from which the panel can be forecast, earliest
// first: the last one horizon steps before the end of each series and the
// others step steps apart before it, windows in all. Steps are those of the
// panel, or observation times if the panel is irregular. Each series counts from
// its own end.
//
// A series takes part in the origins before which it has at least four times,
// and one after. An origin without any series is left out; if none is left, the
// error wraps ErrTooShort. It panics if horizon, windows or step are not
// positive.
func RollingOrigins(p *series.Panel, horizon, windows, step int) ([]Origin, error) {
	if horizon < 1 || windows < 1 || step < 1 {
		panic(fmt.Sprintf("forecast: %d origins of %d steps, %d apart", windows, horizon, step))
	}
	all := windowsOf(p, horizon, windows, step)
	origins := slices.DeleteFunc(all, func(o Origin) bool { return len(o.Leads) == 0 })
	if len(origins) == 0 {
		return nil, fmt.Errorf("%w: no series has %d times and %d steps after them to forecast", ErrTooShort, leastHistory, horizon)
	}
	return origins, nil
}

// windowsOf returns the origins of RollingOrigins with those in which no series takes part.
func windowsOf(p *series.Panel, horizon, windows, step int) []Origin {
	all := make([]Origin, windows)
	err := EachSeries(context.Background(), windows, func(i int) error {
		w := windows - 1 - i
		var heads, tails []*series.Series
		var leads [][]int
		for _, s := range p.Series {
			c := newCutter(p, s)
			from, to := c.before(w*step+horizon), c.before(w*step)
			if from < leastHistory || s.Slice(from, to).Observed() == 0 {
				continue
			}
			heads, tails = append(heads, s.Slice(0, from)), append(tails, s.Slice(from, to))
			leads = append(leads, c.leads(from, to, w*step+horizon))
		}
		all[i] = Origin{History: p.With(heads), Actual: p.With(tails), Leads: leads}
		return nil
	})
	if err != nil {
		panic(err) // of a panel that is not valid
	}
	return all
}

// A cutter counts the steps of a series from its end.
type cutter struct {
	panel *series.Panel
	s     *series.Series
	end   float64 // coordinate of the last time, of regular panels
}

func newCutter(p *series.Panel, s *series.Series) cutter {
	p = p.For(s)
	c := cutter{panel: p, s: s}
	if s.Len() > 0 {
		c.end = p.Coordinate(s.Times[s.Len()-1])
	}
	return c
}

// before returns the number of times that are at least n steps before the
// last, or for n = 0 of all.
func (c cutter) before(n int) int {
	if !c.panel.Step.Regular() {
		return max(c.s.Len()-n, 0)
	}
	limit := c.end - float64(n) + 0.5
	return sort.Search(c.s.Len(), func(i int) bool { return c.panel.Coordinate(c.s.Times[i]) > limit })
}

// leads returns the steps from an origin, n steps before the last time, to the
// times from to to.
func (c cutter) leads(from, to, n int) []int {
	leads := make([]int, to-from)
	for i := range leads {
		leads[i] = i + 1
		if c.panel.Step.Regular() {
			u := c.panel.Coordinate(c.s.Times[from+i])
			leads[i] = int(math.Round(u - (c.end - float64(n))))
		}
	}
	return leads
}

// medianLength returns the median length of the series: in steps, whether rows are missing or their values, or in
// times where those are irregular.
func medianLength(p *series.Panel) int {
	n := make([]int, len(p.Series))
	for i, s := range p.Series {
		n[i] = s.Len()
		if own := p.For(s); n[i] > 0 && own.Step.Regular() {
			n[i] = 1 + int(math.Round(own.Coordinate(s.Times[n[i]-1])-own.Coordinate(s.Times[0])))
		}
	}
	slices.Sort(n)
	return n[len(n)/2]
}
