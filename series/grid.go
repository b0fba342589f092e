package series

import (
	"errors"
	"fmt"
	"math"
)

// ErrGrid is the error of Grid for a series that has no grid.
var ErrGrid = errors.New("series: no regular grid")

// gridTolerance is the distance from the grid, in steps, up to which a time
// counts as on it: stamps are often rounded, such as 1949.083 for February.
const gridTolerance = 0.02

// maxGrid bounds the number of values that Grid makes of one series.
const maxGrid = 1 << 27

// Grid returns the values of s on the full grid of a regular panel: a row for
// every step from the first observation to the last, row-major, NaN where s
// has a gap. rows[i] is the row of s.Times[i].
//
// The error wraps ErrGrid if the panel is irregular, if an observation of s
// lies off the grid, or if the grid would have more than 2^27 values.
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
	if length := p.Coordinate(s.Times[n-1]) - first; length*float64(width) > maxGrid {
		return nil, nil, fmt.Errorf("%w: series %q would have %.0f steps", ErrGrid, s.ID, length)
	}
	rows = make([]int, n)
	for i, t := range s.Times {
		u := p.Coordinate(t) - first
		r := math.Round(u)
		if math.Abs(u-r) > gridTolerance || i > 0 && int(r) <= rows[i-1] {
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
