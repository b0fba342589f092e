package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestLines holds regressions against the weights that made the rows, and the deviation of
// what is left against that of the noise.
func TestLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var rows [][]float64
	for range 2000 {
		a, b := rng.NormFloat64(), 5+3*rng.NormFloat64()
		y := 2 + a - 0.5*b + 0.1*rng.NormFloat64()
		rows = append(rows, []float64{a, b, y, 3*y - a + 0.2*rng.NormFloat64()})
	}
	lines := fitLines(rows, 2)
	if lines == nil {
		t.Fatal("no lines")
	}
	for j, want := range [][]float64{{1, -0.5}, {-1, 0, 3}} {
		for i, w := range lines[j].Weights {
			if math.Abs(w-want[i]) > 0.06 {
				t.Errorf("line %d: weights %v, want %v", j, lines[j].Weights, want)
			}
		}
		if sd := 0.1 * float64(1+j); math.Abs(lines[j].Unit/sd-1) > 0.05 {
			t.Errorf("line %d leaves a deviation of %v, want %v", j, lines[j].Unit, sd)
		}
	}
	if far := lines[0].at([]float64{100, 5}); far != lines[0].Range[1] {
		t.Errorf("%v far beyond the rows, want %v, the most there", far, lines[0].Range[1])
	}
	if fitLines(rows[:30], 2) != nil {
		t.Error("lines of four columns are learned from 30 rows")
	}
}

// TestFirstValues holds the density of first values with sharp bounds against its integral,
// and what is drawn against the bounds.
func TestFirstValues(t *testing.T) {
	p := panel(200, 8, 1, func(before []float64, rng *rand.Rand) []float64 {
		if before == nil {
			return []float64{2 + rng.Float64()}
		}
		return []float64{before[0] + 1 + rng.NormFloat64()/2}
	})
	m := fit(t, Options{Hidden: 8, Updates: 60, Batch: 32}, p, forecast.FitOptions{Horizon: 2, Season: 1})
	all := &series.Panel{Channels: p.Channels, Step: p.Step, Axis: p.Axis, IDColumn: "id", TimeColumn: "t"}
	const step = 0.01
	for x := 0.0; x < 5; x += step {
		all.Series = append(all.Series, &series.Series{ID: fmt.Sprint(x), Times: []float64{0}, Values: []float64{x}})
	}
	likelihoods, err := m.LogLikelihood(context.Background(), all, forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range likelihoods {
		sum += step * math.Exp(l.Value)
	}
	if math.Abs(sum-1) > 0.01 {
		t.Errorf("the density of first values has the integral %v", sum)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 300, Length: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	outside := 0
	for _, s := range g.Series {
		if x := s.Values[0]; x < 1.95 || x > 3.05 {
			outside++
		}
	}
	if outside > 6 {
		t.Errorf("%d of 300 first values are outside of 2 to 3", outside)
	}
}
