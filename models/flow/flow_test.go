package flow

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn/nntest"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

const phi = 0.8

// autoregressions returns n series of an autoregression about 50 with innovations of the
// deviation 10.
func autoregressions(n, length int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for s := range n {
		x := &series.Series{ID: fmt.Sprint(s)}
		y := rng.NormFloat64() / math.Sqrt(1-phi*phi)
		for i := range length {
			x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, 50+10*y)
			y = phi*y + rng.NormFloat64()
		}
		p.Series = append(p.Series, x)
	}
	return p
}

func fit(t *testing.T, o Options, p *series.Panel, opt forecast.FitOptions) *Model {
	t.Helper()
	m := &Model{Options: o}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDivergence holds the trace of the velocity's derivative, and the velocity itself,
// against differences and the network on the tape.
func TestDivergence(t *testing.T) {
	m := fit(t, Options{Hidden: 12, Blocks: 2, Updates: 20, Batch: 16}, autoregressions(30, 6, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	rng := rand.New(rand.NewPCG(1, 1))
	rank := m.config.Rank
	z, v := make([]float64, rank), make([]float64, rank)
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	when := append(appendTime(nil, 0.3), m.config.place(0)...)
	got := m.network.divergence(m.Params.Values, v, z, when)
	want := 0.0
	for i := range z {
		const h = 1e-6
		up, down := make([]float64, rank), make([]float64, rank)
		x := z[i]
		z[i] = x + h
		m.network.divergence(m.Params.Values, up, z, when)
		z[i] = x - h
		m.network.divergence(m.Params.Values, down, z, when)
		z[i] = x
		want += (up[i] - down[i]) / (2 * h)
	}
	if math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("trace %v, by differences %v", got, want)
	}
}

// TestGradientSingle holds the gradient in float32 to that in float64.
func TestGradientSingle(t *testing.T) {
	m := fit(t, Options{Hidden: 12, Blocks: 2, Updates: 20, Batch: 16}, autoregressions(30, 6, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	begin := func(p neural.Precision) *objective {
		c := *m.config
		c.Options.Precision = p
		o := &objective{fitted: newFitted(&c, rand.New(rand.NewPCG(1, 1)))}
		rng := rand.New(rand.NewPCG(2, 2))
		for range 20 {
			w := place{make([]float64, c.Rank), c.place(0)}
			for k := range w.x {
				w.x[k] = rng.NormFloat64()
			}
			o.windows[0] = append(o.windows[0], w)
		}
		return o
	}
	nntest.SameGradient(t, begin(neural.Float64), begin(neural.Float32), m.Params.Values, 5, 1)
}

// TestWhiten protects that coordinates stand for windows: there and back is the same, and
// those of windows that were learned from have variances of 1.
func TestWhiten(t *testing.T) {
	m := fit(t, Options{Hidden: 8, Updates: 2, Batch: 8}, autoregressions(200, 6, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	_, records, err := newConfig(m.Options, autoregressions(200, 6, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	learned, _ := m.config.windows(records)
	square := 0.0
	for _, w := range learned {
		z := m.network.whiten(m.Params.Values, w.x)
		for _, v := range z {
			square += v * v / float64(len(z)*len(learned))
		}
		for i, x := range m.network.unwhiten(m.Params.Values, z) {
			if math.Abs(x-w.x[i]) > 1e-9 {
				t.Fatalf("value %d is %v, back %v", i, w.x[i], x)
			}
		}
	}
	if math.Abs(square-1) > 1e-9 {
		t.Errorf("a variance of %v in the directions", square)
	}
}

// TestKnownProcess holds generated windows, forecasts and densities of a Gaussian process
// against what is known of it.
func TestKnownProcess(t *testing.T) {
	seriestest.Long(t)
	p := autoregressions(600, 8, 1)
	m := fit(t, Options{Hidden: 48, Updates: 700, Batch: 128}, p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 400, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var all, lagged float64
	for _, s := range g.Series {
		for k := 1; k < s.Len(); k++ {
			all += math.Pow(s.Values[k]-50, 2)
			lagged += (s.Values[k] - 50) * (s.Values[k-1] - 50)
		}
	}
	truth := 10 / math.Sqrt(1-phi*phi)
	if sd, r := math.Sqrt(all/(400*7))/truth, lagged/all; sd < 0.85 || sd > 1.15 || math.Abs(r-phi) > 0.08 {
		t.Errorf("deviation %.2f of the truth's, autocorrelation %.2f, want %.2f", sd, r, phi)
	}
	test := autoregressions(40, 8, 2)
	f, err := m.Forecast(context.Background(), test, forecast.Options{Horizon: 2, Samples: 100, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	off, spread := 0.0, 0.0
	for i, d := range f.Series {
		x := test.Series[i].Values
		mean := d.MeanTo(nil)
		off += math.Pow(mean[0]-50-phi*(x[7]-50), 2) / 40
		for _, y := range d.Paths {
			spread += math.Pow(y[0]-mean[0], 2) / (40 * 100)
		}
	}
	if off, spread := math.Sqrt(off), math.Sqrt(spread); off > 5 || spread < 7 || spread > 13 {
		t.Errorf("forecasts of a step are %.1f from the best with a deviation of %.1f, which is 10", off, spread)
	}
	likelihoods, err := m.LogLikelihood(context.Background(), test, forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum, want := 0.0, 0.0
	normal := func(x, sd float64) float64 { return -0.5*x*x/(sd*sd) - math.Log(sd) - 0.5*math.Log(2*math.Pi) }
	for i, l := range likelihoods {
		sum += l.Value
		x := test.Series[i].Values
		want += normal(x[0]-50, truth)
		for k := 1; k < 8; k++ {
			want += normal(x[k]-50-phi*(x[k-1]-50), 10)
		}
	}
	if d := (sum - want) / (40 * 8); math.Abs(d) > 0.1 {
		t.Errorf("densities are %.3f nats a value from the truth's", d)
	}
}

// TestLevels holds the levels of generated windows and a density of a process whose level is
// one of two, which no normal distribution is, against what is known of it, also after
// few updates.
func TestLevels(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for s := range 600 {
		x, level := &series.Series{ID: fmt.Sprint(s)}, 10*float64(s%2)
		for i := range 4 {
			x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, level+rng.NormFloat64())
		}
		p.Series = append(p.Series, x)
	}
	m := fit(t, Options{Hidden: 32, Updates: 100, Batch: 64}, p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 400, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	between, high := 0, 0
	for _, s := range g.Series {
		mean := 0.0
		for _, x := range s.Values {
			mean += x / 4
		}
		if mean > 5 {
			high++
		}
		if mean > 2 && mean < 8 {
			between++
		}
	}
	if between > 16 || high < 160 || high > 240 {
		t.Errorf("of 400 series %d are high and %d between, want 200 and none", high, between)
	}
	likelihoods, err := m.LogLikelihood(context.Background(), p.With(p.Series[:40]), forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range likelihoods {
		sum += l.Value / (40 * 4)
	}
	// Of independent normal values less the choice of the level.
	if want := -0.5*math.Log(2*math.Pi) - 0.5 - math.Ln2/4; math.Abs(sum-want) > 0.1 {
		t.Errorf("%.3f nats a value, the truth's are %.3f", sum, want)
	}
}

// TestGuide protects what is known of a window: it stays.
func TestGuide(t *testing.T) {
	m := fit(t, Options{Hidden: 8, Updates: 30, Batch: 16}, autoregressions(60, 8, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	x := make([]float64, 8)
	for i := range x {
		x[i] = math.NaN()
	}
	x[1], x[6] = 0.7, -1.1
	windows, err := m.guided(context.Background(), 0, x, 5, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range windows {
		if math.Abs(w[1]-0.7) > 1e-3 || math.Abs(w[6]+1.1) > 1e-3 {
			t.Errorf("known values 0.7 and -1.1 are %v and %v", w[1], w[6])
		}
	}
}

// TestRefuses protects that what has no window is refused by the right error.
func TestRefuses(t *testing.T) {
	p := autoregressions(3, 20, 1)
	p.Step = series.Step{}
	if err := (&Model{}).Fit(context.Background(), p, forecast.FitOptions{Horizon: 2}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("irregular times: %v", err)
	}
	m := fit(t, Options{Hidden: 8, Updates: 2, Batch: 8}, autoregressions(30, 8, 1), forecast.FitOptions{Horizon: 2, Season: 1})
	if _, err := m.LogLikelihood(context.Background(), autoregressions(2, 9, 1), forecast.LikelihoodOptions{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("the density of nine steps: %v", err)
	}
}
