package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/ode"
)

// A network holds the places of the weights, and of what takes windows to the directions
// in which they vary.
type network struct {
	*config
	mean, spread nn.Param // 1×width, width×rank: deviations along the directions, by columns
	deviation    nn.Param // 1×rank
	input, last  nn.Linear
	times        nn.Linear
	blocks       []block
}

// A block is h + B max(A h + T(time and place), 0).
type block struct{ a, b, t nn.Linear }

// timeFeatures is the number of what the network sees of t.
const timeFeatures = 16

func newNetwork(s *nn.Params, c *config, rng *rand.Rand) *network {
	h := c.Options.Hidden
	n := &network{config: c}
	n.mean, n.spread, n.deviation = s.Add("mean", 1, c.width()), s.Add("directions", c.width(), c.Rank), s.Add("deviations", 1, c.Rank)
	n.input = nn.NewLinear(s, "input", c.Rank, h, 1, rng)
	e := cmp.Or(c.Embedding, h)
	n.times = nn.NewLinear(s, "time", timeFeatures+c.places(), e, 1, rng)
	for i := range c.Options.Blocks {
		name := fmt.Sprintf("block.%d.", i)
		n.blocks = append(n.blocks, block{
			a: nn.NewLinear(s, name+"in", h, h, 1, rng), b: nn.NewLinear(s, name+"out", h, h, 0.3, rng), t: nn.NewLinear(s, name+"time", e, h, 0.5, rng),
		})
	}
	n.last = nn.NewLinear(s, "output", h, c.Rank, 0.1, rng)
	return n
}

// appendTime appends what the network sees of t.
func appendTime(dst []float64, t float64) []float64 {
	for k := range timeFeatures / 2 {
		s, c := math.Sincos(t * math.Exp(4*float64(k)/(timeFeatures/2-1)))
		dst = append(dst, s, c)
	}
	return dst
}

// velocity returns v of rows z, rows×rank, of whose times and places the network sees when.
func velocity[T ad.Float](n *network, p *nn.PassOf[T], rows int, z, when []float64) *ad.NodeOf[T] {
	e := p.LinearTanh(p.Data(rows, n.times.W.Rows, when), p.Param(n.times.W), p.Param(n.times.B))
	h := p.Affine(n.input, p.Data(rows, n.Rank, z))
	for _, b := range n.blocks {
		a := p.LinearReLU(h, p.Param(b.a.W), p.Affine(b.t, e))
		h = p.Add(h, p.Affine(b.b, a))
	}
	return p.Affine(n.last, h)
}

// whiten returns the coordinates of a window along the directions.
func (n *network) whiten(values, x []float64) []float64 {
	mean, spread, deviation := n.mean.In(values), n.spread.In(values), n.deviation.In(values)
	z := make([]float64, n.Rank)
	for i, v := range x {
		for k := range z {
			z[k] += (v - mean[i]) * spread[i*n.Rank+k]
		}
	}
	for k := range z {
		z[k] /= deviation[k] * deviation[k]
	}
	return z
}

// unwhiten returns the window of coordinates.
func (n *network) unwhiten(values, z []float64) []float64 {
	mean, spread := n.mean.In(values), n.spread.In(values)
	x := make([]float64, len(mean))
	for i := range x {
		x[i] = mean[i]
		for k, v := range z {
			x[i] += spread[i*n.Rank+k] * v
		}
	}
	return x
}

// leastVariance is that of the directions in which windows vary, as a part of the
// greatest.
const leastVariance = 1e-9

