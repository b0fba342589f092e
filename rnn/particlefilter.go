package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A particleFilter takes particles through a window step by step: through the context,
// drawing the latent variables from the posterior and weighing each particle by
//
//	w_t = p(x_t|z_t) p(z_t) / q(z_t)
//
// and through the future, drawing latent variables from the prior and values
// from their distribution, each path fed with its own. Particles are resampled where the
// effective number 1/Σw² falls below half of them (Liu & Chen 1998), and at the
// origin. The product of the mean weights between resamplings is an unbiased
// estimate of the likelihood of the context, and its logarithm a bound: FIVO
// (Maddison et al. 2017), without resampling that of importance weighting (Burda
// et al. 2016), and for one particle the evidence lower bound.
//
// A step at which nothing is observed has its latent variables drawn from the
// prior, and leaves the weights alone.
type particleFilter[T ad.Float] struct {
	*network[T]
	batch
	filtering

	course

	pass   *nn.PassOf[T]
	normal *kernel.Normal
	noise  []T      // of z, a row a particle or path
	now    *kept[T] // before the step
	next   *kept[T] // after it
	count  int      // of particles, or of paths
	logW   []float64
	bound  float64

	likelihood nn.Pass // of the log density of a step
}

// A filtering says what a particleFilter is to do.
type filtering struct {
	values    []float64 // the parameters
	particles int
	paths     int  // beyond the origin; path k goes on from particle k mod particles
	never     bool // never resample
	rng       *rand.Rand
	hold      float64 // probability by which a row of the future is the one before again

	// visit is called with the values of all paths, a row each, at the steps of the future,
	// counted from the origin, as they are in the level and scale of the window, that of b.
	visit func(b *batch, t int, y []float64)
}

// filter takes particles through w and returns the bound for the context.
func (f *fitted) filter(ctx context.Context, w neural.Window, o filtering) (bound float64, err error) {
	if f.single != nil {
		return (&particleFilter[float32]{network: f.single, filtering: o}).run(ctx, w)
	}
	return (&particleFilter[float64]{network: f.network, filtering: o}).run(ctx, w)
}

// run takes the particles through w and returns the bound for the context.
func (r *particleFilter[T]) run(ctx context.Context, w neural.Window) (bound float64, err error) {
	n := r.network
	r.batch.config = n.config
	if r.pass, _ = n.tapes.Get().(*nn.PassOf[T]); r.pass == nil {
		r.pass = new(nn.PassOf[T])
	}
	defer n.tapes.Put(r.pass)
	r.pass.Reset()
	r.pass.Take(r.values)
	r.likelihood.Values = r.values
	r.normal = kernel.NewNormal(r.rng.Uint64)
	observed := w
	observed.To = w.Origin
	r.fill([]neural.Window{observed})
	r.course = r.courseOf(&w)
	r.now, r.next = new(kept[T]), new(kept[T])
	r.now.put(n.core.start(r.pass, r.particles), zeros(r.pass, 1, n.config.Options.Hidden), 0, r.particles, r.particles)
	r.count, r.logW = r.particles, make([]float64, r.particles)

	rows := w.Origin - w.From
	if rows > 0 {
		if err := r.observe(ctx, &w, rows); err != nil {
			return 0, err
		}
	}
	r.bound += logMeanExp(r.logW)
	if !r.never {
		r.resample()
	}
	r.expand(w.To - w.Origin)
	for i := w.Origin; i < w.To; i++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := r.step(&w, i, nil); err != nil {
			return 0, err
		}
		r.visit(&r.batch, i-w.Origin, r.drawnAt(i, 0, r.count))
	}
	return r.bound, nil
}

// observe takes the particles through the context of w, which has the given number of
// rows.
func (r *particleFilter[T]) observe(ctx context.Context, w *neural.Window, rows int) error {
	n, c := r.network, len(r.network.config.Channels)
	known := r.pass.Data(rows, n.config.knownWidth(), r.known)
	features := n.phi(r.pass, r.pass.Data(rows, 2*c, r.input))
	guides := n.core.guides(r.pass, &r.batch, features, known)
	seen := append([]T(nil), guides.Val...)
	width := len(seen) / rows
	for t := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		var guide []T
		if w.Observed(w.From+t, w.From+t+1) {
			guide = seen[t*width : (t+1)*width]
		}
		if err := r.step(w, w.From+t, guide); err != nil {
			return err
		}
		r.weigh()
	}
	return nil
}

// blockRows returns the number of particles that are taken through a step at a time at most: as
// many as the second cache holds beside the weights.
func blockRows(hidden int) int { return max(32, 8192/hidden) }

// step takes all particles through step i of the window's record. guide is what
// the posterior sees, nil where z is from the prior. Values of steps beyond
// the origin are drawn.
func (r *particleFilter[T]) step(w *neural.Window, i int, guide []T) error {
	gap := 0.0
	if i > 0 {
		gap = w.U[i] - w.U[i-1]
	}
	r.tell(w.Record, i, gap)
	size := r.count * r.network.config.Options.Latent
	r.noise = slices.Grow(r.noise[:0], size)[:size]
	kernel.Normals(r.normal, r.noise)
	rows := blockRows(r.network.config.Options.Hidden)
	blocks := (r.count + rows - 1) / rows
	for k := range blocks {
		if err := r.stepRows(w, i, k*r.count/blocks, (k+1)*r.count/blocks, guide); err != nil {
			return err
		}
	}
	r.now, r.next = r.next, r.now
	return nil
}

