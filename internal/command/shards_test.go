package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

// A forecast that is made some series at a time is the one of all at once, and its notes count
// all series.
func TestShards(t *testing.T) {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{}}
	for i := range 2*forecast.PartSeries + 7 {
		s := &series.Series{ID: fmt.Sprint("s", i)}
		for k := range 12 + i%3 {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, 50+10*math.Sin(float64(i*k))+float64(k))
		}
		p.Series = append(p.Series, s)
	}
	opt := forecast.FitOptions{Horizon: 3, Seed: 1}
	kind, err := models.Lookup("ar")
	if err != nil {
		t.Fatal(err)
	}
	m := kind.Default()
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.tsgen")
	if err := models.Save(path, m, p, opt); err != nil {
		t.Fatal(err)
	}
	loaded, file, err := models.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := forecast.Continue(context.Background(), loaded, file.History, forecast.Options{Horizon: 3, Season: file.Season, Seed: 1, Domains: []forecast.Domain{forecast.Unbounded()}})
	if err != nil {
		t.Fatal(err)
	}
	var want, got, notes bytes.Buffer
	if err := forecast.WriteCSV(&want, file.History, whole, []float64{80, 95}); err != nil {
		t.Fatal(err)
	}
	if rc := Run(context.Background(), []string{"forecast", path}, nil, &got, &notes); rc != 0 {
		t.Fatalf("rc %d: %s", rc, notes.String())
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("the forecasts differ")
	}
	var document, inShards bytes.Buffer
	if err := forecast.WriteJSON(&document, file.History, whole, forecast.JSONOptions{Levels: []float64{80, 95}}); err != nil {
		t.Fatal(err)
	}
	if rc := Run(context.Background(), []string{"forecast", path, "--json", "--quiet"}, nil, &inShards, io.Discard); rc != 0 {
		t.Fatalf("rc %d", rc)
	}
	if !bytes.Equal(inShards.Bytes(), document.Bytes()) {
		t.Error("the JSON documents differ")
	}
	said := strings.Split(notes.String(), "\n")
	if len(whole.Notes) == 0 {
		t.Error("there is no note to bring together")
	}
	for _, n := range whole.Notes {
		if !slices.Contains(said, n) {
			t.Errorf("%q is not said, but %q", n, said)
		}
	}
}
