package latentode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/ode"
	"tsgen/series"
)

// oscillators returns n damped oscillations of one frequency with two channels,
// position and velocity, at uneven times, a fifth of the values missing.
func oscillators(n, length int, noise float64, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &series.Panel{Channels: []string{"q", "v"}, IDColumn: "id", TimeColumn: "t"}
	for i := range n {
		s := &series.Series{ID: fmt.Sprintf("s%02d", i)}
		a, phase, t := 0.5+rng.Float64(), 2*math.Pi*rng.Float64(), 0.0
		for range length {
			t += 0.1 + 0.2*rng.Float64()
			d := a * math.Exp(-0.05*t)
			for _, x := range []float64{d * math.Cos(t+phase), -d * math.Sin(t+phase)} {
				x += noise * rng.NormFloat64()
				if rng.Float64() < 0.2 {
					x = math.NaN()
				}
				s.Values = append(s.Values, x)
			}
			s.Times = append(s.Times, t)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// shops returns as many series like monthly as make a common model give each
// its own noise, of different levels and noises.
func shops() *series.Panel {
	p := seriestest.Monthly(80)
	first := p.Series[0]
	p.Series = nil
	rng := rand.New(rand.NewPCG(4, 7))
	for i := range neural.ManySeries {
		s := &series.Series{ID: fmt.Sprintf("shop %d", i), Times: first.Times}
		for _, x := range first.Values {
			s.Values = append(s.Values, x*float64(1+i)*math.Exp(0.01*float64(i)*rng.NormFloat64()))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// small are options with which a test is quick.
var small = Options{Hidden: 8, Updates: 60, Batch: 16, Patience: 100}

func fit(t *testing.T, o Options, p *series.Panel, opt forecast.FitOptions) *Model {
	t.Helper()
	m := &Model{Options: o}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	return m
}

func forecastOf(t *testing.T, m *Model, p *series.Panel, n, samples int) *forecast.Forecast {
	t.Helper()
	f, err := m.ForecastPaths(context.Background(), p, forecast.Options{At: seriestest.Ahead(p, n), Samples: samples, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func paths(f *forecast.Forecast) []float64 {
	var x []float64
	for _, d := range f.Series {
		for _, p := range d.Paths {
			x = append(x, p...)
		}
	}
	return x
}

// Weights and forecasts do not depend on the number of processors.
func TestSameSeedSameBytes(t *testing.T) {
	panel := oscillators(6, 30, 0.1, 2)
	options := small
	if testing.Short() {
		options.Updates = 10
	}
	run := func(procs int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := fit(t, options, panel, forecast.FitOptions{Horizon: 5, Seed: 9})
		return append(slices.Clone(m.Params.Values), paths(forecastOf(t, m, panel, 5, 20))...)
	}
	if !slices.Equal(run(1), run(4)) {
		t.Error("the model or its forecast depends on the number of processors")
	}
}

// TestForecastOfASeriesIsItsOwn forecasts a series alone and among others.
func TestForecastOfASeriesIsItsOwn(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(6, 30, 0.1, 2)
	m := fit(t, small, panel, forecast.FitOptions{Horizon: 5, Seed: 9})
	all := forecastOf(t, m, panel, 5, 10)
	alone := forecastOf(t, m, panel.With(panel.Series[3:4]), 5, 10)
	for k, path := range alone.Series[0].Paths {
		if !slices.Equal(path, all.Series[3].Paths[k]) {
			t.Fatalf("path %d differs when the series is alone", k)
		}
	}
}

// A stored model forecasts the same paths and stores the same again.
func TestStateRoundTrip(t *testing.T) {
	panel := seriestest.Monthly(90)
	m := fit(t, small, panel, forecast.FitOptions{Horizon: 12, Season: 12})
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(paths(forecastOf(t, m, panel, 12, 10)), paths(forecastOf(t, back, panel, 12, 10))) {
		t.Error("a stored model forecasts otherwise")
	}
	again, err := back.State()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.Options, again.Options) {
		t.Errorf("options %s became %s", s.Options, again.Options)
	}
}

// A state that is damaged or contradicts itself never becomes a model.
func TestFromStateRefuses(t *testing.T) {
	m := fit(t, small, seriestest.Monthly(90), forecast.FitOptions{Horizon: 12, Season: 12})
	for name, spoil := range map[string]func(s *forecast.State){
		"kind":             func(s *forecast.State) { s.Kind = "vrnn" },
		"JSON":             func(s *forecast.State) { s.Options = json.RawMessage("{") },
		"no configuration": func(s *forecast.State) { s.Options = json.RawMessage("{}") },
		"huge sizes": func(s *forecast.State) {
			s.Options = bytes.Replace(s.Options, []byte(`"hidden":8`), []byte(`"hidden":8000000`), 1)
		},
		"likelihood": func(s *forecast.State) {
			s.Options = bytes.Replace(s.Options, []byte(`"likelihood":""`), []byte(`"likelihood":"mixture"`), 1)
		},
		"counts with logarithms": func(s *forecast.State) {
			s.Options = bytes.Replace(s.Options, []byte(`"likelihood":""`), []byte(`"likelihood":"poisson"`), 1)
		},
		"encoder": func(s *forecast.State) {
			s.Options = bytes.Replace(s.Options, []byte(`"encoder":""`), []byte(`"encoder":"x"`), 1)
		},
		"noise": func(s *forecast.State) {
			s.Options = bytes.Replace(s.Options, []byte(`"noise":0`), []byte(`"noise":1`), 1)
		},
		"no unit":        func(s *forecast.State) { s.Options = bytes.Replace(s.Options, []byte(`"unit":`), []byte(`"x":`), 1) },
		"missing tensor": func(s *forecast.State) { s.Tensors = s.Tensors[1:] },
		"other shape":    func(s *forecast.State) { s.Tensors[0].Shape[0]++ },
		"other rank":     func(s *forecast.State) { s.Tensors[0].Shape = s.Tensors[0].Shape[:1] },
		"NaN":            func(s *forecast.State) { s.Tensors[0].Data[0] = math.NaN() },
		"other name":     func(s *forecast.State) { s.Tensors[0].Name = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			spoil(s)
			if _, err := FromState(s); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Data, times and options that the model cannot treat are refused, by the kind
// of the error.
func TestErrors(t *testing.T) {
	ctx := context.Background()
	panel := seriestest.Monthly(90)
	m := fit(t, small, panel, forecast.FitOptions{Horizon: 12, Season: 12})
	other := seriestest.Monthly(60)
	other.Channels = []string{"z"}
	irregular := seriestest.Monthly(60)
	irregular.Step = series.Step{}
	negative := seriestest.Monthly(60)
	negative.Series[0].Values[3] = -1
	empty := seriestest.Monthly(1)
	empty.Step = panel.Step
	empty.Series[0].Times, empty.Series[0].Values = nil, nil
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"not fitted": {second((&Model{}).Forecast(ctx, panel, forecast.Options{})), forecast.ErrNotFitted},
		"state":      {second((&Model{}).State()), forecast.ErrNotFitted},
		"channels":   {second(m.Forecast(ctx, other, forecast.Options{At: seriestest.Ahead(other, 1)})), forecast.ErrMismatch},
		"step":       {second(m.Forecast(ctx, irregular, forecast.Options{At: seriestest.Ahead(irregular, 1)})), forecast.ErrMismatch},
		"sign":       {second(m.Forecast(ctx, negative, forecast.Options{At: seriestest.Ahead(negative, 1)})), forecast.ErrMismatch},
		"no time":    {second(m.Forecast(ctx, empty, forecast.Options{At: [][]float64{{5}}})), forecast.ErrTooShort},
		"past":       {second(m.Forecast(ctx, panel, forecast.Options{At: [][]float64{{3}}})), nil},
		"order":      {second(m.Forecast(ctx, panel, forecast.Options{At: [][]float64{{95, 94}}})), nil},
		"count":      {second(m.Forecast(ctx, panel, forecast.Options{})), nil},
		"samples":    {second(m.Forecast(ctx, panel, forecast.Options{At: seriestest.Ahead(panel, 1), Samples: -1})), nil},
		"few rows":   {(&Model{}).Fit(ctx, panel.With([]*series.Series{panel.Series[0].Slice(0, 3)}), forecast.FitOptions{}), forecast.ErrTooShort},
		"no series":  {(&Model{}).Fit(ctx, panel.With(nil), forecast.FitOptions{}), forecast.ErrTooShort},
		"horizon":    {(&Model{}).Fit(ctx, panel, forecast.FitOptions{Horizon: -1}), nil},
		"level":      {(&Model{Options: Options{Level: "x"}}).Fit(ctx, panel, forecast.FitOptions{}), nil},
		"rate":       {(&Model{Options: Options{Rate: math.NaN()}}).Fit(ctx, panel, forecast.FitOptions{}), nil},
	} {
		if c.err == nil || c.want != nil && !errors.Is(c.err, c.want) {
			t.Errorf("%s: error %v, want %v", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestPatience holds the validations that training waits against those of the
// default number of updates and of a quarter of more.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    int
	}{
		{Options{}, DefaultPatience},
		{Options{Updates: 6000}, 60},
		{Options{Updates: 6000, Patience: 5}, 5},
	} {
		p, _, err := newConfig(t.Context(), c.options, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 12, Season: 12})
		if err != nil {
			t.Fatal(err)
		}
		if p.Options.Patience != c.want {
			t.Errorf("%d updates: patience %d, want %d", p.Options.Updates, p.Options.Patience, c.want)
		}
	}
}

// A fit whose context ends keeps its best state, which forecasts.
func TestInterruptedFitKeepsTheBest(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Model{Options: small}
	m.Options.Updates = 100
	err := m.Fit(ctx, seriestest.Monthly(90), forecast.FitOptions{Horizon: 12, Season: 12, Progress: func(p forecast.Progress) {
		if p.Update == 60 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if c := m.Curve(); len(c) != 2 || c[1].Update != 50 {
		t.Fatalf("curve %v", c)
	}
	forecastOf(t, m, seriestest.Monthly(90), 12, 10)
}

// TestFitStoppedBeforeItsFirstValidation keeps the last weights.
func TestFitStoppedBeforeItsFirstValidation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Model{Options: small}
	err := m.Fit(ctx, seriestest.Monthly(90), forecast.FitOptions{Horizon: 12, Season: 12, Progress: func(p forecast.Progress) {
		if p.Update == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	forecastOf(t, m, seriestest.Monthly(90), 12, 10)
}

// TestShortSeriesTeachNothing fits a panel in which one series is too short to
// learn from, and forecasts that too.
func TestShortSeriesTeachNothing(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(6, 30, 0.1, 2)
	without := fit(t, small, panel, forecast.FitOptions{Horizon: 5, Seed: 9})
	panel.Series = append(panel.Series, panel.Series[0].Slice(0, 3))
	panel.Series[6].ID = "short"
	with := fit(t, small, panel, forecast.FitOptions{Horizon: 5, Seed: 9})
	if !slices.Equal(without.Params.Values, with.Params.Values) {
		t.Error("a series of three observations changed the model")
	}
	forecastOf(t, with, panel, 5, 10)
}

// TestOwnNoise demands that the noisy ones of many series are forecast with
// wider intervals than the quiet ones.
func TestOwnNoise(t *testing.T) {
	seriestest.Long(t)
	if testing.Short() || raceDetector {
		t.Skip("trains for some seconds")
	}
	panel := shops()
	m := fit(t, Options{Hidden: 16, Updates: 250}, panel, forecast.FitOptions{Horizon: 6, Season: 12, Seed: 1})
	f := forecastOf(t, m, panel, 6, 300)
	width := func(i int) float64 {
		d := f.Series[i]
		low, high, mid := make([]float64, 6), make([]float64, 6), make([]float64, 6)
		d.Interval(low, high, 80)
		d.Quantile(mid, 0.5)
		return (high[3] - low[3]) / mid[3]
	}
	if quiet, noisy := width(1), width(neural.ManySeries-1); !(noisy > 1.5*quiet) {
		t.Errorf("relative width %.3f for the noisiest series, %.3f for a quiet one", noisy, quiet)
	}
}

// A series without any variation is fitted and continued.
func TestConstantSeries(t *testing.T) {
	p := seriestest.Monthly(60)
	for i := range p.Series[0].Values {
		p.Series[0].Values[i] = 7
	}
	m := fit(t, small, p, forecast.FitOptions{Horizon: 6, Season: 12})
	f := forecastOf(t, m, p, 6, 100)
	for _, x := range paths(f) {
		if math.Abs(x-7) > 1 {
			t.Fatalf("a constant of 7 is continued with %v", x)
		}
	}
}

// TestExtrapolates demands that a panel of oscillators, half of whose phases it
// has to infer, is continued much better than by the last value.
func TestExtrapolates(t *testing.T) {
	seriestest.Long(t)
	if testing.Short() || raceDetector {
		t.Skip("trains for some seconds")
	}
	panel := oscillators(40, 60, 0.05, 4)
	head, tail, err := panel.SplitLast(15)
	if err != nil {
		t.Fatal(err)
	}
	m := fit(t, Options{Hidden: 32, Updates: 800}, head, forecast.FitOptions{Horizon: 15, Season: 1, Seed: 1})
	naive := &baseline.SeasonalNaive{}
	if err := naive.Fit(context.Background(), head, forecast.FitOptions{Season: 1}); err != nil {
		t.Fatal(err)
	}
	r, err := forecast.Examine(context.Background(), head, tail, []forecast.Model{m, naive}, forecast.Options{Season: 1, Samples: 200})
	if err != nil {
		t.Fatal(err)
	}
	score := map[string]float64{}
	for _, x := range r {
		score[x.Model] = x.Scores.SQL
	}
	if !(score[Kind] < 0.3*score[naive.Name()]) {
		t.Errorf("SQL %v, the last value has %v", score[Kind], score[naive.Name()])
	}
}

// A series that is new, or without a value, is forecast by what the others show.
func TestForecastOfFewValues(t *testing.T) {
	p := seriestest.Monthly(90)
	m := fit(t, small, p, forecast.FitOptions{Horizon: 12, Season: 12})
	old := p.Series[0]
	p.Series = append(p.Series,
		&series.Series{ID: "new", Times: old.Times[89:], Values: old.Values[89:]},
		&series.Series{ID: "empty", Times: old.Times[80:], Values: slices.Repeat([]float64{math.NaN()}, 10)})
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: seriestest.Ahead(p, 3), Samples: 50, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range f.Series {
		if q := d.Quantiles(0.1, 0.9); !(q[0][2] > 0 && q[1][2] > 1.01*q[0][2] && q[1][2] < 1e5) {
			t.Errorf("%s: 80 %% interval from %v to %v", p.Series[i].ID, q[0][2], q[1][2])
		}
	}
	if len(f.Notes) == 0 || !strings.Contains(f.Notes[len(f.Notes)-1], "2 of 3 series have fewer than two values") {
		t.Errorf("notes %q", f.Notes)
	}
}

// A time at which numbers end, or that the solver does not reach in its steps, is
// refused, with the time.
func TestForecastTooFar(t *testing.T) {
	seriestest.Long(t)
	p := seriestest.Monthly(90)
	m := fit(t, small, p, forecast.FitOptions{Horizon: 12, Season: 12})
	_, err := m.ForecastPaths(t.Context(), p, forecast.Options{At: [][]float64{{1e9}}, Samples: 1})
	if !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "at 1000000000 a sample path leaves") {
		t.Errorf("far beyond: %v", err)
	}
	w := window{Window: neural.Window{Record: &neural.Record{U: []float64{5, 6, 7, 8}}, From: 1}}
	spent := fmt.Errorf("window: %w", &ode.Error{Reason: ode.ErrMaxSteps, T: 20 / m.config.Unit})
	if err := m.config.reached(p, w, spent); !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "until 26,") {
		t.Errorf("spent steps: %v", err)
	}
	if err := m.config.reached(p, w, context.Canceled); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
