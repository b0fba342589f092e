package gauss

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/bootstrap"
	running "tsgen/internal/moments"
	"tsgen/internal/regress"
)

// shapes is the distribution of short series as wholes, in units of their own levels, from
// which series of no more steps are generated: windows that begin anywhere do not say how
// series begin. It is Gaussian, or of normal scores as windows are, with means that are
// linear in a series' levels, and a covariance that need not be of full rank.
//
// A series that spreads far by chance, as walks do, does not move in larger steps. So a shape
// is in the unit d (σ/d)^b, σ being the deviation of the channel in the series, d the
// usual one, and b the part of log σ that the logarithm of the deviation of steps goes with.
type shapes struct {
	mean   []float64    // of each value
	spread []float64    // b of each channel
	about  [2][]float64 // mean and deviation of the levels: of each channel the mean, and the logarithm of the deviation
	gain   *mat.Dense   // of the values on the levels about these: values × 2·channels
	factor *mat.Dense   // of the covariance: values × values
	told   float64      // part of the variance that goes with the levels
}

// perStep is how many series there are for each step at least for their shapes to be learned,
// of about mostShapes of them at most, evenly spread.
const perStep, mostShapes = 2, 4096

// learnShapes sets the shapes if nearly all grids, in the order of the bank, are as long as the
// longest and without gaps, and there are enough of them.
func (f *fitted) learnShapes(grids [][]float64) error {
	width := f.width()
	n := f.Usual * width
	if n > MostValues {
		return nil
	}
	var whole []int
	for i, g := range grids {
		if len(g) == n && !slices.ContainsFunc(g, math.IsNaN) {
			whole = append(whole, i)
		}
	}
	if len(whole) < perStep*f.Usual || 10*len(whole) < 9*len(grids) {
		return nil
	}
	stride := (len(whole) + mostShapes - 1) / mostShapes
	var z, levels [][]float64
	for k := 0; k < len(whole); k += stride {
		i := whole[k]
		z, levels = append(z, slices.Clone(grids[i])), append(levels, logarithmic(f.bank[2*width*i:2*width*(i+1)]))
	}
	s := &shapes{spread: make([]float64, width)}
	for j := range width {
		if s.spread[j] = 1; f.margins == nil {
			s.spread[j] = spreadOf(z, levels, j)
		}
	}
	s.about[0], s.about[1] = regress.Centred(levels, true)
	for i, l := range levels {
		s.rescale(z[i], l, 1)
	}
	s.mean, _ = regress.Centred(z, false)
	count := float64(len(z))
	var err error
	if s.gain, err = regress.Gain(levels, z); err != nil {
		return fmt.Errorf("gauss: levels: %w", err)
	}
	cov, total := mat.NewSymDense(n, nil), 0.0
	for i, l := range levels {
		total += mat.Dot(mat.NewVecDense(n, z[i]), mat.NewVecDense(n, z[i])) / count
		var expected mat.VecDense
		expected.MulVec(s.gain, mat.NewVecDense(len(l), l))
		rest := mat.NewVecDense(n, z[i])
		rest.SubVec(rest, &expected)
		cov.SymRankOne(cov, 1/count, rest)
	}
	if total > 0 {
		s.told = 1 - mat.Trace(cov)/total
	}
	var e mat.EigenSym
	if !e.Factorize(cov, true) {
		return errors.New("gauss: the covariance of whole series has no spectrum")
	}
	s.factor = new(mat.Dense)
	e.VectorsTo(s.factor)
	for k, v := range e.Values(nil) {
		root := math.Sqrt(max(0, v))
		for i := range n {
			s.factor.Set(i, k, s.factor.At(i, k)*root)
		}
	}
	f.shapes = s
	return nil
}

// logarithmic returns levels with the logarithms of the deviations.
func logarithmic(level []float64) []float64 {
	l := slices.Clone(level)
	for k := len(l) / 2; k < len(l); k++ {
		l[k] = math.Log(l[k])
	}
	return l
}

// openings are the levels of training series, about the usual ones in their deviations.
type openings struct {
	points [][]float64
	about  *bootstrap.Smoothed // nil if they are drawn as they are
}

// mostTold is the part of the variance of shapes that levels tell from which on levels are drawn
// about those of training series: a shape with the very level of one would be that series again.
const mostTold = 0.5

// levelsOf returns the levels of a bank.
func (s *shapes) levelsOf(bank []float64) (*openings, error) {
	width := len(s.about[0])
	stride := width * ((len(bank)/width + mostShapes - 1) / mostShapes)
	all := &openings{}
	for k := 0; k < len(bank); k += stride {
		l := logarithmic(bank[k : k+width])
		for j := range l {
			l[j] = (l[j] - s.about[0][j]) / s.about[1][j]
		}
		all.points = append(all.points, l)
	}
	if s.told < mostTold {
		return all, nil
	}
	var err error
	all.about, err = bootstrap.New(all.points)
	return all, err
}

