package plots

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/outlier"
)

// views is what a picture of a forecast shows, checked.
type views struct {
	panel     *series.Panel
	model     string
	labels    []string // nil for the channels' names
	levels    []float64
	width     int // channels
	all       int // number of series, of which some are shown
	series    []*view
	anyActual bool
	absurd    int     // values of the shown series that are left out
	opt       Options // that said which series
}

// A view is one series and its forecast.
type view struct {
	*views
	s      *series.Series
	d      *forecast.Distribution
	actual *series.Series // nil for none
	from   int            // first time of s that is shown
	median []float64
}

// newViews checks what is to be drawn. several is the number of series shown if
// there are several channels and the options do not say.
func newViews(history *series.Panel, f *forecast.Forecast, opt FanOptions, several int) (*views, error) {
	if history == nil || f == nil || len(f.Series) == 0 {
		return nil, errors.New("plots: no forecast to draw")
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	if err := history.Validate(); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	v := &views{
		panel: history, model: f.Model, labels: opt.Labels, levels: opt.Levels,
		width: history.Width(), all: len(f.Series), opt: opt.Options,
	}
	if v.levels == nil {
		v.levels = []float64{50, 80, 95}
	}
	switch {
	case len(history.Series) != len(f.Series):
		return nil, fmt.Errorf("plots: a forecast of %d series, but a history of %d", len(f.Series), len(history.Series))
	case len(f.Channels) != v.width:
		return nil, fmt.Errorf("plots: a forecast of %d channels, but a history of %d", len(f.Channels), v.width)
	case opt.Labels != nil && len(opt.Labels) != v.width:
		return nil, fmt.Errorf("plots: %d labels for %d channels", len(opt.Labels), v.width)
	case opt.Series < 0:
		return nil, fmt.Errorf("plots: negative number: series %d", opt.Series)
	}
	for _, level := range v.levels {
		if !(level > 0 && level < 100) {
			return nil, fmt.Errorf("plots: an interval of %v %%, want more than 0 and less than 100", level)
		}
	}
	if opt.Actual != nil {
		if err := opt.Actual.Validate(); err != nil {
			return nil, fmt.Errorf("plots: actual values: %w", err)
		}
		if n := opt.Actual.Width(); n != v.width {
			return nil, fmt.Errorf("plots: actual values of %d channels, but a history of %d", n, v.width)
		}
	}
	shown := opt.Series
	switch {
	case shown > 0:
	case v.width > 1:
		shown = several
	default:
		shown = 6
	}
	chosen, err := opt.chosen(history.Series, shown)
	if err != nil {
		return nil, err
	}
	for _, i := range chosen {
		s, d := history.Series[i], f.Series[i]
		if err := checkView(s, d); err != nil {
			return nil, err
		}
		one := &view{views: v, s: s, d: d, median: d.Quantile(nil, 0.5)}
		one.from = one.start(opt.Context)
		one.leaveOut(opt.Outliers, i)
		if opt.Actual != nil {
			one.actual = opt.Actual.Lookup(s.ID)
			v.anyActual = v.anyActual || one.actual != nil
		}
		v.series = append(v.series, one)
	}
	return v, nil
}

// leaveOut leaves the absurd values out of the series, which is number i of the panel.
func (v *view) leaveOut(outliers forecast.Outliers, i int) {
	alone := v.panel.With(v.panel.Series[i : i+1])
	_, found := outliers.Seen(alone, 0)
	found = slices.DeleteFunc(found, func(f outlier.Finding) bool { return f.Break || f.Passing || f.Known || f.Values > 0 || f.Row < v.from })
	v.s = outlier.Limit(alone, found).Series[0]
	v.absurd += len(found)
}

func checkView(s *series.Series, d *forecast.Distribution) error {
	switch {
	case s.ID != d.ID:
		return fmt.Errorf("plots: the history of series %q, but the forecast of %q", s.ID, d.ID)
	case s.Len() == 0:
		return fmt.Errorf("plots: series %q has no history", s.ID)
	case len(d.Times) == 0:
		return fmt.Errorf("plots: no times are forecast for series %q", s.ID)
	case d.Times[0] <= s.Times[s.Len()-1]:
		return fmt.Errorf("plots: series %q: the forecast begins before the history ends", s.ID)
	}
	return nil
}

// start returns the first time of the history to show.
func (v *view) start(context int) int {
	n := v.s.Len()
	if context > 0 {
		return max(0, n-context)
	}
	span := v.d.Times[len(v.d.Times)-1] - v.origin()
	since := sort.SearchFloat64s(v.s.Times, v.origin()-3*span)
	const fewest = 10
	return max(0, min(since, n-3*len(v.d.Times), n-2*v.panel.Season(), n-fewest))
}

// last returns the first of the last times of the series to show, so many of them or, of
// zero, all.
func last(s *series.Series, context int) int {
	if context == 0 {
		return 0
	}
	return max(0, s.Len()-context)
}

// origin returns the last time of the history.
func (v *view) origin() float64 { return v.s.Times[v.s.Len()-1] }

// name returns the series' identifier, with the name of its column if it is a
// mere number.
func (v *view) name() string {
	if _, err := strconv.ParseFloat(v.s.ID, 64); err == nil {
		return strings.TrimSpace(v.panel.IDColumn + " " + v.s.ID)
	}
	return v.s.ID
}

// channel returns the values of channel c of width.
func channel(s *series.Series, c, width int) []float64 {
	y := make([]float64, s.Len())
	for i := range y {
		y[i] = s.Values[i*width+c]
	}
	return y
}

// line returns the shown history of channel c as a line. In a regular panel it
// breaks (NaN) at missing values and where times are skipped; in an irregular
// one it leads from each observed value to the next.
func (v *view) line(c int) (x, y []float64) {
	own := v.panel.For(v.s)
	regular := own.Step.Regular()
	values := channel(v.s, c, v.width)
	for i := v.from; i < v.s.Len(); i++ {
		t := v.s.Times[i]
		if regular && i > v.from && own.Coordinate(t)-own.Coordinate(v.s.Times[i-1]) > skipped {
			x, y = append(x, t), append(y, math.NaN())
		}
		if regular || !math.IsNaN(values[i]) {
			x, y = append(x, t), append(y, values[i])
		}
	}
	return x, y
}

// skipped is from how many steps on between two times some lie that were skipped.
const skipped = 1.5

// apart is how many usual distances of irregular times are too far for a line between them.
const apart = 4

// far returns what tells whether between two times others were skipped that a line would make
// up: steps of a regular series, and far more time than is usual of an irregular one.
func (v *view) far() func(from, to float64) bool {
	if own := v.panel.For(v.s); own.Step.Regular() {
		return func(from, to float64) bool { return own.Coordinate(to)-own.Coordinate(from) > skipped }
	}
	usual := max(medianGap(v.s.Times), medianGap(v.d.Times))
	return func(from, to float64) bool { return usual > 0 && to-from > apart*usual }
}

// medianGap returns the median distance of neighbouring times, 0 of one.
func medianGap(times []float64) float64 {
	if len(times) < 2 {
		return 0
	}
	gaps := make([]float64, len(times)-1)
	for i := range gaps {
		gaps[i] = times[i+1] - times[i]
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// continued returns channel c of forecast values as a line that begins at the
// last observed value that is shown, if there is one, and breaks (NaN) where times are far
// apart.
func (v *view) continued(c int, forecast []float64) (x, y []float64) {
	far, before := v.far(), v.origin()
	for i := v.s.Len() - 1; i >= v.from; i-- {
		if last := v.s.Values[i*v.width+c]; !math.IsNaN(last) {
			x, y = append(x, v.s.Times[i]), append(y, last)
			break
		}
	}
	for i, t := range v.d.Times {
		if far(before, t) {
			x, y = append(x, t), append(y, math.NaN())
		}
		x, y = append(x, t), append(y, forecast[i*v.width+c])
		before = t
	}
	return x, y
}

// newPanel returns a panel over time, whose upright axis has the given label.
func (v *view) newPanel(x, y extent, label string, size vg.Point) panel {
	xTicks, xLabel := v.timeTicks(x, size.X)
	yTicks, yLabel := newNumberTicks(y, size.Y/numberHeight, label)
	p := newPlot(x, y, xTicks, yTicks)
	p.X.Label.Text = shortenLabel(xLabel, p.X.Label.TextStyle, size.X)
	return panel{plot: p, label: yLabel}
}

// timeTicks returns the ticks of an axis of time of the given length, and its
// label.
func (v *view) timeTicks(x extent, length vg.Length) (plot.Ticker, string) {
	a, label := v.panel.Axis, v.panel.TimeColumn
	if !a.Calendar() {
		if unit := a.Unit(); unit != "" {
			label = strings.TrimSpace(label + " (" + unit + ")")
		}
		return newNumberTicks(x, length/numberWidth, label)
	}
	if offset := zone(a, v.origin()); offset != 0 {
		label = strings.TrimPrefix(label+" (UTC"+time.Unix(0, 0).In(time.FixedZone("", offset)).Format("-07:00")+")", " ")
	}
	return dateTicks{axis: a, length: length}, label
}

// panelSize returns about the size of the data's part of a panel.
func panelSize(opt Options, rows, cols int) vg.Point {
	return vg.Point{
		X: (opt.Width-2*margin)/vg.Length(cols) - 60,
		Y: (opt.Height-2*margin-48)/vg.Length(rows) - 30,
	}
}
