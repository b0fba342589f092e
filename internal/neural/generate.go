package neural

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/support"
	"tsgen/series"
)

// Generate returns a panel of generated series, whose values one returns; it is
// called on all processors with a record without values of the times, and of their
// covariates if the options say these, and a source of randomness for the series alone. The values are brought to the
// support of their channels. Series of irregular times have times of their own, with gaps
// as they were learned, unless the options say them. Unless the options say otherwise there is one series,
// and series are as long as those of the training panel are, or with covariates that are known ahead as the median one. The error wraps
// forecast.ErrMismatch if the model is of a version that did not know that.
func (f *Frame) Generate(ctx context.Context, opt forecast.GenerateOptions, one func(r Record, rng *rand.Rand) ([]float64, error)) (*series.Panel, error) {
	return f.GenerateTogether(ctx, opt, 1, func(some []Record, rngs []*rand.Rand) ([][]float64, error) {
		values, err := one(some[0], rngs[0])
		return [][]float64{values}, err
	})
}

// GenerateTogether is Generate of series of which many returns the values of so many at a time, at most. What it returns of
// each must depend on the record and the source of this one alone.
func (f *Frame) GenerateTogether(ctx context.Context, opt forecast.GenerateOptions, together int, many func(some []Record, rngs []*rand.Rand) ([][]float64, error)) (*series.Panel, error) {
	if n := max(opt.Length, len(opt.Times)); opt.Number < 0 || opt.Length < 0 || n > MaxLength {
		return nil, fmt.Errorf("%d series of %d times asked for, want at most %d times", opt.Number, n, MaxLength)
	}
	if f.Length == 0 {
		return nil, fmt.Errorf("%w: the model was stored by a version that could not generate; fit it again", forecast.ErrMismatch)
	}
	panel := &series.Panel{
		Channels: append([]string(nil), f.Channels...), Axis: f.Axis, Step: f.Step,
		IDColumn: cmp.Or(f.ID, "unique_id"), TimeColumn: f.Time,
	}
	number := cmp.Or(opt.Number, 1)
	times := make([][]float64, number)
	records := make([]Record, number)
	near := opt.Known == nil // what is known of a series may take it beyond the range that was seen
	for i := range times {
		var err error
		length := f.drawnLength(opt, i)
		switch {
		case opt.Times == nil && f.Gaps != nil:
			times[i] = f.irregularTimes(panel, length, rand.New(rand.NewPCG(opt.Seed, ^uint64(i))))
		case i == 0 || opt.Times == nil && length != len(times[i-1]):
			times[i], err = f.generatedTimes(panel, opt, length)
		default:
			times[i], records[i] = times[i-1], records[i-1]
			continue
		}
		near = near && f.Near(len(times[i]))
		if err == nil {
			records[i], err = f.generatedRecord(panel, times[i], opt)
		}
		if err != nil {
			return nil, err
		}
	}
	all, err := support.DrawTogether(ctx, f.Support, number, opt.Seed, near, near && !f.Wholes, together, func(_ context.Context, which []int, rngs []*rand.Rand) ([][]float64, error) {
		some := make([]Record, len(which))
		for k, i := range which {
			some[k] = records[max(i, 0)]
		}
		return many(some, rngs)
	})
	if err != nil {
		return nil, err
	}
	for i, values := range all {
		panel.Series = append(panel.Series, &series.Series{ID: strconv.Itoa(i + 1), Times: times[i], Values: values})
	}
	return panel, nil
}

// generatedRecord returns a record of the times and of the covariates that the options
// say.
func (f *Frame) generatedRecord(panel *series.Panel, times []float64, opt forecast.GenerateOptions) (Record, error) {
	r := Record{U: make([]float64, len(times))}
	for i, t := range times {
		r.U[i] = f.Coordinate(panel, t)
	}
	if opt.Known != nil {
		if !slices.Equal(opt.Known.Known, f.Known) || len(opt.Known.Series) == 0 {
			return r, fmt.Errorf("%w: it learned the known covariates %q, these are %q", forecast.ErrMismatch, f.Known, opt.Known.Known)
		}
		if err := f.know(opt.Known, opt.Known.Series[0], &r); err != nil {
			return r, err
		}
		r.Less = true
	}
	return r, nil
}

// roundGap is to how many digits more than the first of a usual gap the times of generated
// irregular series are rounded, so that they are written in few.
const roundGap = 6

