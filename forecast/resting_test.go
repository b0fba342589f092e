package forecast_test

import (
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// What has been the same at a step of the season for long is certain there, and only there: not where it was another of late, where
// the other steps have it often too, nor farther ahead than it tells.
func TestRests(t *testing.T) {
	const n, horizon = 7 * 60, 7 * 20
	for name, c := range map[string]struct {
		draw  func(rng *rand.Rand, t int) float64
		rests int // of the horizon
	}{
		"closed on Sundays": {func(rng *rand.Rand, t int) float64 { return float64(min(1, t%7)) * (50 + rng.NormFloat64()) }, 15},
		"opened of late":    {func(rng *rand.Rand, t int) float64 { return float64(min(1, t%7)+t/(n-70)) * (50 + rng.NormFloat64()) }, 0},
		"closed for half the time": {func(rng *rand.Rand, t int) float64 {
			return float64(min(1, t%7)+max(0, 1-t/(n-290))) * (50 + rng.NormFloat64())
		}, 11},
		"seldom sold": {func(rng *rand.Rand, t int) float64 {
			if rng.Float64() < 0.98 || t%7 == 0 {
				return 0
			}
			return 4
		}, 0},
		"always open": {func(rng *rand.Rand, t int) float64 { return 50 + rng.NormFloat64() }, 0},
	} {
		rng := rand.New(rand.NewPCG(3, 9))
		s := &series.Series{}
		for k := range n {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, c.draw(rng, k))
		}
		p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
		f, err := forecast.Continue(t.Context(), still{}, p, forecast.Options{Horizon: horizon, Outliers: forecast.KeepOutliers})
		if err != nil {
			t.Fatal(err)
		}
		q, rests := f.Series[0].Quantiles(0.025, 0.975), 0
		for k := range horizon {
			if q[0][k] == 0 && q[1][k] == 0 {
				if rests++; (n+k)%7 != 0 {
					t.Errorf("%s: the step %d after the end is certain", name, k+1)
				}
			}
		}
		if rests != c.rests {
			t.Errorf("%s: %d steps rest, want %d", name, rests, c.rests)
		}
	}
}

// TestGeneratedRests protects that what is closed at one step of the season in all data is closed there in generated series, if it
// mostly is anyway, and that no other step is closed for that.
func TestGeneratedRests(t *testing.T) {
	draw := func(n, first int, odd float64) *series.Panel {
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		s := &series.Series{}
		for k := first; k < first+n; k++ {
			y := float64(min(1, k%7)) * (50 + rng.NormFloat64())
			if k%7 == 0 && rng.Float64() < odd {
				y = 7
			}
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y)
		}
		return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
	}
	fitted := draw(7*60, 0, 0)
	fitted.Seasons = []float64{5, 7} // of which one is none
	for _, c := range []struct {
		odd    float64
		opened bool // in another series of the data
		closed bool
	}{{0.2, false, true}, {0.9, false, false}, {0.2, true, false}} {
		made := draw(7*20, 3, c.odd)
		if c.opened {
			fitted.Series = append([]*series.Series{draw(7*50, 0, 1).Series[0]}, fitted.Series...)
		}
		forecast.ConfineSeries(made, fitted, nil)
		open := 0
		for k, y := range made.Series[0].Values {
			sunday := int(made.Series[0].Times[k])%7 == 0
			if !sunday && y == 0 {
				t.Errorf("step %d is closed", k)
			}
			if sunday && y != 0 {
				open++
			}
		}
		if c.closed != (open == 0) {
			t.Errorf("of series that are open on a part of %v of the Sundays, %d are", c.odd, open)
		}
	}
}
