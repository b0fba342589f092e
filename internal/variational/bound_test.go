package variational

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// fill returns a rows×1 constant.
func fill(p *nn.Pass, rows int, v float64) *ad.Node {
	b := p.Buffer(rows)
	for i := range b {
		b[i] = v
	}
	return p.Const(rows, 1, b)
}

// TestImportanceBound holds the mean of the importance-weighted bound of a
// linear-Gaussian model under a posterior that is wrong against the exact
// log-likelihood, which it approaches from below as draws grow more, and the
// evidence lower bound, of which the value is known.
func TestImportanceBound(t *testing.T) {
	m := linearGaussian{w: 1.3, b: -0.4, s: 0.7}
	const x, rows = 0.9, 20_000
	mean, sd := m.posterior(x)
	rng := rand.New(rand.NewPCG(1, 2))
	bound := func(mean, sd float64, k int) float64 {
		var p nn.Pass
		q := Posterior{Mean: fill(&p, rows, mean), SD: fill(&p, rows, sd)}
		z, ratio := q.SampleRatio(&p, rng.NormFloat64, k)
		mu := p.Linear(z, p.Const(1, 1, []float64{m.w}), p.Const(1, 1, []float64{m.b}))
		fit := p.GaussianLogDensity(fill(&p, rows*k, x), mu, p.Const(1, 1, []float64{m.s}))
		return p.Sum(ImportanceBound(&p, p.Add(fit, ratio), k)).Val[0] / rows
	}
	exact := m.logLikelihood(x)
	for _, k := range []int{1, 7} {
		if got := bound(mean, sd, k); math.Abs(got-exact) > 1e-12 {
			t.Errorf("at the exact posterior the bound of %d draws is %v, want %v", k, got, exact)
		}
	}
	wrongMean, wrongSD := mean+0.6, 1.4*sd
	gap := 0.5*((wrongSD*wrongSD+0.36)/(sd*sd)-1) - math.Log(wrongSD/sd)
	before := bound(wrongMean, wrongSD, 1)
	if math.Abs(before-(exact-gap)) > 0.05 {
		t.Errorf("the evidence lower bound is %v, want %v", before, exact-gap)
	}
	distance := exact - before
	for _, k := range []int{4, 16, 64} {
		got := bound(wrongMean, wrongSD, k)
		// The standard error is below 0.01 from four draws on; the gap falls as
		// 1/k for many draws (Maddison et al. 2017, proposition 1).
		if d := exact - got; d < -0.01 || d > 0.5*distance+0.01 {
			t.Errorf("the bound of %d draws is %v, that of a quarter of them %v, the exact value %v", k, got, before, exact)
		} else {
			before, distance = got, d
		}
	}
}

// TestImportanceGradient holds the derivative of the bound with respect to the
// posterior against central differences.
func TestImportanceGradient(t *testing.T) {
	const k = 5
	values := []float64{0.3, -0.7, 0.9, 0.4}
	run := func(grad []float64) float64 {
		p := nn.Pass{Values: values, Grad: grad}
		at := func(offset int) *ad.Node { return p.Param(nn.Param{Offset: offset, Rows: 2, Cols: 1}) }
		z, ratio := Posterior{Mean: at(0), SD: at(2)}.SampleRatio(&p, rand.New(rand.NewPCG(1, 2)).NormFloat64, k)
		fit := p.GaussianLogDensity(fill(&p, 2*k, 0.9), z, p.Const(1, 1, []float64{0.5}))
		y := p.Sum(ImportanceBound(&p, p.Add(fit, ratio), k))
		if grad != nil {
			p.Backward(y)
		}
		return y.Val[0]
	}
	grad := make([]float64, len(values))
	run(grad)
	for i := range values {
		want := fd.Derivative(func(x float64) float64 {
			before := values[i]
			defer func() { values[i] = before }()
			values[i] = x
			return run(nil)
		}, values[i], &fd.Settings{Formula: fd.Central, Step: 1e-5})
		if math.Abs(grad[i]-want) > 1e-8*(1+math.Abs(want)) {
			t.Errorf("value %d: derivative %.10g, by differences %.10g", i, grad[i], want)
		}
	}
}

// The divergence of each latent variable, averaged over rows, counts no less
// than what is free.
func TestFreeBits(t *testing.T) {
	var p nn.Pass
	q := Posterior{Mean: p.Const(2, 2, []float64{2, 0.1, 4, 0.3}), SD: p.Const(2, 2, []float64{1, 1, 1, 1})}
	for free, want := range map[float64]float64{
		0:   (2+8)/2.0 + (0.005+0.045)/2,
		0.5: (2+8)/2.0 + 0.5,
		9:   18,
	} {
		if got := q.FreeBits(&p, free).Val[0]; math.Abs(got-want) > 1e-14 {
			t.Errorf("%v nats free: %v, want %v", free, got, want)
		}
	}
}