// directions returns mean, deviations and principal directions of windows, those of
// the columns of spread being as long as their deviation.
func directions(windows [][]float64) (mean, deviation []float64, spread *mat.Dense, err error) {
	n, d := len(windows), len(windows[0])
	mean = make([]float64, d)
	for _, w := range windows {
		for i, v := range w {
			mean[i] += v / float64(n)
		}
	}
	x := mat.NewDense(n, d, nil)
	for r, w := range windows {
		for i, v := range w {
			x.Set(r, i, (v-mean[i])/math.Sqrt(float64(n)))
		}
	}
	var cov mat.SymDense
	cov.SymOuterK(1, x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&cov, true) {
		return nil, nil, nil, errors.New("the covariance of windows has no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	top := math.Max(values[d-1], 1e-12)
	rank := 0
	for rank < d && values[d-1-rank] > leastVariance*top {
		rank++
	}
	rank = max(1, rank)
	spread = mat.NewDense(d, rank, nil)
	for k := range rank {
		sd := math.Sqrt(math.Max(values[d-1-k], leastVariance*top))
		deviation = append(deviation, sd)
		for i := range d {
			spread.Set(i, k, sd*vectors.At(i, d-1-k))
		}
	}
	return mean, deviation, spread, nil
}

// A guide moves the window at which the flow aims to what is known of it.
type guide struct {
	known []float64 // the values
	*gain
}

// A gain says how windows are moved to what is known at some places.
type gain struct {
	at     []int // in the window
	by     *mat.Dense
	spread *mat.Dense // of these places
	mean   []float64
}

// leastNoise is added to the variances of what is known, in units of the scale.
const leastNoise = 1e-6

// newGuide returns the guide to the values of x that are there, nil if none is, with the gain of
// another, if it is not nil, where the same places are known.
func (n *network) newGuide(values, x []float64, like *guide) (*guide, error) {
	g := &guide{gain: &gain{}}
	for i, v := range x {
		if !math.IsNaN(v) {
			g.at, g.known = append(g.at, i), append(g.known, v)
		}
	}
	if len(g.at) == 0 {
		return nil, nil
	}
	if like != nil && slices.Equal(like.at, g.at) {
		g.gain = like.gain
		return g, nil
	}
	mean, spread := n.mean.In(values), n.spread.In(values)
	g.spread = mat.NewDense(len(g.at), n.Rank, nil)
	for r, i := range g.at {
		g.mean = append(g.mean, mean[i])
		g.spread.SetRow(r, spread[i*n.Rank:(i+1)*n.Rank])
	}
	cov := mat.NewSymDense(len(g.at), nil)
	cov.SymOuterK(1, g.spread)
	for r := range g.at {
		cov.SetSym(r, r, cov.At(r, r)+leastNoise)
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return nil, errors.New("the covariance of what is known is not positive definite")
	}
	var solved mat.Dense
	if err := chol.SolveTo(&solved, g.spread); err != nil {
		return nil, err
	}
	g.by = mat.DenseCopyOf(solved.T())
	return g, nil
}

// move moves the coordinates z to what is known.
func (g *guide) move(z []float64) {
	rest := make([]float64, len(g.at))
	for r, v := range g.known {
		rest[r] = v - g.mean[r]
		for k, c := range g.spread.RawRowView(r) {
			rest[r] -= c * z[k]
		}
	}
	for k := range z {
		for r, e := range rest {
			z[k] += g.by.At(k, r) * e
		}
	}
}

const (
	tolerance = 1e-2 // of the solver in drawing
	exact     = 1e-5 // in the likelihood
	arrival   = 0.97 // time at which a guided window is taken for what the flow aims at
	together  = 32   // windows of different series that are drawn at a time at most
)

// A request is for a window that begins at a place in the season, where noise flows to by
// the guide unless it is nil.
type request struct {
	place []float64
	guide *guide
	noise []float64
}

// noise returns that of a window.
func (f *fitted) noise(rng *rand.Rand) []float64 {
	z := make([]float64, f.config.Rank)
	for k := range z {
		z[k] = rng.NormFloat64()
	}
	return z
}

// draw returns the windows that are asked for, each whatever the others.
func (f *fitted) draw(ctx context.Context, asked []request) ([][]float64, error) {
	windows, err := f.coordinates(ctx, asked)
	for i, z := range windows {
		f.config.unscored(z)
		if g := asked[i].guide; g != nil {
			g.move(z)
		}
		windows[i] = f.network.unwhiten(f.Params.Values, z)
	}
	return windows, err
}

// coordinates returns the scores of the coordinates of such windows.
func (f *fitted) coordinates(ctx context.Context, asked []request) ([][]float64, error) {
	if f.config.Options.Precision == neural.Float32 {
		return coordinatesIn[float32](ctx, f, asked)
	}
	return coordinatesIn[float64](ctx, f, asked)
}

// coordinatesIn is coordinates with velocities computed in T.
func coordinatesIn[T ad.Float](ctx context.Context, f *fitted, asked []request) ([][]float64, error) {
	rank := f.config.Rank
	var p nn.PassOf[T]
	p.Take(f.Params.Values)
	var when []float64
	velocityAt := func(dst []float64, rows []int, t, y []float64) {
		p.Reset()
		when = when[:0]
		for i, at := range t {
			when = append(appendTime(when, at), asked[rows[i]].place...)
		}
		kernel.Widen(dst, velocity(f.network, &p, len(t), y, when).Val)
	}
	aim := make([]float64, rank)
	solver, err := ode.NewBatch(ode.BatchField{Dim: rank, Func: func(dst []float64, rows []int, t, y []float64) error {
		velocityAt(dst, rows, t, y)
		for i, at := range t {
			if g := asked[rows[i]].guide; g != nil {
				row, from := dst[i*rank:(i+1)*rank], y[i*rank:(i+1)*rank]
				for k, v := range row {
					aim[k] = from[k] + (1-at)*v
				}
				f.config.unscored(aim)
				g.move(aim)
				f.config.scored(aim)
				for k := range row {
					row[k] = (aim[k] - from[k]) / (1 - at)
				}
			}
		}
		return nil
	}}, ode.Dopri5{}, &ode.Options{RTol: tolerance, ATol: tolerance})
	if err != nil {
		return nil, err
	}
	n := len(asked)
	var start []float64
	ends, times, rows := make([]float64, n), make([][]float64, n), make([]int, n)
	for i, r := range asked {
		start = append(start, r.noise...)
		if ends[i] = 1; r.guide != nil {
			ends[i] = arrival
		}
		times[i], rows[i] = ends[i:i+1], i
	}
	if err := solver.Solve(ctx, make([]float64, n), start, times); err != nil {
		return nil, err
	}
	var z []float64
	for i := range asked {
		if err := solver.Err(i); err != nil {
			return nil, fmt.Errorf("%w: %w", nn.ErrNonFinite, err)
		}
		z = append(z, solver.Y(i)...)
	}
	if slices.Min(ends) < 1 {
		rest := make([]float64, len(z))
		velocityAt(rest, rows, ends, z)
		for k, v := range rest {
			if end := ends[k/rank]; end < 1 {
				z[k] += (1 - end) * v
			}
		}
	}
	return slices.Collect(slices.Chunk(z, rank)), nil
}

// logDensity returns the log density of coordinates z of a window at a place.
func (f *fitted) logDensity(ctx context.Context, place, z []float64) (float64, error) {
	rank := f.config.Rank
	solver, err := ode.NewBatch(ode.BatchField{Dim: rank + 1, Func: func(dst []float64, _ []int, t, y []float64) error {
		for i, at := range t {
			row := dst[i*(rank+1) : (i+1)*(rank+1)]
			row[rank] = f.network.divergence(f.Params.Values, row[:rank], y[i*(rank+1):i*(rank+1)+rank], append(appendTime(nil, at), place...))
		}
		return nil
	}}, ode.Dopri5{}, &ode.Options{RTol: exact, ATol: exact})
	if err != nil {
		return 0, err
	}
	if err := solver.Solve(ctx, []float64{1}, append(append([]float64(nil), z...), 0), [][]float64{{0}}); err != nil {
		return 0, err
	}
	if err := solver.Err(0); err != nil {
		return 0, fmt.Errorf("%w: %w", nn.ErrNonFinite, err)
	}
	y := solver.Y(0)
	l := y[rank]
	for _, v := range y[:rank] {
		l -= 0.5*v*v + 0.5*math.Log(2*math.Pi)
	}
	return l, nil
}

// divergence sets dst to the velocity at z and returns the trace of its derivative: the
// chain rule through the layers, for all directions at once.
func (n *network) divergence(values, dst, z, when []float64) float64 {
	h, rank := n.Options.Hidden, n.Rank
	layer := func(l nn.Linear, x []float64) []float64 {
		y := append([]float64(nil), l.B.In(values)...)
		kernel.MulNN(y, x, l.W.In(values), 1, len(x), len(y), true)
		return y
	}
	e := layer(n.times, when)
	for i, v := range e {
		e[i] = math.Tanh(v)
	}
	state := layer(n.input, z)
	slope := append([]float64(nil), n.input.W.In(values)...) // rank×hidden
	inner, outer := make([]float64, rank*h), make([]float64, rank*h)
	for _, b := range n.blocks {
		a := layer(b.t, e)
		kernel.MulNN(a, state, b.a.W.In(values), 1, h, h, true)
		kernel.MulNN(inner, slope, b.a.W.In(values), rank, h, h, false)
		for i, v := range a {
			if v <= 0 {
				a[i] = 0
				for r := range rank {
					inner[r*h+i] = 0
				}
			}
		}
		kernel.MulNN(outer, inner, b.b.W.In(values), rank, h, h, false)
		for i, v := range layer(b.b, a) {
			state[i] += v
		}
		for i, v := range outer {
			slope[i] += v
		}
	}
	copy(dst, layer(n.last, state))
	last, trace := n.last.W.In(values), 0.0
	for r := range rank {
		for i := range h {
			trace += slope[r*h+i] * last[i*rank+r]
		}
	}
	return trace
}
