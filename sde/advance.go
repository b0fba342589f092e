package sde

import (
	"fmt"
	"math"

	"tsgen/internal/solver"
)

const (
	safety     = 0.9
	mostGrowth = 5
	mostShrink = 0.2
	stretch    = 1.01 // how far beyond a step the stop may be that it is stretched to
)

// advance tries one step of every trajectory at work.
func (b *Batch) advance() error {
	gone := false
	for i := range b.slots {
		gone = !b.propose(i) || gone
	}
	if gone {
		b.retire()
		gone = false
	}
	if len(b.slots) == 0 {
		return nil
	}
	if err := b.stages(); err != nil {
		return err
	}
	for i := range b.slots {
		if b.decide(i); b.slots[i].accepted {
			b.finish(i)
		}
		gone = gone || b.slots[i].done
	}
	if gone {
		b.retire()
	}
	return nil
}

// propose fixes the step that slot i is to try, or ends its trajectory.
func (b *Batch) propose(i int) bool {
	s := &b.slots[i]
	if s.attempts >= b.opt.MaxSteps {
		b.fail(i, ErrMaxSteps, nil)
		return false
	}
	stop := b.times[b.traj[s.row].off+s.next]
	if b.adaptive {
		if most := b.opt.MaxStep; most > 0 {
			s.want = min(s.want, most)
		}
		s.h = s.want
		if s.t+stretch*s.want >= stop {
			s.end = stop
		} else {
			s.end = s.gridTime(s.want, 4, 0)
		}
	} else {
		if s.count == 0 {
			s.count = 1
			if n := math.Ceil((stop-s.t)/b.fixed - 1e-9); b.fixed > 0 && n > 1 {
				s.count = int(min(n, math.MaxInt32))
			}
		}
		s.h = (stop - s.t) / float64(s.count)
		s.end = stop
		if s.count > 1 {
			s.end = s.gridTime(s.h, 6, 0.5)
		}
	}
	if s.end == s.t || s.end != stop && !b.paths[s.row].resolves(s.t, s.end) {
		reason := ErrUnderflow
		if s.bad {
			reason = ErrNonFiniteStep
		}
		b.fail(i, reason, nil)
		return false
	}
	s.h = s.end - s.t
	s.attempts++
	return true
}

// gridTime returns the end of a step of size h, rounded to a time after the
// start that the path finds in few cells: to a multiple of a power of two that
// is between 2^-bits and 2^(1-bits) of h; downwards, or with up of a half to the
// nearest.
func (s *slot) gridTime(h float64, bits int, up float64) float64 {
	_, e := math.Frexp(h)
	g := math.Ldexp(1, e-bits)
	return max(s.t+h/2, s.start+math.Floor((s.t-s.start+h)/g+up)*g)
}

// stages goes through the stages of the steps under way.
func (b *Batch) stages() error {
	n, d, w := len(b.slots), b.sys.Dim, b.width
	for i := range b.slots {
		b.draw(i)
	}
	for st := range b.method.stages {
		p := &b.method.stages[st]
		ready := st == 0
		for i := range b.slots {
			s := &b.slots[i]
			b.ts[i] = s.t + p.c*s.h
			if p.c == 1 {
				b.ts[i] = s.end
			}
			b.stage(st, i)
			ready = ready && s.ready
		}
		if ready {
			continue
		}
		if p.drift {
			if err := b.sys.Drift(b.f[st][:n*d], b.rows[:n], b.ts[:n], b.in[st][:n*d]); err != nil {
				return systemError(err)
			}
		}
		if p.noise {
			if err := b.sys.Diffusion(b.g[st][:n*w], b.rows[:n], b.ts[:n], b.in[st][:n*d]); err != nil {
				return systemError(err)
			}
		}
		for i := range b.slots {
			b.count(b.slots[i].row, p)
		}
	}
	return nil
}

func (b *Batch) count(row int, p *stage) {
	st := &b.traj[row].stats
	if p.drift {
		st.Drifts++
	}
	if p.noise {
		st.Diffusions++
	}
}

// draw sets row i of the random numbers to those of slot i's step.
func (b *Batch) draw(i int) {
	s, m := &b.slots[i], b.sys.Motions
	p := b.paths[s.row]
	p.increment(s.t, s.end)
	copy(b.xi[xiW][i*m:(i+1)*m], p.w)
	for k, a := range p.a {
		b.xi[xiArea][i*m+k] = a / s.h
	}
	b.derive(i, s.h)
}

// derive completes row i of the random numbers of a step of size h from the
// increments and the areas, over the size, in it.
func (b *Batch) derive(i int, h float64) {
	m, root, uses := b.sys.Motions, math.Sqrt(h), &b.method.uses
	for k := i * m; k < (i+1)*m; k++ {
		w := b.xi[xiW][k]
		b.xi[xiRoot][k] = root
		if uses[xiW2] {
			b.xi[xiW2][k] = w * w / (2 * root)
			if b.sys.Calculus == Ito {
				b.xi[xiW2][k] = (w*w - h) / (2 * root)
			}
		}
		if uses[xiW3] {
			b.xi[xiW3][k] = (w*w - 3*h) * w / (6 * h)
		}
	}
}

