package vae

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

var (
	_ forecast.Generator = (*Model)(nil)
	_ forecast.Imputer   = (*Model)(nil)
	_ forecast.Scorer    = (*Model)(nil)
	_ forecast.Stater    = (*Model)(nil)
)

// quick returns a model that is trained for a few updates.
func quick(t testing.TB, o Options, p *series.Panel) *Model {
	t.Helper()
	o.Hidden, o.Latent, o.Updates, o.Batch = or(o.Hidden, 8), or(o.Latent, 2), or(o.Updates, 60), or(o.Batch, 32)
	m := &Model{Options: o}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return m
}

// longWave returns a panel of two series of two channels, with gaps.
func longWave(n int) *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 0.5}}
	for k := range 2 {
		s := &series.Series{ID: fmt.Sprint("s", k)}
		for i := range n {
			s.Times = append(s.Times, 0.5*float64(i))
			s.Values = append(s.Values, math.Sin(float64(i+k)), float64(i)+math.Cos(1.3*float64(i)))
		}
		s.Values[2*5+1] = math.NaN()
		p.Series = append(p.Series, s)
	}
	return p
}

func ask(p *series.Panel, n int) forecast.Options {
	return forecast.Options{At: seriestest.Ahead(p, n), Samples: 20, Seed: 7}
}

// TestForecastIsTheSame holds forecasts to the same bytes on any number of
// processors, for a series alone, after storing, and for a horizon that goes on
// where a shorter one ends.
func TestForecastIsTheSame(t *testing.T) {
	ctx := context.Background()
	p := longWave(40)
	fit := func(procs int) (*Model, *forecast.Forecast) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := quick(t, Options{}, p)
		f, err := m.Forecast(ctx, p, ask(p, 8))
		if err != nil {
			t.Fatal(err)
		}
		return m, f
	}
	m, want := fit(1)
	if _, got := fit(3); !reflect.DeepEqual(got, want) {
		t.Error("forecasts differ between 1 and 3 processors")
	}
	if err := want.Validate(); err != nil {
		t.Error(err)
	}
	alone := p.With(p.Series[1:])
	if got, err := m.Forecast(ctx, alone, ask(alone, 8)); err != nil || !reflect.DeepEqual(got.Series[0], want.Series[1]) {
		t.Errorf("a series alone has another forecast (%v)", err)
	}
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Forecast(ctx, p, ask(p, 8)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the stored model forecasts otherwise (%v)", err)
	}
	again, err := loaded.State()
	if err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("the state of the stored model is another (%v)", err)
	}
	// The first two of three steps of a window's horizon: the draws are those of
	// the whole window.
	short, err := m.Forecast(ctx, p, ask(p, 2))
	if err != nil {
		t.Fatal(err)
	}
	for k, path := range short.Series[0].Paths {
		if !slices.Equal(path, want.Series[0].Paths[k][:len(path)]) {
			t.Fatalf("path %d of a shorter forecast is another", k)
		}
	}
}

// TestForecastAnyDistribution has every family forecast, generate and impute values of
// its domain.
func TestForecastAnyDistribution(t *testing.T) {
	seriestest.Long(t)
	ctx := context.Background()
	for _, f := range density.Families() {
		t.Run(string(f), func(t *testing.T) {
			p := longWave(30)
			for _, s := range p.Series {
				for i, v := range s.Values {
					switch f.Domain() {
					case density.Positive:
						s.Values[i] = math.Exp(0.1 * v)
					case density.Count:
						s.Values[i] = math.Round(math.Abs(v))
					case density.Unit:
						if v == v {
							s.Values[i] = 5 * float64(int(math.Abs(v))%2)
						}
					}
				}
			}
			o := Options{Likelihood: f, Length: 9, Components: 2}
			top := 1.0
			if f.Domain() == density.Unit {
				top, o.Top = 5, 5
			}
			m := quick(t, o, p)
			check := func(values []float64) {
				t.Helper()
				for _, v := range values {
					if err := f.CheckValues([]float64{v / top}); err != nil || math.IsNaN(v) {
						t.Fatalf("value %v: %v", v, err)
					}
				}
			}
			fc, err := m.Forecast(ctx, p, ask(p, 4))
			if err != nil {
				t.Fatal(err)
			}
			check(slices.Concat(fc.Series[0].Paths...))
			g, err := m.Generate(ctx, forecast.GenerateOptions{Number: 5, Length: 14})
			if err != nil {
				t.Fatal(err)
			}
			if len(g.Series) != 5 || g.Series[0].Len() != 14 {
				t.Errorf("%d series of %d steps", len(g.Series), g.Series[0].Len())
			}
			for _, s := range g.Series {
				check(s.Values)
			}
			at := [][]float64{p.Series[0].Times[5:25:25], {2.5}}
			im, err := m.Impute(ctx, p, forecast.Options{At: at, Samples: 10})
			if err != nil {
				t.Fatal(err)
			}
			if err := im.Validate(); err != nil {
				t.Error(err)
			}
			check(slices.Concat(im.Series[0].Paths...))
		})
	}
}

