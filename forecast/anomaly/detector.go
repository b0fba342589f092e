package anomaly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/outlier"
)

const (
	leastPast = 10 // times before the first that is judged
	rounds    = 80 // forecasts of a series at most, each of as many times as it takes, but for breaks and what is far off
	hidden    = 7  // times the median deviation so far of a value that is far off
	renewed   = 20 // estimates are made anew once one in so many values is new

	// Whether a series goes on from values that are far off is told by what comes after them: tellLeast values at least,
	// and tellMost, or tellSeasons seasons if that is more, at most. Its level has moved if a forecast without them that is
	// moved as well errs by no more than movedPart of one that is not, and it goes on if one with them errs by no more than
	// tellPart of that. It is asked of the first of them, and of as many as tellLeast in a row.
	tellLeast, tellMost, tellSeasons, movedPart, tellPart = 5, 50, 4, 0.5, 0.9

	// Nor does it go on from a value at which it rests, for at most one in mostRest of the values before.
	mostRest = 10

	// Values far off are a habit of the series if they come more than mostVisits times, apart from each other by a season
	// or apartLeast values at least, and are more of all values than are not of the bulk, or if the series is of demand:
	// of whole numbers, most of which are zero.
	mostVisits, apartLeast = 3, 5
)

// A detector goes through a panel from the past on.
type detector struct {
	model   forecast.Model
	panel   *series.Panel
	opt     Options
	season  int
	longest int                 // times of a series
	first   int                 // time that is judged first
	every   int                 // times that are forecast at once
	seen    []*series.Series    // what later forecasts see, but for breaks
	breaks  [][]outlier.Finding // of each series, by rows
	courses [][]course          // by series and channel
	kept    forecast.Model      // the model with estimates, or the model
	renewal int                 // times of a series from which on they are made anew

	off, median, low, high, skew [][]float64 // by series: deviations, medians, what one deviation is on either side, and skewness
}

// A course says what has been far off so far in a channel of a series.
type course struct {
	known  []int // rows of absurd values, which no forecast sees, and of the first after breaks, which all do
	hid    []int // rows of others that later forecasts do not see
	values int   // that are far off
	visits int   // times that they came
	last   int   // row of the last of them
	row    int   // how many of them there are in a row
	habit  bool  // whether they are how the series goes
	counts bool  // whether it is of whole numbers none of which is negative
	demand bool  // whether most of those are zero
}

func newDetector(m forecast.Model, p *series.Panel, opt Options) *detector {
	d := &detector{model: m, kept: m, panel: p, opt: opt, season: cmp.Or(opt.Season, p.Season())}
	for _, s := range p.Series {
		d.longest = max(d.longest, s.Len())
	}
	d.first = max(leastPast, min(2*d.season+1, d.longest/2))
	d.every = max(1, (d.longest-d.first+rounds-1)/rounds)
	for _, s := range p.Series {
		copied := *s
		copied.Values = slices.Clone(s.Values)
		d.seen = append(d.seen, &copied)
		for _, of := range []*[][]float64{&d.off, &d.median, &d.low, &d.high, &d.skew} {
			*of = append(*of, slices.Repeat([]float64{math.NaN()}, len(s.Values)))
		}
		own := make([]course, p.Width())
		for c := range own {
			own[c].last = -s.Len()
			own[c].counts, own[c].demand = natureOf(channelOf(s.Values, c, p.Width()))
		}
		d.courses = append(d.courses, own)
	}
	d.breaks = make([][]outlier.Finding, len(p.Series))
	_, found := opt.Outliers.Seen(p, d.season)
	for _, f := range found {
		i := f.Series
		if f.Values > 0 {
			continue // what is stuck is no deviation
		}
		x := &d.courses[i][f.Channel]
		x.known = append(x.known, f.Row)
		if f.Break {
			f.Series = 0
			d.breaks[i] = append(d.breaks[i], f)
		} else {
			d.seen[i].Values[f.Row*p.Width()+f.Channel] = math.NaN()
		}
	}
	return d
}