// drawnLength returns the length of the i-th series of the options. The covariates that are known
// ahead are those of one series, which may be shorter than others.
func (f *Frame) drawnLength(opt forecast.GenerateOptions, i int) int {
	if n := cmp.Or(opt.Length, len(opt.Times)); n > 0 || opt.Known != nil && len(opt.Known.Known) > len(opt.Known.Static) {
		return cmp.Or(n, f.Length)
	}
	return f.Lengths.Draw(f.Length, opt.Seed, i)
}

// Near reports whether series of so many steps are no longer than those that were learned from.
func (f *Frame) Near(n int) bool { return n <= max(f.Length, f.Lengths.Longest()) }

// generatedTimes returns the times of generated series, of so many if the options do not say them.
func (f *Frame) generatedTimes(panel *series.Panel, opt forecast.GenerateOptions, length int) ([]float64, error) {
	times := opt.Times
	if times == nil {
		first := f.Coordinate(panel, f.Start)
		for i := range length {
			times = append(times, f.TimeAt(panel, f.rounded(first+float64(i)*f.Gap)))
		}
		return times, nil
	}
	return times, opt.CheckTimes(panel)
}

// rounded returns the coordinate u of a generated series, of few digits unless steps are
// regular.
func (f *Frame) rounded(u float64) float64 {
	if !f.Step.Regular() && f.Gap > 0 {
		digits := math.Pow(10, roundGap-math.Floor(math.Log10(f.Gap)))
		if v := math.Round(u*digits) / digits; !math.IsNaN(v - v) {
			return v
		}
	}
	return u
}

const (
	mostGaps = 4096     // remembered
	leap     = 1.0 / 16 // probability of going on elsewhere among them
)

// learnGaps remembers gaps of irregular series, those of a series one after the other: of
// as many series, evenly spread, as there is room for; and of many series where those of each begin.
func (f *Frame) learnGaps(each [][]float64) {
	f.Gaps, f.Firsts = nil, nil
	if f.Step.Regular() {
		return
	}
	total := 0
	for _, gaps := range each {
		total += len(gaps)
	}
	stride := (total + mostGaps - 1) / mostGaps
	for i := 0; i < len(each) && stride > 0 && len(f.Gaps) < mostGaps; i += stride {
		if len(each) >= leastBeginnings {
			f.Firsts = append(f.Firsts, len(f.Gaps))
		}
		f.Gaps = append(f.Gaps, each[i][:min(len(each[i]), mostGaps-len(f.Gaps))]...)
	}
}

// learnStarts remembers where the records begin, of as many, evenly spread, as windows are remembered, if generated series may begin
// as they do.
func (f *Frame) learnStarts(records []Record) {
	if !f.Begins(records) {
		return
	}
	starts := make([]float64, len(records))
	for i, r := range records {
		starts[i] = r.U[0]
	}
	f.Starts = Spread(starts, f.remembered())
}

// remembered returns the number of windows that are remembered at most.
func (f *Frame) remembered() int { return max(1, min(mostBank, mostBankValues/(2*len(f.Channels)))) }

// irregularTimes returns times whose gaps are a stationary bootstrap (Politis & Romano
// 1994) of those that were learned, from where one of the series began if that is known.
func (f *Frame) irregularTimes(panel *series.Panel, n int, rng *rand.Rand) []float64 {
	u, at, end := f.Coordinate(panel, f.Start), 0, 0
	if len(f.Starts) > 0 {
		u = f.Starts[rng.IntN(len(f.Starts))]
	}
	start := u
	times := make([]float64, 0, n)
	for i := range n {
		if i > 0 {
			if at++; at >= end || rng.Float64() < leap {
				at, end = f.onward(i-1, u-start, rng)
			}
			next := f.rounded(u + f.Gaps[at])
			if !(next > u) {
				next = u + f.Gap
			}
			u = next
		}
		times = append(times, f.TimeAt(panel, u))
	}
	return times
}

// onward returns the place of a gap that follows n others, which took so long together, and that where
// those of its series end. It is one of a series that took about as long for as many, drawn from the root of
// their number: so gaps keep the order of a schedule, as that of visits, and a series keeps its pace. Where
// series are few or none is that long it is any gap.
func (f *Frame) onward(n int, long float64, rng *rand.Rand) (at, end int) {
	type next struct {
		at, end int
		away    float64
	}
	var all []next
	for k, first := range f.Firsts {
		end := len(f.Gaps)
		if k+1 < len(f.Firsts) {
			end = f.Firsts[k+1]
		}
		if at := first + n; at < end {
			all = append(all, next{at, end, math.Abs(floats.Sum(f.Gaps[first:at]) - long)})
		}
	}
	if len(all) == 0 {
		return rng.IntN(len(f.Gaps)), len(f.Gaps)
	}
	slices.SortStableFunc(all, func(a, b next) int { return cmp.Compare(a.away, b.away) })
	some := len(all)
	if n > 0 {
		some = int(math.Ceil(math.Sqrt(float64(some))))
	}
	drawn := all[rng.IntN(some)]
	return drawn.at, drawn.end
}

