package latentode

import (
	"context"
	"math"
	"slices"

	"tsgen/internal/neural"
	"tsgen/models/modal"
	"tsgen/series"
)

// Dynamics that rotate many times within a window are hardly found from anywhere: whatever does not turn at about the right
// speed is best at rest. Where damped modes forecast the ends of regular series with half the loss that
// Gaussian processes have, the linear part of the dynamics turns at their speeds from the beginning. Series with a
// season oscillate if their speeds differ so much that it is not theirs together.

// A rotation is a speed with which two latent variables turn about each other, in radians per unit of the
// solver's time, and how far it differs between series.
type rotation struct{ speed, differs float64 }

// evident is the part of the loss of Gaussian processes that damped modes have at most where series oscillate, and apart
// the deviation of the logarithm of speeds from which on series have no season together.
const evident, apart = 0.5, 0.1

// mostTurning is the number of series in which oscillations are looked for at most, mostTurned that of the steps of each, and
// mostTurnedOfMany that of each of so many, and mostTurningChannels that of channels: more have no two latent variables each.
const mostTurning, mostTurned, mostTurnedOfMany, mostTurningChannels = 20, 512, 128, mostState / 2

// lookForOscillations sets the rotations of the dynamics, if there are any to be found.
func (c *config) lookForOscillations(ctx context.Context, train *series.Panel) error {
	if !c.Step.Regular() || c.stochastic() || !c.closed() || c.Length < leastOscillating || len(c.Channels) > mostTurningChannels {
		return nil
	}
	most := mostTurned
	if len(train.Series) >= mostTurning {
		most = mostTurnedOfMany
	}
	ends := train.With(nil)
	for _, s := range neural.Spread(slices.Clone(train.Series), mostTurning) {
		ends.Series = append(ends.Series, s.Slice(max(0, s.Len()-most), s.Len()))
	}
	kind, model, loss, err := chooseCompanion(ctx, []string{CompanionPooled, CompanionModal}, ends, c.Horizon)
	if err != nil || kind != CompanionModal || loss > evident {
		return err
	}
	modes, err := model.(*modal.Model).Oscillations(ctx, ends)
	if err != nil || len(modes) == 0 {
		return err
	}
	if c.Season > 1 && modes[0].Differs < apart {
		return nil
	}
	for _, mode := range modes {
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
