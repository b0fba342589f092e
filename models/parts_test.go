package models

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/models/gauss"
	"tsgen/models/zeroshot"
	"tsgen/series"
)

// many returns a panel of more series than are worked on at a time, of different lengths, in which values
// are missing.
func many() *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Channels: []string{"y", "z"}, Step: series.Step{Width: 1}, Seasons: []float64{}}
	for i := range forecast.PartSeries + 9 {
		s := &series.Series{ID: fmt.Sprint("s", i)}
		for k := range 24 + i%9 {
			s.Times = append(s.Times, float64(k))
			s.Values = append(s.Values, 50+10*math.Sin(float64(i*k)), float64((i*k*k)%13))
		}
		s.Values[2*(i%20)] = math.NaN()
		p.Series = append(p.Series, s)
	}
	return p
}

// What is learned of many series some at a time is what is learned of all at once: the calibration,
// with series that are too short for the first origins, and the estimates.
func TestParts(t *testing.T) {
	p := many()
	opt := forecast.FitOptions{Horizon: 3, Seed: 1}
	parts := 0
	inParts := opt
	inParts.Parts = func(int, int) { parts++ }
	const name = "ar"
	kind, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	whole := &forecast.Calibrated{New: kind.Default}
	some := &forecast.Calibrated{New: kind.Default, Alone: func(h *series.Panel) bool { return Alone(kind.Default(), h) }}
	parts = 0
	if err := whole.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	if err := some.Fit(context.Background(), p, inParts); err != nil {
		t.Fatal(err)
	}
	if parts != 2 {
		t.Errorf("%s: a calibration in %d parts, want 2", name, parts)
	}
	want, err := json.Marshal(whole.Calibration())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(some.Calibration()); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: the calibration in parts is %s, want %s (%v)", name, got, want, err)
	}
	m := kind.Default().(forecast.Keeper)
	all, err := m.Keep(context.Background(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := Keep(context.Background(), m, p, inParts)
	if err != nil {
		t.Fatal(err)
	}
	if parts != 4 {
		t.Errorf("%s: estimates in %d parts, want 2", name, parts-2)
	}
	one, err := State(all)
	if err != nil {
		t.Fatal(err)
	}
	two, err := State(joined)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(one) != fmt.Sprint(two) {
		t.Errorf("%s: the estimates in parts differ", name)
	}
}

// An ensemble of models that work on each series alone does so too; with one that does not, it does not.
func TestAloneEnsemble(t *testing.T) {
	p := many()
	e := &Ensemble{Members: []forecast.Model{baseline.Theta{}, &zeroshot.Model{}, baseline.Naive{}}, Weights: []float64{0.5, 0.3, 0.2}}
	if !Alone(e, p) {
		t.Fatal("the ensemble is not of models that work on each series alone")
	}
	opt := forecast.Options{Horizon: 4}
	whole, err := e.Forecast(t.Context(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	const from = forecast.PartSeries
	part, err := e.Forecast(t.Context(), p.With(p.Series[from:]), opt)
	if err != nil || !reflect.DeepEqual(part.Series, whole.Series[from:]) {
		t.Errorf("the forecast of some series differs from theirs among all, error %v", err)
	}
	irregular := *p
	irregular.Step = series.Step{}
	for name, alone := range map[string]bool{
		"tuned":     Alone(&Ensemble{Members: []forecast.Model{&zeroshot.Model{Options: zeroshot.Options{Tune: true}}}}, p),
		"joint":     Alone(&Ensemble{Members: []forecast.Model{baseline.Theta{}, &gauss.Model{}}}, p),
		"irregular": Alone(&zeroshot.Model{}, &irregular),
	} {
		if alone {
			t.Errorf("%s: each series is said to be alone", name)
		}
	}
}

// An examination in parts has the scores and the notes of that of all series at once, and holds no forecast.
func TestExamineInParts(t *testing.T) {
	seriestest.Long(t)
	head, tail, err := many().SplitLast(3)
	if err != nil {
		t.Fatal(err)
	}
	calibrated := &forecast.Calibrated{New: func() forecast.Model { return baseline.ETS{} }}
	if err := calibrated.Fit(t.Context(), head, forecast.FitOptions{Horizon: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	examined := []forecast.Model{calibrated, baseline.ETS{}, baseline.SeasonalNaive{Season: 30}}
	opt := forecast.Options{Seed: 2, Samples: 50}
	want, err := forecast.Examine(t.Context(), head, tail, examined, opt)
	if err != nil {
		t.Fatal(err)
	}
	got, err := forecast.ExamineInParts(t.Context(), head, tail, examined, opt, Alone)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		g := got[i]
		if g.Forecast != nil || w.Forecast == nil {
			t.Errorf("%s: a forecast is held: %v, of all at once %v", w.Model, g.Forecast != nil, w.Forecast != nil)
		}
		if fmt.Sprint(g.Scores) != fmt.Sprint(w.Scores) || fmt.Sprint(g.Notes) != fmt.Sprint(w.Notes) {
			t.Errorf("%s: %+v, %q, want %+v, %q", w.Model, g.Scores, g.Notes, w.Scores, w.Notes)
		}
	}
	if len(want[2].Notes) == 0 {
		t.Error("there is no note to bring together")
	}
}
