package variational

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/nn"
)

// linearGaussian is the model z ~ N(0, 1), x | z ~ N(wz + b, s²), for which all
// is known: x ~ N(b, w² + s²), and z | x is Gaussian.
type linearGaussian struct{ w, b, s float64 }

func (m linearGaussian) logLikelihood(x float64) float64 {
	v := m.w*m.w + m.s*m.s
	return -0.5*(x-m.b)*(x-m.b)/v - 0.5*math.Log(2*math.Pi*v)
}

func (m linearGaussian) posterior(x float64) (mean, sd float64) {
	v := 1 / (1 + m.w*m.w/(m.s*m.s))
	return v * m.w * (x - m.b) / (m.s * m.s), math.Sqrt(v)
}

// TestBound holds the evidence lower bound, estimated by reparameterised draws
// and the analytic divergence, against the exact log-likelihood of a
// linear-Gaussian model: equal to it at the exact posterior, and below it by
// the divergence from the exact posterior elsewhere.
func TestBound(t *testing.T) {
	m := linearGaussian{w: 1.3, b: -0.4, s: 0.7}
	const x, draws = 0.9, 200_000
	mean, sd := m.posterior(x)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ mean, sd float64 }{
		{mean, sd}, {mean + 0.5, sd}, {mean, 2 * sd}, {0, 1},
	} {
		var p nn.Pass
		fill := func(v float64) []float64 {
			b := p.Buffer(draws)
			for i := range b {
				b[i] = v
			}
			return b
		}
		q := Posterior{Mean: p.Const(draws, 1, fill(c.mean)), SD: p.Const(draws, 1, fill(c.sd))}
		z := q.Sample(&p, rng)
		mu := p.Linear(z, p.Const(1, 1, []float64{m.w}), p.Const(1, 1, []float64{m.b}))
		ll := p.GaussianLogDensity(p.Const(draws, 1, fill(x)), mu, p.Const(1, 1, []float64{m.s}))
		bound := (p.Sum(ll).Val[0] - q.KL(&p).Val[0]) / draws
		gap := 0.5*((c.sd*c.sd+(c.mean-mean)*(c.mean-mean))/(sd*sd)-1) - math.Log(c.sd/sd)
		// The density's deviation over draws is at most 3 here.
		if want := m.logLikelihood(x) - gap; math.Abs(bound-want) > 4*3/math.Sqrt(draws) {
			t.Errorf("q = N(%.3f, %.3f²): bound %.4f, want %.4f", c.mean, c.sd, bound, want)
		}
	}
}

// Means and deviations are read from the halves of a row, and the deviation is
// positive and finite at the extremes.
func TestNewPosterior(t *testing.T) {
	var p nn.Pass
	q := NewPosterior(&p, p.Const(2, 4, []float64{1, 2, -50, 0, 3, 4, 50, 1}))
	for i, want := range []float64{1, 2, 3, 4} {
		if q.Mean.Val[i] != want {
			t.Errorf("mean %d is %v, want %v", i, q.Mean.Val[i], want)
		}
	}
	for i, want := range []float64{minPosteriorSD, minPosteriorSD + math.Ln2, minPosteriorSD + 50, minPosteriorSD + math.Log1p(math.E)} {
		if math.Abs(q.SD.Val[i]-want) > 1e-14*want {
			t.Errorf("deviation %d is %v, want %v", i, q.SD.Val[i], want)
		}
	}
}

// The weight of the divergence rises in a straight line to 1 and stays there.
func TestAnnealing(t *testing.T) {
	a := Annealing{Start: 0.2, Updates: 10}
	for k, want := range map[int]float64{0: 0.2, 5: 0.6, 10: 1, 1000: 1} {
		if got := a.At(k); math.Abs(got-want) > 1e-15 {
			t.Errorf("weight at %d is %v, want %v", k, got, want)
		}
	}
	if got := (Annealing{}).At(0); got != 1 {
		t.Errorf("the zero value's weight is %v, want 1", got)
	}
}
