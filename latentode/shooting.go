package latentode

import (
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

// Where all series share a phase space, every other window of an update starts
// within the one before, and its posterior is held against a prior about the
// state that the dynamics bring the first window to at that time,
//
//	KL(q(z₀²) ‖ N(z¹(t), slack²))  in place of  KL(q(z₀²) ‖ N(0, 1)),
//
// as in multiple shooting (Iakovlev et al. 2023, equation 8). Without it nothing
// says that the state at the end of a window is one from which a window can
// start, and beyond the longest window that was trained on the solver runs
// through latent states that it never saw.

// slack is the deviation of a window's first state from the trajectory of the
// window before, in units of the prior's.
const slack = 0.3

// within returns a window that starts within the last one drawn, and has that
// one ask for the state there. Where the series ends too soon for that, it
// returns w.
func (o *objective) within(s *workspace, k int, w window) window {
	v := &s.drawn[len(s.drawn)-1]
	last := min(v.To, v.Limit-2) // two observations to see, one to come
	if last <= v.From+1 {
		return w
	}
	from := v.From + 1 + s.rng.IntN(last-v.From-1)
	w = o.ahead(k, window{Window: neural.Window{Record: v.Record, From: from, Origin: min(from+w.Origin-w.From, v.Limit-1)}})
	s.starts = append(s.starts, w.U[from])
	v.asked = s.starts[len(s.starts)-1:]
	return w
}

// divergence returns the sum of what the windows' divergences from their priors
// cost. A window that asks for a state asks for that of the window drawn after it.
func (s *workspace) divergence(p *nn.Pass, q variational.Posterior, states *ad.Node) *ad.Node {
	if len(s.rows) == 0 {
		return s.charge(p, p.KLStandard(q.Mean, q.SD))
	}
	s.free, s.bound = s.free[:0], s.bound[:0]
	within := grow(&s.within, len(s.windows))
	clear(within)
	for _, w := range s.windows {
		if w.asked != nil {
			second := s.rank[w.given+1]
			s.bound = append(s.bound, second)
			within[second] = true
		}
	}
	for i, bound := range within {
		if !bound {
			s.free = append(s.free, i)
		}
	}
	one := p.KLStandard(p.Rows(q.Mean, s.free), p.Rows(q.SD, s.free))
	reached := p.Rows(states, s.rows)
	deviation := p.Buffer(len(reached.Val))
	for i := range deviation {
		deviation[i] = slack
	}
	two := p.KLGaussian(p.Rows(q.Mean, s.bound), p.Rows(q.SD, s.bound),
		reached, p.Const(reached.Rows, reached.Cols, deviation))
	return p.Add(s.charge(p, one), s.charge(p, two))
}

// charge returns the sum of the divergences of windows, windows×latent, of which
// every latent variable has Options.Free free, on average over the windows
// (Kingma et al. 2016, appendix C.8).
func (s *workspace) charge(p *nn.Pass, kl *ad.Node) *ad.Node {
	if s.Options.Free == 0 {
		return p.Sum(kl)
	}
	return p.Scale(float64(kl.Rows), p.Sum(p.AtLeast(s.Options.Free, p.ColumnMeans(kl))))
}
