package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// made returns a panel of series of so many steps, the values of which next makes of those before, from a season on.
func made(number, length, season int, next func(i int, y []float64, rng *rand.Rand) float64) *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Channels: []string{"y"}, Seasons: []float64{float64(season)}, Step: series.Step{Width: 1}}
	for i := range number {
		rng := rand.New(rand.NewPCG(11, uint64(i)))
		s := &series.Series{ID: fmt.Sprintf("s%d", i)}
		for t := range length {
			s.Times = append(s.Times, float64(t))
			s.Values = append(s.Values, next(i, s.Values, rng))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestResidualChoice lets a residual model choose the base of panels whose making is known, and holds it to that base in
// later fits and in a file, of which it says why.
func TestResidualChoice(t *testing.T) {
	seriestest.Long(t)
	for _, test := range []struct {
		base string
		next func(i int, y []float64, rng *rand.Rand) float64
	}{
		{"regression", func(i int, y []float64, rng *rand.Rand) float64 {
			u := float64(len(y))
			return float64(i) + 0.2*float64(i%5-2)*u + 3*math.Sin(math.Pi*u/4+float64(i)) + rng.NormFloat64()
		}},
		{"ar", func(_ int, y []float64, rng *rand.Rand) float64 {
			e := 0.1 * rng.NormFloat64()
			if n := len(y); n > 1 {
				e += 1.7*y[n-1] - 0.95*y[n-2]
			}
			return e
		}},
	} {
		p := made(20, 48, 8, test.next)
		m, err := models.New("residual-mixer", map[string]string{"updates": "80", "hidden": "8", "batch": "16"})
		if err != nil {
			t.Fatal(err)
		}
		opt := forecast.FitOptions{Horizon: 4, Season: 8, Seed: 1}
		if err := m.Fit(t.Context(), p, opt); err != nil {
			t.Fatal(err)
		}
		note := func(m forecast.Model) string {
			f, err := m.Forecast(t.Context(), p, ahead)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(f.Notes, "\n")
		}
		said := note(m)
		if want := "it learns what " + test.base + " leaves; losses of held-back horizons after short trainings: " + test.base + " "; !strings.Contains(said, want) {
			t.Errorf("%s: it says %q", test.base, said)
		}
		var b bytes.Buffer
		if err := models.Write(&b, m, p, opt); err != nil {
			t.Fatal(err)
		}
		loaded, _, err := models.Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if note(loaded) != said {
			t.Errorf("%s: the file says %q", test.base, note(loaded))
		}
		if err := m.Fit(t.Context(), made(3, 60, 8, func(_ int, _ []float64, rng *rand.Rand) float64 { return rng.NormFloat64() }), opt); err != nil {
			t.Fatal(err)
		}
		if note(m) != said {
			t.Errorf("%s: a later fit says %q", test.base, note(m))
		}
	}
}

// TestResidualUnaided takes no base of a series of which nothing can be held back, and the network for what it is.
func TestResidualUnaided(t *testing.T) {
	m, err := models.New("residual-mixer", map[string]string{"updates": "4", "hidden": "8"})
	if err != nil {
		t.Fatal(err)
	}
	p := made(1, 7, 1, func(_ int, _ []float64, rng *rand.Rand) float64 { return rng.NormFloat64() })
	p.Seasons = []float64{}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 4, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	of, why := models.Unaided(m)
	if of.Name() != "mixer" || !strings.Contains(why, "nothing could be held back") {
		t.Errorf("a %s: %q", of.Name(), why)
	}
	got, err := m.Forecast(t.Context(), p, ahead)
	if err != nil {
		t.Fatal(err)
	}
	want, err := of.Forecast(t.Context(), p, ahead)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Series[0].Paths[3], want.Series[0].Paths[3]) {
		t.Error("the network forecasts otherwise")
	}
}

// TestResidualBase lets the option say the base, which then says nothing, and refuses irregular times of ar and other words.
func TestResidualBase(t *testing.T) {
	p := shorter(3, 40, 1)
	options := map[string]string{"updates": "4", "hidden": "8", "base": "ar"}
	m, err := models.New("residual-vrnn", options)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(t.Context(), p, shortFit); err != nil {
		t.Fatal(err)
	}
	if got := models.OptionTexts(m); got["base"] != "ar" || got["hidden"] != "8" {
		t.Errorf("options %v", got)
	}
	f, err := m.Forecast(t.Context(), p, ahead)
	if err != nil || strings.Contains(strings.Join(f.Notes, ""), "trainings") {
		t.Errorf("notes %v, error %v", f.Notes, err)
	}
	p.Step = series.Step{}
	if err := m.Fit(t.Context(), p, shortFit); !refused(err) {
		t.Errorf("irregular: error %v", err)
	}
	options["base"] = "none"
	if _, err := models.New("residual-vrnn", options); err == nil || !strings.Contains(err.Error(), "regression or ar") {
		t.Errorf("another base: %v", err)
	}
}

// TestResidualDefaults begins the choice of a base with no option given, for every kind, and ends it at once.
func TestResidualDefaults(t *testing.T) {
	p := made(20, 30, 4, func(_ int, y []float64, rng *rand.Rand) float64 { return float64(len(y)) + rng.NormFloat64() })
	for _, k := range models.Kinds() {
		if k.Residual == "" {
			continue
		}
		err := k.Default().Fit(t.Context(), p, forecast.FitOptions{Horizon: 4, Season: 4, Seed: 1, TimeLimit: time.Nanosecond})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}