// stage sets the state of slot i's stage st.
func (b *Batch) stage(st, i int) {
	d, w := b.sys.Dim, b.width
	lo, hi := i*d, (i+1)*d
	dst := b.in[st][lo:hi]
	switch base := b.method.stages[st].base; base {
	case [2]float64{1, 0}:
		copy(dst, b.y[lo:hi])
	case [2]float64{0, 1}:
		copy(dst, b.z[lo:hi])
	default:
		y, z := b.y[lo:hi], b.z[lo:hi]
		for k := range dst {
			dst[k] = base[0]*y[k] + base[1]*z[k]
		}
	}
	for _, a := range b.scheme.drift[st] {
		solver.AddScaled(dst, b.slots[i].h*a.c, b.f[a.j][lo:hi])
	}
	for _, g := range b.scheme.noise[st] {
		b.mixXi(b.q, g.w, i)
		b.addNoise(dst, b.g[g.j][i*w:(i+1)*w], b.q)
	}
}

// decide accepts or rejects what slot i has tried.
func (b *Batch) decide(i int) {
	s, d := &b.slots[i], b.sys.Dim
	lo, hi := i*d, (i+1)*d
	s.worst = solver.FirstBad(b.in[len(b.in)-1][lo:hi])
	s.bad = s.worst >= 0
	if !b.adaptive {
		if s.accepted = !s.bad; s.bad {
			b.fail(i, ErrNonFiniteStep, nil)
		}
		return
	}
	err := b.estimate(i)
	s.bad = s.bad || err*0 != 0
	s.accepted = !s.bad && err <= 1
	factor := mostShrink
	if !s.bad {
		factor = min(mostGrowth, max(mostShrink, safety*math.Pow(err, -1/b.method.errPower)))
	}
	switch next := s.h * factor; {
	case !s.accepted:
		s.want, s.rejected = min(next, s.h*safety), true
		b.traj[s.row].stats.Rejected++
		return
	case s.rejected:
		s.want = min(next, s.h)
	case s.h < s.want/2:
		s.want = max(next, s.want) // the stop cut the step
	default:
		s.want = next
	}
	s.rejected = false
}

// estimate returns the error estimate of slot i's step in units of the
// tolerance.
func (b *Batch) estimate(i int) float64 {
	d, w := b.sys.Dim, b.width
	lo, hi := i*d, (i+1)*d
	clear(b.dif)
	clear(b.difNoise)
	for _, a := range b.scheme.errDrift {
		solver.AddScaled(b.dif, b.slots[i].h*a.c, b.f[a.j][lo:hi])
	}
	for _, g := range b.scheme.errNoise {
		b.mixXi(b.q, g.w, i)
		b.addNoise(b.difNoise, b.g[g.j][i*w:(i+1)*w], b.q)
	}
	y, end := b.y[lo:hi], b.in[len(b.in)-1][lo:hi]
	square := 0.0
	for k := range y {
		tol := b.atol[k] + b.rtol[k]*max(math.Abs(y[k]), math.Abs(end[k]))
		e := (math.Abs(b.dif[k]) + math.Abs(b.difNoise[k])) / tol
		square += e * e
	}
	return math.Sqrt(square / float64(d))
}

// finish takes the outputs of slot i's accepted step, records it, and moves
// on.
func (b *Batch) finish(i int) {
	s, d := &b.slots[i], b.sys.Dim
	tr := &b.traj[s.row]
	lo, hi := i*d, (i+1)*d
	end := b.in[len(b.in)-1][lo:hi]
	st := &tr.stats
	st.Accepted++
	st.MaxStep = max(st.MaxStep, s.h)
	if s.h < st.MinStep || st.Accepted == 1 {
		st.MinStep = s.h
	}
	s.count = max(0, s.count-1)
	first := s.next
	for s.next < tr.want && b.times[tr.off+s.next] == s.end {
		k := tr.off + s.next
		copy(b.out[k*d:(k+1)*d], end)
		s.next++
	}
	tr.reached = s.next
	if b.keep {
		b.record(i, first)
	}
	b.take(i)
	s.done = s.next == tr.want
}

// take makes the end of slot i's step its state.
func (b *Batch) take(i int) {
	s, d, w := &b.slots[i], b.sys.Dim, b.width
	lo, hi := i*d, (i+1)*d
	s.t = s.end
	copy(b.y[lo:hi], b.in[len(b.in)-1][lo:hi])
	if aux := b.method.aux; aux > 0 {
		copy(b.z[lo:hi], b.in[aux][lo:hi])
		copy(b.f[0][lo:hi], b.f[aux][lo:hi])
		copy(b.g[0][i*w:(i+1)*w], b.g[aux][i*w:])
		s.ready = true
	}
}

// record keeps slot i's step.
func (b *Batch) record(i, firstOut int) {
	s, d := &b.slots[i], b.sys.Dim
	tr := &b.traj[s.row]
	r := record{t: s.t, h: s.h, end: s.end, prev: tr.last, out: firstOut, outs: s.next - firstOut, data: -1}
	if tr.last >= 0 {
		r.num = b.kept[tr.last].num + 1
	}
	if every := b.opt.Recompute; every == 0 {
		r.data = len(b.data)
		b.data = b.keepStages(b.data, i)
	} else if r.num%every == 0 {
		r.data = len(b.data)
		b.data = append(b.data, b.y[i*d:(i+1)*d]...)
		b.data = append(b.data, b.z[i*d:(i+1)*d]...)
	}
	tr.last = len(b.kept)
	b.kept = append(b.kept, r)
}

// keepStages appends what the way back needs of slot i's step: the states of
// its stages, and its first random numbers.
func (b *Batch) keepStages(dst []float64, i int) []float64 {
	d, m := b.sys.Dim, b.sys.Motions
	for _, in := range b.in[:len(b.in)-1] {
		dst = append(dst, in[i*d:(i+1)*d]...)
	}
	dst = append(dst, b.xi[xiW][i*m:(i+1)*m]...)
	return append(dst, b.xi[xiArea][i*m:(i+1)*m]...)
}

func systemError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sde: %w: %w", ErrSystem, err)
}
