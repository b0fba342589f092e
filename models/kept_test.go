package models_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// keepers are the kinds that estimate when they forecast.
func keepers() []models.Kind {
	var all []models.Kind
	for _, k := range models.Kinds() {
		if _, ok := k.Default().(forecast.Keeper); ok {
			all = append(all, k)
		}
	}
	return all
}

// keptCases are panels that take closed forms through their branches, by name.
func keptCases() map[string]*series.Panel {
	gaps := waves(2, 60, 2)
	for i, s := range gaps.Series {
		for k := range s.Values {
			if (k*7+i)%11 == 3 {
				s.Values[k] = math.NaN()
			}
		}
	}
	several := waves(1, 260, 1)
	several.Seasons = []float64{6, 28.5}
	rng := rand.New(rand.NewPCG(5, 5))
	for k := range several.Series[0].Values {
		several.Series[0].Values[k] += 2*math.Sin(2*math.Pi*float64(k)/28.5) + 0.02*float64(k) + 0.1*rng.NormFloat64()
	}
	growing := waves(1, 80, 1)
	for k, v := range growing.Series[0].Values {
		growing.Series[0].Values[k] = v * math.Exp(0.02*float64(k))
	}
	return map[string]*series.Panel{
		"plain": waves(2, 50, 1), "gaps": gaps, "several seasons": several, "growing": growing, "short": waves(2, 9, 1),
	}
}

// reread returns the model as a file has it.
func reread(t *testing.T, m forecast.Model) forecast.Model {
	t.Helper()
	s, err := models.State(m)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = models.FromState(s); err != nil {
		t.Fatal(err)
	}
	return m
}

// until returns the panel without what comes after the first n times of each series.
func until(p *series.Panel, n int) *series.Panel {
	var all []*series.Series
	for _, s := range p.Series {
		all = append(all, s.Slice(0, n))
	}
	return p.With(all)
}

// A stored fit forecasts what a fit to the same data does, to the last bit.
func TestKeptFitsForecastTheSame(t *testing.T) {
	seriestest.Long(t)
	fit := forecast.FitOptions{Horizon: 5, Season: 6, Seed: 1}
	for name, p := range keptCases() {
		for _, k := range keepers() {
			t.Run(k.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				m := k.Default()
				kept, err := models.Keep(t.Context(), m, p, fit)
				if err != nil {
					t.Fatal(err)
				}
				opt := forecast.Options{Horizon: 5, Samples: 20, Season: 6, Seed: 1}
				if got, want := mustForecast(t, reread(t, kept), p, opt), mustForecast(t, m, p, opt); got != want {
					t.Errorf("kept:\n%.300s\nwant:\n%.300s", got, want)
				}
				plain, err := m.(forecast.PathForecaster).ForecastPaths(t.Context(), p, opt)
				if err != nil {
					t.Fatal(err)
				}
				drawn, err := reread(t, kept).(forecast.PathForecaster).ForecastPaths(t.Context(), p, opt)
				if err != nil {
					t.Fatal(err)
				}
				if asJSON(t, p, drawn) != asJSON(t, p, plain) {
					t.Error("the kept model draws other paths")
				}
			})
		}
	}
}

