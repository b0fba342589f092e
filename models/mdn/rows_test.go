package mdn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/seriestest"
)

// TestRowGradient holds the derivatives of the density of repeating rows against
// differences.
func TestRowGradient(t *testing.T) {
	repeats := []bool{true, false, true, false}
	m := &rowNode[float64]{whole: []bool{true, true, false, false}, targets: make([][]target, 2)}
	for _, r := range repeats {
		m.targets[0] = append(m.targets[0], target{repeats: r})
		m.targets[1] = append(m.targets[1], target{repeats: true})
	}
	values := []float64{0.3, -0.7, 1, 2, -2.5, -4, -1, -3}
	grad := make([]float64, 8)
	loss := func() float64 {
		var tape ad.Tape
		clear(grad)
		l := m.logDensity(&tape, tape.Param(4, 1, values[:4], grad[:4]), tape.Param(4, 1, values[4:], grad[4:]))
		sum := tape.Sum(tape.Mul(l, tape.Const(4, 1, []float64{1, -2, 0.5, 3})))
		tape.Backward(sum)
		return sum.Val[0]
	}
	loss()
	got := slices.Clone(grad)
	for i, v := range values {
		const h = 1e-6
		values[i] = v + h
		up := loss()
		values[i] = v - h
		down := loss()
		values[i] = v
		if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-6 {
			t.Errorf("value %d: derivative %v, by differences %v", i, got[i], want)
		}
	}
}

// TestRows protects that rows of many channels repeat as a whole as often as in the data:
// chords that are held, of which each channel by itself would let one note go.
func TestRows(t *testing.T) {
	seriestest.Long(t)
	const notes = 8
	p := panel(25, 20, 1, func([]float64, *rand.Rand) []float64 { return []float64{0} })
	p.Channels = []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	rng := rand.New(rand.NewPCG(8, 9))
	share := func(values []float64) (same, n float64) {
		for k := notes; k < len(values); k += notes {
			if n++; slices.Equal(values[k-notes:k], values[k:k+notes]) {
				same++
			}
		}
		return same, n
	}
	var want, got, n float64
	for _, s := range p.Series {
		s.Values = nil
		row := make([]float64, notes)
		for range s.Times {
			if rng.Float64() > 0.3 {
				for j := range row {
					row[j] = float64(rng.IntN(2))
				}
			}
			s.Values = append(s.Values, row...)
		}
		same, of := share(s.Values)
		want, n = want+same, n+of
	}
	want /= n
	m := fit(t, Options{Hidden: 8, Head: 6, Components: 1, Updates: 150, Batch: 24}, p, forecast.FitOptions{Horizon: 4, Season: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 40, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	n = 0
	for _, s := range g.Series {
		same, of := share(s.Values)
		got, n = got+same, n+of
	}
	if got /= n; math.Abs(got-want) > 0.06 {
		t.Errorf("%.3f of the rows repeat the row before, of the data %.3f", got, want)
	}
}
