package latentode

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

// The mode of a posterior is sought by least squares (Marquardt 1963). One trajectory tells whether a step betters the
// posterior, and, where it does, by how much the slopes are off along it (Broyden 1965). They are taken anew, by a probe
// along each latent variable, where they no longer lead on, and in the end.

const (
	refinements  = 90   // trials at most
	probe        = 0.01 // the distance of the two states that make a difference quotient
	settled      = 1e-2 // nats by which a step must better the posterior to be followed by another
	firstDamping = 1e-3 // of the slopes' squares
	bold         = 10   // by which it falls or rises
	stiff        = 1e9  // damping at which no step is long enough to better it
)

// probes returns how many trajectories at once the search for a mode of so many latent variables takes: one along each.
func probes(latent int) int { return latent }

// A search finds the modes of a batch of windows.
type search struct {
	*network
	ctx    context.Context
	shard  *workspace
	latent int
}

// modes returns the mode of every window of the batch, from the means of q on.
func (n *network) modes(ctx context.Context, p *nn.Pass, s *workspace, q variational.Posterior) ([]mode, error) {
	shard, err := s.forProbes()
	if err != nil {
		return nil, err
	}
	shard.pass.Values = p.Values
	search := &search{network: n, ctx: ctx, shard: shard, latent: q.Mean.Cols}
	k, c := search.latent, len(n.config.Channels)
	sd := search.deviations(p, len(s.windows), q.Mean)
	all := make([]*least, len(s.windows))
	for i, w := range s.windows {
		w.To, w.asked, w.back = w.Origin, nil, false
		z := q.Mean.Val[i*k : (i+1)*k]
		all[i] = &least{
			window: w, sd: sd[i*c : (i+1)*c], trial: slices.Clone(z),
			guess: precision(q.SD.Val[i*k : (i+1)*k]), damping: firstDamping, cost: math.Inf(1),
		}
		all[i].z = slices.Clone(z)
	}
	left := slices.Clone(all)
	for range refinements {
		if left = slices.DeleteFunc(left, func(l *least) bool { return l.done }); len(left) == 0 {
			break
		}
		if err := search.step(left); err != nil {
			return nil, err
		}
	}
	modes := make([]mode, len(all))
	for i, l := range all {
		modes[i] = l.mode()
	}
	return modes, nil
}

// deviations returns those of the noise of n windows at no lead time, windows×channels; where residuals are a
// process, in units of that.
func (s *search) deviations(p *nn.Pass, n int, z0 *ad.Node) []float64 {
	owner := make([]int, n)
	for i := range owner {
		owner[i] = i
	}
	if s.process == nil {
		return s.network.deviations(p, make([]float64, n), owner, z0).Val
	}
	one := make([]float64, n*len(s.config.Channels))
	for i := range one {
		one[i] = 1
	}
	return s.louden(p, p.Const(n, len(s.config.Channels), one), owner, z0).Val
}

// step tries the next state of each of the windows, takes it if it is better, and has slopes taken where they are wanted.
func (s *search) step(of []*least) error {
	k := s.latent
	trials := make([]float64, 0, len(of)*k)
	for _, l := range of {
		trials = append(trials, l.trial...)
	}
	found, err := s.follow(of, trials)
	if err != nil {
		return err
	}
	var probed []*least
	var about []float64
	for i, l := range of {
		if l.judge(found[i]); !l.probing {
			continue
		}
		probed = append(probed, l)
		for a := range k {
			about = append(about, l.z...)
			about[len(about)-k+a] += probe
		}
	}
	if len(probed) == 0 {
		return nil
	}
	if found, err = s.follow(probed, about); err != nil {
		return err
	}
	for i, l := range probed {
		l.turn(found[i*probes(k) : (i+1)*probes(k)])
	}
	return nil
}

// A trajectory is the states at the rows of a context, and what it leaves of the values in units of their noise, each
// given those before where residuals are a process; NaN where a value is missing. Neither is there where the dynamics leave
// the range of numbers.
type trajectory struct{ path, rest []float64 }

// follow returns the trajectories from states, the same number of each of the windows.
func (s *search) follow(of []*least, states []float64) ([]trajectory, error) {
	windows := make([]window, len(of))
	for i, l := range of {
		windows[i] = l.window
	}
	b, p, k, c := s.shard, &s.shard.pass, s.latent, len(s.config.Channels)
	n := len(states) / k
	b.fill(windows)
	b.repeat(n / len(of))
	p.Reset()
	z0 := p.Const(n, k, states)
	if err := b.flow.solve(s.ctx, p, z0, b.t0, b.times); err != nil {
		return nil, err
	}
	rows := len(b.owner)
	solved := p.Const(rows, k, p.Buffer(rows*k))
	b.flow.collect(solved.Val, b.times)
	rest := s.means(p, &b.batch, z0, solved).Val
	for i, x := range b.target {
		rest[i] = x - rest[i]
	}
	if s.process != nil {
		s.process.apply(p, &b.residual, &b.batch, p.Const(rows, c, make([]float64, rows*c)), s.config.fixedNoise())
	}
	found, row := make([]trajectory, n), 0
	for i := range found {
		end := row + len(b.times[i])
		if b.flow.solver.Err(i) != nil {
			row = end
			continue
		}
		t := trajectory{solved.Val[row*k : end*k], rest[row*c : end*c]}
		if s.process != nil {
			b.residual.whiten(t.rest, row)
		}
		for j := range t.rest {
			t.rest[j] /= of[i*len(of)/n].sd[j%c]
		}
		found[i], row = t, end
	}
	return found, nil
}

