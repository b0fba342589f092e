package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/odds"
	"tsgen/internal/support"
	"tsgen/internal/training"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "mdn"

// A Model is an autoregressive generator. Its zero value is ready to be fitted. A fitted
// model may be used concurrently.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	training.Fitted
	config  *config
	network *network
	odds    *odds.Odds // of series as long as those of the data to be real; nil where they are not known
	chain   *chain     // over the coordinates of curves, by which series of smooth channels are generated; nil where the network does it
}

// Restore sets the weights and the odds to those of a state.
func (f *fitted) Restore(s *forecast.State) (more []forecast.Tensor, err error) {
	if more, err = f.Fitted.Restore(s); err == nil {
		f.odds, more, err = odds.Take(more, f.config.Length, len(f.config.Channels))
	}
	if err == nil {
		f.chain, more, err = f.config.takeChain(more)
	}
	return more, err
}

func newFitted(c *config, rng *rand.Rand) *fitted {
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rng)
	return f
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Curve returns the course of the last training: losses and scores are mean negative log
// densities, in nats a value.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// Forecast draws sample paths that continue every series of history; those of a
// series depend on its own observations, its ID and the seed alone. The error wraps
// forecast.ErrMismatch if the panel is not of the kind that the model learned or a
// time is not a whole number of steps ahead, forecast.ErrTooShort if a series has no
// step, and series.ErrKnown if covariates do not reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mdn: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s := history.Series[i]
		return m.config.Paths(history, s, at, reading, func(r *neural.Record, first int) ([][]float64, error) {
			w := neural.Window{Record: r, From: max(0, first-m.config.Options.Context), Origin: first, To: len(r.U)}
			return m.paths(ctx, w, samples, false, neural.Source(s.ID, opt.Seed))
		})
	})
	if err != nil {
		return nil, fmt.Errorf("mdn: %w", err)
	}
	return f, nil
}

// Generate implements forecast.Generator. Series are as
// long as those of the data, those of smooth channels drawn as points of their curves, and of many
// others that are learned as wholes each is one of some draws, by their
// odds of being real. Covariates that are known ahead are those of the options, or
// at their means.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mdn: %w", forecast.ErrNotFitted)
	}
	panel, err := m.config.Generate(ctx, opt, func(r neural.Record, rng *rand.Rand) ([]float64, error) {
		return m.generate(ctx, r, rng)
	})
	if err != nil {
		return nil, fmt.Errorf("mdn: %w", err)
	}
	return panel, nil
}

// generate returns the values of a series at the times of r.
func (f *fitted) generate(ctx context.Context, r neural.Record, rng *rand.Rand) ([]float64, error) {
	c := f.config
	if f.chain != nil && len(r.U) == c.Length && math.Round(r.U[len(r.U)-1]-r.U[0]) == float64(c.Length-1) {
		x := f.chain.draw(rng)
		for i, z := range x {
			j := i % len(c.Channels)
			x[i] = c.Restore(j, c.Center[j]+c.Scale[j]*z)
		}
		return x, neural.Finite(x...)
	}
	w := neural.Window{Record: &r, To: len(r.U)}
	draws, near := 1, c.Near(len(r.U))
	if f.odds != nil && len(r.U) == c.Length && len(r.U) > 1 {
		w.To = 1
		first, err := f.paths(ctx, w, 1, near, rng)
		if err != nil {
			return nil, err
		}
		// Trees tell series of some levels better than of others: a first row that all draws share keeps
		// levels distributed as they are.
		r.X = first[0]
		w.Origin, w.To, draws = 1, len(r.U), odds.Candidates
	}
	paths, err := f.paths(ctx, w, draws, near, rng)
	if err != nil {
		return nil, err
	}
	for k, path := range paths {
		paths[k] = append(slices.Clone(r.X), path...)
		for i, x := range paths[k] {
			paths[k][i] = c.Restore(i%len(c.Channels), x)
		}
	}
	if draws > 1 {
		return f.odds.Draw(paths, rng), nil
	}
	return paths[0], nil
}

