package latentode

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/internal/neural"
	"tsgen/internal/seriestest"
)

// Scores of heavier tails than a Gaussian's widen the tails and not the middle, of many series as far as these
// say and of few, or of values that err together, with what is not known of them; scores that are too near 0 narrow intervals where many
// series agree.
func TestStretchOfScores(t *testing.T) {
	seriestest.Long(t)
	scores := scoresOf(mixture.Probabilities())
	const tenth, fortieth = 11, 13 // the places of the quantiles that a tenth and a fortieth are above
	rng := rand.New(rand.NewPCG(7, 7))
	drawn := func(series, values int, of func() float64) scored {
		s := make(scored, series)
		for i := range s {
			for range values {
				s[i] = append(s[i], of())
			}
		}
		return s
	}
	own := drawn(8, 1, rng.NormFloat64)
	for i, of := range own {
		for range 20 {
			own[i] = append(own[i], of[0])
		}
	}
	heavy := func() float64 {
		if rng.IntN(10) == 0 {
			return 3 * rng.NormFloat64()
		}
		return rng.NormFloat64()
	}
	for _, test := range []struct {
		name         string
		scores       scored
		inner, outer [2]float64 // the least and the greatest stretch
	}{
		{"nothing", make(scored, 6), [2]float64{1, 1}, [2]float64{1, 1}},
		{"right", drawn(500, 2, rng.NormFloat64), [2]float64{0.97, 1.05}, [2]float64{0.97, 1.07}},
		{"heavy", drawn(500, 2, heavy), [2]float64{1, 1.2}, [2]float64{1.25, 1.6}},
		{"too wide", drawn(500, 2, func() float64 { return 0.7 * rng.NormFloat64() }), [2]float64{0.68, 0.8}, [2]float64{0.68, 0.82}},
		{"too wide in few", drawn(6, 1, func() float64 { return 0.8 * rng.NormFloat64() }), [2]float64{0.9, 1.2}, [2]float64{0.95, 1.4}},
		{"too narrow", drawn(500, 2, func() float64 { return 1.5 * rng.NormFloat64() }), [2]float64{1.4, 1.6}, [2]float64{1.4, 1.65}},
		{"together", own, [2]float64{0.9, 1.3}, [2]float64{1, 1.6}},
	} {
		by := test.scores.stretch(scores, false)
		if by[tenth] < test.inner[0] || by[tenth] > test.inner[1] || by[fortieth] < test.outer[0] || by[fortieth] > test.outer[1] {
			t.Errorf("%s: intervals of 80 and 95 %% are stretched by %.3f and %.3f", test.name, by[tenth], by[fortieth])
		}
		if chose := test.scores.stretch(scores, true); chose[tenth] < 1 {
			t.Errorf("%s: intervals of 80 %% are stretched by %.3f by values that chose the weights", test.name, chose[tenth])
		}
	}
}

// A score is that of the place among quantiles, on both sides, and in proportion beyond them.
func TestScore(t *testing.T) {
	q, scores := []float64{-4, -1, 0, 1, 2}, []float64{-2, -1, 0, 1, 2}
	for x, want := range map[float64]float64{-8: -4, -4: -2, -2.5: -1.5, 0: 0, 0.5: 0.5, 1.5: 1.5, 3: 3} {
		if z := score(x, q, scores); math.Abs(z-want) > 1e-12 {
			t.Errorf("%v has the score %v, want %v", x, z, want)
		}
	}
	if z := score(1, make([]float64, 5), scores); z != mostScore {
		t.Errorf("far from a point: %v", z)
	}
}

// Quantiles and paths beyond the observations move away from their medians, those of positive values in their logarithms, and
// less is taken from them the farther ahead they are.
func TestWiden(t *testing.T) {
	probs := mixture.Probabilities()
	double, half := make([]float64, len(probs)), make([]float64, len(probs))
	for i := range probs {
		double[i], half[i] = 2, 0.5
	}
	c := &config{Frame: neural.Frame{Log: []bool{false, true, false}}, Judged: 1, Stretch: [][]float64{double, double, half}}
	c.Channels = []string{"a", "b", "c"}
	d := &forecast.Distribution{ID: "x", Times: []float64{0, 1, 2}, Probs: []float64{0.1, 0.5, 0.9}, Values: [][]float64{
		{1, 2, 1, 1, 2, 1, 1, 2, 1}, {2, 4, 2, 2, 4, 2, 2, 4, 2}, {3, 8, 3, 3, 8, 3, 3, 8, 3}}}
	paths := &forecast.Distribution{ID: "x", Times: d.Times, Paths: [][]float64{d.Values[2], d.Values[0], d.Values[1]}}
	for i, p := range paths.Paths {
		paths.Paths[i] = append([]float64(nil), p...)
	}
	leads := []float64{0, 1, 2}
	c.widen(d, leads)
	c.widen(paths, leads)
	want := [][]float64{{1, 2, 1, 0, 1, 1.5, 0, 1, 1.25}, {2, 4, 2, 2, 4, 2, 2, 4, 2}, {3, 8, 3, 4, 16, 2.5, 4, 16, 2.75}}
	for i, row := range want {
		for k, x := range row {
			if math.Abs(d.Values[i][k]-x) > 1e-12 || math.Abs(paths.Paths[(i+1)%3][k]-x) > 1e-12 {
				t.Errorf("quantile %d, value %d: %v, of paths %v, want %v", i, k, d.Values[i][k], paths.Paths[(i+1)%3][k], x)
			}
		}
	}
}
