package rnn

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/series"
)

// A Model is a VRNN or an SRNN. It is ready to be fitted with the default
// options once Kind is set. A fitted model may be used concurrently.
type Model struct {
	Kind    string // VRNN or SRNN
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

// Name returns the kind.
func (m *Model) Name() string { return m.Kind }

func (m *Model) check() error {
	if m.Kind != VRNN && m.Kind != SRNN {
		return fmt.Errorf("rnn: a model of kind %q, want %q or %q", m.Kind, VRNN, SRNN)
	}
	return m.Options.Validate()
}

// Curve returns the course of the last training: for every validation the
// update, the mean loss since the one before, in nats per value, and the score.
// The score is NaN where nothing was held back.
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

// Divergence returns the mean divergence KL(q ‖ prior) of the latent variables
// a step, in nats, on windows that the fit held back, or on the ends of the
// series where nothing was. Near 0 the latent variables are not in use
// ("posterior collapse"), and the model is a plain recurrent network. It is NaN
// before a fit.
func (m *Model) Divergence() float64 {
	if m.fitted == nil {
		return math.NaN()
	}
	return m.plan.Divergence
}

// Forecast continues every series of history: particles infer the latent
// variables of its last steps, as many as the context holds, and beyond them all
// is drawn from the prior.
//
// The paths of a series depend on its own observations, its ID and the seed
// alone. The error wraps forecast.ErrMismatch if the panel is not of the kind
// that the model learned or a time is not a whole number of steps ahead,
// forecast.ErrTooShort if a series has no step, and series.ErrKnown if the
// covariates that the model knows ahead do not reach. Where a series has fewer than
// two values the panel's level and scale stand for its own, and the notes say so.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fitted == nil {
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("rnn: %w", err)
	}
	if err := m.plan.accepts(history); err != nil {
		return nil, err
	}
	if opt.Samples < 0 {
		return nil, fmt.Errorf("rnn: %d samples", opt.Samples)
	}
	f := &forecast.Forecast{
		Model: m.Kind, Channels: slices.Clone(history.Channels),
		Series: make([]*forecast.Distribution, len(history.Series)),
	}
	if m.plan.Divergence < collapsed {
		f.Notes = append(f.Notes, fmt.Sprintf(
			"%s: its latent variables are hardly in use (%.2g nats a step): it is a plain recurrent network", m.Kind, m.plan.Divergence))
	}
	few := 0
	for _, h := range history.Series {
		if h.Len() == 0 {
			return nil, fmt.Errorf("rnn: series %q: %w: it has no time", h.ID, forecast.ErrTooShort)
		}
		if h.Observed() < 2 {
			few++
		}
	}
	if few > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d series have fewer than two values; the scale of all series stands for theirs", m.Kind, few, len(history.Series)))
	}
	err = each(len(history.Series), func(i int) error {
		d, err := m.forecast(ctx, history, history.Series[i], opt.At[i], opt)
		if err != nil {
			return fmt.Errorf("rnn: series %q: %w", history.Series[i].ID, err)
		}
		f.Series[i] = d
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// each calls one for 0 to n-1, on all processors, and returns the first error in
// this order.
func each(n int, one func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = one(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// forecast draws the paths of one series.
func (m *Model) forecast(ctx context.Context, panel *series.Panel, h *series.Series, at []float64, opt forecast.Options) (*forecast.Distribution, error) {
	r, err := m.plan.record(panel, h)
	if err != nil {
		return nil, err
	}
	n, c := len(r.u), len(m.plan.Channels)
	wanted, err := m.plan.steps(panel, &r, at)
	if err == nil {
		err = m.plan.know(panel, h, &r)
	}
	if err != nil {
		return nil, err
	}
	samples := opt.Samples
	if samples == 0 {
		samples = 1000
	}
	d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(at), Paths: make([][]float64, samples)}
	hash := fnv.New64a()
	hash.Write([]byte(h.ID))
	w := window{record: &r, from: max(0, n-m.plan.Options.Context), origin: n, to: len(r.u)}
	roll := roll{
		network: m.network, values: m.params.Values, particles: m.plan.Options.Particles, paths: samples,
		rng: rand.New(rand.NewPCG(opt.Seed, hash.Sum64())),
	}
	roll.visit = func(t, k int, y []float64) {
		if wanted[t] {
			for j := range c {
				d.Paths[k] = append(d.Paths[k], m.plan.restore(j, roll.center[j]+roll.scale[j]*y[j]))
			}
		}
	}
	if _, err := roll.run(ctx, w); err != nil {
		return nil, err
	}
	return d, d.Validate()
}

// steps appends to r the steps up to the last of the times at, without values,
// and returns which of them are wanted.
func (p *plan) steps(panel *series.Panel, r *record, at []float64) (wanted []bool, err error) {
	last := r.u[len(r.u)-1]
	for i, t := range at {
		u := panel.Coordinate(t)
		if !(u > last) {
			return nil, fmt.Errorf("time %d to forecast, %s, is not after the one before", i, panel.Axis.Stamp(t))
		}
		if !p.Step.Regular() {
			r.u, wanted, last = append(r.u, u), append(wanted, true), u
			continue
		}
		ahead := math.Round(u - last)
		if math.Abs(u-last-ahead) > 1e-6 || ahead < 1 {
			return nil, fmt.Errorf("%w: time %s is not a whole number of steps after the last observation", forecast.ErrMismatch, panel.Axis.Stamp(t))
		}
		if float64(len(wanted))+ahead > maxSteps {
			return nil, fmt.Errorf("%w: time %s is more than %d steps ahead", forecast.ErrMismatch, panel.Axis.Stamp(t), maxSteps)
		}
		for k := 1.0; k <= ahead; k++ {
			r.u, wanted = append(r.u, last+k), append(wanted, k == ahead)
		}
		last += ahead
	}
	for len(r.x) < len(r.u)*len(p.Channels) {
		r.x = append(r.x, math.NaN())
	}
	return wanted, nil
}

// Generate implements forecast.Generator: all is drawn from the prior. The length
// for which the model was fitted is the usual one of the series. Where windows
// have levels and scales of their own, those of the panel stand for them, and
// the means of covariates that are known ahead for these.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	switch {
	case m.fitted == nil:
		return nil, fmt.Errorf("rnn: %w", forecast.ErrNotFitted)
	case opt.Number < 0 || opt.Length < 0 || opt.Length > maxSteps:
		return nil, fmt.Errorf("rnn: %d series of %d times asked for, want at most %d times", opt.Number, opt.Length, maxSteps)
	}
	p := m.plan
	panel := &series.Panel{Channels: slices.Clone(p.Channels), Axis: p.Axis, Step: p.Step, IDColumn: p.ID, TimeColumn: p.Time}
	if panel.IDColumn == "" {
		panel.IDColumn = "unique_id"
	}
	length := opt.Length
	if length == 0 {
		length = p.Length
	}
	number := max(1, opt.Number)
	first := panel.Coordinate(p.Start)
	times := make([]float64, length)
	// The step before the first, at which nothing is observed, is the context.
	u := []float64{first - p.Gap}
	for i := range times {
		u = append(u, first+float64(i)*p.Gap)
		times[i] = panel.TimeAt(u[i+1])
	}
	x := make([]float64, len(u)*len(p.Channels))
	for i := range x {
		x[i] = math.NaN()
	}
	panel.Series = make([]*series.Series, number)
	return panel, each(number, func(i int) error {
		s := &series.Series{ID: strconv.Itoa(i + 1), Times: times}
		roll := roll{network: m.network, values: m.params.Values, particles: 1, paths: 1, rng: rand.New(rand.NewPCG(opt.Seed, uint64(i)))}
		roll.visit = func(_, _ int, y []float64) {
			for j, v := range y {
				s.Values = append(s.Values, p.restore(j, roll.center[j]+roll.scale[j]*v))
			}
		}
		panel.Series[i] = s
		if _, err := roll.run(ctx, window{record: &record{u: u, x: x}, from: 0, origin: 1, to: len(u)}); err != nil {
			return fmt.Errorf("rnn: generated series %d: %w", i+1, err)
		}
		return nil
	})
}
