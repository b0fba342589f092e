package statespace

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/joint"
	"tsgen/internal/kernel"
)

// draws returns the course of observations, or without noise of the signal, at rising times
// after the last: states are drawn from what is known of the last, and simulated.
func (p *pass) draws(times []float64, noise bool) joint.Course {
	n := p.dim()
	_, variance := p.ahead(times)
	observed := 0.0
	if noise {
		observed = p.v[ofNoise]
	}
	root := squareRoot(p.lastCov, n)
	steps := make([]*turn, len(times))
	now := p.t[len(p.t)-1]
	for k, t := range times {
		if k > 0 && steps[k-1].d == t-now {
			steps[k] = steps[k-1]
		} else {
			steps[k] = p.turn(t - now)
		}
		now = t
	}
	z, u := make([]float64, n), make([]float64, n)
	return func(rng *rand.Rand, scores []float64) {
		for i := range u {
			u[i] = rng.NormFloat64()
		}
		kernel.MulNN(z, root, u, n, n, 1, false)
		for k, step := range steps {
			step.apply(z, 1)
			step.shake(z, &p.v, rng)
			x := p.measure(z) + math.Sqrt(observed)*rng.NormFloat64()
			scores[k] = 0
			if sum := variance[k] + observed; sum > 0 {
				scores[k] = x / math.Sqrt(sum)
			}
		}
	}
}

// shake adds to the state z what a stretch of time does to it, as disturb says.
func (t *turn) shake(z []float64, v *[variances]float64, rng *rand.Rand) {
	q := math.Sqrt(v[ofSlope])
	slope := math.Sqrt(t.slopeSlope)
	a, b := rng.NormFloat64(), rng.NormFloat64()
	z[atSlope] += q * slope * a
	along := t.trendSlope / slope
	z[atTrend] += q * (along*a + math.Sqrt(math.Max(0, t.trendTrend-along*along))*b)
	z[atLevel] += math.Sqrt(v[ofLevel]*t.levelLevel) * rng.NormFloat64()
	for i := atSeason; i < len(z); i++ {
		z[i] += math.Sqrt(v[ofSeason]*t.seasonal(i)) * rng.NormFloat64()
	}
}

// squareRoot returns the symmetric square root of a covariance of n variables.
func squareRoot(c []float64, n int) []float64 {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (c[i*n+j]+c[j*n+i])/2)
		}
	}
	var eigen mat.EigenSym
	root := make([]float64, n*n)
	if !eigen.Factorize(s, true) {
		return root
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	values := eigen.Values(nil)
	for i := range n {
		for j := range n {
			for k, x := range values {
				root[i*n+j] += v.At(i, k) * math.Sqrt(math.Max(0, x)) * v.At(j, k)
			}
		}
	}
	return root
}

// draws returns the course of the next values, of whose regressors rows holds one each, at
// the wanted steps, from 1: the coefficients are drawn, and the errors simulated. That of
// no regression is of values that are known.
func (g *gls) draws(rows [][]float64, wanted []int) joint.Course {
	if g == nil || len(wanted) == 0 {
		return func(_ *rand.Rand, z []float64) { clear(z) }
	}
	psi := make([]float64, len(rows))
	for h := range psi {
		if h == 0 {
			psi[h] = 1
		}
		for j := 0; j < min(h, len(g.phi)); j++ {
			psi[h] += g.phi[j] * psi[h-1-j]
		}
	}
	var upper mat.TriDense // UᵀU is the precision of the coefficients
	g.chol.UTo(&upper)
	common := make(joint.Common, len(wanted))
	next := 0
	g.foretell(rows, func(h int, _ float64, d []float64) {
		if next == len(wanted) || h != wanted[next]-1 {
			return
		}
		var x mat.VecDense
		if err := x.SolveVec(upper.T(), mat.NewVecDense(len(d), d)); err != nil {
			x.CloneFromVec(mat.NewVecDense(len(d), nil))
		}
		common[next] = x.RawVector().Data
		next++
	})
	return joint.Moving(wanted, common, psi)
}
