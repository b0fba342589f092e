package latentode

import (
	"context"
	"math"

	"tsgen/internal/neural"
	"tsgen/models/modal"
	"tsgen/series"
)

// Dynamics that rotate many times within a window are hardly found from anywhere: whatever does not turn at about the right
// speed is best at rest. Where damped modes forecast the ends of few regular series without a season better than
// Gaussian processes do, the linear part of the dynamics turns at their speeds from the beginning.

// A rotation is a speed with which two latent variables turn about each other, in radians per unit of the
// solver's time, and how far it differs between series.
type rotation struct{ speed, differs float64 }

// mostTurned bounds the steps of a series in which oscillations are looked for.
const mostTurned = 512

// lookForOscillations sets the rotations of the dynamics, if there are any to be found.
func (c *config) lookForOscillations(ctx context.Context, train *series.Panel) error {
	if !c.Step.Regular() || c.Season > 1 || c.stochastic() || !c.closed() || len(train.Series) >= neural.ManySeries || c.Length < leastOscillating {
		return nil
	}
	ends := train.With(nil)
	for _, s := range train.Series {
		ends.Series = append(ends.Series, s.Slice(max(0, s.Len()-mostTurned), s.Len()))
	}
	kind, model, err := chooseCompanion(ctx, []string{CompanionPooled, CompanionModal}, ends, c.Horizon)
	if err != nil || kind != CompanionModal {
		return err
	}
	for _, mode := range model.(*modal.Model).Oscillations() {
		c.rotations = append(c.rotations, rotation{mode.Frequency, mode.Differs})
	}
	return nil
}

// turn has the linear part of new weights w rotate: two latent variables for each rotation, of which a static one says how
// the speed of a series differs.
func (c *config) turn(w []float64) {
	state := c.Options.State
	block := (state + 1) * state
	for i, r := range c.rotations {
		a := 2 * i
		if a+1 >= state || i >= c.static() {
			break
		}
		w[a*state+a+1] += r.speed * c.Unit
		w[(1+i)*block+a*state+a+1] += r.speed * math.Expm1(r.differs) * c.Unit
	}
}
