package forecast_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// constant forecasts a Gaussian with the same mean and standard deviation for
// ever.
type constant struct {
	name     string
	mean, sd float64
	err      error
}

func (m constant) Name() string { return m.name }

func (m constant) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return nil }

func (m constant) Forecast(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.err != nil {
		return nil, m.err
	}
	f := &forecast.Forecast{Model: m.name, Channels: history.Channels}
	for i, s := range history.Series {
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		for range len(opt.At[i]) * history.Width() {
			d.Mean = append(d.Mean, m.mean)
			d.SD = append(d.SD, m.sd)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// Models that refuse the data are reported beside the scores of the others; any
// other failure ends the examination.
func TestExamine(t *testing.T) {
	p := panel(0, []string{"y"}, 1, 2, 3, 4, 5, 6)
	train, test, err := p.SplitLast(2)
	if err != nil {
		t.Fatal(err)
	}
	refusal := fmt.Errorf("picky: %w", forecast.ErrMismatch)
	short := fmt.Errorf("greedy: %w", forecast.ErrTooShort)
	results, err := forecast.Examine(t.Context(), train, test, []forecast.Model{
		constant{"far", 0, 1, nil},
		constant{"picky", 0, 0, refusal},
		constant{"near", 5, 1, nil},
		constant{"greedy", 0, 0, short},
	}, forecast.Options{Domains: []forecast.Domain{forecast.Unbounded()}})
	if err != nil {
		t.Fatal(err)
	}
	for i, mase := range []float64{5.5, nan, 0.5, nan} {
		r := results[i]
		if math.IsNaN(mase) != (r.Err != nil) || r.Err == nil && r.Scores.MASE != mase {
			t.Errorf("%s: MASE %v, error %v, want MASE %v", r.Model, r.Scores.MASE, r.Err, mase)
		}
	}
	if !errors.Is(results[1].Err, forecast.ErrMismatch) || !errors.Is(results[3].Err, forecast.ErrTooShort) {
		t.Errorf("errors %v, %v", results[1].Err, results[3].Err)
	}

	for _, m := range []constant{
		{"broken", 0, 0, context.Canceled},
		{"nan", nan, 1, nil},
	} {
		if _, err := forecast.Examine(t.Context(), train, test, []forecast.Model{m}, forecast.Options{}); err == nil ||
			!strings.Contains(err.Error(), "examination of "+m.name) || m.err != nil && !errors.Is(err, m.err) {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// The table is sorted by score, says which scores could not be had and why, and
// leaves the results as they are.
func TestWriteTable(t *testing.T) {
	results := []forecast.Result{
		{Model: "seasonal-naive", Scores: forecast.Scores{MASE: 1.7571, SMAPE: 13.03, CRPS: 50.51, SQL: 1.3261, WQL: 0.0943, MSIS: 8.183, Coverage80: 0.5694, Coverage95: 0.8611, Series: 3}},
		{Model: "odd", Err: fmt.Errorf("odd: %w", forecast.ErrMismatch)},
		{Model: "unscaled", Scores: forecast.Scores{MASE: nan, SMAPE: 100, CRPS: 1e12, SQL: nan, WQL: nan, MSIS: nan, Coverage80: 0, Coverage95: 1, Series: 3, Unscaled: 1}},
		{Model: "ar", Scores: forecast.Scores{MASE: 0.9866, SMAPE: 7.034, CRPS: 31.2, SQL: 0.824, WQL: 0.05953, MSIS: 11.91, Coverage80: 0.4167, Coverage95: 0.5, Series: 3}},
	}
	const want = `
model            MASE   sMAPE   CRPS    SQL     WQL   MSIS  cov 80  cov 95
ar              0.987    7.03   31.2  0.824  0.0595  11.91   0.417   0.500
seasonal-naive  1.757   13.03   50.5  1.326  0.0943   8.18   0.569   0.861
unscaled            -  100.00  1e+12      -       -      -   0.000   1.000
odd                 -       -      -      -       -      -       -       -
1 of 3 forecasts, each of a channel of a series from an origin, have no seasonal error to scale by and are left out of MASE, SQL and MSIS.
odd: the model does not fit the data
`
	var b strings.Builder
	if err := forecast.WriteTable(&b, results); err != nil {
		t.Fatal(err)
	}
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	if results[0].Model != "seasonal-naive" {
		t.Error("the results were reordered")
	}
	if err := forecast.WriteTable(failing{}, results); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

// failing is a writer that cannot write.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// Scores of quite different sizes have their digits, and no row of zeros.
func TestWriteTableOfSmallScores(t *testing.T) {
	var b strings.Builder
	results := []forecast.Result{
		{Model: "a", Scores: forecast.Scores{SQL: 1.5, CRPS: 2e-300}},
		{Model: "b", Scores: forecast.Scores{SQL: 2.5, CRPS: 0}},
	}
	if err := forecast.WriteTable(&b, results); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "2e-300") || strings.Contains(text, "0.0000") || !strings.Contains(text, "1.50") {
		t.Errorf("table:\n%s", text)
	}
}