// TestGenerateFirst holds the first generated series to be the same however
// many are drawn.
func TestGenerateFirst(t *testing.T) {
	m := quick(t, Options{}, longWave(40))
	ctx := context.Background()
	few, err := m.Generate(ctx, forecast.GenerateOptions{Number: 2, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	many, err := m.Generate(ctx, forecast.GenerateOptions{Number: 5, Seed: 4})
	if err != nil || !reflect.DeepEqual(few.Series, many.Series[:2]) {
		t.Errorf("the first series depend on the number (%v)", err)
	}
	if reflect.DeepEqual(few.Series[0].Values, few.Series[1].Values) {
		t.Error("two series are the same")
	}
	if few.Series[0].Len() != m.config.Options.Length || few.Series[0].Times[0] != 0 || few.Series[0].Times[1] != 0.5 {
		t.Errorf("times %v", few.Series[0].Times)
	}
}

// patterns returns rows of four binary values of which only two kinds occur.
func patterns(n int) *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b", "c", "d"}, TimeColumn: "row", Step: series.Step{Width: 1}}
	s := &series.Series{}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		s.Times = append(s.Times, float64(i+1))
		if rng.IntN(2) == 0 {
			s.Values = append(s.Values, 255, 0, 255, 0)
		} else {
			s.Values = append(s.Values, 0, 255, 0, 255)
		}
	}
	p.Series = []*series.Series{s}
	return p
}

