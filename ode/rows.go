package ode

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/internal/solver"
)

// A Row holds what a trajectory of a batch has of its own. Its zero value adds
// nothing to the [Options].
type Row struct {
	// Jumps and StepAt are declared besides those of the Options.
	Jumps, StepAt []float64

	// The others take the place of the Options' fields of the same names if
	// they are not 0 or nil. An RTol or ATol takes the place of the Options'
	// RTolEach or ATolEach as well.
	RTol, ATol         float64
	RTolEach, ATolEach []float64
	FirstStep, MaxStep float64
}

// SetRows gives the trajectories of the solves to come, which must then be
// len(rows), tolerances, jumps and steps of their own; nil takes them back. The
// rows are copied. Functions of events and of the field are told the row.
func (b *Batch) SetRows(rows []Row) error {
	own := make([]control, len(rows))
	for i, r := range rows {
		var err error
		if own[i], err = newControl(&b.opt, r, b.field.Dim); err != nil {
			return fmt.Errorf("trajectory %d: %w", i, err)
		}
	}
	b.own = own
	return nil
}

// A control is what steers the steps of a trajectory.
type control struct {
	rtol, atol         []float64
	stops              []stop
	firstStep, maxStep float64
}

// controlOf returns the control of a trajectory.
func (b *Batch) controlOf(row int) *control {
	if len(b.own) > 0 {
		return &b.own[row]
	}
	return &b.shared
}

func newControl(o *Options, r Row, dim int) (control, error) {
	merged := *o
	if r.RTol != 0 {
		merged.RTol, merged.RTolEach = r.RTol, nil
	}
	if r.ATol != 0 {
		merged.ATol, merged.ATolEach = r.ATol, nil
	}
	if r.RTolEach != nil {
		merged.RTolEach = r.RTolEach
	}
	if r.ATolEach != nil {
		merged.ATolEach = r.ATolEach
	}
	c := control{firstStep: cmp.Or(r.FirstStep, o.FirstStep), maxStep: cmp.Or(r.MaxStep, o.MaxStep)}
	var err error
	if c.rtol, c.atol, err = merged.tolerances(dim); err != nil {
		return control{}, err
	}
	for _, x := range [...]float64{c.firstStep, c.maxStep} {
		if !(x >= 0) || math.IsInf(x, 0) {
			return control{}, fmt.Errorf("ode: %w: FirstStep or MaxStep is %g, but must be finite and not negative", ErrOption, x)
		}
	}
	for _, x := range []struct {
		name  string
		times [][]float64
		jump  bool
	}{{"Jumps", [][]float64{o.Jumps, r.Jumps}, true}, {"StepAt", [][]float64{o.StepAt, r.StepAt}, false}} {
		for _, times := range x.times {
			if !solver.Finite(times) {
				return control{}, fmt.Errorf("ode: %w: %s holds the time %g", ErrTimes, x.name, times[solver.FirstBad(times)])
			}
			for _, t := range times {
				c.stops = append(c.stops, stop{t, x.jump})
			}
		}
	}
	// In increasing order, each time once: a jump comes before a mere stop.
	slices.SortStableFunc(c.stops, func(a, b stop) int { return cmp.Compare(a.t, b.t) })
	c.stops = slices.CompactFunc(c.stops, func(a, b stop) bool { return a.t == b.t })
	return c, nil
}

// A stop is a declared time at which a step ends.
type stop struct {
	t    float64
	jump bool
}
