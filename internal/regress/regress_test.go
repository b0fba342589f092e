package regress

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGain holds weights of a known regression, and the part of the variance that it tells.
func TestGain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var x, y [][]float64
	for range 4000 {
		a, b := 3+2*rng.NormFloat64(), rng.NormFloat64()
		x, y = append(x, []float64{a, b}), append(y, []float64{5 + 2*a - b, 3 * rng.NormFloat64()})
	}
	mean, sd := Centred(x, true)
	Centred(y, false)
	if math.Abs(mean[0]-3) > 0.2 || math.Abs(sd[0]-2) > 0.1 || math.Abs(x[0][0]) > 5 {
		t.Errorf("columns are centred at %v with the deviations %v", mean, sd)
	}
	gain, err := Gain(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{2 * sd[0], -sd[1], 0, 0} {
		if got := gain.At(k/2, k%2); math.Abs(got-want) > 0.15 {
			t.Errorf("weight %d is %v, want %v", k, got, want)
		}
	}
	if told := Told(gain, x, y); math.Abs(told-17.0/26) > 0.03 { // variances of 17 of 17 and 0 of 9
		t.Errorf("%v of the variance is told, want %v", told, 17.0/26)
	}
	if told := Told(gain, [][]float64{{0, 0}}, [][]float64{{0, 0}}); told != 0 {
		t.Errorf("%v is told of nothing", told)
	}
}
