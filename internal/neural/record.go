package neural

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A Record is a series as a model sees it: all steps of a regular panel's grid
// or the observations alone; see Reading.
type Record struct {
	ID    string
	U     []float64 // in the coordinate of Frame
	X     []float64 // len(U)×channels, after the transform, NaN where missing
	Limit int       // steps that may be trained on

	// Known are the scaled covariates that are known ahead, a row for each of
	// KnownU, from where on it holds until the next. Of a grid KnownU is U.
	Known, KnownU []float64

	// Less says that the values are without the effects of the covariates.
	Less bool

	unit []float64 // of a grid: mean absolute difference of a season in each channel, 0 for none
}

// Record returns s, a series of panel, in the model's terms. The error wraps
// forecast.ErrMismatch if times are off the grid or the distribution does not
// treat a value, and series.ErrKnown if covariates do not reach.
func (f *Frame) Record(panel *series.Panel, s *series.Series, how Reading) (Record, error) {
	r := Record{ID: s.ID, X: s.Values, U: make([]float64, s.Len())}
	for i, t := range s.Times {
		r.U[i] = f.Coordinate(panel, t)
	}
	if how.Grid && panel.Step.Regular() {
		values, _, err := panel.Grid(s)
		if err != nil {
			return r, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		r.X = values
		first := r.U
		r.U = make([]float64, len(values)/len(f.Channels))
		for i := range r.U {
			r.U[i] = first[0] + float64(i)
		}
	}
	r.Limit = len(r.U)
	if err := how.Family.CheckValues(r.X); err != nil {
		return r, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	r.X = slices.Clone(r.X)
	for i, x := range r.X {
		if j := i % len(f.Channels); f.Log[j] {
			if x <= 0 {
				return r, fmt.Errorf("%w: it learned that %s is positive, there is %v", forecast.ErrMismatch, f.Channels[j], x)
			}
			r.X[i] = math.Log(x)
		}
	}
	if how.Grid {
		err := f.know(panel, s, &r)
		f.prepare(&r, how)
		return r, err
	}
	if _, err := panel.KnownAt(s, s.Times); err != nil {
		return r, err
	}
	for _, t := range s.Known.Times {
		r.KnownU = append(r.KnownU, f.Coordinate(panel, t))
	}
	r.Known = f.scaledKnown(slices.Clone(s.Known.Values))
	f.prepare(&r, how)
	return r, nil
}

// prepare takes effects from a record and measures it, as how says.
func (f *Frame) prepare(r *Record, how Reading) {
	if how.Less && !r.Less {
		f.takeEffects(r)
	}
	if how.Grid {
		f.measureUnits(r)
	}
}

// measureUnits sets the unit of every channel of r.
func (f *Frame) measureUnits(r *Record) {
	c := len(f.Channels)
	r.unit = r.unit[:0]
	for j := range c {
		var apart moments.Moments
		for i := f.Season; i < len(r.U); i++ {
			apart.Add(math.Abs(r.X[i*c+j] - r.X[(i-f.Season)*c+j]))
		}
		r.unit = append(r.unit, apart.Mean)
	}
}

// know looks up the covariates that are known ahead at all steps of r, a record
// of s.
func (f *Frame) know(panel *series.Panel, s *series.Series, r *Record) error {
	if len(f.Known) == 0 {
		return nil
	}
	times := make([]float64, len(r.U))
	for i, u := range r.U {
		times[i] = f.TimeAt(panel, u)
	}
	known, err := panel.KnownAt(s, times)
	if err != nil {
		return err
	}
	r.Known, r.KnownU = f.scaledKnown(known), r.U
	return nil
}

// scaledKnown brings rows of known covariates to a common level and scale.
func (f *Frame) scaledKnown(rows []float64) []float64 {
	if f.KnownScaling == nil {
		return rows
	}
	return f.KnownScaling.Apply(rows, rows)
}

// AppendKnown appends the covariates of r at the coordinate u, or their means if
// it has none.
func (f *Frame) AppendKnown(dst []float64, r *Record, u float64) []float64 {
	k := len(f.Known)
	if len(r.KnownU) == 0 {
		return append(dst, make([]float64, k)...)
	}
	if f.Step.Regular() {
		u += series.GridTolerance
	}
	i := max(0, sort.Search(len(r.KnownU), func(i int) bool { return r.KnownU[i] > u })-1)
	return append(dst, r.Known[i*k:(i+1)*k]...)
}

// Extend appends to r, a record of s, the steps up to the last of the times at,
// without values, and returns which of them are wanted. On a regular panel's
// grid these are all steps, else the times alone. The error wraps
// forecast.ErrMismatch if a time is off the grid or too far, and series.ErrKnown
// if covariates do not reach.
func (f *Frame) Extend(panel *series.Panel, s *series.Series, r *Record, at []float64) (wanted []bool, err error) {
	last := r.U[len(r.U)-1]
	if f.Step.Regular() {
		steps, err := panel.StepsFrom(s.Times[s.Len()-1], at)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		if n := len(steps); n > 0 && (steps[0] < 1 || steps[n-1] > MaxLength) {
			return nil, fmt.Errorf("%w: times must be 1 to %d steps after the last observation, %s is %d and %s is %d after it",
				forecast.ErrMismatch, MaxLength, panel.Axis.Stamp(at[0]), steps[0], panel.Axis.Stamp(at[n-1]), steps[n-1])
		}
		for _, step := range steps {
			for k := len(wanted) + 1; k <= step; k++ {
				r.U, wanted = append(r.U, last+float64(k)), append(wanted, k == step)
			}
		}
	} else {
		for i, t := range at {
			u := f.Coordinate(panel, t)
			if !(u > last) {
				return nil, fmt.Errorf("time %d to forecast, %s, is not after the one before", i, panel.Axis.Stamp(t))
			}
			r.U, wanted, last = append(r.U, u), append(wanted, true), u
		}
	}
	for len(r.X) < len(r.U)*len(f.Channels) {
		r.X = append(r.X, math.NaN())
	}
	return wanted, f.know(panel, s, r)
}

// A Window is a piece of a record: the context, steps From to Origin
// (exclusive), and the future, Origin to To.
type Window struct {
	*Record
	From, Origin, To int

	// Tilt holds a trend for each channel, per unit of the coordinate, that is
	// added to the values; nil means none.
	Tilt []float64

	// Alone says that nothing before the window is known to the model, as where a
	// generated series begins.
	Alone bool
}

// Len returns the number of steps.
func (w *Window) Len() int { return w.To - w.From }

// Value returns channel j of step i of the record, NaN before its beginning.
func (w *Window) Value(i, j, channels int) float64 {
	if i < 0 {
		return math.NaN()
	}
	x := w.X[i*channels+j]
	if w.Tilt != nil {
		x += w.Tilt[j] * (w.U[i] - w.U[w.Origin-1])
	}
	return x
}

// Observed reports whether a value of the steps i to j (exclusive) is there.
func (w *Window) Observed(i, j int) bool {
	c := len(w.X) / len(w.U)
	return slices.ContainsFunc(w.X[i*c:j*c], func(x float64) bool { return !math.IsNaN(x) })
}

// line returns the straight line through channel j of the context.
func (w *Window) line(j, channels int) (l moments.Line) {
	for i := w.From; i < w.Origin; i++ {
		l.Add(w.U[i], w.Value(i, j, channels))
	}
	return l
}

// ScalesDiffer reports whether the deviations of channel j of the records that have as many
// values as least differ much among each other or from the panel's, so that a level and a scale
// common to all would leave little of their movement.
func (f *Frame) ScalesDiffer(records []Record, j int, least float64) bool {
	var scales []float64
	for _, r := range records {
		m := moments.OfChannel(r.X, len(f.Channels), j, moments.Identity)
		if m.N >= least {
			scales = append(scales, math.Sqrt(m.Variance()))
		}
	}
	slices.Sort(scales)
	n := len(scales)
	if n == 0 || scales[n/2] == 0 {
		return false // a property of series, not what moves in them
	}
	low, mid, high := scales[n/10], scales[n/2], scales[n-1-n/10]
	return high > 30*low || mid < f.Scale[j]/10
}

// AppendLevel appends to means and scales those by which the window is modelled,
// a value a channel. At LevelWindow they are the context's own: the mean, and
// the deviation from a straight line, which a trend does not change; a channel
// without a value there has the panel's.
func (f *Frame) AppendLevel(means, scales []float64, w *Window, level Level) (m, s []float64) {
	at, c := len(means), len(f.Channels)
	means, scales = append(means, f.Center...), append(scales, f.Scale...)
	if level != LevelWindow {
		return means, scales
	}
	for j := range c {
		if l := w.line(j, c); l.X.N > 0 {
			means[at+j], scales[at+j] = l.X.Mean, l.Scale(f.usual(j), f.Scale[j])
		}
	}
	return means, scales
}
