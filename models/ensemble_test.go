package models_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/series"
)

// A normal is a model whose forecasts are all of one Gaussian.
type normal struct {
	mean, sd float64
	err      error // of fit and forecast
}

func (normal) Name() string { return "normal" }

func (m normal) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return m.err }

func (m normal) Forecast(_ context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: m.Name(), Channels: h.Channels}
	for i, s := range h.Series {
		n := len(opt.At[i])
		f.Series = append(f.Series, &forecast.Distribution{
			ID: s.ID, Times: opt.At[i], Mean: slices.Repeat([]float64{m.mean}, n), SD: slices.Repeat([]float64{m.sd}, n),
		})
	}
	return f, m.err
}

func twoSeries() *series.Panel {
	return &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", Step: series.Step{Width: 1}, Series: []*series.Series{
		{ID: "a", Times: []float64{0, 1, 2}, Values: []float64{1, 2, 3}},
		{ID: "b", Times: []float64{0, 1, 2}, Values: []float64{3, 2, 1}},
	}}
}

// The median of the members is taken time by time and quantile by quantile; members
// that refuse are left out, and those that fail end the forecast.
func TestEnsemble(t *testing.T) {
	at := func(mean, sd float64) normal { return normal{mean: mean, sd: sd} }
	refusing := normal{sd: 1, err: forecast.ErrMismatch}
	const z = 1.2815515655446004 // 0.9-quantile of the standard normal distribution
	history := twoSeries()
	opt := forecast.Options{At: [][]float64{{3, 4}, {3}}}
	for _, tt := range []struct {
		members    []forecast.Model
		median, p9 float64
		note       string
	}{
		{[]forecast.Model{at(0, 1)}, 0, z, ""},
		{[]forecast.Model{at(0, 1), at(4, 1)}, 2, 2 + z, ""},
		{[]forecast.Model{at(0, 1), at(1, 1), at(20, 1)}, 1, 1 + z, ""},
		// No past of these series, from 1 to 3, supports five millions.
		{[]forecast.Model{at(0, 1), at(1, 1), at(5e6, 1)}, 0.5, 0.5 + z, "without normal in 2 of 2 series"},
		// At the 0.9-quantile the members are z, 3z and 1: the middle is z.
		{[]forecast.Model{at(0, 1), at(0, 3), at(1, 0)}, 0, z, ""},
		{[]forecast.Model{refusing, at(1, 1)}, 1, 1 + z, "without normal"},
	} {
		m := &models.Ensemble{Members: tt.members}
		if err := m.Fit(t.Context(), history, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(t.Context(), history, opt)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.5, 0.9)
		if math.Abs(q[0][1]-tt.median) > 1e-12 || math.Abs(q[1][1]-tt.p9) > 1e-12 {
			t.Errorf("quantiles %v and %v, want %v and %v", q[0][1], q[1][1], tt.median, tt.p9)
		}
		if notes := strings.Join(f.Notes, "\n"); !strings.Contains(notes, tt.note) {
			t.Errorf("notes %q, want %q", notes, tt.note)
		}
	}
	m := &models.Ensemble{Members: []forecast.Model{refusing, refusing}}
	if _, err := m.Forecast(t.Context(), history, opt); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("of members that all refuse: %v", err)
	}
	broken := errors.New("broken")
	m = &models.Ensemble{Members: []forecast.Model{at(0, 1), normal{err: broken}}}
	if _, err := m.Forecast(t.Context(), history, opt); !errors.Is(err, broken) {
		t.Errorf("of a member that breaks: %v", err)
	}
}

// The mean of Gaussian quantiles is the Gaussian with the mean of the means and
// of the standard deviations.
func TestWeightedEnsemble(t *testing.T) {
	const z = 1.2815515655446004 // 0.9-quantile of the standard normal distribution
	history := twoSeries()
	opt := forecast.Options{At: [][]float64{{3, 4}, {3}}}
	at := func(mean, sd float64) normal { return normal{mean: mean, sd: sd} }
	refusing := normal{sd: 1, err: forecast.ErrMismatch}
	for _, tt := range []struct {
		members  []forecast.Model
		weights  []float64
		mean, sd float64
	}{
		{[]forecast.Model{at(0, 1), at(4, 3)}, []float64{0.75, 0.25}, 1, 1.5},
		{[]forecast.Model{at(0, 1), at(4, 3)}, []float64{3, 1}, 1, 1.5},
		{[]forecast.Model{at(0, 1), at(4, 3)}, []float64{1, 0}, 0, 1},
		{[]forecast.Model{at(0, 1), refusing, at(4, 3)}, []float64{1, 2, 1}, 2, 2},
		{[]forecast.Model{at(0, 1), at(-5e6, 1), at(4, 3)}, []float64{1, 2, 1}, 2, 2},
	} {
		m := &models.Ensemble{Members: tt.members, Weights: tt.weights}
		f, err := m.Forecast(t.Context(), history, opt)
		if err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.5, 0.9)
		if math.Abs(q[0][1]-tt.mean) > 1e-12 || math.Abs(q[1][1]-tt.mean-z*tt.sd) > 1e-12 {
			t.Errorf("weights %v: quantiles %v and %v, want %v and %v", tt.weights, q[0][1], q[1][1], tt.mean, tt.mean+z*tt.sd)
		}
	}
}

// What a member refused at the fit can be asked for.
func TestRefused(t *testing.T) {
	m := &models.Ensemble{Members: []forecast.Model{normal{sd: 1}, normal{err: forecast.ErrTooShort}}}
	if err := m.Refused(1); err != nil {
		t.Errorf("before a fit: %v", err)
	}
	if err := m.Fit(t.Context(), twoSeries(), forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	got := []bool{m.Refused(0) == nil, errors.Is(m.Refused(1), forecast.ErrTooShort)}
	if !slices.Equal(got, []bool{true, true}) {
		t.Errorf("refusals %v and %v", m.Refused(0), m.Refused(1))
	}
}

// TestChosenTrainings protects how what auto chose to train several times is made: a member each, with an even part
// of the weight.
func TestChosenTrainings(t *testing.T) {
	name, options := models.Chosen(&auto.Choice{Name: "mixer", Updates: 50, Trainings: 2})
	if want := map[string]string{"members": "mixer:50+mixer:50"}; name != models.BlendName || !maps.Equal(options, want) {
		t.Errorf("%s %v, want a blend of %v", name, options, want)
	}
	name, options = models.Chosen(&auto.Choice{Name: auto.BlendName, Blend: []auto.Share{
		{Name: "ar", Weight: 0.25}, {Name: "srnn", Weight: 0.75, Trainings: 3},
	}})
	if want := map[string]string{"members": "ar+srnn+srnn+srnn", "weights": "0.25+0.25+0.25+0.25"}; name != models.BlendName || !maps.Equal(options, want) {
		t.Errorf("%s %v, want %v", name, options, want)
	}
	if name, _ = models.Chosen(&auto.Choice{Name: "mixer", Trainings: 1}); name != "mixer" {
		t.Errorf("one training makes a %s", name)
	}
}
