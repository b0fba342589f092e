package density

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
)

// newTestLikelihood returns a likelihood with random shared parameters and a
// random head.
func newTestLikelihood(t *testing.T, f Family, channels int) (Likelihood, *nn.Params, []float64) {
	t.Helper()
	var s nn.Params
	l, err := NewLikelihood(&s, "x", f, channels, LikelihoodOptions{Floor: 0.1, Components: 3})
	if err != nil {
		t.Fatal(err)
	}
	if outputs, shared := f.Size(channels, 3); outputs != l.Outputs() || shared != len(s.Values) {
		t.Errorf("%d outputs and %d shared parameters, want %d and %d", l.Outputs(), len(s.Values), outputs, shared)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range s.Values {
		s.Values[i] = rng.NormFloat64()
	}
	head := make([]float64, l.Outputs())
	for i := range head {
		head[i] = 0.7 * rng.NormFloat64()
	}
	return l, &s, head
}

// density returns the densities of the given rows under one head.
func density(l Likelihood, s *nn.Params, head []float64, x [][]float64) []float64 {
	p := nn.Pass{Values: s.Values}
	var heads, values []float64
	for _, row := range x {
		heads, values = append(heads, head...), append(values, row...)
	}
	y := l.LogDensity(&p, p.Const(len(x), len(x[0]), values), p.Const(len(x), len(head), heads))
	d := make([]float64, len(x))
	for i, v := range y.Val {
		d[i] = math.Exp(v)
	}
	return d
}

// support returns points that cover nearly all of the distribution of two channels, and
// the volume that each stands for.
func support(f Family) (x [][]float64, volume []float64) {
	var axis, width []float64
	switch f.Domain() {
	case Count:
		for k := range 150 {
			axis, width = append(axis, float64(k)), append(width, 1)
		}
	case Unit:
		axis, width = []float64{0, 1}, []float64{1, 1}
	default:
		// x = sinh u, or e^u, with steps of u: wide tails, and a sum that
		// converges faster than any power.
		const h = 0.05
		for u := -9.0; u <= 9; u += h {
			if f.Domain() == Positive {
				axis, width = append(axis, math.Exp(u)), append(width, h*math.Exp(u))
			} else {
				axis, width = append(axis, math.Sinh(u)), append(width, h*math.Cosh(u))
			}
		}
	}
	for i, a := range axis {
		for j, b := range axis {
			x, volume = append(x, []float64{a, b}), append(volume, width[i]*width[j])
		}
	}
	return x, volume
}

// TestLikelihoods holds every likelihood of two channels against itself: its density
// adds up to 1 over all values, gives the mean that Mean says, and gives each
// channel alone, the other missing, its marginal; and draws have its moments.
func TestLikelihoods(t *testing.T) {
	seriestest.Long(t)
	for _, f := range Families() {
		t.Run(string(f), func(t *testing.T) {
			l, s, head := newTestLikelihood(t, f, 2)
			x, volume := support(f)
			var total float64
			var mean, square [2]float64
			for i, d := range density(l, s, head, x) {
				d *= volume[i]
				total += d
				for j, v := range x[i] {
					mean[j] += d * v
					square[j] += d * v * v
				}
			}
			if math.Abs(total-1) > 1e-5 {
				t.Errorf("the density adds up to %v", total)
			}
			if f.Domain() != Unit { // of a chain neither has a closed form
				var m [2]float64
				l.Mean(s.Values, m[:], head)
				for j := range m {
					if math.Abs(m[j]-mean[j]) > 1e-3*(1+math.Abs(m[j])) {
						t.Errorf("channel %d: Mean says %v, the density %v", j, m[j], mean[j])
					}
				}
			}
			const draws = 100_000
			rng := rand.New(rand.NewPCG(7, 8))
			var row, sum [2]float64
			for range draws {
				l.Sample(s.Values, row[:], head, rng)
				for j, v := range row {
					sum[j] += v / draws
				}
				if err := f.CheckValues(row[:]); err != nil {
					t.Fatal(err)
				}
			}
			for j := range sum {
				sd := math.Sqrt(square[j] - mean[j]*mean[j])
				if math.Abs(sum[j]-mean[j]) > 4*sd/math.Sqrt(draws) {
					t.Errorf("channel %d: the mean of draws is %v, want %v", j, sum[j], mean[j])
				}
			}
		})
	}
}

// TestMissingChannels holds the density of a row with a missing channel against
// the integral over it; in a chain a missing channel counts as zero.
func TestMissingChannels(t *testing.T) {
	seriestest.Long(t)
	nan := math.NaN()
	for _, f := range Families() {
		t.Run(string(f), func(t *testing.T) {
			l, s, head := newTestLikelihood(t, f, 2)
			x, volume := support(f)
			at := x[len(x)*2/3][0]
			want, width := 0.0, 0.0
			for i, d := range density(l, s, head, x) {
				if x[i][0] == at {
					want += d * volume[i]
				}
			}
			for i := range x {
				if x[i][0] == at && x[i][1] == at {
					width = math.Sqrt(volume[i])
				}
			}
			got := density(l, s, head, [][]float64{{at, nan}, {nan, nan}})
			if math.Abs(got[0]*width-want) > 1e-5*want {
				t.Errorf("the density at (%v, missing) is %v, want %v", at, got[0], want/width)
			}
			if got[1] != 1 {
				t.Errorf("the density of nothing is %v", got[1])
			}
		})
	}
}

// TestSampleDistribution holds draws of distributions with a known distribution function
// against it by the greatest distance (Kolmogorov 1933).
func TestSampleDistribution(t *testing.T) {
	const draws = 20_000
	for _, c := range []struct {
		family Family
		dist   func(s *nn.Params, head []float64) interface{ CDF(x float64) float64 }
	}{
		{Gaussian, func(_ *nn.Params, h []float64) interface{ CDF(x float64) float64 } {
			return distuv.Normal{Mu: h[0], Sigma: 0.1 + math.Log1p(math.Exp(h[1]))}
		}},
		{StudentT, func(s *nn.Params, h []float64) interface{ CDF(x float64) float64 } {
			return distuv.StudentsT{Mu: h[0], Sigma: 0.1 + math.Log1p(math.Exp(h[1])), Nu: 2.1 + math.Log1p(math.Exp(s.Values[0]))}
		}},
		{LogNormal, func(_ *nn.Params, h []float64) interface{ CDF(x float64) float64 } {
			return distuv.LogNormal{Mu: h[0], Sigma: 0.1 + math.Log1p(math.Exp(h[1]))}
		}},
		{Mixture, func(_ *nn.Params, h []float64) interface{ CDF(x float64) float64 } { return mixed(h) }},
	} {
		t.Run(string(c.family), func(t *testing.T) {
			l, s, head := newTestLikelihood(t, c.family, 1)
			dist := c.dist(s, head)
			rng := rand.New(rand.NewPCG(9, 10))
			var below [200]float64 // draws whose place in the distribution is below i/200
			row := make([]float64, 1)
			for range draws {
				l.Sample(s.Values, row, head, rng)
				for i := int(math.Ceil(200 * dist.CDF(row[0]))); i < len(below); i++ {
					below[i] += 1.0 / draws
				}
			}
			for i, share := range below {
				if d := math.Abs(share - float64(i)/200); d > 1.95/math.Sqrt(draws) { // p = 0.001
					t.Fatalf("a share of %v of the draws is below the quantile %v", share, float64(i)/200)
				}
			}
		})
	}
}

// mixed is the head of a mixture of three components of one channel.
type mixed []float64

func (h mixed) CDF(x float64) float64 {
	sum, total := 0.0, 0.0
	for k := range 3 {
		w := math.Exp(h[k])
		sum += w * distuv.Normal{Mu: h[3+2*k], Sigma: 0.1 + math.Log1p(math.Exp(h[4+2*k]))}.CDF(x)
		total += w
	}
	return sum / total
}

// TestLikelihoodGradients holds the derivatives with respect to the head and to
// the shared parameters against central differences.
func TestLikelihoodGradients(t *testing.T) {
	for _, f := range Families() {
		t.Run(string(f), func(t *testing.T) {
			l, s, head := newTestLikelihood(t, f, 3)
			nan := math.NaN()
			x := []float64{1, 0, 1, nan, 1, 0, 1, nan, nan, nan, nan, nan}
			if d := f.Domain(); d == Positive {
				x[1], x[5] = 0.3, 2
			} else if d == Real {
				x[1], x[5] = -1.3, 0.2
			}
			h := s.Add("head", 4, len(head))
			for i := range h.In(s.Values) {
				h.In(s.Values)[i] = head[i%len(head)] * (1 + 0.3*float64(i/len(head)))
			}
			p := nn.Pass{Values: s.Values}
			loss := func() float64 {
				p.Reset()
				y := p.Sum(l.LogDensity(&p, p.Const(4, 3, x), p.Param(h)))
				if p.Grad != nil {
					p.Backward(y)
				}
				return y.Val[0]
			}
			grad := make([]float64, len(s.Values))
			p.Grad = grad
			loss()
			p.Grad = nil
			for i := range grad {
				want := difference(&s.Values[i], loss)
				if math.Abs(grad[i]-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("parameter %d: derivative %.10g, by differences %.10g", i, grad[i], want)
				}
			}
		})
	}
}

// difference returns the derivative of f with respect to *x by a central
// difference of fourth order.
func difference(x *float64, f func() float64) float64 {
	const h = 1e-3
	x0 := *x
	at := func(d float64) float64 { *x = x0 + d; return f() }
	d := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
	*x = x0
	return d
}

// TestBernoulliIsCrossEntropy holds the negative log-likelihood against the
// cross-entropy -x log π - (1-x) log(1-π) of each value with the probability π.
func TestBernoulliIsCrossEntropy(t *testing.T) {
	l, s, _ := newTestLikelihood(t, Bernoulli, 1)
	for _, logit := range []float64{-5, 0, 0.4, 3} {
		for _, x := range []float64{0, 0.25, 1} {
			pi := 1 / (1 + math.Exp(-logit))
			want := -x*math.Log(pi) - (1-x)*math.Log(1-pi)
			if got := -math.Log(density(l, s, []float64{logit}, [][]float64{{x}})[0]); math.Abs(got-want) > 1e-12 {
				t.Errorf("logit %v, value %v: %v, want %v", logit, x, got, want)
			}
		}
	}
}

// TestChain holds the probability of a binary vector against the product of
// conditional probabilities worked out one by one.
func TestChain(t *testing.T) {
	l, s, head := newTestLikelihood(t, ChainBernoulli, 4)
	total := 0.0
	for bits := range 16 {
		var x [4]float64
		want := 1.0
		for j := range x {
			x[j] = float64(bits >> j & 1)
			logit := head[j]
			for i := range j {
				logit += x[i] * chainUnit * s.Values[4*i+j]
			}
			if pi := 1 / (1 + math.Exp(-logit)); x[j] == 1 {
				want *= pi
			} else {
				want *= 1 - pi
			}
		}
		got := density(l, s, head, [][]float64{x[:]})[0]
		if math.Abs(got-want) > 1e-14 {
			t.Errorf("%v: %v, want %v", x, got, want)
		}
		total += got
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("the probabilities add up to %v", total)
	}
}

// TestStart holds the mean of the distribution at which Start begins against that of the
// values, where it is not drawn towards anything by a prior count.
func TestStart(t *testing.T) {
	nan := math.NaN()
	for _, f := range Families() {
		t.Run(string(f), func(t *testing.T) {
			l, s, head := newTestLikelihood(t, f, 2)
			var x []float64
			rng := rand.New(rand.NewPCG(3, 4))
			var want [2]float64
			const n = 2000
			for range n {
				row := make([]float64, 2)
				l.Sample(s.Values, row, head, rng)
				want[0] += row[0] / n
				want[1] += row[1] / n
				x = append(x, row...)
				x = append(x, nan, nan)
			}
			l.Start(s.Values, head, x)
			var got [2]float64
			l.Mean(s.Values, got[:], head)
			for j := range got {
				if math.Abs(got[j]-want[j]) > 0.2*(1+want[j]) {
					t.Errorf("channel %d: mean %v, want %v", j, got[j], want[j])
				}
			}
			before := s.Values
			l.Start(s.Values, head, []float64{nan, nan})
			for _, v := range append(head, before...) {
				if math.IsNaN(v - v) {
					t.Fatalf("without values the start is %v", head)
				}
			}
		})
	}
}

// The first value outside the domain of a distribution is named, and missing
// ones pass.
func TestCheckValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		family Family
		x      []float64
		bad    int // index of the value that is refused, -1 for none
	}{
		{Gaussian, []float64{-1, nan, 1e300}, -1},
		{Gaussian, []float64{0, inf}, 1},
		{LogNormal, []float64{nan, 1e-300}, -1},
		{LogNormal, []float64{1, 0}, 1},
		{Poisson, []float64{0, nan, 12}, -1},
		{Poisson, []float64{3, 2.5}, 1},
		{NegativeBinomial, []float64{-1}, 0},
		{Bernoulli, []float64{0, nan, 0.5, 1}, -1},
		{ChainBernoulli, []float64{0, 1, 1.01}, 2},
	} {
		err := c.family.CheckValues(c.x)
		var domain *DomainError
		if c.bad < 0 {
			if err != nil {
				t.Errorf("%s: %v: %v", c.family, c.x, err)
			}
		} else if !errors.As(err, &domain) || domain.Index != c.bad || domain.Value != c.x[c.bad] {
			t.Errorf("%s: %v: %v", c.family, c.x, err)
		}
	}
	if err := Family("normal").Check(); err == nil {
		t.Error("an unknown family passes")
	}
}

// A value that a distribution does not treat is named.
func ExampleFamily_CheckValues() {
	fmt.Println(Poisson.CheckValues([]float64{3, 2.5}))
	// Output:
	// density: a poisson likelihood treats whole numbers from 0 up, not 2.5
}
