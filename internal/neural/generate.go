package neural

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/support"
	"tsgen/series"
)

// Generate returns a panel of generated series, whose values one returns; it is
// called on all processors with a record without values of the times, and of their
// covariates if the options say these, and a source of randomness for the series alone. The values are brought to the
// support of their channels. Unless the options say otherwise there is one series,
// as long as the median one of the training panel. The error wraps
// forecast.ErrMismatch if the model is of a version that did not know that.
func (f *Frame) Generate(ctx context.Context, opt forecast.GenerateOptions, one func(r Record, rng *rand.Rand) ([]float64, error)) (*series.Panel, error) {
	if opt.Number < 0 || opt.Length < 0 || opt.Length > MaxLength {
		return nil, fmt.Errorf("%d series of %d times asked for, want at most %d times", opt.Number, opt.Length, MaxLength)
	}
	if f.Length == 0 {
		return nil, fmt.Errorf("%w: the model was stored by a version that could not generate; fit it again", forecast.ErrMismatch)
	}
	panel := &series.Panel{
		Channels: append([]string(nil), f.Channels...), Axis: f.Axis, Step: f.Step,
		IDColumn: cmp.Or(f.ID, "unique_id"), TimeColumn: f.Time,
	}
	times, err := f.generatedTimes(panel, opt)
	if err != nil {
		return nil, err
	}
	r := Record{U: make([]float64, len(times))}
	for i, t := range times {
		r.U[i] = panel.Coordinate(t)
	}
	if opt.Known != nil {
		if !slices.Equal(opt.Known.Known, f.Known) || len(opt.Known.Series) == 0 {
			return nil, fmt.Errorf("%w: it learned the known covariates %q, these are %q", forecast.ErrMismatch, f.Known, opt.Known.Known)
		}
		if err := f.know(opt.Known, opt.Known.Series[0], &r); err != nil {
			return nil, err
		}
		r.Less = true
	}
	all, err := support.Draw(ctx, f.Support, cmp.Or(opt.Number, 1), opt.Seed, len(times) <= f.Length,
		func(_ context.Context, rng *rand.Rand) ([]float64, error) { return one(r, rng) })
	if err != nil {
		return nil, err
	}
	for i, values := range all {
		panel.Series = append(panel.Series, &series.Series{ID: strconv.Itoa(i + 1), Times: times, Values: values})
	}
	return panel, nil
}

// roundGap is to how many digits more than the first of a usual gap the times of generated
// irregular series are rounded, so that they are written in few.
const roundGap = 6

// generatedTimes returns the times of generated series.
func (f *Frame) generatedTimes(panel *series.Panel, opt forecast.GenerateOptions) ([]float64, error) {
	times := opt.Times
	if times == nil {
		first := panel.Coordinate(f.Start)
		for i := range cmp.Or(opt.Length, f.Length) {
			u := first + float64(i)*f.Gap
			if !f.Step.Regular() && f.Gap > 0 {
				digits := math.Pow(10, roundGap-math.Floor(math.Log10(f.Gap)))
				if v := math.Round(u*digits) / digits; !math.IsNaN(v - v) {
					u = v
				}
			}
			times = append(times, panel.TimeAt(u))
		}
		return times, nil
	}
	if len(times) == 0 || len(times) > MaxLength {
		return nil, fmt.Errorf("%d times asked for, want 1 to %d", len(times), MaxLength)
	}
	for i, t := range times {
		d := panel.Coordinate(t) - panel.Coordinate(times[max(0, i-1)])
		if f.Step.Regular() && i > 0 && math.Abs(d-1) > series.GridTolerance || i > 0 && !(d > 0) {
			return nil, fmt.Errorf("%w: time %s to generate is not a step after the one before, %s",
				forecast.ErrMismatch, panel.Axis.Stamp(t), panel.Axis.Stamp(times[max(0, i-1)]))
		}
	}
	return times, nil
}

// mostBank bounds the windows whose levels are remembered, mostBankValues their
// values together.
const mostBank, mostBankValues = 256, 8192

// BankWindows returns training windows of the given number of steps, or as long as
// their records, spread over all, which begin at the same place of the season as
// generated series do where there are such.
func (f *Frame) BankWindows(records []Record, context int) []Window {
	var all []Window
	first := math.Inf(1)
	for _, r := range records {
		first = min(first, r.U[0])
	}
	for i := range records {
		r := &records[i]
		n := min(context, len(r.U))
		found := len(all)
		for from := 0; from+n <= len(r.U); from++ {
			if f.Step.Regular() && f.Season > 1 && int(math.Round(r.U[from]-first))%f.Season != 0 {
				continue
			}
			all = append(all, Window{Record: r, From: from, Origin: from + n, To: from + n})
		}
		if len(all) == found {
			all = append(all, Window{Record: r, Origin: n, To: n})
		}
	}
	return Spread(all, max(1, min(mostBank, mostBankValues/(2*len(f.Channels)))))
}

// FillBank remembers the levels of the windows.
func (f *Frame) FillBank(windows []Window) {
	f.Bank = f.Bank[:0]
	for i := range windows {
		means, scales := f.AppendLevel(nil, nil, &windows[i], LevelWindow)
		f.Bank = append(f.Bank, append(means, scales...))
	}
}

// DrawLevel returns the means and scales of a window of the bank and its place in it,
// or those of the panel and -1 if there is no bank.
func (f *Frame) DrawLevel(rng *rand.Rand) (means, scales []float64, at int) {
	if len(f.Bank) == 0 {
		return f.Center, f.Scale, -1
	}
	at, c := rng.IntN(len(f.Bank)), len(f.Channels)
	return f.Bank[at][:c], f.Bank[at][c:], at
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
