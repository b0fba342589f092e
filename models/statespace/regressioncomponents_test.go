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

// TestToldCovariates demands that a temperature that stands twice in a table, in Celsius and in Fahrenheit to two digits, has
// its effect once, with the interval that it has alone, and no part the second time.
func TestToldCovariates(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	once := &series.Panel{Channels: []string{"y"}, Known: []string{"celsius"}, Step: series.Step{Width: 1}, Seasons: []float64{7}}
	twice := &series.Panel{Channels: []string{"y"}, Known: []string{"celsius", "fahrenheit"}, Step: series.Step{Width: 1}, Seasons: []float64{7}}
	s := &series.Series{ID: "a"}
	for i := range 200 {
		c := math.Round(1000*rng.NormFloat64()) / 100
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 50-3*c+2*rng.NormFloat64())
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, c)
	}
	both := *s
	both.Known.Values = nil
	for _, c := range s.Known.Values {
		both.Known.Values = append(both.Known.Values, c, math.Round(100*(32+1.8*c))/100)
	}
	once.Series, twice.Series = []*series.Series{s}, []*series.Series{&both}
	var parts [2]*forecast.Components
	for k, p := range []*series.Panel{once, twice} {
		all, err := Regression{}.Components(t.Context(), p, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		parts[k] = all[0]
	}
	if !forecast.HasPart(parts[1:], "celsius") || forecast.HasPart(parts[1:], "fahrenheit") {
		t.Error("the effect is not that of the first column alone")
	}
	for i, sd := range parts[0].SD[2] {
		if math.Abs(parts[1].SD[2][i]-sd) > 1e-6*sd || math.Abs(parts[1].Mean[2][i]-parts[0].Mean[2][i]) > 1e-6 {
			t.Fatalf("value %d: %v +- %v, alone %v +- %v", i, parts[1].Mean[2][i], parts[1].SD[2][i], parts[0].Mean[2][i], sd)
		}
	}
}
