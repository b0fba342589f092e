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
	"tsgen/internal/neural"
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

// fitted is what a fit leaves: a config and the weights.
type fitted struct {
	neural.Fitted
	config  *config
	network *network
	idle    sync.Pool // of workspaces
}

// borrow returns a workspace for one goroutine, to be put back into f.idle.
func (f *fitted) borrow() (*workspace, error) {
	if s, ok := f.idle.Get().(*workspace); ok {
		return s, nil
	}
	return f.network.newWorkspace()
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
// integrating the dynamics to the times asked for, and drawing the noise.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is too far for the solver, forecast.ErrTooShort
// if a series has no time, and series.ErrKnown if the covariates that the model knows ahead
// do not reach.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(s *workspace, h *series.Series, at []float64, samples int) (*forecast.Distribution, error) {
		return m.forecast(ctx, s, history, h, at, samples, opt.Seed)
	})
}

// each makes a forecast of what one returns for every series of history, with a
// workspace for itself.
func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options,
	one func(s *workspace, h *series.Series, at []float64, samples int) (*forecast.Distribution, error)) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	f, err := m.config.Forecast(ctx, Kind, history, opt, func(i int, at []float64, samples int) (*forecast.Distribution, error) {
		s, err := m.borrow()
		if err != nil {
			return nil, err
		}
		defer m.idle.Put(s)
		return one(s, history.Series[i], at, samples)
	})
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	return f, nil
}

// forecast draws the paths of one series.
func (m *Model) forecast(ctx context.Context, s *workspace, panel *series.Panel, h *series.Series, at []float64, samples int, seed uint64) (*forecast.Distribution, error) {
	r, asked, err := m.asked(panel, h, at)
	if err != nil {
		return nil, err
	}
	n := len(r.U)
	if len(asked) > 0 && !(asked[0] > r.U[n-1]) {
		return nil, fmt.Errorf("time %s to forecast is not after the last observation", panel.Axis.Stamp(at[0]))
	}
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at)}
	w := window{Window: neural.Window{Record: r, From: max(0, n-m.config.reach()), Origin: n, To: n}, asked: asked}
	d.Paths, err = m.paths(ctx, s, panel, w, samples, neural.Source(h.ID, seed), m.observation)
	return d, err
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
		asked[i] = panel.Coordinate(t)
		if !(asked[i] > before) {
			return nil, nil, fmt.Errorf("time %d asked for, %s, is not after the one before", i, panel.Axis.Stamp(t))
		}
		before = asked[i]
	}
	return &r, asked, nil
}

// A reading appends to path what is wanted of a row of a decoded batch that
// belongs to window w.
type reading func(path []float64, s *workspace, d decoded, w, row int, rng *rand.Rand) []float64

// observation reads an observation, with its noise.
func (m *Model) observation(path []float64, s *workspace, d decoded, w, row int, rng *rand.Rand) []float64 {
	m.network.draw(s.row, m.Params.Values, d, row, func(j int) float64 { return m.config.inflation(j, s.lead[row]) }, rng)
	return m.restored(path, s, w)
}

// signal reads what an observation would be without noise: the mean of its distribution.
// Of values that are modelled by their logarithm it is the median.
func (m *Model) signal(path []float64, s *workspace, d decoded, w, row int, _ *rand.Rand) []float64 {
	m.network.expect(s.row, m.Params.Values, d, row)
	return m.restored(path, s, w)
}

// restored appends the values s.row of window w in the data's own units.
func (m *Model) restored(path []float64, s *workspace, w int) []float64 {
	for j, x := range s.row {
		k := w*len(s.row) + j
		path = append(path, m.config.Restore(j, s.windowMean[k]+s.windowScale[k]*x))
	}
	return path
}

// state reads the latent state.
func (m *Model) state(path []float64, _ *workspace, d decoded, _, row int, _ *rand.Rand) []float64 {
	return append(path, d.states.Val[row*d.states.Cols:(row+1)*d.states.Cols]...)
}

// paths draws what read reads at the times that w asks for.
func (m *Model) paths(ctx context.Context, s *workspace, panel *series.Panel, w window, samples int, rng *rand.Rand, read reading) ([][]float64, error) {
	p := nn.Pass{Values: m.Params.Values}
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
			return nil, m.config.reached(panel, w, err)
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
func (c *config) reached(panel *series.Panel, w window, err error) error {
	far := new(ode.Error)
	if !errors.As(err, &far) || !errors.Is(err, ode.ErrMaxSteps) {
		return err
	}
	return fmt.Errorf("%w: the dynamics can be followed until %s, where %d steps of the solver are spent; ask for times before that",
		forecast.ErrMismatch, panel.Axis.Stamp(panel.TimeAt(w.U[w.From]+far.T*c.Unit)), maxSteps)
}

// inflation returns the factor of the noise of channel j at a lead time, which
// was learned for the future alone.
func (c *config) inflation(j int, lead float64) float64 {
	if lead > 0 {
		return c.Inflation[j]
	}
	return 1
}
