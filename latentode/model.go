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
	"tsgen/vae"
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
					f.Series[i], errs[i] = m.forecast(ctx, s, history, history.Series[i], opt.At[i], or(opt.Samples, 1000), opt.Seed)
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
func (m *Model) forecast(ctx context.Context, s *shard, panel *series.Panel, h *series.Series, at []float64, samples int, seed uint64) (*forecast.Distribution, error) {
	if h.Len() < 2 || h.Observed() == 0 {
		return nil, fmt.Errorf("%w: %d, at least 2 are needed", forecast.ErrTooShort, h.Len())
	}
	r := m.plan.record(panel, h)
	n, c := len(r.u), len(m.plan.Channels)
	for i, t := range at {
		u := panel.Coordinate(t)
		if !(u > r.u[len(r.u)-1]) {
			return nil, fmt.Errorf("time %d to forecast, %v, is not after the one before", i, t)
		}
		r.u = append(r.u, u)
		for range c {
			r.x = append(r.x, math.NaN())
		}
	}
	p := nn.Pass{Values: m.params.Values}
	hash := fnv.New64a()
	hash.Write([]byte(h.ID))
	rng := rand.New(rand.NewPCG(seed, hash.Sum64()))
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at)}
	for len(d.Paths) < samples {
		p.Reset()
		s.fill([]window{{record: &r, from: max(0, n-m.plan.Options.Context), origin: n, to: n + len(at)}})
		size := len(s.owner)
		q := m.network.encode(&p, &s.batch)
		draws := min(samples-len(d.Paths), 1+maxRows/size)
		index := s.repeat(draws)
		z0 := vae.Posterior{Mean: p.Rows(q.Mean, index), SD: p.Rows(q.SD, index)}.Sample(&p, rng)
		mean, sd, err := m.network.decode(ctx, &p, s, z0)
		if err != nil {
			return nil, err
		}
		for k := range draws {
			path := make([]float64, len(at)*c)
			for i := range path {
				row := (k*size+size-len(at))*c + i
				j := i % c
				noise := sd.Val[row] * m.plan.Inflation[j] * rng.NormFloat64()
				path[i] = m.plan.restore(j, s.center[j]+s.scale[j]*(mean.Val[row]+noise))
				if math.IsNaN(path[i] - path[i]) {
					return nil, fmt.Errorf("%w: a sample path leaves the range of numbers at time %d", nn.ErrNonFinite, i/c)
				}
			}
			d.Paths = append(d.Paths, path)
		}
	}
	return d, nil
}

// restore undoes the transform of a value of channel j.
func (p *plan) restore(j int, x float64) float64 {
	if p.Log[j] {
		return math.Exp(x)
	}
	return x
}
