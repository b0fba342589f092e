package models_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/baseline"
	"tsgen/models/modelfile"
)

// A name or an option that there is not is an error that lists those that there are.
func TestUnknown(t *testing.T) {
	_, err := models.New("oracle", nil)
	if !errors.Is(err, models.ErrUnknown) || !strings.Contains(err.Error(), strings.Join(models.Names(), ", ")) {
		t.Errorf("no such kind: %v", err)
	}
	for _, c := range []struct {
		kind, name, value, want string
	}{
		{"ar", "depth", "3", "order, season"},
		{"ar", "order", "many", "option order is \"many\""},
		{"theta", "theta", "0.5", `option theta is "0.5"`},
	} {
		_, err := models.New(c.kind, map[string]string{c.name: c.value})
		var wrong *models.OptionError
		if !errors.As(err, &wrong) || wrong.Model != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s=%s: %v, want %q", c.kind, c.name, c.value, err, c.want)
		}
	}
	k, err := models.Lookup("ar")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := k.Decode([]byte(`{"order":7}`)); err != nil || m != (baseline.AR{Order: 7}) {
		t.Errorf("from JSON: %#v, %v", m, err)
	}
	var wrong *models.OptionError
	if _, err := k.Decode([]byte(`{"depth":7}`)); !errors.As(err, &wrong) {
		t.Errorf("from JSON without such an option: %v", err)
	}
}

// What is no model of this package's is not stored, what is not fitted neither, and a
// calibration is stored with its model.
func TestWrite(t *testing.T) {
	p := waves(2, 60, 1)
	var b bytes.Buffer
	if err := models.Write(&b, normal{}, p, shortFit); !errors.Is(err, models.ErrUnknown) {
		t.Errorf("a model of no kind: %v", err)
	}
	if err := models.Write(&b, &baseline.LinearMap{}, p, shortFit); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("before a fit: %v", err)
	}
	m := &forecast.Calibrated{New: func() forecast.Model { return baseline.AR{} }}
	if err := models.Write(&b, m, p, shortFit); !errors.Is(err, forecast.ErrNotFitted) || b.Len() > 0 {
		t.Errorf("before a fit with a calibration: %v, %d bytes", err, b.Len())
	}
	if err := m.Fit(t.Context(), p, shortFit); err != nil {
		t.Fatal(err)
	}
	if err := models.Write(&b, m, p, shortFit); err != nil {
		t.Fatal(err)
	}
	loaded, file, err := models.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	f, err := loaded.Forecast(t.Context(), file.History, ahead)
	if err != nil {
		t.Fatal(err)
	}
	if file.Calibration == nil || asJSON(t, p, file.Calibration.Apply(f, p)) != mustForecast(t, m, p, ahead) {
		t.Error("another forecast by the stored model with its calibration")
	}
}

// An ensemble keeps options of its members, those that refused, and itself within
// another, however often it is stored.
func TestStoredEnsemble(t *testing.T) {
	p := waves(2, 60, 1)
	flat := waves(2, 60, 1)
	for _, s := range flat.Series {
		for k := range s.Values {
			s.Values[k] = 4
		}
	}
	inner := &models.Ensemble{Members: []forecast.Model{baseline.AR{Order: 2}, &baseline.LinearMap{}}}
	m := &models.Ensemble{Members: []forecast.Model{inner, baseline.Naive{}}, Weights: []float64{0.75, 0.25}}
	if err := m.Fit(t.Context(), flat, shortFit); err != nil {
		t.Fatal(err)
	}
	if inner.Refused(1) == nil {
		t.Fatal("the linear map takes a constant")
	}
	want := mustForecast(t, m, p, ahead)
	again := forecast.Model(m)
	for range 2 {
		b := stored(t, again, p)
		loaded, _, err := models.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stored(t, loaded, p), b) {
			t.Error("another file of the stored ensemble")
		}
		f, err := loaded.Forecast(t.Context(), p, ahead)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "without linear-map") {
			t.Errorf("notes %q", f.Notes)
		}
		if got := asJSON(t, p, f); got != want {
			t.Errorf("forecast\n%s, want\n%s", got, want)
		}
		again = loaded
	}
	if err := models.Write(&bytes.Buffer{}, &models.Ensemble{Members: []forecast.Model{normal{}}}, p, shortFit); !errors.Is(err, models.ErrUnknown) {
		t.Errorf("a member of no kind: %v", err)
	}
}

// A state of which nothing can be made is told from a kind that is not known.
func TestFromState(t *testing.T) {
	var format *modelfile.FormatError
	if _, err := models.FromState(&forecast.State{Kind: "ar", Options: []byte(`{"width":3}`)}); !errors.As(err, &format) {
		t.Errorf("options that there are not: %v", err)
	}
	if _, err := models.FromState(&forecast.State{Kind: "oracle"}); !errors.Is(err, forecast.ErrMismatch) || errors.As(err, &format) {
		t.Errorf("a kind that is not known: %v", err)
	}
}