// paths draws what follows the origin of w, in the unit of records. snap has values
// be of the supports of their channels.
func (f *fitted) paths(ctx context.Context, w neural.Window, samples int, snap bool, rng *rand.Rand) ([][]float64, error) {
	c, n := f.config, f.network
	channels := len(c.Channels)
	p := &nn.Pass{Values: f.Params.Values}
	state := make([]float64, samples*c.Options.Hidden) // before the first step after the origin
	start := newTrack(c)
	if w.Origin > w.From {
		seen := w
		seen.To = w.Origin
		b := &batch{config: c}
		b.fill([]neural.Window{seen})
		if states := states(n, p, b); w.Origin-w.From > 1 {
			for k := range samples {
				copy(state[k*c.Options.Hidden:], states.Val[(states.Rows-1)*states.Cols:])
			}
		}
		start = b.tracks[0]
	}
	tracks, paths := make([]*track, samples), make([][]float64, samples)
	for k := range tracks {
		tracks[k] = start.copied()
	}
	row := make([]target, channels)
	for i := w.Origin; i < w.To; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.Reset()
		var input []float64
		states := p.Const(samples, c.Options.Hidden, state)
		if i == w.From {
			for range samples {
				input = c.appendKnown(input, w.Record, w.U[i], 0)
			}
			states = n.first.Apply(p, p.Const(samples, c.knownWidth(), input))
		} else {
			for _, t := range tracks {
				input = c.appendKnown(t.appendInput(input), w.Record, w.U[i], w.U[i]-w.U[i-1])
			}
			in := p.LinearTanh(p.Const(samples, c.inputWidth(), input), p.Param(n.input.W), p.Param(n.input.B))
			states = p.GRUStep(states, n.gru.Input.Apply(p, in), p.Param(n.gru.Wh), p.Param(n.gru.Bh))
			state = append(state[:0], states.Val...)
		}
		for _, t := range tracks {
			t.look(w.Record, w.U[i])
		}
		before := make([][]float64, samples)
		values := make([]float64, samples*channels)
		targets := make([][]target, samples)
		for k := range targets {
			targets[k] = append([]target(nil), row...)
		}
		opened := c.opened(i-w.From, samples, rng)
		same := f.repeats(p, states, tracks, rng)
		for j := range channels {
			var all []float64
			for k := range samples {
				all = append(all, before[k]...)
			}
			head, mixture := headOf(n, p, j, states, all), n.mixture(j)
			for k, t := range tracks {
				var x float64
				if opened != nil {
					x = t.opened(j, opened[k][j], snap)
				} else {
					x = c.inOrder(values[k*channels:], j, func() float64 {
						return t.draw(mixture, j, head.Val[k*head.Cols:(k+1)*head.Cols], n.heads[j].season.In(p.Values)[0], same[k], snap, rng)
					})
				}
				if math.IsNaN(x - x) {
					return nil, fmt.Errorf("%w: a path leaves the range of numbers %d steps ahead", nn.ErrNonFinite, i-w.Origin+1)
				}
				values[k*channels+j] = x
				targets[k][j] = t.target(j, x)
				before[k] = c.appendBefore(before[k], &targets[k][j])
			}
		}
		for k, t := range tracks {
			x := values[k*channels : (k+1)*channels]
			t.step(x)
			paths[k] = append(paths[k], x...)
		}
	}
	return paths, nil
}

// tries bounds the draws of a value that is to keep the order of channels.
const tries = 16

// inOrder draws the value of channel j of a row, whose channels before it are given, until it keeps the order of
// the channels.
func (c *config) inOrder(row []float64, j int, draw func() float64) (x float64) {
	for range tries {
		x = draw()
		if support.Ordered(c.Support, j, c.Restore(j, x), func(i int) float64 { return c.Restore(i, row[i]) }) {
			break
		}
	}
	return x
}

// repeats draws which of the tracks repeat their last rows as wholes, given the states.
func (f *fitted) repeats(p *nn.Pass, states *ad.Node, tracks []*track, rng *rand.Rand) []bool {
	same := make([]bool, len(tracks))
	if !f.config.Rows {
		return same
	}
	logits := f.network.rows.Apply(p, states).Val
	for k, t := range tracks {
		_, share := softplus(logits[k])
		same[k] = t.whole() && rng.Float64() < share
	}
	return same
}

// LogLikelihood implements forecast.Scorer: the likelihood is exact, of discrete values
// their probability, in the unit of the data. The number of samples has no meaning.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mdn: %w", forecast.ErrNotFitted)
	}
	all, err := m.config.LogLikelihoods(ctx, panel, opt, neural.LevelPanel, reading, func(r *neural.Record, _ int, _ *rand.Rand) (float64, error) {
		if len(r.U) == 0 {
			return 0, nil
		}
		return m.logDensity(r), ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("mdn: %w", err)
	}
	for i := range all {
		all[i].Exact = true
	}
	return all, nil
}

// logDensity returns that of a record by the network, or the logarithm of the probability, as jacobian has it.
func (f *fitted) logDensity(r *neural.Record) (sum float64) {
	b, p := &batch{config: f.config}, &nn.Pass{Values: f.Params.Values}
	b.fill([]neural.Window{{Record: r, Origin: len(r.U), To: len(r.U)}})
	for i, l := range logDensity(f.network, p, b, nil).Val {
		switch {
		case i == 0 && f.config.Opening != nil:
			l = f.config.Opening.logDensity(b.row(0), f.config.Discrete)
		case i < f.config.Plain:
			l = plain(b.row(i))
		}
		sum += l + f.jacobian(r, b, i)
	}
	return sum
}

// jacobian returns the logarithm of what takes the density of step i in the units of its
// targets to that in the panel's scale, or for values that have a probability in place of
// a density, of what undoes the way from there to the unit of the data.
func (f *fitted) jacobian(r *neural.Record, b *batch, i int) (sum float64) {
	c := f.config
	for j := range c.Channels {
		t := &b.targets[j][i]
		switch {
		case !t.seen:
		case c.Discrete[j] || c.Repeats[j] && t.repeats || c.Zeros[j] && t.zero:
			if sum += math.Log(c.Scale[j]); c.Log[j] {
				sum += r.X[i*len(c.Channels)+j]
			}
		default:
			sum -= math.Log(t.unit)
		}
	}
	return sum
}

// State returns the fitted model, and its training if that was interrupted.
func (m *Model) State() (*forecast.State, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("mdn: %w", forecast.ErrNotFitted)
	}
	var more []forecast.Tensor
	if m.odds != nil {
		more = append(more, m.odds.Tensor())
	}
	if m.chain != nil {
		more = append(more, m.chain.tensor())
	}
	return training.State(Kind, m.config, &m.Fitted, more...)
}

// FromState returns the model that State stored. It fails, and allocates little
// before it does, if the state is not that of such a model.
func FromState(s *forecast.State) (*Model, error) {
	c, f, err := training.FromState(s, Kind, (*config).check, newFitted)
	if err != nil {
		return nil, fmt.Errorf("mdn: %w", err)
	}
	return &Model{Options: c.Options, fitted: f}, nil
}