// mostBank bounds the windows whose levels are remembered, mostBankValues their
// values together.
const mostBank, mostBankValues = 256, 8192

// leastBeginnings is the number of series whose beginnings tell how series begin.
const leastBeginnings = 10

// Begins reports whether generated series may begin as the records do, which are many and of irregular times: what is measured of
// them may begin as they do, as after a dose or at an age.
func (f *Frame) Begins(records []Record) bool {
	return !f.Step.Regular() && len(records) >= leastBeginnings
}

// BankWindows returns training windows of the given number of steps, or as long as
// their records, spread over all: the first ones if generated series are to begin as the records do, else those which begin at the
// same place of the season as generated series do where there are such.
func (f *Frame) BankWindows(records []Record, context int, begins bool) []Window {
	var all []Window
	first := math.Inf(1)
	for _, r := range records {
		first = min(first, r.U[0])
	}
	for i := range records {
		r := &records[i]
		n := min(context, len(r.U))
		found := len(all)
		for from := 0; !begins && from+n <= len(r.U); from++ {
			if f.Step.Regular() && f.Season > 1 && int(math.Round(r.U[from]-first))%f.Season != 0 {
				continue
			}
			all = append(all, Window{Record: r, From: from, Origin: from + n, To: from + n})
		}
		if len(all) == found {
			all = append(all, Window{Record: r, Origin: n, To: n})
		}
	}
	return Spread(all, f.remembered())
}

// FillBank remembers the levels of the windows.
func (f *Frame) FillBank(windows []Window) {
	f.Bank = f.Bank[:0]
	for i := range windows {
		means, scales := f.AppendLevel(nil, nil, &windows[i], LevelWindow)
		f.Bank = append(f.Bank, append(means, scales...))
	}
}

// Begin returns the place of a window among those that begin at the coordinates Starts, drawn from those that begin at u, or else from
// the nearest ones, the root of their number and what is as near.
func (f *Frame) Begin(u float64, rng *rand.Rand) int {
	order := make([]int, len(f.Starts))
	for i := range order {
		order[i] = i
	}
	away := func(i int) float64 { return math.Abs(f.Starts[i] - u) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(away(a), away(b)) })
	n := 1
	if away(order[0]) > 0 {
		n = int(math.Ceil(math.Sqrt(float64(len(order)))))
	}
	for n < len(order) && away(order[n]) == away(order[n-1]) {
		n++
	}
	return order[rng.IntN(n)]
}

// Level returns the means and scales of a window of the bank, or those of the panel if there is no bank.
func (f *Frame) Level(at int) (means, scales []float64) {
	if len(f.Bank) == 0 {
		return f.Center, f.Scale
	}
	c := len(f.Channels)
	return f.Bank[at][:c], f.Bank[at][c:]
}

// DrawLevel returns the means and scales of a window of the bank and its place in it,
// or those of the panel and -1 if there is no bank.
func (f *Frame) DrawLevel(rng *rand.Rand) (means, scales []float64, at int) {
	if at = -1; len(f.Bank) > 0 {
		at = rng.IntN(len(f.Bank))
	}
	means, scales = f.Level(at)
	return means, scales, at
}

// checkBank says what is wrong with a bank that was read.
func (f *Frame) checkBank() error {
	c := len(f.Channels)
	for _, b := range f.Bank {
		if len(b) != 2*c {
			return fmt.Errorf("%d levels and scales of %d channels", len(b), c)
		}
		if err := cmp.Or(Finite(b[:c]...), Positive(b[c:]...)); err != nil {
			return err
		}
	}
	return nil
}

// Standardise brings a drawn window, rows of a value a channel at the coordinates u,
// to the level 0 and the scale 1 that training windows have in the units of their
// own, by shifting and stretching its channels.
func (f *Frame) Standardise(u, values []float64) {
	c := len(f.Channels)
	for j := range c {
		var l moments.Line
		for i, t := range u {
			l.Add(t, values[i*c+j])
		}
		mean, scale := l.X.Mean, l.Scale(0, 1)
		if len(u) < LeastLength {
			scale = 1
		}
		for i := range u {
			values[i*c+j] = (values[i*c+j] - mean) / scale
		}
	}
}