// The forecast after new rows is by what was kept, not by a new estimate: it is what a file
// says that is not the estimate, and differs from that of a model fitted to all.
func TestKeptFitsTakeNewRows(t *testing.T) {
	fit := forecast.FitOptions{Horizon: 5, Season: 6, Seed: 1}
	opt := forecast.Options{Horizon: 5, Samples: 20, Season: 6, Seed: 1}
	p := waves(1, 60, 1)
	for _, k := range keepers() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			kept, err := models.Keep(t.Context(), k.Default(), until(p, 48), fit)
			if err != nil {
				t.Fatal(err)
			}
			kept = reread(t, kept)
			now, anew := mustForecast(t, kept, p, opt), mustForecast(t, k.Default(), p, opt)
			if now == anew {
				t.Error("the forecast is that of a new fit")
			}
			if now == mustForecast(t, kept, until(p, 48), opt) {
				t.Error("the forecast is that of the old rows")
			}
			f, err := kept.Forecast(t.Context(), p, opt)
			if err != nil {
				t.Fatal(err)
			}
			near := 1.5
			if k.Name == "intermittent" {
				near = 4 // medians of 20 paths, of amounts
			}
			for h, q := range f.Series[0].Quantiles(0.5)[0] {
				if want := 20 + 3*math.Sin(float64(60+h)*math.Pi/3); math.Abs(q-want) > near {
					t.Errorf("%d ahead: %.3f, the process is at %.3f", h+1, q, want)
				}
			}
			// A row that is changed is no longer what was estimated from.
			other := until(p, 48)
			other.Series[0].Values = append([]float64(nil), other.Series[0].Values...)
			other.Series[0].Values[3] += 0.5
			if f, err = kept.Forecast(t.Context(), other, opt); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(f.Notes, func(n string) bool { return strings.Contains(n, "estimated anew") }) {
				t.Errorf("the notes are %q", f.Notes)
			}
			f.Notes = f.Notes[:len(f.Notes)-1]
			if asJSON(t, other, f) != mustForecast(t, k.Default(), other, opt) {
				t.Error("other values are forecast by an estimate that is not of theirs")
			}
		})
	}
}

// An ensemble keeps the estimates of its members, and a file of it forecasts the same.
func TestKeptEnsemble(t *testing.T) {
	p := waves(2, 50, 1)
	m, err := models.New(models.EnsembleName, map[string]string{"members": "ar+ets+theta"})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(t.Context(), p, shortFit); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := models.Write(&file, m, p, shortFit); err != nil {
		t.Fatal(err)
	}
	kept, content, err := models.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"member1.fits.numbers", "member2.fits.numbers", "member3.fits.numbers"} {
		found := false
		for _, x := range content.Tensors {
			found = found || x.Name == member && len(x.Data) > 0
		}
		if !found {
			t.Errorf("no %s", member)
		}
	}
	opt := forecast.Options{Horizon: shortFit.Horizon, Season: shortFit.Season, Seed: 1}
	if mustForecast(t, kept, p, opt) != mustForecast(t, m, p, opt) {
		t.Error("the kept ensemble forecasts otherwise")
	}
}

// Numbers of a stored fit that cannot be are refused on load, whatever their digest.
func TestKeptFitsAreChecked(t *testing.T) {
	p := waves(1, 40, 1)
	for _, k := range keepers() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			kept, err := models.Keep(t.Context(), k.Default(), p, shortFit)
			if err != nil {
				t.Fatal(err)
			}
			good, err := models.State(kept)
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			var accepted []string
			for i := range good.Tensors {
				for at := range good.Tensors[i].Data {
					for _, v := range []float64{-1e300, 0.5, 1e18} {
						bad := *good
						bad.Tensors = append([]forecast.Tensor(nil), good.Tensors...)
						bad.Tensors[i].Data = append([]float64(nil), good.Tensors[i].Data...)
						bad.Tensors[i].Data[at] = v
						m, err := models.FromState(&bad)
						if err != nil {
							refused++
							continue
						}
						noPanic(t, fmt.Sprintf("%s %d = %v", bad.Tensors[i].Name, at, v), func() {
							f, err := m.Forecast(t.Context(), p, ahead)
							if err == nil {
								err = f.Validate()
							}
							if err != nil && strings.Contains(err.Error(), "panic") {
								t.Errorf("%s %d = %v: %v", bad.Tensors[i].Name, at, v, err)
							}
						})
						accepted = append(accepted, fmt.Sprint(at, v))
					}
				}
			}
			if refused == 0 {
				t.Errorf("nothing is refused of %d changes", len(accepted))
			}
		})
	}
}
