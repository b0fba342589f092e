package mixer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/copula"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "mixer"

// A Model is a direct forecaster. Its zero value is ready to be fitted. A fitted
// model may be used concurrently.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	neural.Fitted
	config          *config
	members         [members]*network
	steps, channels nn.Param // of the copula
}

func newFitted(c *config, rng *rand.Rand) *fitted {
	f := &fitted{config: c, Fitted: neural.Fitted{Params: &nn.Params{}}}
	for i := range f.members {
		f.members[i] = newNetwork(f.Params, c, i, rng)
	}
	f.steps = f.Params.Add("copula.steps", c.Horizon, c.Horizon)
	f.channels = f.Params.Add("copula.channels", len(c.Channels), len(c.Channels))
	return f
}

func (f *fitted) copula() copula.Gaussian {
	return copula.Gaussian{Steps: f.steps.In(f.Params.Values), Channels: f.channels.In(f.Params.Values)}
}

// quantiles returns the mean of the members' quantiles.
func (f *fitted) quantiles(p *nn.Pass, b *batch) *ad.Node {
	sum := f.members[0].quantiles(p, b)
	for _, n := range f.members[1:] {
		sum = p.Add(sum, n.quantiles(p, b))
	}
	return p.Scale(1.0/members, sum)
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Curve returns the course of the last training: for every validation the
// update, the mean loss since the one before, and the score, which is NaN where
// nothing was held back.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// Forecast draws sample paths that continue every series of history.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is not a whole number of steps ahead,
// forecast.ErrTooShort if a series has no step, and series.ErrKnown if the
// covariates that the model knows ahead do not reach. Where a series has fewer than
// two values the panel's level and scale stand for its own, and the notes say so.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mixer: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		return m.forecast(ctx, history, history.Series[i], at, samples, opt.Seed)
	})
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	return f, nil
}

// forecast draws the paths of one series, horizon by horizon.
func (m *Model) forecast(ctx context.Context, panel *series.Panel, h *series.Series, at []float64, samples int, seed uint64) (*forecast.Distribution, error) {
	r, err := m.config.Record(panel, h, reading)
	if err != nil {
		return nil, err
	}
	first, c := len(r.U), len(m.config.Channels)
	wanted, err := m.config.Extend(panel, h, &r, at)
	if err != nil {
		return nil, err
	}
	rng := neural.Source(h.ID, seed)
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at), Paths: make([][]float64, samples)}
	b, p := &batch{config: m.config}, &nn.Pass{Values: m.Params.Values}
	future := make([][]float64, samples) // from first on
	for origin := first; origin < len(r.U); origin += m.config.Horizon {
		var q []float64
		for k := range future {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			// The first horizon has the same quantiles for all paths.
			if k == 0 || origin > first {
				copy(r.X[first*c:], future[k])
				p.Reset()
				b.fill([]neural.Window{{Record: &r, From: max(0, origin-m.config.Options.Context), Origin: origin, To: origin}})
				q = m.quantiles(p, b).Val
			}
			future[k] = append(future[k], m.draw(q, b, rng)...)
		}
	}
	for k, y := range future {
		for t, want := range wanted {
			for j := 0; want && j < c; j++ {
				d.Paths[k] = append(d.Paths[k], m.config.Restore(j, y[t*c+j]))
			}
		}
	}
	return d, d.Validate()
}

// draw returns a draw of the horizon of the one window of b, with the quantiles q.
func (f *fitted) draw(q []float64, b *batch, rng *rand.Rand) []float64 {
	c, h, law := len(f.config.Channels), f.config.Horizon, f.members[0].law
	y, n := make([]float64, h*c), law.Outputs()
	f.copula().Draw(y, rng)
	for i, z := range y {
		at := i%c*h + i/c
		y[i] = b.base[at] + b.unit[i%c]*law.Value(q[at*n:(at+1)*n], z)
	}
	return y
}

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mixer: %w", forecast.ErrNotFitted)
	}
	return neural.State(Kind, m.config, &m.Fitted)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of a mixer.
func FromState(s *forecast.State) (*Model, error) {
	c, err := neural.ReadPlan[config](s, Kind)
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("mixer: the model's plan: %w", err)
	}
	f := newFitted(c, rand.New(rand.NewPCG(0, 0)))
	more, err := f.Restore(s)
	if err == nil {
		err = neural.NoMore(more)
	}
	if err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
