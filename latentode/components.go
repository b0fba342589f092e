package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Components implements forecast.Decomposer: trend is what the decoder makes of the latent state, level
// included; the season, if the model has harmonics of one, and each covariate that is known ahead are
// the parts of the forcing; the remainder is what these leave of the values. A covariate adds to where
// it is zero in the series, or to its mean if it never is or does not change. Nothing is carried over
// within the observations, and what a companion says has no part.
//
// Channels modelled by their logarithm, counts and binary values are no sum of parts: there the trend is
// the signal of the state alone in the unit of the data, and the season and the covariates, in this order,
// are what each changes in the signal of those before it, so that all add up to the signal here too.
//
// Means and deviations are those of draws of the posterior, the weights being taken for known. Long
// series are covered by windows as Impute says. The errors are those of Forecast.
func (m *Model) Components(ctx context.Context, history *series.Panel, opt forecast.Options) ([]*forecast.Components, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	if err := m.config.Accepts(history); err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	all := make([]*forecast.Components, len(history.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) (err error) {
		h := history.Series[i]
		if all[i], err = m.split(ctx, history, h, neural.Source(h.ID, opt.Seed)); err != nil {
			return fmt.Errorf("latentode: %s: %w", forecast.Describe(h.ID), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// split returns the components of h, a series of panel.
func (m *Model) split(ctx context.Context, panel *series.Panel, h *series.Series, rng *rand.Rand) (*forecast.Components, error) {
	if h.Len() == 0 {
		return nil, fmt.Errorf("%w: it has no time", forecast.ErrTooShort)
	}
	r, asked, err := m.asked(panel, h, h.Times)
	if err != nil {
		return nil, err
	}
	s, err := m.borrow()
	if err != nil {
		return nil, err
	}
	defer m.idle.Put(s)
	s.seeds = rng
	c := &forecast.Components{ID: h.ID, Names: append(m.config.partNames(), forecast.Remainder)}
	c.Mean, c.SD = make([][]float64, len(c.Names)), make([][]float64, len(c.Names))
	base := m.config.neutral(panel, h)
	for _, w := range cover(r, m.config.reach(), asked) {
		drawn, err := m.parts(ctx, s, w, base, rng)
		if err != nil {
			return nil, m.config.reached(panel, w, err)
		}
		size := len(w.asked) * panel.Width()
		for k, x := range drawn {
			if x.N < float64(m.config.mixtureDraws()) || math.IsNaN(x.Variance()-x.Variance()) {
				return nil, fmt.Errorf("%w: at %s a component leaves the range of numbers",
					forecast.ErrMismatch, panel.Axis.Stamp(m.config.TimeAt(panel, w.asked[k%size/panel.Width()])))
			}
			c.Mean[k/size], c.SD[k/size] = append(c.Mean[k/size], x.Mean), append(c.SD[k/size], math.Sqrt(x.Variance()))
		}
	}
	c.Complete(h.Values)
	return c, nil
}

// partNames returns the names of the parts of a signal, in their order.
func (c *config) partNames() []string {
	names := []string{"trend"}
	if c.harmonics() > 0 {
		names = append(names, forecast.SeasonName(or(c.Period, float64(c.Season))))
	}
	return append(names, c.Known...)
}

// neutral returns the scaled covariates to which those of h add: zero where they are zero at some time,
// else the mean of all.
func (c *config) neutral(panel *series.Panel, h *series.Series) []float64 {
	base, width := make([]float64, len(c.Known)), len(c.Known)
	if c.KnownScaling == nil {
		return base
	}
	zero := c.KnownScaling.Apply(make([]float64, width), make([]float64, width))
	for k, name := range c.Known {
		for at := k; at < len(h.Known.Values) && !slices.Contains(panel.Static, name); at += width {
			if h.Known.Values[at] == 0 {
				base[k] = zero[k]
			}
		}
	}
	return base
}

// parts returns the moments, over draws of the posterior, of the parts of the signal at the times that w
// asks for, in the unit of the data: parts × times × channels. The parts of the forcing are those of the
// covariates less base.
func (m *Model) parts(ctx context.Context, s *workspace, w window, base []float64, rng *rand.Rand) ([]moments.Moments, error) {
	p := &s.pass
	p.Values = m.Params.Values
	count, total := len(m.config.partNames()), m.config.mixtureDraws()
	normal := stratified(total, m.config.Options.State+m.config.static(), rng)
	all := make([]moments.Moments, count*len(w.asked)*len(m.config.Channels))
	signal := make([]float64, len(m.config.Channels))
	before := make([]float64, len(signal))
	err := m.decodeDraws(ctx, p, s, w, total, normal, func(d decoded, drawn proposal, size int) error {
		heads := m.network.heads(p, s, drawn, d, base)
		for first := 0; first < len(s.owner); first += size {
			for i, row := range s.rows {
				clear(before)
				for k, head := range heads(first + row) {
					m.network.expect(signal, m.Params.Values, head)
					for j, x := range signal {
						x = m.config.Restore(j, s.windowMean[j]+s.windowScale[j]*x)
						all[(k*len(w.asked)+i)*len(signal)+j].Add(x - before[j])
						before[j] = x
					}
				}
			}
		}
		return nil
	})
	return all, err
}

// heads returns a function that gives, of a row of what was decoded of draws, what the state alone gives in
// the place of the means, then that with the season, then with each covariate: the last are the means. What
// covariates are less base is theirs, and base the state's.
func (n *network) heads(p *nn.Pass, s *workspace, drawn proposal, d decoded, base []float64) func(row int) [][]float64 {
	state, width := n.config.Options.State, n.config.forcing()
	waves, told := 2*n.config.harmonics(), n.config.Inputs() > 0
	levels := n.decoder.Apply(p, p.Columns(d.states, 0, state))
	outputs := levels.Cols
	var coefficients []float64
	if width > 0 {
		coefficients = n.season.Apply(p, p.Columns(drawn.z0, state, drawn.z0.Cols)).Val
	}
	return func(row int) (heads [][]float64) {
		head, forced := slices.Clone(levels.Val[row*outputs:(row+1)*outputs]), s.forced[row*width:(row+1)*width]
		force := func(first int, by ...float64) {
			for o := range head {
				at := (s.owner[row]*outputs+o)*width + first
				for k, x := range by {
					head[o] += coefficients[at+k] * x
				}
			}
		}
		covariate := func(k int, by float64) {
			if told {
				force(waves+k, by)
			}
			for j := 0; n.config.Effects != nil && j < outputs; j++ { // of real values, an output a channel
				head[j] += n.config.Effects[j*len(base)+k] * by / s.windowScale[j]
			}
		}
		for k, x := range base {
			covariate(k, x)
		}
		heads = append(heads, slices.Clone(head))
		if waves > 0 {
			force(0, forced[:waves]...)
			heads = append(heads, slices.Clone(head))
		}
		known := n.config.AppendKnown(nil, s.windows[0].Record, s.at[row])
		for k, x := range base {
			covariate(k, known[k]-x)
			heads = append(heads, slices.Clone(head))
		}
		return heads
	}
}
