package series

import (
	"errors"
	"fmt"
	"math"
)

// ErrGrid is the error of Grid for a series that has no grid, and of StepsFrom for a
// time off it.
var ErrGrid = errors.New("series: not on a regular grid")

// GridTolerance is the distance from the grid of a regular panel, in steps, up to
// which a time counts as on it, whether it was observed or is asked for. Stamps are
// often rounded: 1949.083 for February is 0.004 months off. A step of seconds, counted
// from 1970 in float64, is off by less than 1e-6.
const GridTolerance = 0.02

// maxGrid bounds the number of values that Grid makes of one series. Of a series of n
// observations it makes at most freeGrid + gridPerObservation*n steps, so that a wrong
// stamp costs an error and not the memory.
const (
	maxGrid            = 1 << 27
	freeGrid           = 1 << 20
	gridPerObservation = 1000
)

// Grid returns the values of s on the full grid of a regular panel: a row for
// every step from the first observation to the last, row-major, NaN where s
// has a gap. rows[i] is the row of s.Times[i].
//
// The error wraps ErrGrid if the panel is irregular, if an observation of s
// lies off the grid, or if the grid would have more than 2^27 values or more than
// 2^20 + 1000 n steps, where s has n observations.
func (p *Panel) Grid(s *Series) (values []float64, rows []int, err error) {
	if !p.Step.Regular() {
		return nil, nil, fmt.Errorf("%w: the times of the panel are irregular", ErrGrid)
	}
	n := len(s.Times)
	if n == 0 {
		return nil, nil, nil
	}
	width := p.Width()
	first := p.Coordinate(s.Times[0])
	if length := p.Coordinate(s.Times[n-1]) - first; length*float64(width) > maxGrid || length > freeGrid+gridPerObservation*float64(n) {
		i := s.widestGap()
		return nil, nil, fmt.Errorf("%w: %d observations of series %q would make %.0f steps; nothing was observed from %s to %s",
			ErrGrid, n, s.ID, length, p.Axis.Stamp(s.Times[i-1]), p.Axis.Stamp(s.Times[i]))
	}
	rows = make([]int, n)
	for i, t := range s.Times {
		u := p.Coordinate(t) - first
		r := math.Round(u)
		if math.Abs(u-r) > GridTolerance || i > 0 && int(r) <= rows[i-1] {
			return nil, nil, fmt.Errorf("%w: time %s of series %q does not fit the step (%s)",
				ErrGrid, p.Axis.Stamp(t), s.ID, p.Step.Describe(p.Axis.Calendar()))
		}
		rows[i] = int(r)
	}
	values = make([]float64, (rows[n-1]+1)*width)
	for i := range values {
		values[i] = math.NaN()
	}
	for i, r := range rows {
		copy(values[r*width:(r+1)*width], s.Row(i))
	}
	return values, rows, nil
}

// widestGap returns the observation before which the time is longest.
func (s *Series) widestGap() int {
	widest := 1
	for i := range s.Times {
		if i > 1 && s.Times[i]-s.Times[i-1] > s.Times[widest]-s.Times[widest-1] {
			widest = i
		}
	}
	return widest
}

// Column returns channel c of values, rows of a value for each of width channels, such as a grid.
func Column(values []float64, c, width int) []float64 {
	y := make([]float64, len(values)/width)
	for i := range y {
		y[i] = values[i*width+c]
	}
	return y
}

// StepsFrom returns how many steps of a regular panel the times at lie after the time
// origin, usually the last or the first of a series, negative for those before it.
//
// The error wraps ErrGrid if the panel is irregular, if a time lies off the grid
// through origin, on the step of the one before or earlier, or more than 2^27 steps
// away.
func (p *Panel) StepsFrom(origin float64, at []float64) ([]int, error) {
	if !p.Step.Regular() {
		return nil, fmt.Errorf("%w: the times of the panel are irregular", ErrGrid)
	}
	first := p.Coordinate(origin)
	steps := make([]int, len(at))
	for i, t := range at {
		u := p.Coordinate(t) - first
		r := math.Round(u)
		switch {
		case !(math.Abs(u) <= maxGrid):
			return nil, fmt.Errorf("%w: time %s is %.4g steps from %s, at most %d can be counted",
				ErrGrid, p.Axis.Stamp(t), u, p.Axis.Stamp(origin), maxGrid)
		case math.Abs(u-r) > GridTolerance:
			below := math.Floor(u)
			return nil, fmt.Errorf("%w: time %s lies between the steps %s and %s (%s)", ErrGrid, p.Axis.Stamp(t),
				p.Axis.Stamp(p.TimeAt(first+below)), p.Axis.Stamp(p.TimeAt(first+below+1)), p.Step.Describe(p.Axis.Calendar()))
		case i > 0 && int(r) <= steps[i-1]:
			return nil, fmt.Errorf("%w: time %s is not a step after the one before, %s",
				ErrGrid, p.Axis.Stamp(t), p.Axis.Stamp(at[i-1]))
		}
		steps[i] = int(r)
	}
	return steps, nil
}
