package latentode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
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
