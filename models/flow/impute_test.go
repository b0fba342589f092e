package flow

import (
	"context"
	"errors"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/seriestest"
)

// TestImpute holds what is drawn in a gap, and of an observed value, against the law of an autoregression
// given its neighbours: the mean φ/(1+φ²) of both and the variance 1/(1+φ²) of innovations.
func TestImpute(t *testing.T) {
	seriestest.Long(t)
	p := autoregressions(400, 12, 2)
	m := fit(t, Options{Hidden: 32, Updates: 600}, p, forecast.FitOptions{Horizon: 2, Season: 1})
	gaps := autoregressions(40, 12, 9)
	opt := forecast.Options{Samples: 60, Seed: 1}
	for _, s := range gaps.Series {
		s.Values[6] = math.NaN()
		opt.At = append(opt.At, []float64{3, 6})
	}
	f, err := m.Impute(context.Background(), gaps, opt)
	if err != nil {
		t.Fatal(err)
	}
	var off [2]moments.Moments
	var spread [2]float64
	for i, s := range gaps.Series {
		for k, at := range []int{3, 6} {
			want := 50 + phi/(1+phi*phi)*(s.Values[at-1]+s.Values[at+1]-100)
			var drawn moments.Moments
			for _, x := range f.Series[i].Paths {
				drawn.Add(x[k])
			}
			off[k].Add(drawn.Mean - want)
			spread[k] += math.Sqrt(drawn.Variance()) / float64(len(gaps.Series))
		}
	}
	for k := range off {
		sd := 10 / math.Sqrt(1+phi*phi)
		if math.Abs(off[k].Mean) > sd/3 || math.Sqrt(off[k].Variance()) > sd/2 || spread[k] < 0.7*sd || spread[k] > 1.3*sd {
			t.Errorf("value %d is off what its neighbours say by %v ± %v with a spread of %v, want 0 and %v", k, off[k].Mean, math.Sqrt(off[k].Variance()), spread[k], sd)
		}
	}
	opt.At = nil
	for range gaps.Series {
		opt.At = append(opt.At, []float64{12})
	}
	if _, err := m.Impute(context.Background(), gaps, opt); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("a time after the last: %v", err)
	}
	if _, err := (&Model{}).Impute(context.Background(), gaps, opt); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("before a fit: %v", err)
	}
}
