package latentode

import (
	"context"
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

// Impute implements forecast.Imputer. Times after the series' last are
// forecast, those before its first are of the trajectory followed backwards, through noise by the
// reversed equation. A series longer than what a posterior is conditioned on is covered
// by windows that overlap by half, and a time belongs to the window in whose
// middle it lies: draws of times that belong to different windows are
// independent.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if opt.Signal {
		return m.within(ctx, history, opt, signals)
	}
	return m.within(ctx, history, opt, observations)
}

// Encode implements forecast.Encoder: the state variables that move are the
// channels z1, z2 ..., those that stay s1, s2 ... What Impute says of windows
// holds.
func (m *Model) Encode(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.within(ctx, history, opt, states)
	if err != nil {
		return nil, err
	}
	few, err := m.uninformed(ctx, history)
	if err != nil {
		return nil, fmt.Errorf("latentode: %w", err)
	}
	if few > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: of %d of %d series the posterior of the latent state is the prior: their states say nothing of them",
			m.config.kind(), few, len(history.Series)))
	}
	f.Channels = nil
	for i := range m.config.Options.State {
		f.Channels = append(f.Channels, fmt.Sprintf("z%d", i+1))
	}
	for i := range m.config.static() {
		f.Channels = append(f.Channels, fmt.Sprintf("s%d", i+1))
	}
	return f, nil
}

// leastNats is the divergence of a posterior from the prior from which on observations say
// something of the latent state.
const leastNats = 0.1

// uninformed returns of how many series the posterior is next to the prior.
func (m *Model) uninformed(ctx context.Context, history *series.Panel) (few int, err error) {
	s, err := m.borrow()
	if err != nil {
		return 0, err
	}
	defer m.idle.Put(s)
	for _, h := range history.Series {
		r, err := m.config.Record(history, h, m.config.reading())
		if err != nil {
			return 0, err
		}
		n := len(r.U)
		s.fill([]window{{Window: neural.Window{Record: &r, From: max(0, n-m.config.reach()), Origin: n, To: n}}})
		p := nn.Pass{Values: m.Params.Values}
		nats, err := m.divergence(ctx, &p, s)
		if err != nil {
			return 0, err
		}
		if nats < leastNats {
			few++
		}
	}
	return few, nil
}

// divergence returns that of the posterior of the batch's only window from the prior.
func (m *Model) divergence(ctx context.Context, p *nn.Pass, s *workspace) (nats float64, err error) {
	modes, err := m.refined(ctx, p, s)
	if err != nil {
		return 0, err
	}
	if modes != nil {
		return modes[0].divergence(), nil
	}
	q := m.network.inferred(p, s)
	for _, kl := range p.KLStandard(q.Mean, q.SD).Val {
		nats += kl
	}
	return nats, nil
}

// within returns the distributions of a quantity at times within and after a series.
func (m *Model) within(ctx context.Context, history *series.Panel, opt forecast.Options, what quantity) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, what, false, func(r *neural.Record, asked []float64, _ string) ([]window, error) {
		before, _ := slices.BinarySearch(asked, r.U[0])
		if before > 0 && m.config.stochastic() && m.config.Opening == nil {
			return nil, fmt.Errorf("%w: the fit of this %s ended early and does not know where states are; ask for no time before the first observation", forecast.ErrMismatch, StochasticKind)
		}
		windows := cover(r, m.config.reach(), asked[before:])
		if before > 0 {
			w := window{Window: neural.Window{Record: r, Origin: min(m.config.reach(), len(r.U))}, asked: asked[:before], back: true}
			w.To = w.Origin
			windows = append([]window{w}, windows...)
		}
		return windows, nil
	})
}

// cover returns the windows of at most reach observations that asked, in
// increasing order, belong to, those to which none belongs left out.
func cover(r *neural.Record, reach int, asked []float64) []window {
	n := len(r.U)
	var windows []window
	for from := 0; len(asked) > 0; from += max(1, reach/2) {
		w := window{Window: neural.Window{Record: r, From: max(0, min(from, n-reach)), Origin: min(from+reach, n)}}
		w.To = w.Origin
		mine := len(asked)
		if w.Origin < n {
			end := r.U[from+max(1, 3*reach/4)]
			mine, _ = slices.BinarySearch(asked, end)
		}
		w.asked, asked = asked[:mine], asked[mine:]
		if mine > 0 {
			windows = append(windows, w)
		}
	}
	return windows
}
