package gauss

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"tsgen/forecast"
	running "tsgen/internal/moments"
	"tsgen/series"
)

// inclined returns so many steps of series with a year of twelve, too few to be learned as wholes, and noise of the deviation 1 that rise
// by so much a step in the first of two channels.
func inclined(number, steps int, slope float64) *series.Panel {
	rng := rand.New(rand.NewPCG(4, 5))
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}, Seasons: []float64{12}}
	for i := range number {
		s := &series.Series{ID: strconv.Itoa(i)}
		level := 5 * rng.NormFloat64()
		for t := range steps {
			s.Times = append(s.Times, float64(t))
			s.Values = append(s.Values, level+slope*float64(t)+2*math.Sin(math.Pi*float64(t)/6)+rng.NormFloat64(), rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestSlope protects that generated series rise as those of the data do, one or many, also by a model that was stored, and
// that nothing rises where the data do not; and that what is shorter than a single series is not always its beginning.
func TestSlope(t *testing.T) {
	ctx := context.Background()
	for _, of := range [][2]int{{1, 240}, {40, 60}} {
		number, steps := of[0], of[1]
		for _, slope := range []float64{0.1, 0} {
			m := &Model{}
			if err := m.Fit(ctx, inclined(number, steps, slope), forecast.FitOptions{Horizon: 6, Season: 12}); err != nil {
				t.Fatal(err)
			}
			state, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			if m, err = FromState(state); err != nil {
				t.Fatal(err)
			}
			if rises := m.fit.slopes != nil; rises != (slope > 0) {
				t.Fatalf("%d series that rise by %v a step: slopes %v", number, slope, m.fit.slopes)
			}
			for _, length := range []int{steps, 24} {
				g, err := m.Generate(ctx, forecast.GenerateOptions{Number: 50, Length: length, Seed: 2})
				if err != nil {
					t.Fatal(err)
				}
				var rise [2]running.Moments
				var first running.Moments
				for _, s := range g.Series {
					first.Add(s.Values[0])
					for j := range rise {
						for k := 24 + j; k < len(s.Values); k += 2 {
							rise[j].Add((s.Values[k] - s.Values[k-24]) / 12)
						}
					}
				}
				if math.Abs(rise[0].Mean-slope) > 0.02 || math.Abs(rise[1].Mean) > 0.02 {
					t.Errorf("%d generated series of %d steps rise by %.3f and %.3f a step, the data by %v and 0", number, length, rise[0].Mean, rise[1].Mean, slope)
				}
				if sd := math.Sqrt(first.Variance()); number == 1 && length == 24 && slope > 0 && sd < 5 {
					t.Errorf("first values of parts of a rising series have the deviation %.2f", sd)
				}
			}
		}
	}
}