// TestRows holds a model of rows against the two patterns that are all there is:
// it generates them, and no others, and its bound is near log ½.
func TestRows(t *testing.T) {
	p := patterns(400)
	m := quick(t, Options{Length: 1, Likelihood: density.Bernoulli, Top: 255, Hidden: 16, Updates: 800, Rate: 0.01}, p)
	ctx := context.Background()
	g, err := m.Generate(ctx, forecast.GenerateOptions{Length: 200, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]int)
	for i := range 200 {
		kinds[fmt.Sprint(g.Series[0].Row(i))]++
	}
	if a, b := kinds["[255 0 255 0]"], kinds["[0 255 0 255]"]; a < 60 || b < 60 || a+b < 175 {
		t.Errorf("generated %v", kinds)
	}
	l, err := m.LogLikelihood(ctx, p, forecast.LikelihoodOptions{Samples: 20})
	if err != nil {
		t.Fatal(err)
	}
	if got := l[0].Value / 400; got > -math.Ln2+1e-9 || got < -math.Ln2-0.2 {
		t.Errorf("the bound is %v nats a row, want a little less than %v", got, -math.Ln2)
	}
	// Forecasts of rows know nothing of the rows before.
	f, err := m.Forecast(ctx, p, ask(p, 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Validate(); err != nil || len(f.Series[0].Paths[0]) != 12 {
		t.Errorf("%d values: %v", len(f.Series[0].Paths[0]), err)
	}
	clear(kinds)
	for _, path := range f.Series[0].Paths {
		for i := range 3 {
			kinds[fmt.Sprint(path[4*i:4*i+4])]++
		}
	}
	if a, b := kinds["[255 0 255 0]"], kinds["[0 255 0 255]"]; a < 10 || b < 10 || a+b < 48 {
		t.Errorf("of 60 rows ahead the paths have %v", kinds)
	}
}

// TestRandomWalk holds the spread of forecasts of random walks, whose windows
// have levels of their own, against the distribution: the deviation grows with the root
// of the lead time, also beyond a window's horizon, where each path goes on from
// its own level.
func TestRandomWalk(t *testing.T) {
	seriestest.Long(t)
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 150 {
		s := &series.Series{ID: fmt.Sprint(i)}
		x := 100 * rng.NormFloat64()
		for t := range 16 {
			x += rng.NormFloat64()
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	m := quick(t, Options{Length: 8, Latent: 4, Hidden: 24, Updates: 1000, Batch: 64, Rate: 0.01}, p)
	opt := ask(p, 9)
	opt.Samples = 100
	f, err := m.Forecast(context.Background(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []int{3, 9} {
		square := 0.0
		for _, d := range f.Series {
			mean := d.MeanTo(nil)[h-1]
			for _, path := range d.Paths {
				square += (path[h-1] - mean) * (path[h-1] - mean) / float64(len(d.Paths)*len(f.Series))
			}
		}
		if got, want := math.Sqrt(square), math.Sqrt(float64(h)); got < 0.75*want || got > 1.35*want {
			t.Errorf("%d steps ahead the deviation is %.3f, want %.3f", h, got, want)
		}
	}
}

// TestLevel holds the forecast of a series in another unit to the forecast in
// that unit.
func TestLevel(t *testing.T) {
	p := longWave(40)
	m := quick(t, Options{Tilt: -1}, p)
	q := p.With(nil)
	for _, s := range p.Series {
		c := *s
		c.Values = slices.Clone(s.Values)
		for i := range c.Values {
			c.Values[i] = 3*c.Values[i] + 10
		}
		q.Series = append(q.Series, &c)
	}
	ctx := context.Background()
	a, err := m.Forecast(ctx, p, ask(p, 8))
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Forecast(ctx, q, ask(q, 8))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range a.Series[0].Paths {
		for k, v := range path {
			if got := b.Series[0].Paths[i][k]; math.Abs(got-(3*v+10)) > 1e-6 {
				t.Fatalf("path %d, value %d: %v, want %v", i, k, got, 3*v+10)
			}
		}
	}
}

// TestCollapse has a model of pure noise under a heavy weight of the divergence
// say that its latent variables are not in use.
func TestCollapse(t *testing.T) {
	p := waves(60, 1)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range p.Series {
		for i := range s.Values {
			s.Values[i] = rng.NormFloat64()
		}
	}
	m := quick(t, Options{Length: waveSteps, Level: LevelPanel, Beta: 20, Updates: 400, Rate: 0.02}, p)
	f, err := m.Forecast(context.Background(), p, ask(p, 2))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) != 1 {
		t.Errorf("%d of the latent variables are in use; notes %q", m.config.Active, f.Notes)
	}
}

// Data, times and options that the model cannot treat are refused, by the kind
// of the error.
func TestErrors(t *testing.T) {
	ctx := context.Background()
	bad := func(edit func(p *series.Panel)) *series.Panel {
		p := longWave(40)
		edit(p)
		return p
	}
	for _, c := range []struct {
		name  string
		o     Options
		panel *series.Panel
		want  error
	}{
		{"irregular", Options{}, bad(func(p *series.Panel) { p.Step = series.Step{} }), forecast.ErrMismatch},
		{"counts", Options{Likelihood: density.Poisson}, longWave(40), forecast.ErrMismatch},
		{"short", Options{Length: 50}, longWave(40), forecast.ErrTooShort},
		{"nothing", Options{}, bad(func(p *series.Panel) { p.Series = nil }), forecast.ErrTooShort},
		{"missing", Options{Length: 9}, bad(func(p *series.Panel) {
			for _, s := range p.Series {
				for i := range s.Values {
					s.Values[i] = math.NaN()
				}
			}
		}), forecast.ErrTooShort},
	} {
		m := &Model{Options: c.o}
		if err := m.Fit(ctx, c.panel, forecast.FitOptions{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if _, err := m.Forecast(ctx, c.panel, forecast.Options{}); !errors.Is(err, forecast.ErrNotFitted) {
			t.Errorf("%s: forecast: %v", c.name, err)
		}
	}
	if err := (&Model{Options: Options{Length: 1 << 16}}).Fit(ctx, bad(func(p *series.Panel) {
		p.Channels = make([]string, 20)
		p.Series = p.Series[:1]
		p.Series[0].Values = make([]float64, 20*p.Series[0].Len())
	}), forecast.FitOptions{}); err == nil {
		t.Error("windows of a million values pass")
	}
	var domain *density.DomainError
	if err := (&Model{Options: Options{Likelihood: density.Bernoulli}}).Fit(ctx, longWave(40), forecast.FitOptions{}); !errors.As(err, &domain) {
		t.Errorf("values out of the domain: %v", err)
	}
	p := longWave(40)
	m := quick(t, Options{}, p)
	other := bad(func(p *series.Panel) { p.Channels = []string{"a", "c"} })
	if _, err := m.Forecast(ctx, other, ask(other, 1)); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("other channels: %v", err)
	}
	opt := ask(p, 2)
	opt.At[1] = []float64{19.8}
	if _, err := m.Forecast(ctx, p, opt); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("a time between steps: %v", err)
	}
	if _, err := m.LogLikelihood(ctx, p, forecast.LikelihoodOptions{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("likelihood with levels of windows: %v", err)
	}
	if _, err := m.Impute(ctx, p, ask(p, 1)); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("imputation of the future: %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Forecast(done, p, ask(p, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}

// Options out of their bounds, and pairs that exclude each other, are refused;
// the zero value is not.
func TestOptionsValidate(t *testing.T) {
	for _, o := range []Options{
		{Length: -1}, {Latent: 1 << 20}, {Hidden: -3}, {Draws: 2, Beta: 3}, {Draws: 2, Free: 1}, {Top: math.Inf(1)},
		{Rate: math.NaN()}, {Level: "series"}, {Likelihood: "normal"}, {Free: -1},
	} {
		if err := o.Validate(); err == nil {
			t.Errorf("%+v passes", o)
		}
	}
	if err := (Options{}).Validate(); err != nil {
		t.Error(err)
	}
}

// A damaged state never becomes a model.
func TestFromStateDamaged(t *testing.T) {
	m := quick(t, Options{}, longWave(40))
	good := func() *forecast.State {
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, damage := range map[string]func(s *forecast.State){
		"kind":             func(s *forecast.State) { s.Kind = "ar" },
		"no JSON":          func(s *forecast.State) { s.Options = []byte("{") },
		"no configuration": func(s *forecast.State) { s.Options = []byte("{}") },
		"large":            func(s *forecast.State) { s.Options = []byte(replace(s.Options, `"hidden":8`, `"hidden":16000`)) },
		"incomplete":       func(s *forecast.State) { s.Options = []byte(replace(s.Options, `"batch":32`, `"batch":0`)) },
		"horizon":          func(s *forecast.State) { s.Options = []byte(replace(s.Options, `"horizon":3`, `"horizon":0`)) },
		"missing":          func(s *forecast.State) { s.Tensors = s.Tensors[1:] },
		"twice":            func(s *forecast.State) { s.Tensors = append(s.Tensors, s.Tensors[0]) },
		"shape":            func(s *forecast.State) { s.Tensors[0].Shape = s.Tensors[0].Shape[:1] },
		"not finite":       func(s *forecast.State) { s.Tensors[0].Data[0] = math.NaN() },
		"no levels":        func(s *forecast.State) { s.Tensors = s.Tensors[:len(s.Tensors)-1] },
		"bad levels":       func(s *forecast.State) { s.Tensors[len(s.Tensors)-1].Data[3] = 0 },
	} {
		s := good()
		damage(s)
		if _, err := FromState(s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func replace(json []byte, old, new string) string {
	s := string(json)
	for i := 0; i+len(old) <= len(s); i++ {
		if s[i:i+len(old)] == old {
			return s[:i] + new + s[i+len(old):]
		}
	}
	panic("the options have no " + old)
}
