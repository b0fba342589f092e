package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/bootstrap"
	"tsgen/internal/nn"
)

// What comes before the first observation is of paths through noise run backwards. They are those of the equation
//
//	dz = (g² ∇log p(z) - f(z)) dt + g dW,
//
// the time counted backwards (Anderson 1982), with p the density of the states. It is taken for one that stays the same
// in the course of time, that of the states of training windows wherever these begin.

// leastKernel is the least deviation of the kernel of the states' density, in units of the prior's of z₀.
const leastKernel = 0.1

// backwards returns the states of paths from z₀ back to the times of the batch's only window, trajectories·times × latent.
func (d *diffusion) backwards(ctx context.Context, p *nn.Pass, z0 *ad.Node, b *batch, rng *rand.Rand) (*ad.Node, error) {
	d.begin(p, z0.Rows)
	if d.states == nil {
		var err error
		if d.states, err = bootstrap.NewDensity(d.config.Opening.States, leastKernel); err != nil {
			return nil, err
		}
	}
	d.deviations = d.guide.deviations(d.deviations[:0], p.Values)
	longest := d.config.Stride * d.config.Gap / d.config.Unit
	for _, g := range d.deviations {
		longest = min(longest, 1/(2*g*g*d.states.Steepness()))
	}
	n, latent, times := z0.Rows, z0.Cols, b.times[0]
	if far := -times[len(times)-1]; far > mostSteps*longest {
		return nil, fmt.Errorf("%w: a time asked for is more than %d steps before the first observation; ask for times after that", forecast.ErrMismatch, mostSteps)
	}
	z, drift, score := append([]float64(nil), z0.Val...), make([]float64, n*latent), make([]float64, latent)
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	states := p.Buffer(n * len(times) * latent)
	from := 0.0
	for k, to := range times {
		steps := math.Ceil((from - to) / longest)
		h := (from - to) / steps
		for range int(steps) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := d.derivative(drift, rows, nil, z); err != nil {
				return nil, err
			}
			for i := range n {
				row := z[i*latent : (i+1)*latent]
				d.states.Score(score, row)
				for j, g := range d.deviations {
					row[j] += h*(g*g*score[j]-drift[i*latent+j]) + math.Sqrt(h)*g*rng.NormFloat64()
				}
			}
		}
		for i := range n {
			copy(states[(i*len(times)+k)*latent:], z[i*latent:(i+1)*latent])
		}
		from = to
	}
	return p.Const(n*len(times), latent, states), nil
}
