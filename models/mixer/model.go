package mixer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/ad"
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
	steps, channels nn.Param // factors of the correlations of scores
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

// together is the number of paths that go on at a time.
const together = 64

// forecast draws the paths of one series, horizon by horizon: the first has the same
// quantiles for all paths, those after it have for each path its own.
func (m *Model) forecast(ctx context.Context, panel *series.Panel, h *series.Series, at []float64, samples int, seed uint64) (*forecast.Distribution, error) {
	r, err := m.config.Record(panel, h, reading)
	if err != nil {
		return nil, err
	}
	n, c := len(r.U), len(m.config.Channels)
	wanted, err := m.config.Extend(panel, h, &r, at)
	if err != nil {
		return nil, err
	}
	from := max(0, n-m.config.Options.Context)
	paths, rng := make([]neural.Record, samples), neural.Source(h.ID, seed)
	for k := range paths {
		paths[k] = neural.Record{U: r.U[from:], X: slices.Clone(r.X[from*c:]), Known: r.Known[from*len(m.config.Known):]}
	}
	b, p := &batch{config: m.config}, &nn.Pass{Values: m.Params.Values}
	var q *ad.Node
	for origin := n - from; origin < len(r.U)-from; origin += m.config.Horizon {
		for some := range slices.Chunk(paths, together) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if origin > n-from || &some[0] == &paths[0] {
				windows := make([]neural.Window, len(some))
				for k := range some {
					windows[k] = neural.Window{Record: &some[k], From: max(0, origin-m.config.Options.Context), Origin: origin, To: origin}
				}
				if origin == n-from {
					windows = windows[:1]
				}
				p.Reset()
				b.fill(windows)
				q = m.quantiles(p, b)
			}
			m.draw(q.Val, b, some, origin, rng)
		}
	}
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at), Paths: make([][]float64, samples)}
	for t, want := range wanted {
		for k := range paths {
			for j := 0; want && j < c; j++ {
				d.Paths[k] = append(d.Paths[k], m.config.Restore(j, paths[k].X[(n-from+t)*c+j]))
			}
		}
	}
	return d, d.Validate()
}

// draw sets the horizon from origin on of paths to draws from the quantiles q of the
// rows of b, those of a path or of all paths.
func (f *fitted) draw(q []float64, b *batch, paths []neural.Record, origin int, rng *rand.Rand) {
	c, h := len(f.config.Channels), f.config.Horizon
	steps, channels := f.steps.In(f.Params.Values), f.channels.In(f.Params.Values)
	noise, score := make([]float64, h*c), make([]float64, c)
	for k := range paths {
		row := 0
		if b.rows > c {
			row = k * c
		}
		for i := range noise {
			noise[i] = rng.NormFloat64()
		}
		for t := range min(h, len(paths[k].U)-origin) {
			clear(score)
			for s := range t + 1 {
				floats.AddScaled(score, steps[t*h+s], noise[s*c:(s+1)*c])
			}
			for j := range c {
				z := floats.Dot(channels[j*c:j*c+j+1], score[:j+1])
				at := (row+j)*h + t
				paths[k].X[(origin+t)*c+j] = b.base[at] + b.unit[row+j]*interpolate(z, normal, q[at*len(probs):][:len(probs)])
			}
		}
	}
}
