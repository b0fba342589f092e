package vae

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/nn/nntest"
	"tsgen/internal/training"
	"tsgen/internal/variational"
	"tsgen/models/density"
	"tsgen/series"
)

// newTestObjective returns the objective of the panel at the start of training.
func newTestObjective(t *testing.T, o Options, p *series.Panel) *objective {
	t.Helper()
	o.Precision = or(o.Precision, neural.Float64)
	cfg, records, err := newConfig(o, p, forecast.FitOptions{Horizon: 3})
	if err != nil {
		t.Fatal(err)
	}
	f := &fitted{config: cfg, Fitted: training.Fitted{Params: &nn.Params{}}}
	if f.network, err = newNetwork(f.Params, cfg, rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	ob, err := newObjective(f, records, 1)
	if err != nil {
		t.Fatal(err)
	}
	f.network.start(f.Params, ob.sample())
	return ob
}

// TestLossGradient holds the gradient of the loss, over all shards, against
// central differences.
func TestLossGradient(t *testing.T) {
	base := Options{Length: 7, Latent: 2, Hidden: 3, Batch: 6}
	for name, edit := range map[string]func(o *Options){
		"ELBO":      func(o *Options) {},
		"free bits": func(o *Options) { o.Free, o.Beta = 0.05, 0.7 },
		"IWAE":      func(o *Options) { o.Draws = 3 },
		"student-t": func(o *Options) { o.Likelihood = density.StudentT },
		"mixture":   func(o *Options) { o.Likelihood, o.Components = density.Mixture, 2 },
	} {
		t.Run(name, func(t *testing.T) {
			opt := base
			edit(&opt)
			o := newTestObjective(t, opt, longWave(30))
			o.anneal = variational.Annealing{Start: 0.3, Updates: 10}
			// Away from the bends of the rectifiers.
			values, rng := o.Params.Values, rand.New(rand.NewPCG(3, 4))
			for i := range values {
				values[i] += 0.3 * rng.NormFloat64()
			}
			var passes [shards]nn.Pass
			loss := func(grad []float64) float64 {
				sum := 0.0
				for s := range passes {
					p := &passes[s]
					p.Reset()
					p.Values, p.Grad = values, grad
					l, err := o.Loss(context.Background(), p, 4, s)
					if err != nil {
						t.Fatal(err)
					}
					if sum += l.Val[0]; grad != nil {
						p.Backward(l)
					}
				}
				return sum
			}
			grad := make([]float64, len(values))
			loss(grad)
			for i := range grad {
				const h = 1e-6
				at := values[i]
				values[i] = at + h
				want := loss(nil)
				values[i] = at - h
				want = (want - loss(nil)) / (2 * h)
				values[i] = at
				if math.Abs(grad[i]-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("parameter %d: derivative %.10g, by differences %.10g", i, grad[i], want)
				}
			}
		})
	}
}

// TestShare holds the windows that are trained on to those that end before
// what is held back.
func TestShare(t *testing.T) {
	o := newTestObjective(t, Options{Length: 9}, longWave(40))
	for _, w := range o.train {
		if w.from+9 > 40-3 {
			t.Errorf("the window from %d on reaches into the last horizon", w.from)
		}
	}
	if len(o.train) != 2*(40-3-9+1) || len(o.valid) != 2*3 {
		t.Errorf("%d windows to train on and %d held back", len(o.train), len(o.valid))
	}
	if rows := newTestObjective(t, Options{Length: 1, Likelihood: density.Bernoulli, Top: 255}, patterns(400)); len(rows.train) != 380 || len(rows.valid) != 20 {
		t.Errorf("%d rows to train on and %d held back", len(rows.train), len(rows.valid))
	}
}

// TestEpoch has every window be drawn once in an epoch, whichever shard asks.
func TestEpoch(t *testing.T) {
	o := newTestObjective(t, Options{Length: 9}, longWave(30))
	n := len(o.train)
	for epoch := range 2 {
		seen := make(map[window]bool)
		for i := range n {
			seen[o.at(o.workspaces[i%len(o.workspaces)], epoch*n+i)] = true
		}
		if len(seen) != n {
			t.Errorf("%d of %d windows in epoch %d", len(seen), n, epoch)
		}
	}
}

// TestResample holds the numbers in which rows are chosen against their
// weights: systematic resampling takes each the whole part of its share or one
// more.
func TestResample(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	weights := []float64{0.4, 0.05, 0.25, 0.3}
	var logs, z []float64
	for i, w := range weights {
		logs, z = append(logs, 800+math.Log(w)), append(z, float64(i), -float64(i))
	}
	const n = 10
	mean := make([]float64, len(weights))
	for range 2000 {
		dst := make([]float64, 2*n)
		if err := resample(dst, z, logs, 2, rng); err != nil {
			t.Fatal(err)
		}
		count := make([]float64, len(weights))
		for i := range n {
			if dst[2*i] != -dst[2*i+1] {
				t.Fatalf("row %d is %v", i, dst[2*i:2*i+2])
			}
			count[int(dst[2*i])]++
		}
		for i, c := range count {
			if math.Abs(c-n*weights[i]) >= 1 {
				t.Fatalf("row %d is chosen %v times of %v", i, c, n*weights[i])
			}
			mean[i] += c / 2000
		}
	}
	for i, m := range mean {
		if math.Abs(m-n*weights[i]) > 0.05 {
			t.Errorf("row %d is chosen %.3f times on average, want %v", i, m, n*weights[i])
		}
	}
	if err := resample(make([]float64, 2), z, []float64{0, math.NaN(), 0, math.Inf(1)}, 2, rng); err == nil {
		t.Error("weights that are not finite pass")
	}
}

// A window takes the last values of two pieces, and NaN where both are too
// short.
func TestFillEnd(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ n, a, b int }{{4, 6, 0}, {4, 2, 3}, {4, 0, 9}, {4, 1, 1}, {0, 3, 2}, {4, 0, 0}} {
		var all []float64
		for i := range c.a + c.b {
			all = append(all, float64(i+1))
		}
		want := slices.Concat(slices.Repeat([]float64{nan}, c.n), all)
		want = want[len(want)-c.n:]
		got := make([]float64, c.n)
		fillEnd(got, all[:c.a], all[c.a:])
		for i := range want {
			if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
				t.Errorf("%+v: %v, want %v", c, got, want)
				break
			}
		}
	}
}

