package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// What follows holds every kind of model to what package forecast promises of a
// forecast.Model, with small models on small data: a new kind is held to it as soon
// as it is listed.

// small returns an unfitted model of the kind that takes little time to fit.
func small(t *testing.T, k models.Kind) forecast.Model {
	t.Helper()
	var options map[string]string
	if k.Trained() {
		options = map[string]string{"hidden": "8", "updates": "10", "batch": "4"}
		// At the level of the panel all can tell likelihoods.
		for _, o := range option.List(k.Options) {
			switch o.Name {
			case "level":
				options[o.Name] = "panel"
			case "base": // whose choice has a test of its own
				options[o.Name] = "regression"
			}
		}
	}
	m, err := k.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shortFit are the options of all fits.
var shortFit = forecast.FitOptions{Horizon: 4, Season: 6, Seed: 1}

// fitted returns a model of the kind that was fitted to p.
func fitted(t *testing.T, k models.Kind, p *series.Panel) forecast.Model {
	t.Helper()
	m := small(t, k)
	if err := m.Fit(t.Context(), p, shortFit); err != nil {
		t.Fatalf("fit: %v", err)
	}
	return m
}

// ahead are the options of most forecasts.
var ahead = forecast.Options{Horizon: 5, Samples: 20, Season: 6, Seed: 1}

// shorter returns waves, in -short fewer and shorter ones of one channel.
func shorter(number, length, channels int) *series.Panel {
	if testing.Short() {
		return waves(min(number, 2), min(length, 24), 1)
	}
	return waves(number, length, channels)
}

// waves returns a panel of noisy waves with a period of 6 steps.
func waves(number, length, channels int) *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Step: series.Step{Width: 1}}
	for c := range channels {
		p.Channels = append(p.Channels, fmt.Sprintf("y%d", c))
	}
	for i := range number {
		rng := rand.New(rand.NewPCG(3, uint64(i)))
		s := &series.Series{ID: fmt.Sprintf("s%d", i)}
		for k := range length {
			s.Times = append(s.Times, float64(k))
			for c := range channels {
				s.Values = append(s.Values, 20+float64(5*i)+3*math.Sin(float64(k+c)*math.Pi/3)+0.3*rng.NormFloat64())
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// asJSON returns a forecast as text, its paths included.
func asJSON(t *testing.T, p *series.Panel, f *forecast.Forecast) string {
	t.Helper()
	var b bytes.Buffer
	if err := forecast.WriteJSON(&b, p, f, forecast.JSONOptions{Levels: []float64{80, 95}, Paths: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// mustForecast returns the forecast of a fitted model as text.
func mustForecast(t *testing.T, m forecast.Model, p *series.Panel, opt forecast.Options) string {
	t.Helper()
	f, err := m.Forecast(t.Context(), p, opt)
	if err != nil {
		t.Fatalf("forecast: %v", err)
	}
	return asJSON(t, p, f)
}

// refused reports whether err says that a model cannot treat the data.
func refused(err error) bool {
	return errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort)
}

// noPanic calls f and reports a panic as a failure of the test.
func noPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r != nil {
			t.Errorf("%s: panic: %v", what, r)
		}
	}()
	f()
}

// everyKind runs a test of every kind of model.
func everyKind(t *testing.T, test func(t *testing.T, k models.Kind)) {
	for _, k := range models.Kinds() {
		t.Run(k.Name, func(t *testing.T) { test(t, k) })
	}
}

// Data that are unlike a textbook's are forecast, with times and identifiers as asked
// for, or refused by an error that tells so; which of the two is what the kind says it
// makes of them.
func TestContractData(t *testing.T) {
	seriestest.Long(t)
	gaps := waves(3, 40, 1)
	gaps.Series[0].Values[20] = math.NaN()
	gaps.Series[1].Times = slices.Delete(gaps.Series[1].Times, 10, 14)
	gaps.Series[1].Values = slices.Delete(gaps.Series[1].Values, 10, 14)
	gaps.Series[2].Values[39] = math.NaN()
	constant := waves(2, 40, 1)
	for i := range constant.Series[0].Values {
		constant.Series[0].Values[i], constant.Series[1].Values[i] = 7, 0
	}
	irregular := waves(4, 40, 1)
	irregular.Step = series.Step{}
	for i, s := range irregular.Series {
		for k := range s.Times {
			s.Times[k] = 1.1*float64(k) + 0.5*math.Sin(float64(3*k+i))
		}
	}
	withShort := func(s *series.Series) *series.Panel {
		p := waves(3, 40, 1)
		s.ID = "short"
		p.Series = append(p.Series, s)
		return p
	}
	renamed := waves(2, 30, 1)
	for i, s := range renamed.Series {
		s.ID = fmt.Sprintf("new%d", i)
	}
	regular := waves(3, 40, 1)
	always := func(models.Kind) bool { return true }
	maybe := func(models.Kind) bool { return false }
	for _, test := range []struct {
		name        string
		fit, future *series.Panel
		must        func(k models.Kind) bool // whether models of the kind must forecast
	}{
		{"regular", regular, regular, always},
		{"two channels", waves(3, 40, 2), waves(3, 40, 2), always},
		{"gaps", gaps, gaps, func(k models.Kind) bool { return k.Missing == "yes" }},
		{"constant", constant, constant, maybe},
		{"irregular", irregular, irregular, func(k models.Kind) bool { return k.Irregular != "no" }},
		{"new series", regular, renamed, always},
		{"a single value", regular, withShort(&series.Series{Times: []float64{39}, Values: []float64{5}}), maybe},
		{"an empty series", regular, withShort(&series.Series{}), maybe},
		{"a series of missing values", regular, withShort(&series.Series{Times: []float64{38, 39}, Values: []float64{math.NaN(), math.NaN()}}), maybe},
		{"nothing but a single value", waves(1, 1, 1), waves(1, 1, 1), maybe},
		{"nothing but an empty series", waves(1, 0, 1), waves(1, 0, 1), maybe},
		{"no series", waves(0, 0, 1), waves(0, 0, 1), maybe},
		{"other channels", regular, waves(3, 40, 2), maybe},
	} {
		t.Run(test.name, func(t *testing.T) {
			everyKind(t, func(t *testing.T, k models.Kind) {
				m := small(t, k)
				var f *forecast.Forecast
				var err error
				noPanic(t, "fit and forecast", func() {
					if err = m.Fit(t.Context(), test.fit, shortFit); err == nil {
						f, err = m.Forecast(t.Context(), test.future, ahead)
					}
				})
				switch {
				case refused(err):
					if test.must(k) {
						t.Error(err)
					}
				case err != nil:
					t.Errorf("neither a forecast nor a refusal: %v", err)
				case f != nil:
					checkForecast(t, test.future, f)
					if test.name == "irregular" && k.Irregular == "no" {
						t.Error("no refusal, in spite of what the kind says")
					}
				}
			})
		})
	}
}

// checkForecast says if f is no forecast of the continuation of p by ahead.
func checkForecast(t *testing.T, p *series.Panel, f *forecast.Forecast) {
	t.Helper()
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
	if !slices.Equal(f.Channels, p.Channels) || len(f.Series) != len(p.Series) {
		t.Fatalf("channels %v and %d series, want %v and %d", f.Channels, len(f.Series), p.Channels, len(p.Series))
	}
	for i, s := range p.Series {
		if d := f.Series[i]; d.ID != s.ID || !slices.Equal(d.Times, p.Future(s, ahead.Horizon)) {
			t.Errorf("series %q at %v, want %q at %v", d.ID, d.Times, s.ID, p.Future(s, ahead.Horizon))
		}
	}
}

// A time off the grid of a regular panel is forecast as it is or refused, but never
// forecast as another.
func TestContractOffTheGrid(t *testing.T) {
	seriestest.Long(t)
	p := waves(3, 40, 1)
	at := [][]float64{{40.3, 41}, {40}, {40, 45.5}}
	everyKind(t, func(t *testing.T, k models.Kind) {
		m := fitted(t, k, p)
		noPanic(t, "forecast", func() {
			f, err := m.Forecast(t.Context(), p, forecast.Options{At: at, Samples: 20, Season: 6})
			if refused(err) {
				return
			}
			if err != nil {
				t.Fatalf("neither a forecast nor a refusal: %v", err)
			}
			for i, d := range f.Series {
				if !slices.Equal(d.Times, at[i]) {
					t.Errorf("times %v, want %v", d.Times, at[i])
				}
			}
		})
	})
}

// A context that has ended ends fits and forecasts with its error, and one that ends
// in a training leaves a model that says what it is.
func TestContractContext(t *testing.T) {
	p := waves(3, 40, 1)
	ended, end := context.WithCancel(t.Context())
	end()
	everyKind(t, func(t *testing.T, k models.Kind) {
		if err := small(t, k).Fit(ended, p, shortFit); !errors.Is(err, context.Canceled) {
			t.Errorf("fit: error %v", err)
		}
		m := fitted(t, k, p)
		if _, err := m.Forecast(ended, p, ahead); !errors.Is(err, context.Canceled) {
			t.Errorf("forecast: error %v", err)
		}
		if g, ok := m.(forecast.Generator); ok {
			if _, err := g.Generate(ended, forecast.GenerateOptions{Number: 2}); !errors.Is(err, context.Canceled) {
				t.Errorf("generate: error %v", err)
			}
		}
		if i, ok := m.(forecast.Imputer); ok {
			if _, err := i.Impute(ended, p, forecast.Options{At: [][]float64{{3}, {4}, {5}}, Samples: 20}); !errors.Is(err, context.Canceled) {
				t.Errorf("impute: error %v", err)
			}
		}
		if !k.Trained() {
			return
		}
		m = small(t, k)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		opt := shortFit
		opt.Progress = func(x forecast.Progress) {
			if x.Update > 3 {
				t.Errorf("update %d after the end of the context", x.Update)
			}
			if x.Update == 2 {
				cancel()
			}
		}
		if err := m.Fit(ctx, p, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("fit that is ended in its middle: error %v", err)
		}
		if _, err := models.State(m); err != nil && !errors.Is(err, forecast.ErrNotFitted) {
			t.Errorf("state after that: %v", err)
		}
	})
}

// A fit within a limit that allows nothing is an error or leaves a model.
func TestContractTinyLimit(t *testing.T) {
	p := waves(3, 40, 1)
	everyKind(t, func(t *testing.T, k models.Kind) {
		m := small(t, k)
		opt := shortFit
		opt.TimeLimit = 1
		if err := m.Fit(t.Context(), p, opt); err == nil {
			mustForecast(t, m, p, ahead)
		}
	})
}

// Arguments that make no sense are errors, and none is a panic.
func TestContractArguments(t *testing.T) {
	seriestest.Long(t)
	p := waves(3, 40, 1)
	last := [][]float64{{40}, {40}, {40}}
	everyKind(t, func(t *testing.T, k models.Kind) {
		m := fitted(t, k, p)
		ctx := t.Context()
		calls := map[string]func() error{}
		far := func(at float64) func() error {
			return func() error {
				_, err := m.Forecast(ctx, p, forecast.Options{At: [][]float64{{40}, {at}, {40}}, Samples: 20})
				if k.Irregular == "yes" && err == nil {
					return errors.New("a closed form for any time")
				}
				return err
			}
		}
		calls["forecast: an age away"], calls["forecast: the largest time"] = far(1e15), far(math.MaxFloat64)
		for name, opt := range map[string]forecast.Options{
			"no times":        {},
			"samples":         {At: last, Samples: -5},
			"samples no end":  {At: last, Samples: math.MaxInt},
			"horizon":         {Horizon: -1},
			"horizon no end":  {Horizon: math.MaxInt},
			"both":            {At: last, Horizon: 1},
			"few times":       {At: last[:2]},
			"the past":        {At: [][]float64{{3}, {40}, {40}}},
			"backwards":       {At: [][]float64{{40}, {42, 41}, {40}}},
			"twice":           {At: [][]float64{{40}, {40, 40}, {40}}},
			"no time":         {At: [][]float64{{40}, {math.NaN()}, {40}}},
			"the end of time": {At: [][]float64{{40}, {math.Inf(1)}, {40}}},
		} {
			calls["forecast: "+name] = func() error { _, err := m.Forecast(ctx, p, opt); return err }
		}
		calls["forecast: no history"] = func() error { _, err := m.Forecast(ctx, nil, ahead); return err }
		calls["forecast: no history at times"] = func() error {
			_, err := m.Forecast(ctx, nil, forecast.Options{At: last})
			return err
		}
		calls["forecast: no channels"] = func() error { _, err := m.Forecast(ctx, &series.Panel{}, ahead); return err }
		_, learns := m.(forecast.Stater)
		for name, p := range map[string]*series.Panel{"fit: no panel": nil, "fit: no channels": {}} {
			calls[name] = func() error {
				if err := small(t, k).Fit(ctx, p, shortFit); err != nil || learns {
					return err
				}
				return errors.New("a model that learns nothing may take anything")
			}
		}
		if g, ok := m.(forecast.Generator); ok {
			for name, opt := range map[string]forecast.GenerateOptions{
				"number": {Number: -1}, "length": {Length: -1}, "length no end": {Length: math.MaxInt},
			} {
				calls["generate: "+name] = func() error { _, err := g.Generate(ctx, opt); return err }
			}
		}
		if s, ok := m.(forecast.Scorer); ok {
			calls["likelihood: samples"] = func() error {
				_, err := s.LogLikelihood(ctx, p, forecast.LikelihoodOptions{Samples: -5})
				return err
			}
			calls["likelihood: no panel"] = func() error { _, err := s.LogLikelihood(ctx, nil, forecast.LikelihoodOptions{}); return err }
		}
		if i, ok := m.(forecast.Imputer); ok {
			calls["impute: no history"] = func() error { _, err := i.Impute(ctx, nil, forecast.Options{At: last}); return err }
			calls["impute: few times"] = func() error { _, err := i.Impute(ctx, p, forecast.Options{At: last[:1]}); return err }
			calls["impute: samples"] = func() error { _, err := i.Impute(ctx, p, forecast.Options{At: last, Samples: -5}); return err }
		}
		if e, ok := m.(forecast.Encoder); ok {
			calls["encode: no history"] = func() error { _, err := e.Encode(ctx, nil, forecast.Options{At: last}); return err }
			calls["encode: samples"] = func() error { _, err := e.Encode(ctx, p, forecast.Options{At: last, Samples: -5}); return err }
		}
		for name, call := range calls {
			noPanic(t, name, func() {
				if call() == nil {
					t.Errorf("%s: no error", name)
				}
			})
		}
	})
}

// The same seed gives the same model and the same forecast whatever the number of
// processors; a horizon the same as its times; several callers at a time the same as
// one; and a stored model the same as the one in memory.
func TestContractSame(t *testing.T) {
	p := shorter(3, 30, 2)
	everyKind(t, func(t *testing.T, k models.Kind) {
		var m forecast.Model
		var want string
		for _, processors := range []int{1, 2} {
			before := runtime.GOMAXPROCS(processors)
			again := fitted(t, k, p)
			text := mustForecast(t, again, p, ahead)
			runtime.GOMAXPROCS(before)
			if m == nil {
				m, want = again, text
				continue
			}
			if text != want {
				t.Errorf("another forecast at %d processors", processors)
			}
			if !bytes.Equal(stored(t, m, p), stored(t, again, p)) {
				t.Errorf("another model at %d processors", processors)
			}
		}
		at := ahead
		at.Horizon = 0
		for _, s := range p.Series {
			at.At = append(at.At, p.Future(s, ahead.Horizon))
		}
		if mustForecast(t, m, p, at) != want {
			t.Error("another forecast at the times of the horizon")
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				f, err := m.Forecast(t.Context(), p, ahead)
				if err != nil || asJSON(t, p, f) != want {
					t.Errorf("another forecast beside others, error %v", err)
				}
			})
		}
		all.Wait()
		loaded, file, err := models.Read(bytes.NewReader(stored(t, m, p)))
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Name() != k.Name || file.Horizon != shortFit.Horizon || file.Season != shortFit.Season || file.Seed != shortFit.Seed {
			t.Errorf("loaded %s, horizon %d, season %d, seed %d", loaded.Name(), file.Horizon, file.Season, file.Seed)
		}
		if mustForecast(t, loaded, file.History, ahead) != want {
			t.Error("another forecast by the stored model")
		}
		if !bytes.Equal(stored(t, loaded, p), stored(t, m, p)) {
			t.Error("another file of the stored model")
		}
	})
}

// stored returns the model file of m.
func stored(t *testing.T, m forecast.Model, p *series.Panel) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := models.Write(&b, m, p, shortFit); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
