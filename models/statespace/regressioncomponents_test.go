package statespace

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// The parts of a series that is a line, a season, a covariate's effect and noise are what they were
// made of, within their intervals as often as these say, and add up to the values.
func TestRegressionComponents(t *testing.T) {
	const n, replicates = 120, 30
	within, all := 0.0, 0.0
	for seed := range uint64(replicates) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := &series.Panel{Channels: []string{"y"}, Known: []string{"price"}, Step: series.Step{Width: 1}, Seasons: []float64{12}}
		s := &series.Series{ID: "a"}
		want := make([][]float64, 3)
		for i := range n {
			price := math.Round(rng.Float64() * 4)
			parts := []float64{50 + 0.3*float64(i), 6 * math.Sin(2*math.Pi*float64(i)/12), -2 * price}
			s.Times, s.Known.Times, s.Known.Values = append(s.Times, float64(i)), append(s.Known.Times, float64(i)), append(s.Known.Values, price)
			s.Values = append(s.Values, parts[0]+parts[1]+parts[2]+rng.NormFloat64())
			for k, v := range parts {
				want[k] = append(want[k], v)
			}
		}
		p.Series = []*series.Series{s}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		got, err := Regression{}.Components(context.Background(), p, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := got[0]
		if names := []string{"trend", "season-12", "price", forecast.Remainder}; !slices.Equal(c.Names, names) {
			t.Fatalf("components %v, want %v", c.Names, names)
		}
		for i, y := range s.Values {
			sum := 0.0
			for k := range c.Names {
				sum += c.Mean[k][i]
			}
			if math.Abs(sum-y) > 1e-9 {
				t.Fatalf("components at %d add up to %v, want %v", i, sum, y)
			}
			for k := range want {
				d := math.Abs(c.Mean[k][i] - want[k][i])
				if all++; d <= 1.2816*c.SD[k][i] {
					within++
				}
				if d > 2 {
					t.Errorf("draw %d: %s at %d is %v, want %v", seed, c.Names[k], i, c.Mean[k][i], want[k][i])
				}
			}
		}
	}
	if share := within / all; share < 0.7 || share > 0.93 {
		t.Errorf("%.2f of the parts lie within their 80 %% intervals", share)
	}
}
