package latentode

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Generate implements forecast.Generator: initial states from the prior,
// integrated, and the noise. The length for which the model was fitted is the
// median one of the series, their times are a usual gap apart. Where windows
// have levels and scales of their own, those of the panel stand for them, and
// the means of covariates that are known ahead for these. Beyond
// the length of a context the noise grows as in a forecast. The error wraps
// forecast.ErrMismatch if the model was stored by a version that did not
// generate.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	switch {
	case m.fitted == nil:
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	case m.plan.Form == nil:
		return nil, fmt.Errorf("latentode: %w: the model was stored by a version that could not generate; fit it again", forecast.ErrMismatch)
	case opt.Number < 0 || opt.Length < 0 || opt.Length > maxRows:
		return nil, fmt.Errorf("latentode: %d series of %d times asked for, want at most %d times", opt.Number, opt.Length, maxRows)
	}
	f := m.plan.Form
	panel := &series.Panel{
		Channels: slices.Clone(m.plan.Channels), Axis: f.Axis, Step: m.plan.Step,
		IDColumn: cmp.Or(f.ID, "unique_id"), TimeColumn: f.Time,
	}
	first := panel.Coordinate(f.Start)
	r := &record{u: []float64{first}, x: make([]float64, len(m.plan.Channels))}
	for j := range r.x {
		r.x[j] = math.NaN()
	}
	n := or(opt.Length, f.Length)
	w := window{record: r, from: 0, origin: 1, to: 1}
	times := make([]float64, n)
	for i := range times {
		w.asked = append(w.asked, first+float64(i)*m.plan.Gap)
		times[i] = panel.TimeAt(w.asked[i])
	}
	s, err := m.network.newShard()
	if err != nil {
		return nil, err
	}
	p := nn.Pass{Values: m.params.Values}
	latent := m.plan.Options.State + m.plan.static()
	for k := range or(opt.Number, 1) {
		p.Reset()
		s.fill([]window{w})
		for _, row := range s.rows {
			begun := float64(m.plan.Options.Context-1) * m.plan.Gap
			s.lead[row] = max(0, w.asked[row-1]-first-begun) / (m.plan.Gap * float64(m.plan.Horizon))
		}
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(k)))
		z0 := p.Buffer(latent)
		for i := range z0 {
			z0[i] = rng.NormFloat64()
		}
		d, err := m.network.decode(ctx, &p, s, p.Const(1, latent, z0))
		if err != nil {
			return nil, fmt.Errorf("latentode: generated series %d: %w", k+1, err)
		}
		g := &series.Series{ID: strconv.Itoa(k + 1), Times: times}
		for _, row := range s.rows {
			g.Values = m.observation(g.Values, s, d, 0, row, rng)
		}
		for i, x := range g.Values {
			if math.IsNaN(x - x) {
				return nil, fmt.Errorf("latentode: generated series %d: %w at time %d", k+1, nn.ErrNonFinite, i/len(m.plan.Channels))
			}
		}
		panel.Series = append(panel.Series, g)
	}
	return panel, nil
}