// natureOf reports whether values are counts, whole numbers none of which is negative, and whether they are those of demand,
// most of which are zero.
func natureOf(values []float64) (counts, demand bool) {
	zeros := 0
	for _, v := range values {
		if v < 0 || v != math.Trunc(v) {
			return false, false
		}
		if v == 0 {
			zeros++
		}
	}
	return true, 2*zeros > len(values)
}

// run forecasts all that is judged.
func (d *detector) run(ctx context.Context) error {
	judged, short := false, fmt.Errorf("%w: no series has more than the %d times before the first that is judged", forecast.ErrTooShort, d.first)
	next := slices.Repeat([]int{d.first}, len(d.seen))
	for {
		var heads []*series.Series
		var at [][]float64
		var place []int
		left := false
		for i, s := range d.seen {
			from := next[i]
			if from >= s.Len() {
				continue
			}
			left = true
			next[i] = d.blockEnd(i, from)
			if head := d.head(i, from); head.Observed() > 1 {
				heads, at, place = append(heads, head), append(at, s.Times[from:next[i]]), append(place, i)
			}
		}
		if !left {
			break
		}
		if len(heads) == 0 {
			continue // series begin with what is missing
		}
		err := d.estimate(ctx, heads)
		var f *forecast.Forecast
		if err == nil {
			f, err = d.forecast(ctx, heads, at)
		}
		if errors.Is(err, forecast.ErrTooShort) {
			short = err
			continue // with more of the past it goes
		}
		if err != nil {
			return err
		}
		judged = true
		for k, i := range place {
			if next[i], err = d.judge(ctx, i, f.Series[k]); err != nil {
				return err
			}
		}
	}
	if !judged {
		return short
	}
	return nil
}

// blockEnd returns the end of what is forecast of series i at once from a time on. The first value after a break is the
// last of what is forecast from those before.
func (d *detector) blockEnd(i, from int) int {
	to := min(from+d.every, d.seen[i].Len())
	for _, b := range d.breaks[i] {
		if b.Row >= from {
			to = min(to, b.Row+1)
		}
	}
	return to
}

// head returns series i up to a time as its forecast sees it: with what comes before a break brought to what comes after.
func (d *detector) head(i, from int) *series.Series {
	head := d.seen[i].Slice(0, from)
	past := slices.DeleteFunc(slices.Clone(d.breaks[i]), func(b outlier.Finding) bool { return b.Row >= from })
	return outlier.Limit(d.panel.With([]*series.Series{head}), past).Series[0]
}

// estimate has the model keep what it estimates of the heads, if they have grown enough since it did.
func (d *detector) estimate(ctx context.Context, heads []*series.Series) error {
	longest := 0
	for _, s := range heads {
		longest = max(longest, s.Len())
	}
	if d.opt.Keep == nil || longest < d.renewal {
		return nil
	}
	kept, err := d.opt.Keep(ctx, d.model, d.panel.With(heads), forecast.FitOptions{
		Horizon: d.every, Season: d.opt.Season, Seed: d.opt.Seed, Outliers: forecast.KeepOutliers,
	})
	if err != nil {
		return err
	}
	d.kept, d.renewal = kept, longest+longest/renewed
	return nil
}

func (d *detector) forecast(ctx context.Context, heads []*series.Series, at [][]float64) (*forecast.Forecast, error) {
	return d.kept.Forecast(ctx, d.panel.With(heads), forecast.Options{
		At: at, Season: d.opt.Season, Samples: d.opt.Samples, Seed: d.opt.Seed, Outliers: forecast.KeepOutliers,
	})
}

