package latentode

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/nn"
)

// What is forecast starts at the end of a context, up to which the search for the mode has followed
// the dynamics already: where observations leave little doubt about z₀, a draw's states within the
// context are those of the mode moved by the derivatives that the probes show, and the solver is
// needed from the end of the context on only.

// certain is the greatest deviation of a posterior, the prior's being 1, up to which states are linear in z₀.
const certain = 0.25

// certain reports whether the mode leaves little doubt about every latent variable.
func (m *mode) certain() bool {
	var cov mat.SymDense
	if m.path == nil || m.precision.InverseTo(&cov) != nil {
		return false
	}
	for i := range m.mean {
		if !(cov.At(i, i) <= certain*certain) {
			return false
		}
	}
	return true
}

// ahead reports whether all that is asked of the windows comes after their contexts.
func (s *workspace) ahead() bool {
	for _, w := range s.windows {
		if w.back || w.To > w.Origin || len(w.asked) == 0 || !(w.asked[0] > w.U[w.Origin-1]) {
			return false
		}
	}
	return true
}

// propose decodes draws that were proposed.
func (n *network) propose(ctx context.Context, p *nn.Pass, s *workspace, drawn proposal) (decoded, error) {
	if drawn.modes == nil || !s.ahead() {
		return n.decode(ctx, p, s, drawn.z0)
	}
	for i := range drawn.modes {
		if !drawn.modes[i].certain() {
			return n.decode(ctx, p, s, drawn.z0)
		}
	}
	states, err := s.carryOn(ctx, p, drawn)
	if err != nil {
		return decoded{}, err
	}
	return n.observed(p, s, drawn.z0, states), nil
}

// carryOn returns the states of draws about modes: linear in the draw within the context, solved for from
// its end on.
func (s *workspace) carryOn(ctx context.Context, p *nn.Pass, drawn proposal) (*ad.Node, error) {
	k, draws := drawn.z0.Cols, drawn.z0.Rows/len(drawn.modes)
	states, ends := p.Buffer(len(s.owner)*k), p.Buffer(drawn.z0.Rows*k)
	t0, times := make([]float64, drawn.z0.Rows), make([][]float64, drawn.z0.Rows)
	at := 0
	for i, t := range s.times {
		m, w := &drawn.modes[i/draws], &s.windows[i/draws]
		seen := w.Origin - w.From
		size := seen * k
		within := states[at*k : at*k+size]
		copy(within, m.path[:size])
		for a := range k {
			slope := (drawn.z0.Val[i*k+a] - m.base[a]) / probe
			kernel.Axpy(within, slope, m.path[(1+a)*size:(2+a)*size])
			kernel.Axpy(within, -slope, m.path[:size])
		}
		copy(ends[i*k:], within[size-k:])
		t0[i], times[i] = t[seen-1], t[seen:]
		at += len(t)
	}
	beyond, err := s.flow.run(ctx, p, p.Const(drawn.z0.Rows, k, ends), t0, times)
	if err != nil {
		return nil, err
	}
	at, solved := 0, beyond.Val
	for i, t := range s.times {
		n := len(times[i]) * k
		at += len(t) * k
		copy(states[at-n:at], solved[:n])
		solved = solved[n:]
	}
	return p.Const(len(s.owner), k, states), nil
}
