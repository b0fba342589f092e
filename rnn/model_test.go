package rnn

import (
	"cmp"
	"context"
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
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// waves returns n noisy sines of two channels, at equal steps or not, some
// values missing.
func waves(n, length int, irregular bool, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t"}
	if !irregular {
		p.Step = series.Step{Width: 1}
	}
	for i := range n {
		s := &series.Series{ID: fmt.Sprintf("s%02d", i)}
		phase, t := 2*math.Pi*rng.Float64(), 0.0
		for range length {
			t++
			if irregular {
				t += rng.Float64()
			}
			for _, x := range []float64{math.Sin(0.5*t + phase), 2 * math.Cos(0.5*t+phase)} {
				x += 0.1 * rng.NormFloat64()
				if rng.Float64() < 0.1 {
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

var kinds = []string{VRNN, SRNN}

// An architecture is a kind with a kind of recurrent units.
type architecture struct {
	kind string
	cell Cell
}

var architectures = []architecture{{VRNN, GRU}, {VRNN, LSTM}, {SRNN, GRU}, {SRNN, LSTM}}

// small returns options with which a test is quick.
func (a architecture) small() Options {
	o := small
	o.Cell = a.cell
	return o
}

func (a architecture) String() string { return fmt.Sprintf("%s of %s", a.kind, a.cell) }

// small are options with which a test is quick.
var small = Options{Hidden: 6, Latent: 2, Updates: 60, Batch: 8}

// begin returns an objective whose network has not been trained.
func begin(t *testing.T, kind string, o Options, p *series.Panel, opt forecast.FitOptions) *objective {
	t.Helper()
	o.Precision = cmp.Or(o.Precision, Float64)
	cfg, records, err := newConfig(kind, o, p, opt)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFitted(cfg, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	obj, err := newObjective(f, records, 1)
	if err != nil {
		t.Fatal(err)
	}
	obj.start()
	return obj
}

// TestGradient holds the gradient of the whole objective, through whole windows
// of unequal lengths, against differences.
func TestGradient(t *testing.T) {
	seriestest.Long(t)
	for _, kind := range kinds {
		for _, c := range []struct {
			name  string
			panel *series.Panel
			o     Options
		}{
			{"irregular", waves(4, 20, true, 1), Options{Level: LevelPanel}},
			{"seasonal", seriestest.Monthly(90), Options{}},
			{"covariate", seriestest.Promotions(60), Options{}},
			{"student", waves(4, 20, false, 1), Options{Likelihood: density.StudentT, Residual: true}},
			{"chain", copies(4, 20, 1), Options{Likelihood: density.ChainBernoulli}},
			{"dropout", waves(4, 20, false, 1), Options{Dropout: 0.3, Free: 0.1}},
			{"filter", waves(4, 20, true, 1), Options{Filter: true}},
			{"lstm", waves(4, 20, true, 1), Options{Cell: LSTM}},
		} {
			t.Run(kind+" "+c.name, func(t *testing.T) {
				o := c.o
				o.Hidden, o.Latent, o.Batch = 5, 2, 48 // of more than one segment
				obj := begin(t, kind, o, c.panel, forecast.FitOptions{Horizon: 5, Season: 12})
				values := obj.Params.Values
				rng := rand.New(rand.NewPCG(1, 1))
				for i := range values {
					values[i] += 0.1 * rng.NormFloat64()
				}
				pass := nn.Pass{Values: values, Grad: make([]float64, len(values))}
				obj.anneal.Start, obj.anneal.Updates = 0.2, 10
				loss := func() float64 {
					pass.Reset()
					l, err := obj.Loss(context.Background(), &pass, 5, 1)
					if err != nil {
						t.Fatal(err)
					}
					return l.Val[0]
				}
				pass.Reset()
				l, err := obj.Loss(context.Background(), &pass, 5, 1)
				if err != nil {
					t.Fatal(err)
				}
				pass.Backward(l)
				grad := slices.Clone(pass.Grad)
				if n := len(obj.workspaces[1].segments); n < 2 {
					t.Fatalf("a batch of %d segment", n)
				}
				at := 0
				obj.Params.Each(func(name string, rows, cols int, v []float64) {
					for range 3 {
						if len(v) == 0 {
							return
						}
						k := rng.IntN(len(v))
						x := v[k]
						const h = 2e-4
						d := func(e float64) float64 { v[k] = x + e; return loss() }
						want := (8*(d(h)-d(-h)) - (d(2*h) - d(-2*h))) / (12 * h)
						v[k] = x
						if got := grad[at+k]; math.Abs(got-want) > 1e-7*(0.01+math.Abs(want)) {
							t.Errorf("%s[%d]: derivative %.10g, by differences %.10g", name, k, got, want)
						}
					}
					at += len(v)
				})
			})
		}
	}
}

// TestRollIsTheTrainedModel holds the bound by particles, step by step, against
// that of training, which goes over all steps at once: with one particle they
// have the same mean.
func TestRollIsTheTrainedModel(t *testing.T) {
	seriestest.Long(t)
	for _, a := range architectures {
		t.Run(a.String(), func(t *testing.T) {
			obj := begin(t, a.kind, Options{Hidden: 6, Latent: 2, Cell: a.cell, Level: LevelPanel}, waves(3, 14, false, 2), forecast.FitOptions{Horizon: 2, Season: 1})
			values := obj.Params.Values
			rng := rand.New(rand.NewPCG(5, 1))
			for i := range values {
				values[i] += 0.3 * rng.NormFloat64()
			}
			r := &obj.records[0]
			w := neural.Window{Record: r, From: 0, Origin: len(r.U), To: len(r.U)}
			// A draw in training is the mean over many copies of the window.
			const copies, draws, rolls = 50, 40, 1000
			var trained, rolled moment
			for k := range draws {
				fit, divergence, _, err := obj.elbo(context.Background(), values, slices.Repeat([]neural.Window{w}, copies), uint64(k))
				if err != nil {
					t.Fatal(err)
				}
				trained.add((fit - divergence) / copies)
			}
			for k := range rolls {
				b, err := obj.filter(context.Background(), w, filtering{values: values, particles: 1, paths: 1, never: true, rng: rand.New(rand.NewPCG(9, uint64(k)))})
				if err != nil {
					t.Fatal(err)
				}
				rolled.add(b)
			}
			if d := trained.mean() - rolled.mean(); math.Abs(d) > 4*math.Sqrt(trained.variance()/draws+rolled.variance()/rolls) {
				t.Errorf("bound %.4f in training, %.4f by rolling", trained.mean(), rolled.mean())
			}
		})
	}
}

type moment struct{ n, sum, square float64 }

func (m *moment) add(x float64)     { m.n, m.sum, m.square = m.n+1, m.sum+x, m.square+x*x }
func (m *moment) mean() float64     { return m.sum / m.n }
func (m *moment) variance() float64 { return m.square/m.n - m.mean()*m.mean() }

func fit(t *testing.T, kind string, o Options, p *series.Panel, opt forecast.FitOptions) *Model {
	t.Helper()
	m := &Model{Kind: kind, Options: o}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	return m
}

func pathsOf(t *testing.T, m *Model, p *series.Panel, n, samples int) []float64 {
	t.Helper()
	f, err := m.Forecast(context.Background(), p, forecast.Options{At: seriestest.Ahead(p, n), Samples: samples, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, d := range f.Series {
		for _, path := range d.Paths {
			all = append(all, path...)
		}
	}
	return all
}

// Fit and forecast do not depend on the number of processors.
func TestSameSeedSameBytes(t *testing.T) {
	for _, a := range architectures {
		run := func(processors int) []float64 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			panel := waves(6, 40, false, 1)
			return pathsOf(t, fit(t, a.kind, a.small(), panel, forecast.FitOptions{Horizon: 5, Season: 1, Seed: 2}), panel, 7, 20)
		}
		if !slices.Equal(run(1), run(4)) {
			t.Errorf("%s: other bytes on another number of processors", a)
		}
	}
}

// TestFutureChangesNothing demands that what comes after the origin of a
// held-back window changes neither the particles of its context nor what they
// draw: a forecast that saw it would be none.
func TestFutureChangesNothing(t *testing.T) {
	for _, a := range architectures {
		obj := begin(t, a.kind, a.small(), waves(4, 40, false, 1), forecast.FitOptions{Horizon: 6, Season: 1})
		draws := func(w neural.Window) (all []float64, bound float64) {
			bound, err := obj.filter(context.Background(), w, filtering{
				values: obj.Params.Values, particles: 8, paths: 8, rng: rand.New(rand.NewPCG(1, 2)),
				visit: func(_ *batch, _ int, y []float64) { all = append(all, y...) },
			})
			if err != nil {
				t.Fatal(err)
			}
			return all, bound
		}
		w := obj.valid[0]
		before, bound := draws(w)
		for i := w.Origin * 2; i < len(w.X); i++ {
			w.X[i] = 1e6
		}
		if after, b := draws(w); !slices.Equal(before, after) || b != bound {
			t.Errorf("%s: a forecast depends on what it forecasts", a)
		}
		w.X[w.Origin*2-2] += 1
		if after, _ := draws(w); slices.Equal(before, after) {
			t.Errorf("%s: a forecast does not depend on the last observation", a)
		}
	}
}

// Data, times and options that a model cannot treat are refused, by the kind of
// the error.
func TestErrors(t *testing.T) {
	ctx := context.Background()
	panel := waves(3, 40, false, 1)
	m := fit(t, VRNN, small, panel, forecast.FitOptions{Horizon: 5, Season: 1})
	other := waves(3, 40, false, 1)
	other.Channels = []string{"a", "c"}
	between := seriestest.Ahead(panel, 3)
	between[1][2] += 0.5
	past := seriestest.Ahead(panel, 3)
	past[0][0] = panel.Series[0].Times[5]
	short := waves(3, 3, false, 1)
	_, none := (&Model{Kind: VRNN}).Forecast(ctx, panel, forecast.Options{})
	_, channels := m.Forecast(ctx, other, forecast.Options{At: seriestest.Ahead(other, 3)})
	_, irregular := m.Forecast(ctx, waves(3, 40, true, 1), forecast.Options{At: seriestest.Ahead(panel, 3)})
	_, half := m.Forecast(ctx, panel, forecast.Options{At: between})
	_, back := m.Forecast(ctx, panel, forecast.Options{At: past})
	_, times := m.Forecast(ctx, panel, forecast.Options{})
	_, levels := m.LogLikelihood(ctx, panel, forecast.LikelihoodOptions{})
	for name, c := range map[string]struct {
		err  error
		is   error
		says string
	}{
		"not fitted":    {none, forecast.ErrNotFitted, ""},
		"channels":      {channels, forecast.ErrMismatch, "channels"},
		"irregular":     {irregular, forecast.ErrMismatch, "times"},
		"between steps": {half, forecast.ErrMismatch, "between the steps"},
		"in the past":   {back, forecast.ErrMismatch, "steps after the last observation"},
		"no times":      {times, nil, "times for 0 series"},
		"own levels":    {levels, forecast.ErrMismatch, "level=panel"},
		"short":         {(&Model{Kind: SRNN}).Fit(ctx, short, forecast.FitOptions{}), forecast.ErrTooShort, ""},
		"no kind":       {(&Model{}).Fit(ctx, panel, forecast.FitOptions{}), nil, "kind"},
		"option":        {(&Model{Kind: VRNN, Options: Options{Hidden: -1}}).Fit(ctx, panel, forecast.FitOptions{}), nil, "hidden"},
		"cell":          {(&Model{Kind: VRNN, Options: Options{Cell: "tanh"}}).Fit(ctx, panel, forecast.FitOptions{}), nil, "cell"},
		"sampling":      {(&Model{Kind: VRNN, Options: Options{Sampling: 1.5}}).Fit(ctx, panel, forecast.FitOptions{}), nil, "sampling"},
		"counts":        {(&Model{Kind: VRNN, Options: Options{Likelihood: density.Poisson}}).Fit(ctx, panel, forecast.FitOptions{}), forecast.ErrMismatch, "poisson"},
	} {
		if c.err == nil || c.is != nil && !errors.Is(c.err, c.is) || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: error %v", name, c.err)
		}
	}
}

// A series that is new, or without a value, is forecast by what the others show.
func TestForecastOfFewValues(t *testing.T) {
	p := seriestest.Monthly(60)
	p.IDColumn = "id"
	p.Series[0].ID = "known"
	m := &Model{Kind: VRNN, Options: small}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 4, Season: 12, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	old := p.Series[0]
	p.Series = append(p.Series,
		&series.Series{ID: "new", Times: old.Times[59:], Values: []float64{60}},
		&series.Series{ID: "empty", Times: old.Times[50:], Values: slices.Repeat([]float64{math.NaN()}, 10)})
	at := []float64{60, 61, 62}
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{at, at, at}, Samples: 50, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range f.Series {
		if q := d.Quantiles(0.1, 0.9); !(q[0][2] > 0 && q[1][2] > q[0][2] && q[1][2] < 1e4) {
			t.Errorf("%s: 80 %% interval from %v to %v", p.Series[i].ID, q[0][2], q[1][2])
		}
	}
	if len(f.Notes) == 0 || !strings.Contains(f.Notes[len(f.Notes)-1], "2 of 3 series have fewer than two values") {
		t.Errorf("notes %q", f.Notes)
	}
}

// What a window is normalised by does not depend on how far its level is from
// zero.
func TestScaleOfHighLevel(t *testing.T) {
	low, high := waves(3, 60, false, 1), waves(3, 60, false, 1)
	for _, s := range high.Series {
		for i := range s.Values {
			s.Values[i] += 1e6
		}
	}
	scale := func(p *series.Panel) float64 {
		cfg, records, err := newConfig(VRNN, Options{Transform: TransformNone, Level: LevelWindow}, p, forecast.FitOptions{Horizon: 4})
		if err != nil {
			t.Fatal(err)
		}
		_, scales := cfg.AppendLevel(nil, nil, &neural.Window{Record: &records[0], Origin: 40, To: 44}, LevelWindow)
		return scales[0]
	}
	if a, b := scale(low), scale(high); math.Abs(a-b) > 1e-3*a {
		t.Errorf("scale %v at a level of 1e6, %v at 0", b, a)
	}
}