// stepRows is step for the particles from to to (exclusive).
func (r *particleFilter[T]) stepRows(w *neural.Window, i, from, to int, guide []T) error {
	n, p := r.network, r.pass
	p.Reset()
	c, latents, m := len(n.config.Channels), n.config.Options.Latent, to-from
	different := m
	if r.now.features.one { // all have seen the same
		different = 1
	}
	r.tellPast(i, from, different)
	u := p.Data(different, n.config.knownWidth(), r.known)
	past := p.Data(different, len(r.past)/different, r.past)
	s, features := r.now.rows(p, from, to)
	s = n.core.advance(p, s, features, u)
	prior, noise := n.core.prior(p, s, u), r.noise[from*latents:to*latents]
	var z *ad.NodeOf[T]
	var mean, sd, qMean, qSD *ad.NodeOf[T]
	if guide == nil {
		z = draw(p, prior, noise)
	} else {
		mean, sd = gaussian(p, prior)
		qMean, qSD = n.core.posterior(p, s, p.Const(1, len(guide), guide), mean)
		z = p.Reparameterise(qMean, qSD, p.Const(m, latents, noise))
	}
	latent := n.phiLatent(p, z)
	head := n.decode(p, latent, s.h, u, past)
	if i >= w.Origin {
		if err := r.draw(head, i, from, to); err != nil {
			return err
		}
		different = m
	}
	r.input = r.input[:0]
	for k := range different {
		r.input = n.config.seen(r.input, r.at(i, from+k))
	}
	if guide != nil {
		l := nn.Double(p, &r.likelihood, head, func(p *nn.Pass, head *ad.Node) *ad.Node {
			target := p.Buffer(m * c)
			for k := range m {
				copy(target[k*c:], r.at(i, k))
			}
			return n.likelihood.LogDensity(p, p.Const(m, c, target), head)
		})
		for k := range m {
			r.logW[from+k] += float64(l.Val[k]) + logRatio(z, mean, sd, qMean, qSD, k)
		}
	}
	features = n.phi(p, p.Data(different, 2*c, r.input))
	r.next.put(n.core.next(p, s, z, latent, features), features, from, to, r.count)
	return nil
}

// draw draws the values of step i of the paths from from to to (exclusive) from the
// distributions of the rows of head, which it changes. The row before may be held if there is one.
func (r *particleFilter[T]) draw(head *ad.NodeOf[T], i, from, to int) error {
	y := r.drawnAt(i, from, to)
	density.SampleRows(r.network.likelihood, r.values, y, head.Val, r.normal, r.rng)
	for _, v := range y {
		if math.IsNaN(v - v) {
			return fmt.Errorf("%w: a sample path leaves the range of numbers %d steps ahead", nn.ErrNonFinite, i-r.origin+1)
		}
	}
	if r.hold == 0 || i == r.window {
		return nil
	}
	c := len(r.Channels)
	for k := from; k < to; k++ {
		if r.rng.Float64() < r.hold {
			copy(y[(k-from)*c:(k-from+1)*c], r.at(i-1, k))
		}
	}
	return nil
}

// logRatio returns the logarithm of prior over posterior density of row k of z.
func logRatio[T ad.Float](z, mean, sd, qMean, qSD *ad.NodeOf[T], k int) float64 {
	sum := 0.0
	for i := k * z.Cols; i < (k+1)*z.Cols; i++ {
		at, s, qs := float64(z.Val[i]), float64(sd.Val[i]), float64(qSD.Val[i])
		a, b := (at-float64(mean.Val[i]))/s, (at-float64(qMean.Val[i]))/qs
		sum += 0.5*(b*b-a*a) + math.Log(qs/s)
	}
	return sum
}

// weigh resamples the particles if few of them carry the weight.
func (r *particleFilter[T]) weigh() {
	if r.never || effective(r.logW) >= 0.5*float64(r.particles) {
		return
	}
	r.bound += logMeanExp(r.logW)
	r.resample()
}

// resample draws the particles anew by their weights, systematically (Kitagawa
// 1996), and makes the weights equal.
func (r *particleFilter[T]) resample() {
	m := len(r.logW)
	top := math.Inf(-1)
	for _, l := range r.logW {
		top = max(top, l)
	}
	total := 0.0
	for _, l := range r.logW {
		total += math.Exp(l - top)
	}
	index := make([]int, 0, m)
	sum, point := 0.0, r.rng.Float64()
	for k, l := range r.logW {
		sum += math.Exp(l-top) / total * float64(m)
		for ; point < sum && len(index) < m; point++ {
			index = append(index, k)
		}
	}
	for len(index) < m {
		index = append(index, m-1)
	}
	r.take(index)
	clear(r.logW)
}

// expand makes as many paths of the particles as are wanted, with room for so many steps from the
// origin on.
func (r *particleFilter[T]) expand(steps int) {
	index := make([]int, r.paths)
	for k := range index {
		index[k] = k % r.particles
	}
	r.take(index)
	r.count = r.paths
	r.beyond(r.paths, steps)
}

// take replaces the particles by those of the given places.
func (r *particleFilter[T]) take(index []int) {
	r.next.take(r.now, index)
	r.now, r.next = r.next, r.now
}

// effective returns the effective number of particles of the given weights.
func effective(logW []float64) float64 {
	top := math.Inf(-1)
	for _, l := range logW {
		top = max(top, l)
	}
	sum, square := 0.0, 0.0
	for _, l := range logW {
		w := math.Exp(l - top)
		sum, square = sum+w, square+w*w
	}
	return sum * sum / square
}

func logMeanExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum/float64(len(x)))
}
