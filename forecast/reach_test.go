package forecast_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// A still model forecasts zero, give or take one.
type still struct{}

func (still) Name() string { return "still" }

func (still) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return nil }

func (still) Forecast(_ context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(h)
	f := &forecast.Forecast{Model: "still", Channels: h.Channels}
	for i, s := range h.Series {
		n := len(opt.At[i]) * h.Width()
		f.Series = append(f.Series, &forecast.Distribution{ID: s.ID, Times: opt.At[i], Mean: make([]float64, n), SD: slices.Repeat([]float64{1}, n)})
	}
	return f, err
}

// Of many series too short to look back intervals become as wide as the series go together: about a model that
// is too sure, and has walks with drifts come back. A single series tells nothing.
func TestCalibratedByLaw(t *testing.T) {
	ctx := context.Background()
	const number, n, horizon = 200, 10, 8
	past := &series.Panel{Channels: []string{"y", "z"}, IDColumn: "unique_id", Step: series.Step{Width: 1}}
	future := make([][]float64, number)
	for i := range number {
		rng := rand.New(rand.NewPCG(6, uint64(i)))
		s := &series.Series{ID: fmt.Sprint(i)}
		slope, y := rng.NormFloat64(), 0.0
		for t := range n + horizon {
			row := []float64{y, rng.NormFloat64()}
			if y += 0.5*slope + rng.NormFloat64(); t < n {
				s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, row...)
			} else {
				future[i] = append(future[i], row...)
			}
		}
		past.Series = append(past.Series, s)
	}
	m := &forecast.Calibrated{New: func() forecast.Model { return still{} }}
	if err := m.Fit(ctx, past, forecast.FitOptions{Horizon: horizon}); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m.Calibration())
	if err != nil {
		t.Fatal(err)
	}
	var read forecast.Calibration
	if err := json.Unmarshal(text, &read); err != nil || read.Validate() != nil || !strings.Contains(read.String(), "together") {
		t.Fatalf("%s: %v, %v, %s", text, err, read.Validate(), &read)
	}
	f, err := m.Forecast(ctx, past, forecast.Options{Horizon: horizon})
	if err != nil {
		t.Fatal(err)
	}
	var in80, in95 [2]float64
	for i, d := range f.Series {
		q := d.Quantiles(0.1, 0.9, 0.025, 0.975)
		for k, v := range future[i] {
			if q[0][k] <= v && v <= q[1][k] {
				in80[k%2] += 1.0 / (number * horizon)
			}
			if q[2][k] <= v && v <= q[3][k] {
				in95[k%2] += 1.0 / (number * horizon)
			}
			if width := q[1][k] - q[0][k]; width < 0.999*(q[1][k%2]-q[0][k%2]) {
				t.Fatalf("value %d of series %d: an interval of %v shrinks", k, i, width)
			}
		}
	}
	for c := range in80 {
		if math.Abs(in80[c]-0.8) > 0.06 || math.Abs(in95[c]-0.95) > 0.03 {
			t.Errorf("channel %d: %.3f and %.3f of what comes lie within the intervals of 80 and 95 %%", c, in80[c], in95[c])
		}
	}
	one := &forecast.Calibrated{New: m.New}
	if err := one.Fit(ctx, past.With(past.Series[:1]), forecast.FitOptions{Horizon: horizon}); err != nil || one.Calibration() != nil {
		t.Errorf("of one series: %v, %v", one.Calibration(), err)
	}
}
