package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/internal/nn"
	"tsgen/series"
)

// mixtureDraws is the number of draws of the latent state whose Gaussians make a marginal
// distribution.
const mixtureDraws = 64

// marginals returns the quantiles of the values at the times that w asks for, a row a probability,
// and each time by channels: of observations, or of what is observed.
func (m *Model) marginals(ctx context.Context, s *workspace, panel *series.Panel, w window, signal bool, rng *rand.Rand) ([][]float64, error) {
	p := nn.Pass{Values: m.Params.Values}
	c := len(m.config.Channels)
	all := make([]mixture.Mixture, len(w.asked)*c)
	for done := 0; done < mixtureDraws; {
		p.Reset()
		s.fill([]window{w})
		size := len(s.owner)
		draws := min(mixtureDraws-done, 1+maxRows/size)
		drawn, err := m.proposals(ctx, &p, s, draws, rng)
		if err != nil {
			return nil, err
		}
		d, err := m.network.decode(ctx, &p, s, drawn.z0)
		if err != nil {
			return nil, m.config.reached(panel, w, err)
		}
		for k := range draws {
			for i, row := range s.rows {
				for j := range c {
					mean, sd := m.config.component(d, k*size+row, j, s.lead[row], signal)
					all[i*c+j].Add(1, mean, sd)
				}
			}
		}
		done += draws
	}
	levels := mixture.NewLevels()
	values := make([][]float64, len(mixture.Probabilities()))
	for i := range values {
		values[i] = make([]float64, len(all))
	}
	q := make([]float64, len(values))
	for k := range all {
		j := k % c
		if signal {
			all[k].Smooth()
		}
		all[k].Quantiles(q, levels)
		for i, v := range q {
			values[i][k] = s.restored(0, j, v)
			if math.IsNaN(values[i][k] - values[i][k]) {
				return nil, fmt.Errorf("%w: at %s the distribution leaves the range of numbers; ask for times before that",
					forecast.ErrMismatch, panel.Axis.Stamp(panel.TimeAt(w.asked[k/c])))
			}
		}
	}
	return values, nil
}

// component returns the mean and the deviation of channel j in a row of what was decoded for one
// draw of the latent state.
func (c *config) component(d decoded, row, j int, lead float64, signal bool) (mean, sd float64) {
	k := row*d.mean.Cols + j
	sd = d.sd.Val[k] * c.inflation(j, lead)
	switch {
	case signal && c.Spread == nil:
		sd = 0
	case signal && lead > 0:
		sd = c.Spread[1][j]
	case signal:
		sd = c.Spread[0][j]
	}
	return d.mean.Val[k], sd
}
