package effects

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// planted returns records with levels of their own, whose values follow two covariates and
// a wave without noise, and have bend times the square of the first covariate.
func planted(n int, bend float64) []Record {
	rng := rand.New(rand.NewPCG(1, 2))
	records := make([]Record, 2)
	for s := range records {
		r := &records[s]
		for t := range n {
			a, b, wave := rng.NormFloat64(), rng.Float64(), math.Sin(float64(t))
			r.X = append(r.X, a, b, wave)
			r.Y = append(r.Y, float64(100*s)+2*a-b+5*wave+bend*a*a+1e-3*rng.NormFloat64())
		}
	}
	return records
}

// TestEstimate protects that effects are those that were planted, that a bend is seen, and
// that too few observations have no effects.
func TestEstimate(t *testing.T) {
	got, linear := Estimate(planted(100, 0), 2, 1)
	if !linear || math.Abs(got[0]-2) > 1e-3 || math.Abs(got[1]+1) > 1e-3 {
		t.Errorf("effects %v, linear %v, want 2 and -1", got, linear)
	}
	twice := planted(100, 0)
	for i := range twice { // the second covariate once more, upside down, as the indicators of a text
		var x []float64
		for row := range slices.Chunk(twice[i].X, 3) {
			x = append(x, row[0], row[1], 1-row[1], row[2])
		}
		twice[i].X = x
	}
	if got, linear := Estimate(twice, 3, 1); !linear || math.Abs(got[1]-got[2]+1) > 1e-3 {
		t.Errorf("effects %v, linear %v, want one of -1 in all of two that tell the same", got, linear)
	}
	if _, linear := Estimate(planted(100, 0.5), 2, 1); linear {
		t.Error("a square passes for a line")
	}
	if got, linear := Estimate(planted(5, 0), 2, 1); linear || got[0] != 0 || got[1] != 0 {
		t.Errorf("of ten observations: %v, linear %v", got, linear)
	}
}
