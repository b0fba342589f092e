package forecast_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// spread forecasts zero with the deviation of the last values that it sees.
type spread struct{ noise int }

func (spread) Name() string { return "spread" }

func (spread) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return nil }

func (m spread) Forecast(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: m.Name(), Channels: history.Channels}
	for i, s := range history.Series {
		sum := 0.0
		for _, v := range s.Values[max(0, len(s.Values)-m.noise):] {
			sum += v * v / float64(m.noise)
		}
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		for range opt.At[i] {
			d.Mean, d.SD = append(d.Mean, 0), append(d.SD, math.Sqrt(sum))
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// What past forecasts were off by in a change from quiet to wide makes no interval
// wider than past errors were: without that bound the factors of the quiet past, five and
// more, would multiply the wide present.
func TestCalibrationBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := &series.Series{}
	for i := range 160 {
		sd := 1.0
		if i >= 120 {
			sd = 8
		}
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, sd*rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	m := &forecast.Calibrated{New: func() forecast.Model { return spread{20} }}
	opt := forecast.FitOptions{Horizon: 14, Season: 1, Outliers: forecast.KeepOutliers}
	if err := m.Fit(t.Context(), p, opt); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: 14, Outliers: forecast.KeepOutliers})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := m.Unwrap().Forecast(t.Context(), p, forecast.Options{Horizon: 14})
	if err != nil {
		t.Fatal(err)
	}
	largest := 0.0
	for _, v := range s.Values {
		largest = max(largest, math.Abs(v))
	}
	for k, hi := range f.Series[0].Quantiles(0.975)[0] {
		own := 1.96 * raw.Series[0].SD[k]
		if hi > 1.001*max(own, largest) {
			t.Errorf("step %d: the 95 %% interval reaches %v, raw %v, the largest error of the past was %v", k+1, hi, own, largest)
		}
	}
	unbounded := *m.Calibration()
	unbounded.Bounds = nil
	wide := unbounded.Apply(raw, p).Series[0].Quantiles(0.975)[0]
	narrow := f.Series[0].Quantiles(0.975)[0]
	if !(wide[13] > 1.2*narrow[13]) {
		t.Errorf("without bounds the interval reaches %v, with them %v: the case does not show them", wide[13], narrow[13])
	}
}
