package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
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
type particleFilter struct {
	*network
	batch
	values    []float64 // the parameters
	particles int
	paths     int  // beyond the origin; path k goes on from particle k mod particles
	never     bool // never resample
	rng       *rand.Rand
	hold      float64 // probability by which a row of the future is the one before again

	// visit is called with the values of every path at the steps of the future,
	// counted from the origin, as they are in the window's level and scale.
	visit func(t, path int, y []float64)

	pass   nn.Pass
	state  []float64   // rows × core.width()
	seenAt []float64   // rows × hidden: φ of the step before
	lines  [][]float64 // of each particle or path the values so far, from reach steps before the window on
	reach  int
	logW   []float64
	bound  float64
}

// run takes the particles through w and returns the bound for the context.
func (r *particleFilter) run(ctx context.Context, w neural.Window) (bound float64, err error) {
	n := r.network
	r.batch.config = n.config
	c, h := len(n.config.Channels), n.config.Options.Hidden
	r.pass.Values = r.values
	observed := w
	observed.To = w.Origin
	r.fill([]neural.Window{observed})
	for _, lag := range n.config.lags() {
		r.reach = max(r.reach, lag)
	}
	line := make([]float64, 0, (r.reach+w.Len())*c)
	for i := w.From - r.reach; i < w.Origin; i++ {
		for j := range c {
			line = append(line, r.normal(0, j, w.Value(i, j, c)))
		}
	}
	for range r.particles {
		r.lines = append(r.lines, line)
	}
	r.state = make([]float64, r.particles*n.core.width())
	r.seenAt = make([]float64, r.particles*h)
	r.logW = make([]float64, r.particles)

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
	r.expand()
	for i := w.Origin; i < w.To; i++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := r.step(&w, i, nil); err != nil {
			return 0, err
		}
		for k, line := range r.lines {
			r.visit(i-w.Origin, k, line[len(line)-c:])
		}
	}
	return r.bound, nil
}

// observe takes the particles through the context of w, which has the given number of
// rows.
func (r *particleFilter) observe(ctx context.Context, w *neural.Window, rows int) error {
	n, c := r.network, len(r.network.config.Channels)
	known := r.pass.Const(rows, n.config.knownWidth(), r.known)
	features := n.phi(&r.pass, r.pass.Const(rows, 2*c, r.input))
	guides := n.core.guides(&r.pass, &r.batch, features, known)
	seen := append([]float64(nil), guides.Val...)
	width := len(seen) / rows
	for t := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		var guide []float64
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

// step takes all particles through step i of the window's record. guide is what
// the posterior sees, nil where z is from the prior. Values of steps beyond
// the origin are drawn.
func (r *particleFilter) step(w *neural.Window, i int, guide []float64) error {
	n, p := r.network, &r.pass
	p.Reset()
	c, h, m := len(n.config.Channels), n.config.Options.Hidden, len(r.lines)
	at := r.reach + i - w.From // the step's place in the lines
	gap := 0.0
	if i > 0 {
		gap = w.U[i] - w.U[i-1]
	}
	r.known, r.past = r.known[:0], r.past[:0]
	r.covariate = n.config.appendCovariates(r.covariate[:0], w.Record, i)
	for _, line := range r.lines {
		r.known, r.past = n.config.before(r.known, r.past, w.U[i], gap, r.covariate, func(lag, j int) float64 { return line[(at-lag)*c+j] })
	}
	u := p.Const(m, n.config.knownWidth(), r.known)
	state := n.core.advance(p, p.Const(m, n.core.width(), r.state), p.Const(m, h, r.seenAt), u)
	mean, sd := n.core.prior(p, state, u)
	qMean, qSD := mean, sd
	if guide != nil {
		guides := p.Buffer(m * len(guide))
		for k := range m {
			copy(guides[k*len(guide):], guide)
		}
		qMean, qSD = n.core.posterior(p, state, u, p.Const(m, len(guide), guides), mean)
	}
	z := draw(p, qMean, qSD, r.rng)
	latent := n.phiLatent(p, z)
	head := n.decode(p, latent, n.core.deterministic(p, state), u, p.Const(m, len(r.past)/m, r.past))
	if i >= w.Origin {
		y := make([]float64, c)
		for k := range r.lines {
			n.likelihood.Sample(r.values, y, head.Val[k*head.Cols:(k+1)*head.Cols], r.rng)
			for _, v := range y {
				if math.IsNaN(v - v) {
					return fmt.Errorf("%w: a sample path leaves the range of numbers %d steps ahead", nn.ErrNonFinite, i-w.Origin+1)
				}
			}
			if r.hold > 0 && i > w.From && r.rng.Float64() < r.hold {
				copy(y, r.lines[k][len(r.lines[k])-c:])
			}
			r.lines[k] = append(r.lines[k], y...)
		}
	}
	target := p.Buffer(m * c)
	r.input = r.input[:0]
	for k, line := range r.lines {
		copy(target[k*c:], line[at*c:(at+1)*c])
		r.input = n.config.seen(r.input, line[at*c:(at+1)*c])
	}
	if guide != nil {
		l := n.likelihood.LogDensity(p, p.Const(m, c, target), head)
		for k := range m {
			r.logW[k] += l.Val[k] + logRatio(z, mean, sd, qMean, qSD, k)
		}
	}
	features := n.phi(p, p.Const(m, 2*c, r.input))
	copy(r.state, n.core.next(p, state, z, latent, features).Val)
	copy(r.seenAt, features.Val)
	return nil
}

// logRatio returns the logarithm of prior over posterior density of row k of z.
func logRatio(z, mean, sd, qMean, qSD *ad.Node, k int) float64 {
	sum := 0.0
	for i := k * z.Cols; i < (k+1)*z.Cols; i++ {
		a, b := (z.Val[i]-mean.Val[i])/sd.Val[i], (z.Val[i]-qMean.Val[i])/qSD.Val[i]
		sum += 0.5*(b*b-a*a) + math.Log(qSD.Val[i]/sd.Val[i])
	}
	return sum
}

// weigh resamples the particles if few of them carry the weight.
func (r *particleFilter) weigh() {
	if r.never || effective(r.logW) >= 0.5*float64(r.particles) {
		return
	}
	r.bound += logMeanExp(r.logW)
	r.resample()
}

// resample draws the particles anew by their weights, systematically (Kitagawa
// 1996), and makes the weights equal.
func (r *particleFilter) resample() {
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

// expand makes as many paths of the particles as are wanted.
func (r *particleFilter) expand() {
	index := make([]int, r.paths)
	for k := range index {
		index[k] = k % r.particles
	}
	r.take(index)
}

// take replaces the particles by those of the given places.
func (r *particleFilter) take(index []int) {
	width, h := r.network.core.width(), r.network.config.Options.Hidden
	state, seenAt, lines := make([]float64, len(index)*width), make([]float64, len(index)*h), make([][]float64, len(index))
	for i, k := range index {
		copy(state[i*width:], r.state[k*width:(k+1)*width])
		copy(seenAt[i*h:], r.seenAt[k*h:(k+1)*h])
		lines[i] = r.lines[k][:len(r.lines[k]):len(r.lines[k])] // appending copies
	}
	r.state, r.seenAt, r.lines = state, seenAt, lines
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