// A least is the problem of least squares of one window.
type least struct {
	window       window
	sd           []float64     // of each channel's noise
	guess        *mat.SymDense // the precision of the encoder's posterior
	z, trial     []float64
	cost         float64
	promised     float64 // of the trial, nats
	damping      float64
	slopes       []float64 // of what the dynamics say, in units of the noise: values × latent
	gradient     []float64
	curvature    *mat.SymDense // nil before the first state that was finite
	states, rest []float64     // of the trajectory from z
	base, path   []float64     // as a mode's
	probing      bool          // slopes are to be taken at z
	done         bool
}

// judge takes the trial, from which t leads, if it is better, and else goes back to the state before.
func (l *least) judge(t trajectory) {
	cost := 0.0
	for _, z := range l.trial {
		cost += 0.5 * z * z
	}
	for _, r := range t.rest {
		if !math.IsNaN(r) {
			cost += 0.5 * r * r
		}
	}
	switch better := t.path != nil && cost < l.cost; {
	case better:
		l.accept(t, cost)
	case l.curvature != nil && !slices.Equal(l.base, l.z):
		l.probing = true // before shorter steps
	default:
		l.damping *= bold
		l.done = l.curvature == nil || l.damping > stiff
		l.propose()
	}
}

// accept goes to the trial.
func (l *least) accept(t trajectory, cost float64) {
	gain := l.cost - cost
	if l.curvature != nil {
		l.learn(t.rest)
	}
	l.cost, l.damping = cost, l.damping/bold
	copy(l.z, l.trial)
	l.states, l.rest = append(l.states[:0], t.path...), append(l.rest[:0], t.rest...)
	if gain < settled || l.curvature == nil || gain < kept*l.promised {
		l.probing = true
		return
	}
	l.bend()
	l.propose()
}

// kept is the part of the nats that slopes promise which they must keep to be taken for those of the next state.
const kept = 0.5

// learn adds to the slopes what they miss of the step to the trial, which leaves rest of the values.
func (l *least) learn(rest []float64) {
	k, square := len(l.z), 0.0
	step := make([]float64, k)
	for a := range step {
		step[a] = l.trial[a] - l.z[a]
		square += step[a] * step[a]
	}
	for i, r := range rest {
		if math.IsNaN(r) {
			continue
		}
		row := l.slopes[i*k : (i+1)*k]
		missed := l.rest[i] - r
		for a, x := range row {
			missed -= x * step[a]
		}
		for a := range row {
			row[a] += missed * step[a] / square
		}
	}
}

// turn takes the slopes at z from the trajectories of the probes about it and proposes the next state.
func (l *least) turn(probes []trajectory) {
	l.probing = false
	if slices.ContainsFunc(probes, func(t trajectory) bool { return t.path == nil }) {
		l.path, l.done = nil, true
		return
	}
	k := len(l.z)
	l.slopes = grow(&l.slopes, len(l.rest)*k)
	for i, r := range l.rest {
		for a, t := range probes {
			l.slopes[i*k+a] = (r - t.rest[i]) / probe
		}
	}
	l.base, l.path = append(l.base[:0], l.z...), append(l.path[:0], l.states...)
	for _, t := range probes {
		l.path = append(l.path, t.path...)
	}
	l.bend()
	l.propose()
}

// bend sets the gradient and the curvature by the slopes.
func (l *least) bend() {
	k := len(l.z)
	l.gradient, l.curvature = slices.Clone(l.z), mat.NewSymDense(k, nil)
	upper := l.curvature.RawSymmetric().Data
	for a := range k {
		upper[a*k+a] = 1
	}
	for i, r := range l.rest {
		if math.IsNaN(r) {
			continue
		}
		slope := l.slopes[i*k : (i+1)*k]
		for a, x := range slope {
			l.gradient[a] -= r * x
			row := upper[a*k+a : (a+1)*k]
			for b, y := range slope[a:] {
				row[b] += x * y
			}
		}
	}
}

// propose sets the trial to the next one from z.
func (l *least) propose() {
	if l.curvature == nil {
		return
	}
	k := len(l.z)
	damped := mat.NewSymDense(k, nil)
	for a := range k {
		for b := range a {
			damped.SetSym(a, b, l.curvature.At(a, b))
		}
		damped.SetSym(a, a, l.curvature.At(a, a)*(1+l.damping))
	}
	gradient := mat.NewVecDense(k, l.gradient)
	var c mat.Cholesky
	var step mat.VecDense
	if !c.Factorize(damped) || c.SolveVecTo(&step, gradient) != nil {
		l.path, l.done = nil, true
		return
	}
	for a := range l.trial {
		l.trial[a] = l.z[a] - step.AtVec(a)
	}
	// A step that betters by no more than the slope along it is not worth a look at where it leads.
	switch l.promised = mat.Dot(&step, gradient) / 2; {
	case 2*l.promised >= settled:
	case slices.Equal(l.base, l.z):
		copy(l.z, l.trial)
		l.done = true
	default:
		l.probing = true
	}
}

// mode returns what was found.
func (l *least) mode() mode {
	m := mode{mean: l.z}
	if l.done { // else slopes may be those of a state far away
		m.base, m.path = l.base, l.path
	}
	if l.curvature == nil || !m.precision.Factorize(l.curvature) {
		m.precision.Factorize(l.guess)
	}
	return m
}

// precision returns the inverse of a diagonal covariance.
func precision(sd []float64) *mat.SymDense {
	p := mat.NewSymDense(len(sd), nil)
	for i, s := range sd {
		p.SetSym(i, i, 1/(s*s))
	}
	return p
}