// judge compares values of series i with their forecast, and hides those that are far off. It returns the time from which
// the series is to be forecast next: after the last of those values, or after the first whose level has moved.
func (d *detector) judge(ctx context.Context, i int, f *forecast.Distribution) (next int, err error) {
	width := d.panel.Width()
	q := f.Quantiles(0.5, 0.1587, 0.8413, 0.0228, 0.9772, 0.00135, 0.99865)
	original := d.panel.Series[i].Values
	from, _ := slices.BinarySearch(d.panel.Series[i].Times, f.Times[0])
	to := from + len(f.Times)
	for k, m := range q[0] {
		at := from*width + k
		lo, hi := oneDeviation(m-q[1][k], m-q[3][k], m-q[5][k]), oneDeviation(q[2][k]-m, q[4][k]-m, q[6][k]-m)
		least := 1e-9 * (math.Abs(m) + lo + hi)
		lo, hi = math.Max(lo, least), math.Max(hi, least)
		d.median[i][at], d.low[i][at], d.high[i][at] = m, lo, hi
		y := original[at]
		if math.IsNaN(y) {
			continue
		}
		switch {
		case y == m:
			d.off[i][at] = 0
		case y > m:
			d.off[i][at] = (y - m) / math.Max(hi, math.SmallestNonzeroFloat64)
		default:
			d.off[i][at] = (y - m) / math.Max(lo, math.SmallestNonzeroFloat64)
		}
		if d.courses[i][k%width].counts {
			d.skew[i][at] = skewness(m, lo/2+hi/2)
			d.off[i][at] = unskewed(d.off[i][at], d.skew[i][at])
		}
	}
	far, known := make([]float64, width), make([]int, width)
	for c := range far {
		all := channelOf(d.off[i][:to*width], c, width)
		far[c], known[c] = hidden*usual(all), len(all)
	}
	for t := from; t < to; t++ {
		moved := false
		for c, far := range far {
			x, off := &d.courses[i][c], math.Abs(d.off[i][t*width+c])
			if math.IsNaN(off) || x.habit || slices.Contains(x.known, t) {
				continue
			}
			if off <= far || t > 0 && math.Abs(d.off[i][t*width+c]-d.off[i][(t-1)*width+c]) > far {
				x.row = 0
			}
			if off <= far {
				continue
			}
			returns := t+1 < to && math.Abs(d.off[i][(t+1)*width+c]) <= far
			m, err := d.hide(ctx, i, c, t, returns)
			if err != nil {
				return to, err
			}
			if moved = moved || m; x.visits > mostVisits && (x.demand || float64(x.values) > (1-bulk)*float64(known[c])) {
				x.habit = true
				d.restart(i)
				return d.first, nil
			}
		}
		if moved {
			return t + 1, nil
		}
	}
	return to, nil
}

// oneDeviation returns what one deviation is, given what one, two and three are: the first, or where that is none, as of
// demand that is mostly none, a half or a third of the next.
func oneDeviation(one, two, three float64) float64 {
	if one > 0 {
		return one
	}
	return cmp.Or(two/2, three/3)
}

// restart takes series i for one that was not judged yet, of which it is known what is a habit.
func (d *detector) restart(i int) {
	width := d.panel.Width()
	for c := range d.courses[i] {
		x := &d.courses[i][c]
		d.show(i, c, len(x.hid))
		*x = course{known: x.known, habit: x.habit, counts: x.counts, demand: x.demand, last: -d.longest}
	}
	for k := d.first * width; k < len(d.off[i]); k++ {
		d.off[i][k] = math.NaN()
	}
}

// hide makes the value of a channel in a row, which is far off, missing for later forecasts, unless the series goes on from
// it, which it does not if it is known that the next value returns. It reports whether the level has moved there.
func (d *detector) hide(ctx context.Context, i, c, row int, returns bool) (moved bool, err error) {
	x := &d.courses[i][c]
	x.visit(row, max(d.season, apartLeast))
	d.seen[i].Values[row*d.panel.Width()+c] = math.NaN()
	x.hid = append(x.hid, row)
	if returns || x.row != 1 && x.row != tellLeast {
		return false, nil
	}
	shift, on, err := d.goesOn(ctx, i, c)
	if err != nil || shift == 0 && !on {
		return false, err
	}
	first := x.hid[len(x.hid)-x.row]
	d.show(i, c, x.row)
	x.row = 0
	if shift == 0 {
		return false, nil
	}
	x.known = append(x.known, first)
	d.breaks[i] = append(d.breaks[i], outlier.Finding{Channel: c, Row: first, Break: true, Value: shift})
	slices.SortStableFunc(d.breaks[i], func(a, b outlier.Finding) int { return cmp.Compare(a.Row, b.Row) })
	return true, nil
}

