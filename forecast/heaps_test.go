package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/series"
)

// Values that heap up at a bound, of which nobody knows how far beyond it they would lie, do not tell that a
// distribution by which they were drawn is too wide or too narrow, be it of draws that heap up there, too, or one
// that goes beyond the bound.
func TestHeaps(t *testing.T) {
	const n, draws = 800, 400
	rng := rand.New(rand.NewPCG(3, 15))
	demand := func() float64 {
		if rng.Float64() < 0.75 {
			return 0
		}
		return 1 + math.Floor(6*rng.ExpFloat64())
	}
	counts := Domain{Min: 0, Max: math.Inf(1), Step: 1, low: 0, high: math.Inf(1)}
	amounts := Domain{Min: 0, Max: math.Inf(1), low: 0, high: math.Inf(1)}
	mirrored := Domain{Min: math.Inf(-1), Max: 0, low: math.Inf(-1), high: 0}
	for name, c := range map[string]struct {
		domain Domain
		draw   func() float64
		mean   float64 // of the distribution, NaN if it is of draws
	}{
		"demand":        {counts, demand, math.NaN()},
		"amounts":       {amounts, func() float64 { return max(0, 0.2+rng.NormFloat64()) }, 0.2},
		"below a bound": {mirrored, func() float64 { return min(0, -0.2+rng.NormFloat64()) }, -0.2},
	} {
		d := &Distribution{Domains: []Domain{c.domain}}
		actual := &series.Series{}
		leads := make([]int, n)
		for k := range n {
			d.Times, actual.Times = append(d.Times, float64(k)), append(actual.Times, float64(k))
			actual.Values = append(actual.Values, c.draw())
			leads[k] = k + 1
		}
		if math.IsNaN(c.mean) {
			for range draws {
				path := make([]float64, n)
				for k := range path {
					path[k] = c.draw()
				}
				d.Paths = append(d.Paths, path)
			}
		} else {
			for range n {
				d.Mean, d.SD = append(d.Mean, c.mean), append(d.SD, 1)
			}
		}
		seen := selection{origins: []originResiduals{{weight: 1, values: residualsOf(d, actual, leads, nil)}}}
		if got := weightedQuantiles(seen, 0, []float64{0.8, 0.8, 0.8}, func(r *calibrationResidual, _ int) float64 { return r.ratios[1] })[0]; math.Abs(got-1) > 0.2 {
			t.Errorf("%s: 80 %% of the values lie within %.2f of the half-width of the 80 %% interval", name, got)
		}
	}
}
