package latentode

import (
	"context"
	"errors"
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
	"tsgen/ode"
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
	plan       *plan
	params     *nn.Params
	network    *network
	curve      []nn.Point
	unfinished *nn.Checkpoint // of a training that was interrupted
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
// that the model learned or a time is too far for the solver, forecast.ErrTooShort
// if a series has no time, and series.ErrKnown if the covariates that the model knows ahead
// do not reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, m.forecast)
}

// each makes a forecast of what one returns for every series of history, with a
// shard of memory for itself and the series in the model's terms.
func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options,
	one func(ctx context.Context, s *shard, panel *series.Panel, h *series.Series, at []float64, opt forecast.Options) (*forecast.Distribution, error)) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	if err := m.plan.accepts(history); err != nil {
		return nil, err
	}
	if opt.Samples < 0 {
		return nil, fmt.Errorf("latentode: %d samples", opt.Samples)
	}
	f := &forecast.Forecast{
		Model: Kind, Channels: slices.Clone(history.Channels),
		Series: make([]*forecast.Distribution, len(history.Series)),
	}
	few := 0
	for _, h := range history.Series {
		if h.Observed() < 2 {
			few++
		}
	}
	if few > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d series have fewer than two values; the scale of all series stands for theirs", Kind, few, len(history.Series)))
	}
	errs := make([]error, len(history.Series))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(history.Series)) {
		wg.Go(func() {
			s, err := m.network.newShard()
			for i := int(next.Add(1)) - 1; i < len(errs); i = int(next.Add(1)) - 1 {
				if errs[i] = err; err == nil {
					f.Series[i], errs[i] = one(ctx, s, history, history.Series[i], opt.At[i], opt)
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
	case !slices.Equal(panel.Known, p.Known):
		return fmt.Errorf("latentode: %w: it learned the known covariates %q, the data have %q", forecast.ErrMismatch, p.Known, panel.Known)
	case !panel.Step.Same(p.Step) || panel.Axis.Calendar() != p.Calendar:
		return fmt.Errorf("latentode: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, p.Step.Describe(p.Calendar), panel.Step.Describe(panel.Axis.Calendar()))
	}
	if err := p.treats(panel); err != nil {
		return err
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
	r, asked, err := m.asked(panel, h, at)
	if err != nil {
		return nil, err
	}
	n := len(r.u)
	if len(asked) > 0 && !(asked[0] > r.u[n-1]) {
		return nil, fmt.Errorf("time %s to forecast is not after the last observation", panel.Axis.Stamp(at[0]))
	}
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at)}
	w := window{record: r, from: max(0, n-m.plan.reach()), origin: n, to: n, asked: asked}
	d.Paths, err = m.paths(ctx, s, panel, w, or(opt.Samples, 1000), sourceOf(h.ID, opt.Seed), m.observation)
	return d, err
}

// asked returns h in the model's terms and the coordinates of the times at.
func (m *Model) asked(panel *series.Panel, h *series.Series, at []float64) (*record, []float64, error) {
	if h.Len() == 0 {
		return nil, nil, fmt.Errorf("%w: it has no time", forecast.ErrTooShort)
	}
	for _, times := range [][]float64{h.Times, at} {
		if _, err := panel.KnownAt(h, times); err != nil {
			return nil, nil, err
		}
	}
	r := m.plan.record(panel, h)
	asked := make([]float64, len(at))
	before := math.Inf(-1)
	for i, t := range at {
		asked[i] = panel.Coordinate(t)
		if !(asked[i] > before) {
			return nil, nil, fmt.Errorf("time %d asked for, %s, is not after the one before", i, panel.Axis.Stamp(t))
		}
		before = asked[i]
	}
	return &r, asked, nil
}

// sourceOf returns the source of a series' draws.
func sourceOf(id string, seed uint64) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// A reading appends to path what is wanted of a row of a decoded batch that
// belongs to window w.
type reading func(path []float64, s *shard, d decoded, w, row int, rng *rand.Rand) []float64

// observation reads an observation, with its noise.
func (m *Model) observation(path []float64, s *shard, d decoded, w, row int, rng *rand.Rand) []float64 {
	m.network.draw(s.row, m.params.Values, d, row, func(j int) float64 { return m.plan.inflation(j, s.lead[row]) }, rng)
	return m.restored(path, s, w)
}

// signal reads what an observation would be without noise: the mean of its law.
// Of values that are modelled by their logarithm it is the median.
func (m *Model) signal(path []float64, s *shard, d decoded, w, row int, _ *rand.Rand) []float64 {
	m.network.expect(s.row, m.params.Values, d, row)
	return m.restored(path, s, w)
}

// restored appends the values s.row of window w in the data's own units.
func (m *Model) restored(path []float64, s *shard, w int) []float64 {
	for j, x := range s.row {
		k := w*len(s.row) + j
		path = append(path, m.plan.restore(j, s.center[k]+s.scale[k]*x))
	}
	return path
}

// state reads the latent state.
func (m *Model) state(path []float64, _ *shard, d decoded, _, row int, _ *rand.Rand) []float64 {
	return append(path, d.states.Val[row*d.states.Cols:(row+1)*d.states.Cols]...)
}

// paths draws what read reads at the times that w asks for.
func (m *Model) paths(ctx context.Context, s *shard, panel *series.Panel, w window, samples int, rng *rand.Rand, read reading) ([][]float64, error) {
	p := nn.Pass{Values: m.params.Values}
	var paths [][]float64
	for len(paths) < samples {
		p.Reset()
		s.fill([]window{w})
		size := len(s.owner)
		draws := min(samples-len(paths), 1+maxRows/size)
		drawn, err := m.proposals(ctx, &p, s, draws, rng)
		if err != nil {
			return nil, err
		}
		d, err := m.network.decode(ctx, &p, s, drawn.z0)
		if err != nil {
			return nil, m.plan.reached(panel, w, err)
		}
		for k := range draws {
			var path []float64
			for i, row := range s.rows {
				at := len(path)
				path = read(path, s, d, 0, k*size+row, rng)
				for _, x := range path[at:] {
					if math.IsNaN(x - x) {
						return nil, fmt.Errorf("%w: at %s a sample path leaves the range of numbers; ask for times before that",
							forecast.ErrMismatch, panel.Axis.Stamp(panel.TimeAt(w.asked[i])))
					}
				}
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// reached returns err, which ended the decoding of w, or, if the solver's steps were
// spent, that with the time until which they sufficed.
func (p *plan) reached(panel *series.Panel, w window, err error) error {
	far := new(ode.Error)
	if !errors.As(err, &far) || !errors.Is(err, ode.ErrMaxSteps) {
		return err
	}
	return fmt.Errorf("%w: the dynamics can be followed until %s, where %d steps of the solver are spent; ask for times before that",
		forecast.ErrMismatch, panel.Axis.Stamp(panel.TimeAt(w.u[w.from]+far.T*p.Unit)), maxSteps)
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