// show lets later forecasts see the last n values of a channel that were hidden.
func (d *detector) show(i, c, n int) {
	x, width := &d.courses[i][c], d.panel.Width()
	first := len(x.hid) - n
	for _, t := range x.hid[first:] {
		d.seen[i].Values[t*width+c] = d.panel.Series[i].Values[t*width+c]
	}
	x.hid = x.hid[:first]
}

// visit counts a value far off in a row, a visit of its own if it is so far apart from the last.
func (x *course) visit(row, apart int) {
	x.values++
	x.row++
	if row-x.last > apart {
		x.visits++
	}
	x.last = row
}

// goesOn reports whether series i goes on from the last values of a channel in a row that are hidden: by how much the level
// has moved there, or else whether what comes after is nearer to what is forecast with them than without.
func (d *detector) goesOn(ctx context.Context, i, c int) (shift float64, on bool, err error) {
	s, width, x := d.panel.Series[i], d.panel.Width(), &d.courses[i][c]
	row := x.hid[len(x.hid)-1]
	to := min(s.Len(), row+1+max(tellMost, tellSeasons*d.season))
	for _, b := range d.breaks[i] {
		if b.Row > row && b.Channel == c {
			to = min(to, b.Row)
		}
	}
	if to-row <= tellLeast || d.rests(i, c, row) {
		return 0, false, nil
	}
	without, with := d.head(i, row+1), *s.Slice(0, row+1)
	with.Values = slices.Clone(without.Values)
	for _, t := range x.hid[len(x.hid)-x.row:] {
		with.Values[t*width+c] = s.Values[t*width+c]
	}
	after := s.Values[(row+1)*width : to*width]
	var misses [2][]float64
	for k, head := range []*series.Series{without, &with} {
		f, err := d.forecast(ctx, []*series.Series{head}, [][]float64{s.Times[row+1 : to]})
		if err != nil {
			return 0, false, ctx.Err() // a model that does not look so far ahead does not tell
		}
		for j, m := range f.Series[0].Quantiles(0.5)[0] {
			if y := after[j]; j%width == c && !math.IsNaN(y) {
				misses[k] = append(misses[k], y-m)
			}
		}
	}
	if len(misses[0]) < tellLeast {
		return 0, false, nil
	}
	sorted := slices.Clone(misses[0])
	slices.Sort(sorted)
	middle := sorted[len(sorted)/2]
	off, rest := sizes(misses[0], 0), sizes(misses[0], middle)
	if d.off[i][row*width+c]*middle > 0 && rest <= movedPart*off {
		return middle, true, nil
	}
	return 0, sizes(misses[1], 0) <= tellPart*off, nil
}

// rests reports whether a channel of series i shows about a row the same value to all digits for a while, as it did not
// before, for which chance makes too many, but no more than a part of its past: as a shop does that is closed, from which
// nothing goes on.
func (d *detector) rests(i, c, row int) bool {
	all := series.Column(d.panel.Series[i].Values, c, d.panel.Width())
	from, to := row, row+1
	for from > 0 && all[from-1] == all[row] {
		from--
	}
	for to < len(all) && all[to] == all[row] {
		to++
	}
	past, ties := channelOf(all[:from], 0, 1), 0
	for k := 1; k < len(past); k++ {
		if past[k] == past[k-1] {
			ties++
		}
	}
	return to-from <= len(past)/mostRest && outlier.BeyondChance(to-from, ties, len(past), len(past)+to-from)
}

// sizes returns the sum of the distances of x from a value.
func sizes(x []float64, from float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Abs(v - from)
	}
	return sum
}

// usual returns the median size of deviations, no less than that of a standard Gaussian if
// there are few.
func usual(x []float64) float64 {
	const ofGaussian, few = 0.6745, 30
	size := make([]float64, len(x))
	for i, v := range x {
		size[i] = math.Abs(v)
	}
	slices.Sort(size)
	if len(size) == 0 {
		return ofGaussian
	}
	if m := size[len(size)/2]; len(size) >= few || m > ofGaussian {
		return m
	}
	return ofGaussian
}

func channelOf(rows []float64, c, width int) []float64 {
	var out []float64
	for k := c; k < len(rows); k += width {
		if !math.IsNaN(rows[k]) {
			out = append(out, rows[k])
		}
	}
	return out
}
