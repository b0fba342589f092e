package modal

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/forecasttest"
	"tsgen/internal/moments"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// TestShortSeries protects the intervals of short series far ahead: about lines of their own slopes, of which
// modes say that they go back to their offsets, they never shrink, and cover most of what comes.
func TestShortSeries(t *testing.T) {
	const seen, ahead = 10, 12
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t"}
	var future [][]float64
	for i := range 80 {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		s := &series.Series{ID: strconv.Itoa(i)}
		slope := 0.5 * rng.NormFloat64()
		var later []float64
		for k := range seen + ahead {
			y := slope*float64(k) + 2*rng.NormFloat64()
			if k < seen {
				s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y)
			} else {
				later = append(later, y)
			}
		}
		p.Series, future = append(p.Series, s), append(future, later)
	}
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: ahead}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: ahead})
	if err != nil {
		t.Fatal(err)
	}
	within := 0.0
	for i, d := range f.Series {
		q := d.Quantiles(0.1, 0.9)
		for k, y := range future[i] {
			if k > 0 && q[1][k]-q[0][k] < 0.95*(q[1][k-1]-q[0][k-1]) { // mixtures of one variance are of unlike shapes
				t.Fatalf("series %d: the 80 %% interval is %v wide at step %d, and %v before", i, q[1][k]-q[0][k], k+1, q[1][k-1]-q[0][k-1])
			}
			if y >= q[0][k] && y <= q[1][k] {
				within += 1 / float64(len(future)*ahead)
			}
		}
	}
	if within < 0.7 || within > 0.97 {
		t.Errorf("the 80 %% intervals hold %.2f of the values", within)
	}
}

// TestSingleSeries protects the intervals of a series that is learned from alone, of noise and of an oscillation in it: as many
// values as are said come within them, and of the oscillation they stay near what the noise makes them.
func TestSingleSeries(t *testing.T) {
	seriestest.Long(t)
	const seen, ahead, number = 30, 10, 24
	for _, amplitude := range []float64{0, 8} {
		within, width := 0.0, moments.Moments{}
		draw := func(i int) func(int) float64 {
			rng := rand.New(rand.NewPCG(6, uint64(i)))
			return func(k int) float64 { return amplitude*math.Cos(0.9*float64(k)+float64(i)) + rng.NormFloat64() }
		}
		fresh := func() forecast.Model { return &Model{} }
		forecasttest.Alone(t, fresh, number, seen, ahead, draw, []float64{0.1, 0.9}, func(q []float64, y float64) {
			width.Add(q[1] - q[0])
			if y >= q[0] && y <= q[1] {
				within += 1.0 / number / ahead
			}
		})
		if within < 0.78 || within > 0.92 || width.Mean > 5 {
			t.Errorf("amplitude %v: the 80 %% intervals hold %.3f of the values, and are %.2f deviations of the noise wide", amplitude, within, width.Mean)
		}
	}
}
