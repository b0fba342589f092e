package latentode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
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

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	training.Fitted
	config  *config
	network *network
	idle    sync.Pool // of workspaces
}

func newFitted(c *config, rng *rand.Rand) *fitted {
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rng)
	return f
}

// borrow returns a workspace for one goroutine, to be put back into f.idle.
func (f *fitted) borrow() (*workspace, error) {
	if s, ok := f.idle.Get().(*workspace); ok {
		return s, nil
	}
	return f.network.newWorkspace(f.config.Options.Tolerance, purpose{narrow: f.config.Options.Precision == Float32})
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
	return m.fitted.Curve()
}

// Forecast continues every series of history from its last observations, as
// many as the context holds, by drawing initial states from the posterior,
// integrating the dynamics to the times asked for, and adding the noise. Under Gaussian
// noise the distribution of a value is a mixture of Gaussians, whose quantiles are given; under
// other distributions, paths are drawn. A model that has
// a companion gives what the two say together.
//
// The forecast of a series depends on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is too far for the solver, forecast.ErrTooShort
// if a series has no time, and series.ErrKnown if the covariates that the model knows ahead
// do not reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.ahead(ctx, history, opt, false)
}

// ForecastPaths implements forecast.PathForecaster.
func (m *Model) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.ahead(ctx, history, opt, true)
}

// ahead is Forecast, by paths if they are asked for.
func (m *Model) ahead(ctx context.Context, history *series.Panel, opt forecast.Options, paths bool) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, observations, paths, func(r *neural.Record, asked []float64, at string) ([]window, error) {
		n := len(r.U)
		if len(asked) > 0 && !(asked[0] > r.U[n-1]) {
			return nil, fmt.Errorf("time %s to forecast is not after the last observation", at)
		}
		return []window{{Window: neural.Window{Record: r, From: max(0, n-m.config.reach()), Origin: n, To: n}, asked: asked}}, nil
	})
}

// A quantity is what is wanted of a series at a time.
type quantity int

const (
	observations quantity = iota // with their noise
	signals                      // what an observation would be without noise
	states                       // of the latent variables
)

// each returns the distributions of a quantity for every series of history, in closed form unless
// paths are asked for. windows returns the
// windows of a record that the times asked for, in increasing order, belong to; first is the
// first of them in words.
func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, what quantity, paths bool,
	windows func(r *neural.Record, asked []float64, first string) ([]window, error)) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	beside, err := m.besides(ctx, history, opt, what)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	f, err := m.config.Forecast(ctx, m.config.kind(), history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s, err := m.borrow()
		if err != nil {
			return nil, err
		}
		defer m.idle.Put(s)
		h := history.Series[i]
		d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at)}
		r, asked, err := m.asked(history, h, at)
		if err != nil || len(at) == 0 {
			return d, err
		}
		all, err := windows(r, asked, history.Axis.Stamp(at[0]))
		if err != nil {
			return nil, err
		}
		rng := neural.Source(h.ID, opt.Seed)
		s.seeds = rng
		leads, closed := m.config.leads(r, asked), m.config.closed() && !paths && what != states
		alone := closed && beside != nil && m.config.Companion.alone()
		switch {
		case alone:
			d.Probs = mixture.Probabilities()
			d.Values = beside.Series[i].Quantiles(d.Probs...)
		case closed:
			err = m.inClosedForm(ctx, s, history, all, what, d, rng)
		default:
			err = m.byPaths(ctx, s, history, all, what, d, samples, rng)
		}
		if err == nil && beside != nil && !alone {
			m.config.Companion.blend(d, beside.Series[i], leads)
		}
		if err == nil && what == observations {
			m.config.widen(d, leads)
		}
		m.config.bound(d)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return f, nil
}

// leads returns how many horizons each of the times asked for is from the observations of r, 0 within them.
func (c *config) leads(r *neural.Record, asked []float64) []float64 {
	leads := make([]float64, len(asked))
	for i, u := range asked {
		leads[i] = max(0, r.U[0]-u, u-r.U[len(r.U)-1]) / (c.Gap * float64(c.Horizon))
	}
	return leads
}

