package command

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/baseline"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// Options given as text reach the model with their types, and an impossible
// one is a usage error of one line.
func TestSet(t *testing.T) {
	m, err := newModel(latentode.Kind, map[string]string{"hidden": "48", "rate": "1e-3", "level": "window"})
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
		if _, err := newModel(latentode.Kind, bad); !errors.As(err, &usage) || strings.Contains(err.Error(), "\n") {
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

// A baseline is loaded with the options it was stored with.
func TestStoredBaseline(t *testing.T) {
	s, err := models.State(baseline.AR{Order: 7})
	if err != nil {
		t.Fatal(err)
	}
	_, m, err := loadModel(t.Context(), save(t, s))
	if err != nil || m != (baseline.AR{Order: 7}) {
		t.Errorf("%#v, %v, want an AR of order 7", m, err)
	}
}

// A model file whose state no model takes is a mismatch that names the file
// and what is wrong, not a panic.
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