// draw returns a draw.
func (l *openings) draw(rng *rand.Rand) []float64 {
	i := rng.IntN(len(l.points))
	x := slices.Clone(l.points[i])
	if l.about != nil {
		l.about.Draw(x, i, rng)
	}
	return x
}

// level returns the means and deviations that l stands for.
func (s *shapes) level(l []float64) []float64 {
	level := make([]float64, len(l))
	for k, v := range l {
		if level[k] = s.about[0][k] + s.about[1][k]*v; k >= len(l)/2 {
			level[k] = math.Exp(level[k])
		}
	}
	return level
}

// draw returns a draw of a series with the levels l, in units of its own level.
func (s *shapes) draw(l []float64, rng *rand.Rand) []float64 {
	n := len(s.mean)
	e := make([]float64, n)
	for i := range e {
		e[i] = rng.NormFloat64()
	}
	var expected, x mat.VecDense
	expected.MulVec(s.gain, mat.NewVecDense(len(l), l))
	x.MulVec(s.factor, mat.NewVecDense(n, e))
	x.AddVec(&x, &expected)
	z := x.RawVector().Data
	for i := range z {
		z[i] += s.mean[i]
	}
	s.rescale(z, l, -1)
	return z
}

// rescale takes a shape with levels l, about the usual ones in their deviations, from the
// unit of its own deviations to that of shapes if to is 1, and back if it is -1.
func (s *shapes) rescale(z, l []float64, to float64) {
	width := len(s.spread)
	for k := range z {
		j := k % width
		z[k] *= math.Exp(to * (1 - s.spread[j]) * l[width+j] * s.about[1][width+j])
	}
}

// spreadOf returns how the logarithm of the deviation of steps of channel j goes with that of
// values, 0 to 1, of series z in units of their own levels.
func spreadOf(z, levels [][]float64, j int) float64 {
	var l running.Line
	width := len(levels[0]) / 2
	for i, x := range z {
		square := 0.0
		for k := j + width; k < len(x); k += width {
			d := x[k] - x[k-width]
			square += d * d
		}
		if square > 0 {
			sd := levels[i][width+j]
			l.Add(sd, sd+math.Log(square)/2)
		}
	}
	if !(l.U.Square > 0) {
		return 1
	}
	return min(max(l.Cross/l.U.Square, 0), 1)
}

// shapesOf names the tensors of shapes.
var shapesOf = [...]string{"shapes.mean", "shapes.levels", "shapes.gain", "shapes.factor", "shapes.spread", "shapes.told"}

// tensors returns what there is to store of s.
func (s *shapes) tensors() []forecast.Tensor {
	n, width := len(s.mean), len(s.about[0])
	return []forecast.Tensor{
		{Name: shapesOf[0], Shape: []int{1, n}, Data: slices.Clone(s.mean)},
		{Name: shapesOf[1], Shape: []int{2, width}, Data: slices.Concat(s.about[0], s.about[1])},
		{Name: shapesOf[2], Shape: []int{n, width}, Data: slices.Clone(s.gain.RawMatrix().Data)},
		{Name: shapesOf[3], Shape: []int{n, n}, Data: slices.Clone(s.factor.RawMatrix().Data)},
		{Name: shapesOf[4], Shape: []int{1, width / 2}, Data: slices.Clone(s.spread)},
		{Name: shapesOf[5], Shape: []int{1, 1}, Data: []float64{s.told}},
	}
}

// shapesFrom returns the shapes of series of so many steps and channels that were stored; take
// returns the values of a tensor.
func shapesFrom(steps, width int, take func(name string, rows, cols int) ([]float64, error)) (*shapes, error) {
	n := steps * width
	if steps > MostValues || n > MostValues {
		return nil, fmt.Errorf("gauss: shapes of %d steps of %d channels, want at most %d values", steps, width, MostValues)
	}
	var data [len(shapesOf)][]float64
	for i, shape := range [len(shapesOf)][2]int{{1, n}, {2, 2 * width}, {n, 2 * width}, {n, n}, {1, width}, {1, 1}} {
		var err error
		if data[i], err = take(shapesOf[i], shape[0], shape[1]); err != nil {
			return nil, err
		}
	}
	s := &shapes{
		mean: data[0], about: [2][]float64{data[1][:2*width], data[1][2*width:]},
		gain: mat.NewDense(n, 2*width, data[2]), factor: mat.NewDense(n, n, data[3]), spread: data[4], told: data[5][0],
	}
	for _, sd := range s.about[1] {
		if !(sd > 0) {
			return nil, fmt.Errorf("gauss: levels with the deviation %v", sd)
		}
	}
	return s, nil
}
