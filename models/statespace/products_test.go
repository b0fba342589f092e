package statespace

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// warmed returns a series of n values with a season of 12, whose known temperature, never 0, adds
// effect of its distance from 15 and its step to a sine of the season and errors of one lag, for
// another 12 steps as well.
func warmed(n int, seed uint64, effect func(warmth float64, step int) float64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 3))
	s := &series.Series{ID: "a"}
	u := 0.0
	for i := range n + 12 {
		warmth := 4 * rng.NormFloat64()
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, 15+warmth)
		u = 0.6*u + 0.5*rng.NormFloat64()
		if i < n {
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, 3*math.Sin(2*math.Pi*float64(i)/12)+effect(warmth, i)+u)
		}
	}
	return &series.Panel{Channels: []string{"y"}, Known: []string{"temperature"}, Step: series.Step{Width: 1}, Seasons: []float64{12}, Series: []*series.Series{s}}
}

// effects are planted: a square, and a line that changes with the season.
var effects = map[string]func(warmth float64, step int) float64{
	"square":  func(w float64, _ int) float64 { return 0.1 * w * w },
	"product": func(w float64, i int) float64 { return 0.5 * w * math.Cos(2*math.Pi*float64(i)/12) },
}

// Planted squares and products are forecast within their noise where lines are not, as components
// they are what the covariate adds to its mean, and a kept estimate forecasts the same.
func TestProducts(t *testing.T) {
	ctx := context.Background()
	for name, effect := range effects {
		const n = 240
		p := warmed(n, 1, effect)
		s := p.Series[0]
		opt := forecast.Options{At: [][]float64{p.Future(s, 12)}}
		loss := func(m forecast.Model) (square float64) {
			f, err := m.Forecast(ctx, p, opt)
			if err != nil {
				t.Fatal(err)
			}
			for h, mean := range f.Series[0].Mean {
				d := mean - 3*math.Sin(2*math.Pi*float64(n+h)/12) - effect(s.Known.Values[n+h]-15, n+h)
				square += d * d / 12
			}
			return square
		}
		curved, line := loss(Regression{}), loss(Regression{Linear: true})
		// The errors that are to come have a variance of 0.4.
		if curved > 0.4 || line < 2*curved {
			t.Errorf("%s: a loss of %.3f, of lines %.3f", name, curved, line)
		}

		kept, err := Regression{}.Keep(ctx, p, forecast.FitOptions{Horizon: 12})
		if err != nil {
			t.Fatal(err)
		}
		state, err := kept.(interface {
			State() (*forecast.State, error)
		}).State()
		if err != nil {
			t.Fatal(err)
		}
		read, err := KeptFromState(state, func(options []byte) (forecast.Model, error) {
			var m Regression
			err := json.Unmarshal(options, &m)
			return m, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if again := loss(read); again != curved {
			t.Errorf("%s: a loss of %v, of the kept estimate %v", name, curved, again)
		}

		all, err := Regression{}.Components(ctx, p, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := all[0]
		at := slices.Index(c.Names, "temperature")
		apart := 0.0
		for i, y := range s.Values {
			sum := 0.0
			for k := range c.Names {
				sum += c.Mean[k][i]
			}
			if math.Abs(sum-y) > 1e-9 {
				t.Fatalf("%s: components at %d add up to %v, want %v", name, i, sum, y)
			}
			apart = math.Max(apart, math.Abs(c.Mean[at][i]-effect(s.Known.Values[i]-15, i)))
		}
		if apart > 1.5 {
			t.Errorf("%s: the part of the covariate is %.2f from what it is", name, apart)
		}
	}
}

// A covariate that has no effect, or a straight one, seldom has products.
func TestProductsOfNoise(t *testing.T) {
	for name, slope := range map[string]float64{"noise": 0, "line": 1} {
		const draws = 50
		some := 0
		for seed := range uint64(draws) {
			p := warmed(120, seed, func(w float64, _ int) float64 { return slope * w })
			r := Regression{}.regressing(p, forecast.Options{})
			g, err := r.gridded(p.Series[0], nil)
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.estimate(p.Series[0], 0, g)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.recipe.products) > 0 {
				some++
			}
		}
		if some > draws/10 {
			t.Errorf("%s: %d of %d have products", name, some, draws)
		}
	}
}

// Beyond the values of the past a product stays what it is at the farthest of them, and without a
// value of zero it is nought at the mean.
func TestProductColumns(t *testing.T) {
	known := []float64{1, 2, 3, 9, -9}
	got := product{known: 0, span: 1, power: 2}.columns(5, 3, 0, known, 1)[0]
	if got[0] != got[2] || got[1] != 0 || got[3] != got[2] || got[4] != got[0] {
		t.Errorf("squares %v", got)
	}
	if got := trailing(known, 2); !slices.Equal(got, []float64{1, 1.5, 2.5, 6, 0}) {
		t.Errorf("means of two %v", got)
	}
}
