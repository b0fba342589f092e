package boost

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// TestFewRows protects the intervals that are learned from few rows: of noise, of which trees learn their rows by
// heart, they hold most of what comes, and do not shrink along the horizon.
func TestFewRows(t *testing.T) {
	seriestest.Long(t)
	const seen, ahead = 14, 8
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	var future [][]float64
	rng := rand.New(rand.NewPCG(6, 7))
	for i := range 40 {
		s := &series.Series{ID: strconv.Itoa(i)}
		for k := range seen {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, 50+rng.NormFloat64())
		}
		later := make([]float64, ahead)
		for k := range later {
			later[k] = 50 + rng.NormFloat64()
		}
		p.Series, future = append(p.Series, s), append(future, later)
	}
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: ahead, Season: 1, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: ahead, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	within := 0.0
	for i, d := range f.Series {
		q := d.Quantiles(0.1, 0.9)
		for k, y := range future[i] {
			if k > 0 && q[1][k]-q[0][k] < q[1][k-1]-q[0][k-1]-1e-9 {
				t.Fatalf("series %d: the interval shrinks from step %d on", i, k)
			}
			if y >= q[0][k] && y <= q[1][k] {
				within += 1 / float64(len(future)*ahead)
			}
		}
	}
	if within < 0.74 || within > 0.93 {
		t.Errorf("the 80 %% intervals hold %.2f of the values", within)
	}
}

// TestOneSeries protects the intervals of a single short series, which trees learn by heart, and that one too short to
// tell by how much is refused.
func TestOneSeries(t *testing.T) {
	seriestest.Long(t)
	const ahead = 8
	within, n := 0.0, 0.0
	rng := rand.New(rand.NewPCG(8, 9))
	one := func(seen int) *series.Panel {
		s := &series.Series{ID: "a"}
		for k := range seen {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, 50+rng.NormFloat64())
		}
		return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	}
	for range 12 {
		p := one(40)
		m := &Model{}
		if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: ahead, Season: 4, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: ahead, Season: 4})
		if err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.1, 0.9)
		for k := range ahead {
			n++
			if y := 50 + rng.NormFloat64(); y >= q[0][k] && y <= q[1][k] {
				within++
			}
		}
	}
	if within /= n; within < 0.68 {
		t.Errorf("the 80 %% intervals hold %.2f of the values", within)
	}
	err := new(Model).Fit(context.Background(), one(16), forecast.FitOptions{Horizon: ahead, Season: 4, Seed: 1})
	if !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("of 16 values: %v", err)
	}
}

// TestUnit protects the unit where a season has hardly passed: what happens to be the same as a season ago does not make it small.
func TestUnit(t *testing.T) {
	s := &series.Series{ID: "a"}
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range 40 {
		s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, 50+rng.NormFloat64())
	}
	s.Values[12] = s.Values[0] + 0.02
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	c, records, err := newConfig(Options{}, p, forecast.FitOptions{Horizon: 4, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	if v := c.view(&records[0], 13, 0); v.unit < 0.3*c.Scale[0] {
		t.Errorf("a unit of %v, where values deviate by %v", v.unit, c.Scale[0])
	}
}

// TestRise compares with sequences worked out by hand.
func TestRise(t *testing.T) {
	for _, tt := range []struct{ x, want []float64 }{
		{[]float64{1, 2, 3}, []float64{1, 2, 3}},
		{[]float64{3, 2, 1}, []float64{2, 2, 2}},
		{[]float64{1, 4, 2, 3, 9, 5}, []float64{1, 3, 3, 3, 7, 7}},
	} {
		x := slices.Clone(tt.x)
		if rise(x); !slices.Equal(x, tt.want) {
			t.Errorf("%v becomes %v, want %v", tt.x, x, tt.want)
		}
	}
}
