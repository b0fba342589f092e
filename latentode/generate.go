package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/neural"
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
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	panel, err := m.config.Generate(ctx, opt, func(u []float64, rng *rand.Rand) ([]float64, error) {
		s, err := m.borrow()
		if err != nil {
			return nil, err
		}
		defer m.idle.Put(s)
		return m.generate(ctx, s, u, rng)
	})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return panel, nil
}

// generate returns the values of a series at the coordinates u.
func (m *Model) generate(ctx context.Context, s *workspace, u []float64, rng *rand.Rand) ([]float64, error) {
	r := &neural.Record{U: u[:1], X: make([]float64, len(m.config.Channels))}
	for j := range r.X {
		r.X[j] = math.NaN()
	}
	s.fill([]window{{Window: neural.Window{Record: r, From: 0, Origin: 1, To: 1}, asked: u}})
	context := float64(m.config.Options.Context-1) * m.config.Gap
	for i, row := range s.rows {
		s.lead[row] = max(0, u[i]-u[0]-context) / (m.config.Gap * float64(m.config.Horizon))
	}
	p := nn.Pass{Values: m.Params.Values}
	latent := m.config.Options.State + m.config.static()
	z0 := p.Buffer(latent)
	for i := range z0 {
		z0[i] = rng.NormFloat64()
	}
	d, err := m.network.decode(ctx, &p, s, p.Const(1, latent, z0))
	if err != nil {
		return nil, err
	}
	var values []float64
	for _, row := range s.rows {
		values = m.observation(values, s, d, 0, row, rng)
	}
	for i, x := range values {
		if math.IsNaN(x - x) {
			return nil, fmt.Errorf("%w at time %d", nn.ErrNonFinite, i/len(m.config.Channels))
		}
	}
	return values, nil
}
