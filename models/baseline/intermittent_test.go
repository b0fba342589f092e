package baseline

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Croston's method, its correction and TSB give the forecasts of statsforecast 2.0.1
// (CrostonClassic, CrostonSBA, TSB(0.1, 0.1)), in the mean of the distribution and in that of its draws.
func TestCroston(t *testing.T) {
	y := []float64{0, 0, 3, 0, 1, 0, 0, 0, 5, 2, 0, 0, 1, 0, 4, 0, 0, 2, 0, 0}
	for method, want := range map[string]float64{
		MethodCroston: 0.9990836452512508, MethodSBA: 0.9491294629886883, MethodTSB: 0.8066429728891217,
	} {
		l := smoothedDemand(y, method, smoothingByDefault).(*hurdle)
		if got := l.occurs.state * l.sizes.state; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, statsforecast has %v", method, got, want)
		}
		if got := meanOfDraws(l, 3, 40000); math.Abs(got-want) > 0.04 {
			t.Errorf("%s: the mean of the draws is %v, want %v", method, got, want)
		}
	}
}

// meanOfDraws returns the mean of draws some steps ahead.
func meanOfDraws(l demandDistribution, lead, n int) float64 {
	rng := rand.New(rand.NewPCG(1, 1))
	path, sum := make([]float64, lead+1), 0.0
	for range n {
		l.draw(rng, path)
		sum += path[lead]
	}
	return sum / float64(n)
}

// The probabilities of the negative binomial distribution sum to one and have its mean and variance,
// and its draws too.
func TestNegativeBinomial(t *testing.T) {
	for _, c := range [][2]float64{{0.3, 0.5}, {4, 2}, {12, 1e6}} {
		mean, shape := c[0], c[1]
		sum, first, second := 0.0, 0.0, 0.0
		for x := range 500 {
			p := math.Exp(logNegativeBinomial(float64(x), mean, shape))
			sum += p
			first += p * float64(x)
			second += p * float64(x) * float64(x)
		}
		variance := mean + mean*mean/shape
		if math.Abs(sum-1) > 1e-6 || math.Abs(first-mean) > 1e-5*mean || math.Abs(second-first*first-variance) > 1e-3*variance {
			t.Errorf("mean %v, shape %v: probabilities sum to %v, have the mean %v and the variance %v", mean, shape, sum, first, second-first*first)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		drawn := 0.0
		const n = 20000
		for range n {
			drawn += drawNegativeBinomial(rng, mean, shape)
		}
		if se := math.Sqrt(variance / n); math.Abs(drawn/n-mean) > 5*se {
			t.Errorf("mean %v, shape %v: the mean of draws is %v", mean, shape, drawn/n)
		}
	}
}

// The estimates find again of which distribution the counts are: where the mean moves it is found
// to move, and where it does not, the distribution that stays is taken; the likelihood is no less
// than that of the true distribution.
func TestChooseLaw(t *testing.T) {
	const n = 400
	rng := rand.New(rand.NewPCG(3, 4))
	moving := recursion{mean: 2, state: 2, keep: 0.6, gain: 0.3}
	var moves, stays, rare []float64
	truth := 0.0
	for range n {
		x := drawNegativeBinomial(rng, moving.state, 3)
		truth += logNegativeBinomial(x, moving.state, 3)
		moving.see(x)
		moves = append(moves, x)
		stays = append(stays, drawNegativeBinomial(rng, 2, 3))
		size := 0.0
		if rng.Float64() < 0.2 {
			size = 20 + distuv.Poisson{Lambda: 10, Src: rng}.Rand()
		}
		rare = append(rare, size)
	}
	l, ok := chooseDemand(moves, 1).(*countDistribution)
	if !ok || l.mean.gain < 0.15 || l.mean.gain > 0.5 || math.Abs(l.mean.mean-2) > 1 || l.fits < truth-0.5 {
		t.Errorf("a moving mean: %+v, whose likelihood is %v, of the truth %v", l, l.logLikelihood(), truth)
	}
	if l, ok := chooseDemand(stays, 1).(*countDistribution); !ok || l.mean.gain > 0.1 || math.Abs(l.mean.mean-2) > 0.4 {
		t.Errorf("a mean that stays: %+v", l)
	}
	h, ok := chooseDemand(rare, 1).(*hurdle)
	if !ok || math.Abs(h.occurs.mean-0.2) > 0.06 || math.Abs(h.sizes.mean-30) > 2 {
		t.Fatalf("large and rare demand: %+v", h)
	}
	if got, want := meanOfDraws(h, 5, 4000), h.occurs.mean*h.sizes.mean; math.Abs(got-want) > 0.1*want {
		t.Errorf("the mean of draws of a hurdle is %v, want %v", got, want)
	}
}

// A season of counts is seen: demand on one day of seven is forecast for that day.
func TestDemandSeason(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var y []float64
	for d := range 140 {
		x := 0.0
		if d%7 == 3 || rng.Float64() < 0.05 {
			x = 1 + distuv.Poisson{Lambda: 4, Src: rng}.Rand()
		}
		y = append(y, x)
	}
	l := chooseDemand(y, 7)
	on, off := meanOfDraws(l, 4, 2000), meanOfDraws(l, 5, 2000) // 140 is a multiple of 7
	if on < 3 || off > 1.5 {
		t.Errorf("the day of demand has a forecast of %v, the day after %v", on, off)
	}
}