// TestLatentGrid holds the order of the windows and the places of the lines
// against a decoder whose two channels are the two latent variables.
func TestLatentGrid(t *testing.T) {
	const small = 1e-3
	p := patterns(40)
	p.Channels = p.Channels[:2]
	s := p.Series[0]
	s.Values = s.Values[:2*s.Len()]
	m := quick(t, Options{Length: 1, Updates: 1, Hidden: 4, Likelihood: density.SharedGaussian}, p)
	for i, l := range m.network.decoder.Layers {
		w, b := l.W.In(m.Params.Values), l.B.In(m.Params.Values)
		clear(w)
		clear(b)
		scale := []float64{small, 1, 1 / small}[i]
		w[0], w[l.W.Cols+1] = scale, scale
		b[0] = []float64{1, 0, -1 / small}[i] // where the rectifiers do nothing
		b[1] = b[0]
	}
	g, err := m.LatentGrid(context.Background(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if g.Shades || g.Side != 3 || g.Length != 1 || g.Channels != 2 {
		t.Errorf("%+v", g)
	}
	q := distuv.UnitNormal.Quantile(5.0 / 6)
	for i, w := range g.Windows {
		want := []float64{q * float64(i%3-1), q * float64(1-i/3)}
		for j, v := range w {
			z := (v - m.config.Center[j]) / m.config.Scale[j]
			if math.Abs(z-want[j]) > 1e-9 {
				t.Errorf("window %d, channel %d: %v, want %v", i, j, z, want[j])
			}
		}
	}
}

// TestValidateIsBlind moves the values that validation forecasts far away: the
// score has to grow as far, for what is forecast must not follow.
func TestValidateIsBlind(t *testing.T) {
	const far = 1e6
	o := newTestObjective(t, Options{Length: 9}, longWave(40))
	score := func() float64 {
		s, err := o.Validate(context.Background(), o.Params.Values)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	move := func() {
		for _, r := range o.records {
			for k := 2 * (40 - 3); k < len(r.values); k++ {
				r.values[k] += far
			}
		}
	}
	// Of the windows that are held back keep those whose contexts end before
	// the values that are moved.
	o.valid = slices.DeleteFunc(o.valid, func(w window) bool { return w.from+6 > 40-3 })
	want, n, level := 0.0, 0.0, make([]float64, 4)
	for _, w := range o.valid {
		_, scale := o.scaled(make([]float64, 18), o.values(w), level)
		for k := 6 * 2; k < 18; k++ {
			if w.from+k/2 >= 40-3 {
				want += far / scale[k%2]
			}
			n++
		}
	}
	move()
	before := score()
	move()
	if got := score() - before; math.Abs(got-want/n) > 1e-6*want/n {
		t.Errorf("the score grows by %v, want %v", got, want/n)
	}
}

// TestGradientSingle holds the gradient in float32 to that in float64, for both bounds and
// where the likelihood has parameters of its own.
func TestGradientSingle(t *testing.T) {
	for _, o := range []Options{
		{Length: 9, Free: 0.1}, {Length: 9, Draws: 3}, {Length: 9, Likelihood: density.SharedGaussian},
	} {
		o.Hidden, o.Latent, o.Precision = 16, 3, neural.Float64
		double := newTestObjective(t, o, longWave(40))
		o.Precision = neural.Float32
		nntest.SameGradient(t, double, newTestObjective(t, o, longWave(40)), double.Params.Values, 300, 1)
	}
}

// TestEncoderKnowsGaps holds the posterior given a zero apart from that given
// nothing.
func TestEncoderKnowsGaps(t *testing.T) {
	o := newTestObjective(t, Options{Length: 9}, longWave(40))
	p := nn.Pass{Values: o.Params.Values}
	x := make([]float64, 2*18)
	x[18+3] = math.NaN()
	q := encode(o.network, &p, x)
	if slices.Equal(q.Mean.Val[:8], q.Mean.Val[8:]) {
		t.Error("a gap looks like a zero")
	}
}

// A time limit of a millisecond leaves a model that forecasts.
func TestTimeLimit(t *testing.T) {
	m := &Model{Options: Options{Updates: 1 << 20}}
	p := longWave(30)
	if err := m.Fit(context.Background(), p, forecast.FitOptions{TimeLimit: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Forecast(context.Background(), p, ask(p, 2)); err != nil {
		t.Error(err)
	}
}

// TestImputeRows asks for rows that are windows by themselves at the times that
// they have, and at one that there is not.
func TestImputeRows(t *testing.T) {
	p := patterns(60)
	s := p.Series[0]
	s.Values[4*7+2] = math.NaN()
	m := quick(t, Options{Length: 1, Likelihood: density.Bernoulli, Top: 255, Updates: 400, Rate: 0.01, Hidden: 16}, p)
	f, err := m.Impute(context.Background(), p, forecast.Options{At: [][]float64{{3, 8}}, Samples: 50})
	if err != nil {
		t.Fatal(err)
	}
	mean := f.Series[0].MeanTo(nil)
	for i, row := range []int{2, 7} {
		for j := range 4 {
			want := s.Values[4*row]
			if j%2 == 1 {
				want = 255 - want
			}
			if got := mean[4*i+j]; math.Abs(got-want) > 0.25*255 {
				t.Errorf("row %d, channel %d: %v, want %v", row, j, got, want)
			}
		}
	}
	if _, err := m.Impute(context.Background(), p, forecast.Options{At: [][]float64{{3.5}}}); err == nil {
		t.Error("a time without a row passes")
	}
}
