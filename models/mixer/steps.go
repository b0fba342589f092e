package mixer

import (
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

// steps appends to r the steps up to the last of the times at, without values,
// and returns which of them are wanted.
func (p *plan) steps(panel *series.Panel, r *record, at []float64) (wanted []bool, err error) {
	last := r.u[len(r.u)-1]
	for i, t := range at {
		u := panel.Coordinate(t)
		if !(u > last) {
			return nil, fmt.Errorf("time %d to forecast, %s, is not after the one before", i, panel.Axis.Stamp(t))
		}
		if !p.Step.Regular() {
			r.u, wanted, last = append(r.u, u), append(wanted, true), u
			continue
		}
		ahead := math.Round(u - last)
		if math.Abs(u-last-ahead) > 1e-6 || ahead < 1 {
			return nil, fmt.Errorf("%w: time %s is not a whole number of steps after the last observation", forecast.ErrMismatch, panel.Axis.Stamp(t))
		}
		if float64(len(wanted))+ahead > maxSteps {
			return nil, fmt.Errorf("%w: time %s is more than %d steps ahead", forecast.ErrMismatch, panel.Axis.Stamp(t), maxSteps)
		}
		for k := 1.0; k <= ahead; k++ {
			r.u, wanted = append(r.u, last+k), append(wanted, k == ahead)
		}
		last += ahead
	}
	for len(r.x) < len(r.u)*len(p.Channels) {
		r.x = append(r.x, math.NaN())
	}
	return wanted, nil
}
