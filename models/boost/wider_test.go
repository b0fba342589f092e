package boost

import (
	"context"
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
