package main

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/models/baseline"
	"tsgen/models/modelfile"
	"tsgen/series"
)

func TestSet(t *testing.T) {
	k, _ := lookupKind(latentode.Kind)
	m, err := k.set(map[string]string{"hidden": "48", "rate": "1e-3", "level": "window"})
	if err != nil {
		t.Fatal(err)
	}
	want := latentode.Options{Hidden: 48, Rate: 1e-3, Level: latentode.LevelWindow}
	if got := m.(*latentode.Model).Options; got != want {
		t.Errorf("options %+v, want %+v", got, want)
	}
	for _, bad := range []map[string]string{
		{"hidden": "1.5"}, {"hidden": ""}, {"hidden": "NaN"}, {"rate": "Inf"}, {"level": "deep"}, {"level": "3"}, {"transform": "sqrt"},
	} {
		var usage *usageError
		if _, err := k.set(bad); !errors.As(err, &usage) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want a usage error of one line", bad, err)
		}
	}
}

// save writes a model file with the given state and returns its path.
func save(t *testing.T, s *forecast.State) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.tsgen")
	err := modelfile.Save(path, &modelfile.File{State: *s, Season: 1, Horizon: 1, History: &series.Panel{
		Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{1, 2}, Values: []float64{3, 4}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStoredBaseline(t *testing.T) {
	s, err := state(baseline.AR{Order: 7})
	if err != nil {
		t.Fatal(err)
	}
	_, m, err := loadModel(save(t, s))
	if err != nil || m != (baseline.AR{Order: 7}) {
		t.Errorf("%#v, %v, want an AR of order 7", m, err)
	}
}

func TestUnusableState(t *testing.T) {
	for _, test := range []struct {
		state forecast.State
		want  string
	}{
		{forecast.State{Kind: "oracle"}, `"oracle"`},
		{forecast.State{Kind: "ar", Options: []byte(`{"order": "high"}`)}, "damaged"},
		{forecast.State{Kind: "ar", Options: []byte(`{"width": 3}`)}, "damaged"},
		{forecast.State{Kind: latentode.Kind, Options: []byte(`{}`)}, "damaged"},
	} {
		path := save(t, &test.state)
		check(t, tsgen("forecast", "-m", path), exitMismatch, []string{path, test.want})
	}
}

// Every kind of model forecasts from its file what it forecasts from memory.
func TestEveryKindFromItsFile(t *testing.T) {
	panel, _, err := series.ReadFile(airpassengers, series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	at := [][]float64{panel.Future(panel.Series[0], 8)}
	for _, k := range kinds() {
		m := k.fresh()
		opt := forecast.FitOptions{Horizon: 6, Seed: 1}
		if isTrained(m) {
			if m, err = k.set(map[string]string{"hidden": "8", "updates": "20"}); err != nil {
				t.Fatalf("%s: %v", k.name, err)
			}
		}
		if err := m.Fit(t.Context(), panel, opt); err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		want, err := m.Forecast(t.Context(), panel, forecast.Options{At: at, Samples: 20})
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		s, err := state(m)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		_, loaded, err := loadModel(save(t, s))
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		got, err := loaded.Forecast(t.Context(), panel, forecast.Options{At: at, Samples: 20})
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another forecast from the file", k.name)
		}
	}
}
