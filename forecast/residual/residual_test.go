package residual

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPublished holds the check to figures worked out by hand: of 1, -1, 1, -1, ... of length n
// the autocorrelation of lag 1 is -(n-1)/n, so that Q of one lag is (n+2)(n-1)/n, which for
// n = 4 is 4.5: a probability of 0.0339 of a chi-squared of one degree of freedom.
func TestPublished(t *testing.T) {
	c := New([]float64{1, -1, 1, -1}, 1)
	if math.Abs(c.ACF[0]+0.75) > 1e-12 || math.Abs(c.LjungBox-0.0338949) > 1e-6 || c.Mean != 0 || c.Values != 4 {
		t.Errorf("%+v", c)
	}
}

// TestLevel holds the two tests to the share of false alarms that they state, gaps or not, and
// to finding what is there.
func TestLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const trials, n = 2000, 200
	biased, dependent := 0, 0
	for i := range trials {
		e := make([]float64, n)
		for k := range e {
			e[k] = rng.NormFloat64()
			if i%2 == 1 && k%9 == 0 {
				e[k] = math.NaN()
			}
		}
		c := New(e, 10)
		if c.Biased() {
			biased++
		}
		if c.Dependent() {
			dependent++
		}
	}
	for name, found := range map[string]int{"biased": biased, "dependent": dependent} {
		if share := float64(found) / trials; share < 0.03 || share > 0.08 {
			t.Errorf("%s: %.3f of independent errors, want about 0.05", name, share)
		}
	}
	e := make([]float64, n)
	for k := 1; k < n; k++ {
		e[k] = 0.5*e[k-1] + rng.NormFloat64()
	}
	if c := New(e, 10); !c.Dependent() {
		t.Errorf("autocorrelated errors pass: %v", c.LjungBox)
	}
	for k := range e {
		e[k] = 0.5 + rng.NormFloat64()
	}
	if c := New(e, 10); !c.Biased() {
		t.Errorf("errors of mean %v pass", c.Mean)
	}
	if c := New([]float64{math.NaN(), 1}, 5); !math.IsNaN(c.LjungBox) || c.Dependent() {
		t.Errorf("of a single error: %+v", c)
	}
}