// besides returns what the companion predicts, nil if there is none.
func (m *Model) besides(ctx context.Context, history *series.Panel, opt forecast.Options, what quantity) (*forecast.Forecast, error) {
	if m.config.Companion == nil || what == states {
		return nil, nil
	}
	if err := m.config.Accepts(history); err != nil {
		return nil, err
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	return m.config.Companion.predict(ctx, history, opt, what)
}

// inClosedForm sets d to the quantiles of what is wanted at the times that windows ask for.
func (m *Model) inClosedForm(ctx context.Context, s *workspace, panel *series.Panel, windows []window, what quantity, d *forecast.Distribution, rng *rand.Rand) error {
	d.Probs = mixture.Probabilities()
	d.Values = make([][]float64, len(d.Probs))
	for _, w := range windows {
		q, err := m.marginals(ctx, s, panel, w, what == signals, rng)
		if err != nil {
			return err
		}
		for i, v := range q {
			d.Values[i] = append(d.Values[i], v...)
		}
	}
	return nil
}

// byPaths sets d to draws of what is wanted at the times that windows ask for.
func (m *Model) byPaths(ctx context.Context, s *workspace, panel *series.Panel, windows []window, what quantity, d *forecast.Distribution, samples int, rng *rand.Rand) error {
	read := []reading{observations: m.observation, signals: m.signal, states: m.state}[what]
	d.Paths = make([][]float64, samples)
	for _, w := range windows {
		paths, err := m.paths(ctx, s, panel, w, samples, rng, read)
		if err != nil {
			return err
		}
		for k, p := range paths {
			d.Paths[k] = append(d.Paths[k], p...)
		}
	}
	return nil
}

// asked returns h in the model's terms and the coordinates of the times at.
func (m *Model) asked(panel *series.Panel, h *series.Series, at []float64) (*neural.Record, []float64, error) {
	if _, err := panel.KnownAt(h, at); err != nil {
		return nil, nil, err
	}
	r, err := m.config.Record(panel, h, m.config.reading())
	if err != nil {
		return nil, nil, err
	}
	asked := make([]float64, len(at))
	before := math.Inf(-1)
	for i, t := range at {
		asked[i] = m.config.Coordinate(panel, t)
		if !(asked[i] > before) {
			return nil, nil, fmt.Errorf("time %d asked for, %s, is not after the one before", i, panel.Axis.Stamp(t))
		}
		before = asked[i]
	}
	return &r, asked, nil
}

// A reading appends to path what is wanted of a row of a decoded batch.
type reading func(path []float64, s *workspace, d decoded, row int, rng *rand.Rand) []float64

// observation reads an observation, with its noise.
func (m *Model) observation(path []float64, s *workspace, d decoded, row int, rng *rand.Rand) []float64 {
	if d.residual == nil {
		m.network.draw(s.row, m.Params.Values, d, row, func(j int, sd float64) float64 { return m.config.deviation(j, s.lead[row], sd) }, rng)
		return m.restored(path, s, row)
	}
	d.residual.draw(s.row, &s.stray, row, rng)
	for j, e := range s.row {
		at := row*len(s.row) + j
		s.row[j] = d.mean.Val[at] + e*m.config.inflation(j, s.lead[row])*d.sd.Val[at]/d.residual.steps[at].sd
	}
	return m.restored(path, s, row)
}

// signal reads what an observation would be without noise: the mean of its distribution.
// Of values that are modelled by their logarithm it is the median.
func (m *Model) signal(path []float64, s *workspace, d decoded, row int, _ *rand.Rand) []float64 {
	m.network.expect(s.row, m.Params.Values, d.head(row))
	return m.restored(path, s, row)
}

// restored appends the values s.row of a row in the data's own units.
func (m *Model) restored(path []float64, s *workspace, row int) []float64 {
	for j, x := range s.row {
		path = append(path, s.restored(row, j, x))
	}
	return path
}

// state reads the latent state.
func (m *Model) state(path []float64, _ *workspace, d decoded, row int, _ *rand.Rand) []float64 {
	return append(path, d.states.Val[row*d.states.Cols:(row+1)*d.states.Cols]...)
}

// paths draws what read reads at the times that w asks for.
func (m *Model) paths(ctx context.Context, s *workspace, panel *series.Panel, w window, samples int, rng *rand.Rand, read reading) ([][]float64, error) {
	p := nn.Pass{Values: m.Params.Values}
	var paths [][]float64
	err := m.decodeDraws(ctx, &p, s, w, samples, rng.NormFloat64, func(d decoded, _ proposal, size int) error {
		for first := 0; first < len(s.owner); first += size {
			path := make([]float64, 0, len(s.rows)*len(m.config.Channels))
			s.stray.row = -1
			for i, row := range s.rows {
				at := len(path)
				path = read(path, s, d, first+row, rng)
				for _, x := range path[at:] {
					if math.IsNaN(x - x) {
						return fmt.Errorf("%w: at %s a sample path leaves the range of numbers; ask for times before that",
							forecast.ErrMismatch, panel.Axis.Stamp(m.config.TimeAt(panel, w.asked[i])))
					}
				}
			}
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, m.config.reached(panel, w, err)
	}
	return paths, nil
}

// reached returns err, which ended the decoding of w, or, if the solver's steps were
// spent, that with the time until which they sufficed.
func (c *config) reached(panel *series.Panel, w window, err error) error {
	far := new(ode.Error)
	if !errors.As(err, &far) || !errors.Is(err, ode.ErrMaxSteps) && !errors.Is(err, ode.ErrStiff) {
		return err
	}
	return fmt.Errorf("%w: the dynamics can be followed until %s, where %d steps of the solver are spent; ask for times before that",
		forecast.ErrMismatch, panel.Axis.Stamp(c.TimeAt(panel, w.U[w.From]+far.T*c.Unit)), maxSteps)
}

// restore returns a value of channel j in the unit of the data, none below 0 where there was none.
func (c *config) restore(j int, x float64) float64 {
	x = c.Restore(j, x)
	if c.NonNegative != nil && c.NonNegative[j] {
		x = max(0, x)
	}
	return x
}

// bound raises what lies below 0 in channels that had no such value.
func (c *config) bound(d *forecast.Distribution) {
	for _, rows := range [][][]float64{d.Values, d.Paths} {
		for _, row := range rows {
			for k, x := range row {
				if c.NonNegative != nil && c.NonNegative[k%len(c.NonNegative)] {
					row[k] = max(0, x)
				}
			}
		}
	}
}

// deviation returns that of an observation of channel j at a lead time, given that of the noise.
func (c *config) deviation(j int, lead, noise float64) float64 {
	sd := c.inflation(j, lead) * noise
	if more := c.unjudged(j, lead); more > 0 {
		return math.Hypot(sd, more)
	}
	return sd
}

// inflation returns the factor of the noise of channel j at a lead time, which
// was learned for the future alone.
func (c *config) inflation(j int, lead float64) float64 {
	if lead > 0 && !c.stochastic() {
		return c.Inflation[j]
	}
	return 1
}
