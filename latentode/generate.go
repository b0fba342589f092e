package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/bootstrap"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Generate implements forecast.Generator: a window whose initial state is drawn from
// the density that those of training windows have, in panels of many series of irregular times
// those with which series begin, at the time at which these do, integrated, with the residuals
// that such windows have; what is longer goes on as a forecast's signal does from a level that
// returns to the usual one as far as those of the data do, with the same residuals, which do not grow, or with noise of its own and values at the level of the panel as the path from the
// same state does. Series that were learned as wholes are such windows to their end. The length for which the model was fitted is the
// median one of the series, their times are a usual gap apart. Where windows have
// levels and scales of their own, they are those of the training window about whose
// state a series begins. Covariates that are known ahead are those of the options, or at
// their means.
//
// A model that was stored by a version without that density begins with a state
// from the prior, at the level and scale of the panel. The error wraps
// forecast.ErrMismatch if the model was stored by a version that did not generate.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	var states *bootstrap.Smoothed
	var leaning leaning
	if o := m.config.Opening; o != nil {
		points := o.States
		if begun := m.config.begun(); begun != nil {
			leaning, points = lean(begun, m.config.Starts)
		}
		var err error
		if states, err = bootstrap.New(points); err != nil {
			return nil, fmt.Errorf("latentode: %w", err)
		}
	}
	panel, err := m.config.Generate(ctx, opt, func(r neural.Record, rng *rand.Rand) ([]float64, error) {
		s, err := m.borrow()
		if err != nil {
			return nil, err
		}
		defer m.idle.Put(s)
		g := generation{fitted: m.fitted, states: states, leaning: leaning, workspace: s, signal: opt.Signal, record: r}
		g.begin(rng)
		return g.run(ctx, r.U)
	})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return panel, nil
}

// A generation is that of one series.
type generation struct {
	*fitted
	states    *bootstrap.Smoothed // nil: the prior
	leaning   leaning             // of the states
	workspace *workspace
	rng       *rand.Rand
	record    neural.Record       // the times and covariates
	residual  func(dst []float64) // nil: independent noise
	signal    bool                // without either
}

// learnDrift learns how levels of what the model draws after training windows differ from the data's.
func (o *objective) learnDrift(ctx context.Context) error {
	return o.config.LearnDrift(ctx, o.records, o.config.Options.Context, o.config.Horizon, o.seed, func(u, values []float64, rng *rand.Rand) ([]float64, error) {
		s, err := o.borrow()
		if err != nil {
			return nil, err
		}
		defer o.idle.Put(s)
		g := generation{fitted: o.fitted, workspace: s}
		g.begin(rng)
		return g.goOn(ctx, values, u)
	})
}

// begin sets the source of randomness.
func (g *generation) begin(rng *rand.Rand) {
	g.rng, g.workspace.seeds = rng, rng
	if o := g.config.Opening; o != nil && len(o.Deviation) > 0 {
		g.residual = o.draw(rng)
	}
}

// run returns the values of a series at the coordinates u.
func (g *generation) run(ctx context.Context, u []float64) ([]float64, error) {
	c := g.config
	first := min(len(u), c.Options.Context)
	if c.Whole {
		first = min(len(u), c.Length)
	}
	if g.states == nil || c.stochastic() && c.anyLevel() == LevelPanel {
		first = len(u)
	}
	values, err := g.open(ctx, u[:first])
	for n := first; n < len(u) && err == nil; n = len(values) / len(c.Channels) {
		values, err = g.goOn(ctx, values, u[:min(len(u), n+c.Horizon)])
	}
	if err != nil {
		return nil, err
	}
	for k, x := range values {
		values[k] = c.RestoreAt(&g.record, u[k/len(c.Channels)], k%len(c.Channels), x)
	}
	return values, nil
}

// open returns the values of a window at the coordinates u, which begins a series, in
// the units of records.
func (g *generation) open(ctx context.Context, u []float64) ([]float64, error) {
	c, s := g.config, g.workspace
	means, scales, at := c.DrawLevel(g.rng)
	if c.begun() != nil {
		at = c.Begin(u[0], g.rng)
		means, scales = c.Level(at)
	}
	latent := c.Options.State + c.static()
	p := nn.Pass{Values: g.Params.Values}
	z0 := p.Buffer(latent)
	if g.states == nil {
		for i := range z0 {
			z0[i] = g.rng.NormFloat64()
		}
	} else {
		if at < 0 {
			at = g.rng.IntN(len(c.Opening.States))
		}
		g.states.Draw(z0, at, g.rng)
		g.leaning.add(z0, u[0], 1)
	}
	r := &neural.Record{U: u[:1], X: make([]float64, len(c.Channels)), Known: g.record.Known, KnownU: g.record.KnownU}
	for j := range r.X {
		r.X[j] = math.NaN()
	}
	s.fill([]window{{Window: neural.Window{Record: r, From: 0, Origin: 1, To: 1}, asked: u}})
	for _, row := range s.rows {
		s.lead[row] = 0
	}
	d, err := g.network.decode(ctx, &p, s, p.Const(1, latent, z0))
	if err != nil {
		return nil, err
	}
	var values []float64
	for _, row := range s.rows {
		g.observe(s.row, d, row)
		for j, x := range s.row {
			values = append(values, means[j]+scales[j]*x)
		}
	}
	return values, finite(values, len(c.Channels))
}

// goOn returns values, those of the first of the coordinates u, with what follows at
// the others.
func (g *generation) goOn(ctx context.Context, values, u []float64) ([]float64, error) {
	c, s := g.config, g.workspace
	n := len(values) / len(c.Channels)
	r := &neural.Record{U: u[:n], X: c.Returned(u, values), Known: g.record.Known, KnownU: g.record.KnownU}
	s.fill([]window{{Window: neural.Window{Record: r, From: max(0, n-c.reach()), Origin: n, To: n}, asked: u[n:]}})
	p := nn.Pass{Values: g.Params.Values}
	modes, err := g.refined(ctx, &p, s)
	if err != nil {
		return nil, err
	}
	d, err := g.network.decode(ctx, &p, s, g.proposals(&p, s, modes, 1, g.rng.NormFloat64).z0)
	if err != nil {
		return nil, err
	}
	var next []float64
	for _, row := range s.rows {
		g.observe(s.row, d, row)
		for j, x := range s.row {
			next = append(next, s.windowMean[j]+s.windowScale[j]*x)
		}
	}
	c.Settle(u, values, next)
	values = append(values, next...)
	return values, finite(values, len(c.Channels))
}

// observe sets dst to an observation of a row of what was decoded.
func (g *generation) observe(dst []float64, d decoded, row int) {
	if g.signal {
		g.network.expect(dst, g.Params.Values, d.head(row))
		return
	}
	if g.residual == nil {
		g.network.draw(dst, g.Params.Values, d, row, asNoise, g.rng)
		return
	}
	g.residual(dst)
	for j := range dst {
		dst[j] += d.mean.Val[row*d.mean.Cols+j]
	}
}

// finite returns an error if a value is not a number.
func finite(values []float64, channels int) error {
	for i, x := range values {
		if math.IsNaN(x - x) {
			return fmt.Errorf("%w at time %d", nn.ErrNonFinite, i/channels)
		}
	}
	return nil
}
