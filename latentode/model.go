package latentode

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Kind is the name of the model.
const Kind = "latent-ode"

// A Model is a latent ODE. The zero value is ready to be fitted with the
// default options. A fitted model may forecast concurrently.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a plan and the weights.
type fitted struct {
	plan    *plan
	params  *nn.Params
	network *network
	curve   []nn.Point
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// Curve returns the course of the last training: for every validation the
// update, the mean loss since the one before, in nats per value, and the
// score, a mean CRPS in units of the windows' scale. The score is NaN where
// nothing was held back.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	c := make([]forecast.Point, len(m.curve))
	for i, p := range m.curve {
		c[i] = forecast.Point{Update: p.Update, Loss: p.Loss, Valid: p.Valid}
	}
	return c
}

// Forecast continues every series of history from its last observations, as
// many as the context holds, by drawing initial states from the posterior,
// integrating the dynamics to the times asked for, and drawing the noise.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned, and forecast.ErrTooShort if a series has fewer than
// two observations.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	if err := m.plan.accepts(history); err != nil {
		return nil, err
	}
	if len(opt.At) != len(history.Series) {
		return nil, fmt.Errorf("latentode: times for %d series, want %d", len(opt.At), len(history.Series))
	}
	if opt.Samples < 0 {
		return nil, fmt.Errorf("latentode: %d samples", opt.Samples)
	}
	f := &forecast.Forecast{
		Model: Kind, Channels: slices.Clone(history.Channels),
		Series: make([]*forecast.Distribution, len(history.Series)),
	}
	errs := make([]error, len(history.Series))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(history.Series)) {
		wg.Go(func() {
			s, err := m.network.newShard()
			for i := int(next.Add(1)) - 1; i < len(errs); i = int(next.Add(1)) - 1 {
				if errs[i] = err; err == nil {
					f.Series[i], errs[i] = m.forecast(ctx, s, history, history.Series[i], opt.At[i], opt)
				}
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("latentode: series %q: %w", history.Series[i].ID, err)
		}
	}
	return f, nil
}

// accepts says why the model cannot treat the panel.
func (p *plan) accepts(panel *series.Panel) error {
	switch {
	case !slices.Equal(panel.Channels, p.Channels):
		return fmt.Errorf("latentode: %w: it learned the channels %v, the data have %v", forecast.ErrMismatch, p.Channels, panel.Channels)
	case !panel.Step.Same(p.Step) || panel.Axis.Calendar() != p.Calendar:
		return fmt.Errorf("latentode: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, p.Step.Describe(p.Calendar), panel.Step.Describe(panel.Axis.Calendar()))
	}
	for j, log := range p.Log {
		for _, s := range panel.Series {
			for i := j; log && i < len(s.Values); i += len(p.Channels) {
				if s.Values[i] <= 0 {
					return fmt.Errorf("latentode: %w: it learned that %s is positive, series %q has %v", forecast.ErrMismatch, p.Channels[j], s.ID, s.Values[i])
				}
			}
		}
	}
	return nil
}

// forecast draws the paths of one series.
func (m *Model) forecast(ctx context.Context, s *shard, panel *series.Panel, h *series.Series, at []float64, opt forecast.Options) (*forecast.Distribution, error) {
	if h.Len() < 2 || h.Observed() == 0 {
		return nil, fmt.Errorf("%w: %d, at least 2 are needed", forecast.ErrTooShort, h.Len())
	}
	r := m.plan.record(panel, h)
	n := len(r.u)
	asked := make([]float64, len(at))
	before := r.u[n-1]
	for i, t := range at {
		asked[i] = panel.Coordinate(t)
		if !(asked[i] > before) {
			return nil, fmt.Errorf("time %d to forecast, %v, is not after the one before", i, t)
		}
		before = asked[i]
	}
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at)}
	w := window{record: &r, from: max(0, n-m.plan.reach()), origin: n, to: n, asked: asked}
	var err error
	d.Paths, err = m.paths(ctx, s, w, or(opt.Samples, 1000), sourceOf(h.ID, opt.Seed), true)
	return d, err
}

// sourceOf returns the source of a series' draws.
func sourceOf(id string, seed uint64) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// paths draws the values at the times that w asks for, each with the noise of
// an observation or without.
func (m *Model) paths(ctx context.Context, s *shard, w window, samples int, rng *rand.Rand, noisy bool) ([][]float64, error) {
	p := nn.Pass{Values: m.params.Values}
	c := len(m.plan.Channels)
	var paths [][]float64
	for len(paths) < samples {
		p.Reset()
		s.fill([]window{w})
		size := len(s.owner)
		draws := min(samples-len(paths), 1+maxRows/size)
		z0, err := m.draws(ctx, &p, s, draws, rng)
		if err != nil {
			return nil, err
		}
		mean, sd, err := m.network.decode(ctx, &p, s, z0)
		if err != nil {
			return nil, err
		}
		for k := range draws {
			path := make([]float64, 0, len(s.rows)*c)
			for i, row := range s.rows {
				for j := range c {
					at := (k*size+row)*c + j
					x := mean.Val[at]
					if noisy {
						x += sd.Val[at] * m.plan.inflation(j, s.lead[k*size+row]) * rng.NormFloat64()
					}
					x = m.plan.restore(j, s.center[j]+s.scale[j]*x)
					if math.IsNaN(x - x) {
						return nil, fmt.Errorf("%w: a sample path leaves the range of numbers at time %d", nn.ErrNonFinite, i)
					}
					path = append(path, x)
				}
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// inflation returns the factor of the noise of channel j at a lead time, which
// was learned for the future alone.
func (p *plan) inflation(j int, lead float64) float64 {
	if lead > 0 {
		return p.Inflation[j]
	}
	return 1
}

// restore undoes the transform of a value of channel j.
func (p *plan) restore(j int, x float64) float64 {
	if p.Log[j] {
		return math.Exp(x)
	}
	return x
}
