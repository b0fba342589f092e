package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mathext"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/series"
)

// Draws of the latent state whose Gaussians make a marginal distribution: so many for every latent variable,
// within bounds.
const fewestDraws, drawsEach, mostDraws = 16, 8, 64

// pathDraws is that of draws where dynamics have noise: what they say is spread over the paths, and not
// in the noise of observations.
const pathDraws = 256

// mixtureDraws returns the number of draws that make a marginal distribution.
func (c *config) mixtureDraws() int {
	if c.stochastic() {
		return pathDraws
	}
	return min(max(fewestDraws, drawsEach*(c.Options.State+c.static())), mostDraws)
}

// rowSteps is how many steps of a path a row counts for.
const rowSteps = 4

// drawsAtOnce returns for how many draws a window of so many rows may be decoded at once.
func (c *config) drawsAtOnce(rows int) int {
	if c.stochastic() {
		rows *= rowSteps
	}
	return 1 + min(maxRows, maxValues/len(c.Channels))/rows
}

// stratified returns a source of n draws of standard normal vectors, number by number, of which each
// component has one draw in every n-th of the distribution (Latin hypercube; McKay, Beckman & Conover 1979),
// scaled to the variance 1: what depends on the components one by one has far less chance than under
// independent draws.
func stratified(n, components int, rng *rand.Rand) func() float64 {
	scores := make([]float64, n)
	square := 0.0
	for i := range scores {
		scores[i] = mathext.NormalQuantile((float64(i) + 0.5) / float64(n))
		square += scores[i] * scores[i]
	}
	unit := math.Sqrt(float64(n) / square)
	drawn := make([]float64, n*components)
	for j := range components {
		for k, i := range rng.Perm(n) {
			drawn[k*components+j] = unit * scores[i]
		}
	}
	return func() float64 {
		x := drawn[0]
		drawn = drawn[1:]
		return x
	}
}

// marginals returns the quantiles of the values at the times that w asks for, a row a probability,
// and each time by channels: of observations, or of what is observed.
func (m *Model) marginals(ctx context.Context, s *workspace, panel *series.Panel, w window, signal bool, rng *rand.Rand) ([][]float64, error) {
	p := &s.pass
	p.Values = m.Params.Values
	c := len(m.config.Channels)
	total := m.config.mixtureDraws()
	normal := stratified(total, m.config.Options.State+m.config.static(), rng)
	width := len(w.asked) * c
	means, deviations := make([]float64, 0, total*width), make([]float64, 0, total*width)
	err := m.decodeDraws(ctx, p, s, w, total, normal, func(d decoded, _ proposal, size int) error {
		for at := 0; at < len(s.owner); at += size {
			for _, row := range s.rows {
				for j := range c {
					mean, sd := m.config.component(d, at+row, j, s.lead[row], signal)
					means, deviations = append(means, mean), append(deviations, sd)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, m.config.reached(panel, w, err)
	}
	levels := mixture.NewLevels()
	values := make([][]float64, len(mixture.Probabilities()))
	for i := range values {
		values[i] = make([]float64, width)
	}
	q := make([]float64, len(values))
	var x mixture.Mixture
	for k := range width {
		x.Reset()
		for at := k; at < len(means); at += width {
			x.Add(1, means[at], deviations[at])
		}
		if signal {
			x.Smooth()
		}
		x.Quantiles(q, levels)
		for i, v := range q {
			values[i][k] = s.restored(s.rows[k/c], k%c, v)
			if math.IsNaN(values[i][k] - values[i][k]) {
				return nil, fmt.Errorf("%w: at %s the distribution leaves the range of numbers; ask for times before that",
					forecast.ErrMismatch, panel.Axis.Stamp(m.config.TimeAt(panel, w.asked[k/c])))
			}
		}
	}
	return values, nil
}

// component returns the mean and the deviation of channel j in a row of what was decoded for one
// draw of the latent state.
func (c *config) component(d decoded, row, j int, lead float64, signal bool) (mean, sd float64) {
	k := row*d.mean.Cols + j
	sd = c.deviation(j, lead, d.sd.Val[k])
	switch {
	case signal && d.residual != nil:
		sd *= d.residual.signal(row, j)
	case signal:
		sd = c.missing(j, lead)
	}
	return d.mean.Val[k], sd
}
