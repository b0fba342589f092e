package baseline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// origins turns a series into one for each of several forecast origins, the
// last horizon before the end and the others stride steps before, with the
// horizon held out.
func origins(t *testing.T, file string, horizon, windows, stride int) (history, future *series.Panel) {
	t.Helper()
	p, _, err := series.ReadFile("../../testdata/"+file, series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p.IDColumn = "origin"
	var hs, fs []*series.Series
	for w := range windows {
		s := *p.Series[0]
		s.ID = fmt.Sprint(w)
		end := s.Len() - (windows-1-w)*stride
		hs = append(hs, s.Slice(0, end-horizon))
		fs = append(fs, s.Slice(end-horizon, end))
	}
	return p.With(hs), p.With(fs)
}

// TestAirPassengers holds models and scores against others' on the same data: R's
// package forecast 8.20 (snaive and naive with their intervals), and an
// autoregression of order 25 by least squares in numpy, scored in numpy. That one takes
// its estimates for known, as known does; the model's own intervals, which are wider, have to
// be no worse.
func TestAirPassengers(t *testing.T) {
	history, future := origins(t, "airpassengers.csv", 24, 3, 12)
	tests := []struct {
		model forecast.Model
		want  forecast.Scores
		tol   float64 // relative
	}{
		{baseline.SeasonalNaive{}, forecast.Scores{SMAPE: 13.03, MASE: 1.76, WQL: 0.0943, SQL: 1.326, MSIS: 8.18, Coverage80: 0.5694, Coverage95: 0.8611}, 0.003},
		{baseline.SeasonalNaive{Season: 1}, forecast.Scores{SMAPE: 21.67, MASE: 2.92, WQL: 0.162, SQL: 2.27, MSIS: 17.41, Coverage80: 0.6944, Coverage95: 0.875}, 0.002},
		{known{order: 25}, forecast.Scores{SMAPE: 7.03, MASE: 0.9866, WQL: 0.05953, SQL: 0.824, MSIS: 11.91, Coverage80: 0.4167, Coverage95: 0.5}, 0.02},
	}
	for _, tt := range tests {
		r, err := forecast.Examine(t.Context(), history, future, []forecast.Model{tt.model}, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := r[0].Scores
		for i, m := range got.Measures() {
			want := tt.want.Measures()[i].Value
			if m.Name != "CRPS" && !(math.Abs(m.Value-want) <= tt.tol*want) {
				t.Errorf("%+v: %s %v, want %v", tt.model, m.Name, m.Value, want)
			}
		}
	}
	r, err := forecast.Examine(t.Context(), history, future, []forecast.Model{known{order: 25}, baseline.AR{}}, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := r[0].Scores, r[1].Scores; math.Abs(a.MASE-b.MASE) > 1e-9 || !(b.SQL < a.SQL && b.MSIS < a.MSIS && b.Coverage80 >= a.Coverage80 && b.Coverage95 >= a.Coverage95) {
		t.Errorf("the autoregression has %+v, with its estimates taken for known %+v", b, a)
	}
}

// A known model is an autoregression whose estimates are taken for known.
type known struct {
	baseline.AR
	order int
}

func (m known) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return forecast.BySeries(ctx, m.Name(), history, func(i int) (*forecast.Distribution, error) {
		s, at := history.Series[i], opt.At[i]
		q, err := baseline.Estimate(s.Values, m.order, len(at))
		if err != nil {
			return nil, err
		}
		mean, sd := q.Predict(s.Values, len(at))
		return &forecast.Distribution{ID: s.ID, Times: at, Mean: mean[1:], SD: sd[1:]}, nil
	})
}

// Weekly data with gaps: R's seasonal naive, and as a bound the autoregression
// in numpy, whose treatment of gaps is not known.
func TestCO2(t *testing.T) {
	history, future := origins(t, "co2_weekly.csv", 104, 5, 52)
	r, err := forecast.Examine(t.Context(), history, future, []forecast.Model{baseline.SeasonalNaive{}, baseline.AR{}}, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r[0].Scores; math.Abs(got.MASE-1.94) > 0.01 || math.Abs(got.SQL-1.468) > 0.01 {
		t.Errorf("seasonal naive: MASE %v, SQL %v, want 1.94 and 1.468", got.MASE, got.SQL)
	}
	if got := r[1].Scores; !(got.MASE < 0.468 && got.SQL < 0.357) {
		t.Errorf("ar: MASE %v, SQL %v, want below 0.468 and 0.357", got.MASE, got.SQL)
	}
}

// Two channels at uneven times: the naive forecast has scores, autoregression
// says that it cannot.
func TestSpirals(t *testing.T) {
	p, _, err := series.ReadFile("../../testdata/spirals.csv", series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	train, test, err := p.SplitLast(8)
	if err != nil {
		t.Fatal(err)
	}
	r, err := forecast.Examine(t.Context(), train, test, []forecast.Model{baseline.SeasonalNaive{}, baseline.AR{}}, forecast.Options{
		Domains: []forecast.Domain{forecast.Unbounded(), forecast.Unbounded()}, // by hand nothing is confined
	})
	if err != nil {
		t.Fatal(err)
	}
	s := r[0].Scores
	if n := 2 * len(p.Series); s.Series != n || s.Values != 8*n || s.Unscaled != 0 {
		t.Errorf("%d values of %d series, want %d of %d", s.Values, s.Series, 8*n, n)
	}
	// By hand: the mean absolute error of the last values.
	sum := 0.0
	for i, f := range test.Series {
		h := train.Series[i]
		for k, y := range f.Values {
			sum += math.Abs(y - h.Values[len(h.Values)-2+k%2])
		}
	}
	if want := sum / float64(s.Values); math.Abs(s.MAE-want) > 1e-12 {
		t.Errorf("MAE %v, want %v", s.MAE, want)
	}
	if !errors.Is(r[1].Err, forecast.ErrMismatch) {
		t.Errorf("ar: %v, want a refusal", r[1].Err)
	}
}
