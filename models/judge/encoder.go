package judge

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// An encoder makes features of windows by random convolutions, as ROCKET does (Dempster,
// Petitjean & Webb 2020): of each, the part of the steps at which it is positive and
// its maximum. It is the same for all data of a shape, so that nothing is to be trained.
type encoder struct {
	steps, channels int
	kernels         []convolution
}

// A convolution is a filter of some channels with a dilation and a bias.
type convolution struct {
	weights  []float64 // taps×channels
	taps     int
	dilation int
	bias     float64
}

const (
	encoderKernels  = 64
	encoderTaps     = 7
	encoderFeatures = 16 // of the greatest variance, in which distances are measured
)

func newEncoder(steps, channels int) *encoder {
	rng := rand.New(rand.NewPCG(20, 20))
	e := &encoder{steps: steps, channels: channels}
	for range encoderKernels {
		k := convolution{taps: min(encoderTaps, steps), bias: rng.Float64()*2 - 1}
		k.weights = make([]float64, k.taps*channels)
		if most := (steps - 1) / max(1, k.taps-1); most > 1 {
			k.dilation = int(math.Exp2(rng.Float64() * math.Log2(float64(most))))
		}
		k.dilation = max(1, k.dilation)
		for range min(channels, 2) {
			j, mean := rng.IntN(channels), 0.0
			w := make([]float64, k.taps)
			for i := range w {
				w[i] = rng.NormFloat64()
				mean += w[i] / float64(k.taps)
			}
			for i := range w {
				k.weights[i*channels+j] += w[i] - mean*rng.Float64()
			}
		}
		e.kernels = append(e.kernels, k)
	}
	return e
}

// encode returns the features of all windows of s, in rows.
func (e *encoder) encode(s *Sample) *mat.Dense {
	m := mat.NewDense(len(s.Windows), 2*len(e.kernels), nil)
	for i, w := range s.Windows {
		row := m.RawRowView(i)
		for q, k := range e.kernels {
			positive, most, n := 0.0, math.Inf(-1), 0.0
			for from := 0; from+(k.taps-1)*k.dilation < e.steps; from++ {
				sum := k.bias
				for tap := range k.taps {
					at := (from + tap*k.dilation) * e.channels
					for j, v := range k.weights[tap*e.channels : (tap+1)*e.channels] {
						sum += v * w[at+j]
					}
				}
				n++
				if most = max(most, sum); sum > 0 {
					positive++
				}
			}
			row[2*q], row[2*q+1] = positive/n, most
		}
	}
	return m
}

// frechet returns the Fréchet distance of Gaussians with the moments of the features of
// a and b, in the directions of the greatest variance of a's and a unit in which this
// has a variance of 1 in each feature.
func frechet(a, b *Sample) float64 {
	e := newEncoder(a.Steps, a.Channels)
	x, y := e.encode(a), e.encode(b)
	_, f := x.Dims()
	for j := range f {
		mean, sd := stat.MeanStdDev(mat.Col(nil, j, x), nil)
		if sd == 0 {
			sd = 1
		}
		for _, m := range []*mat.Dense{x, y} {
			rows, _ := m.Dims()
			for i := range rows {
				m.Set(i, j, (m.At(i, j)-mean)/sd)
			}
		}
	}
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, x, nil)
	var eigen mat.EigenSym
	if !eigen.Factorize(&cov, true) {
		return math.NaN()
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	k := min(encoderFeatures, f)
	top := vectors.Slice(0, f, f-k, f)
	var u, v mat.Dense
	u.Mul(x, top)
	v.Mul(y, top)
	distance := 0.0
	for j := range k {
		d := stat.Mean(mat.Col(nil, j, &u), nil) - stat.Mean(mat.Col(nil, j, &v), nil)
		distance += d * d
	}
	var cu, cv mat.SymDense
	stat.CovarianceMatrix(&cu, &u, nil)
	stat.CovarianceMatrix(&cv, &v, nil)
	root := squareRoot(&cu)
	var inner, product mat.Dense
	inner.Mul(root, &cv)
	product.Mul(&inner, root)
	s := mat.NewSymDense(k, nil)
	for i := range k {
		for j := range i + 1 {
			s.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	distance += mat.Trace(&cu) + mat.Trace(&cv) - 2*mat.Trace(squareRoot(s))
	return math.Max(0, distance) / float64(k)
}

// squareRoot returns the root of a symmetric matrix that has no negative eigenvalues but
// by rounding.
func squareRoot(s *mat.SymDense) *mat.Dense {
	var eigen mat.EigenSym
	n := s.SymmetricDim()
	root := mat.NewDense(n, n, nil)
	if !eigen.Factorize(s, true) {
		return root
	}
	var vectors, scaled mat.Dense
	eigen.VectorsTo(&vectors)
	scaled.CloneFrom(&vectors)
	for j, v := range eigen.Values(nil) {
		for i := range n {
			scaled.Set(i, j, scaled.At(i, j)*math.Sqrt(math.Max(0, v)))
		}
	}
	root.Mul(&scaled, vectors.T())
	return root
}
