package latentode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// TestKnownCovariates demands that the effect of a covariate is learned and
// foretold, from a stored model too, and not before its time.
func TestKnownCovariates(t *testing.T) {
	seriestest.Long(t)
	panel := seriestest.Promotions(150)
	s := panel.Series[0]
	m := &Model{Options: Options{Hidden: 8, Updates: 300}}
	if err := m.Fit(context.Background(), panel, forecast.FitOptions{Horizon: 10, Season: 1}); err != nil {
		t.Fatal(err)
	}
	forecasts := func(p *series.Panel) []float64 {
		f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(s, 10)}})
		if err != nil {
			t.Fatal(err)
		}
		return f.Series[0].MeanTo(nil)
	}
	got := forecasts(panel)
	for h, x := range got {
		want := 20 + 5*s.Known.Values[150+h]
		if math.Abs(x-want) > 1.2 {
			t.Errorf("step %d: mean %.2f, want %.2f", h+1, x, want)
		}
	}
	changed := *s
	changed.Known.Values = append([]float64(nil), s.Known.Values...)
	changed.Known.Values[154] = 1 - changed.Known.Values[154]
	other := forecasts(panel.With([]*series.Series{&changed}))
	if !reflect.DeepEqual(other[:4], got[:4]) || math.Abs(other[4]-got[4]) < 3 {
		t.Errorf("with another promotion on day 5: %.2f, before %.2f", other, got)
	}

	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = FromState(state); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(forecasts(panel), got) {
		t.Errorf("another forecast by the stored model")
	}
	if _, err := m.Generate(context.Background(), forecast.GenerateOptions{Length: 20}); err != nil {
		t.Errorf("generate: %v", err)
	}
	if _, err := m.Forecast(context.Background(), panel, forecast.Options{At: [][]float64{panel.Future(s, 11)}}); !errors.Is(err, series.ErrKnown) {
		t.Errorf("beyond what is known: error %v", err)
	}
	unknown := *panel
	unknown.Known = nil
	if _, err := m.Forecast(context.Background(), &unknown, forecast.Options{At: [][]float64{nil}}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("without the covariate: error %v", err)
	}
	state.Options = json.RawMessage(bytes.Replace(state.Options, []byte(`"known":["promotion"]`), []byte(`"known":["promotion","price"]`), 1))
	if _, err := FromState(state); err == nil {
		t.Errorf("a stored configuration with more covariates than scales passes")
	}
}

// What a covariate adds is not taken for a part of the level where dynamics have noise, however long it lasts: a history with
// it on every day has the future of one with it on some, and what it adds to generated series is added at any length.
func TestLastingEffectsOfPaths(t *testing.T) {
	const days, planted = 60, 5
	panel := seriestest.Promotions(days)
	s := panel.Series[0]
	m := &Stochastic{Options: StochasticOptions{Hidden: 4, Updates: 5, Batch: 8}}
	if err := m.Fit(context.Background(), panel, forecast.FitOptions{Horizon: 5, Season: 1}); err != nil {
		t.Fatal(err)
	}
	ahead := func(p *series.Panel) []float64 {
		f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 10)}})
		if err != nil {
			t.Fatal(err)
		}
		return f.Series[0].MeanTo(nil)
	}
	lasting := *s
	lasting.Values, lasting.Known.Values = slices.Clone(s.Values), slices.Clone(s.Known.Values)
	for i := range days {
		lasting.Values[i] += planted * (1 - s.Known.Values[i])
		lasting.Known.Values[i] = 1
	}
	want, got := ahead(panel), ahead(panel.With([]*series.Series{&lasting}))
	for h, x := range got {
		if math.Abs(x-want[h]) > 0.3 {
			t.Errorf("step %d: %.2f after days that all have it, %.2f after some", h+1, x, want[h])
		}
	}
	generated := func(known float64) (sum float64) {
		p := panel.With([]*series.Series{{Times: s.Known.Times, Values: make([]float64, len(s.Known.Times))}})
		p.Series[0].Known = series.Track{Times: s.Known.Times, Values: slices.Repeat([]float64{known}, len(s.Known.Times))}
		g, err := m.Generate(context.Background(), forecast.GenerateOptions{Times: s.Known.Times, Known: p, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range g.Series[0].Values {
			sum += x / float64(len(g.Series[0].Values))
		}
		return sum
	}
	if added := generated(1) - generated(0); math.Abs(added-planted) > 0.3 {
		t.Errorf("it adds %.2f to a generated series, want %d", added, planted)
	}
}
