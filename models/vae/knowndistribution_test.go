package vae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// waves are series x_t = a cos ωt + b sin ωt + noise with normal a and b of
// their own: a distribution of windows that is Gaussian and known.
const (
	waveSteps   = 12
	waveHorizon = 4
	waveNoise   = 0.3
)

func waveCovariance() *mat.SymDense {
	s := mat.NewSymDense(waveSteps, nil)
	for i := range waveSteps {
		for j := range i + 1 {
			v := math.Cos(0.7 * float64(i-j))
			if i == j {
				v += waveNoise * waveNoise
			}
			s.SetSym(i, j, v)
		}
	}
	return s
}

func waves(n int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 0))
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		a, b := rng.NormFloat64(), rng.NormFloat64()
		for t := range waveSteps {
			sin, cos := math.Sincos(0.7 * float64(t))
			s.Times = append(s.Times, float64(t))
			s.Values = append(s.Values, 50+10*(a*cos+b*sin+waveNoise*rng.NormFloat64()))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// conditional returns the mean and the standard deviations of the steps of a
// wave that are missing given the others, both in units of the waves' amplitude.
func conditional(x []float64) (missing []int, mean, sd []float64) {
	var seen []int
	for i, v := range x {
		if math.IsNaN(v) {
			missing = append(missing, i)
		} else {
			seen = append(seen, i)
		}
	}
	s := waveCovariance()
	block := func(a, b []int) *mat.Dense {
		m := mat.NewDense(len(a), len(b), nil)
		for i, r := range a {
			for j, c := range b {
				m.Set(i, j, s.At(r, c))
			}
		}
		return m
	}
	var gain, spread mat.Dense
	if err := gain.Solve(block(seen, seen), block(seen, missing)); err != nil {
		panic(err) // the covariance has a noise on its diagonal
	}
	spread.Mul(block(missing, seen), &gain)
	for i, m := range missing {
		sum := 0.0
		for j, k := range seen {
			sum += gain.At(j, i) * (x[k] - 50) / 10
		}
		mean = append(mean, sum)
		sd = append(sd, math.Sqrt(s.At(m, m)-spread.At(i, i)))
	}
	return missing, mean, sd
}

// fittedWaves returns a model of waves.
func fittedWaves(t testing.TB) *Model {
	t.Helper()
	m := &Model{Options: Options{Length: waveSteps, Latent: 3, Hidden: 32, Level: LevelPanel, Updates: 1200, Rate: 0.01, Likelihood: density.SharedGaussian}}
	if err := m.Fit(context.Background(), waves(600, 1), forecast.FitOptions{Horizon: waveHorizon, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestKnownDistribution holds what a model has learned of waves against their distribution:
// forecasts and imputations against the conditional means and deviations, the
// bounds on the likelihood against the likelihood, generated windows against the
// covariance.
func TestKnownDistribution(t *testing.T) {
	seriestest.Long(t)
	m := fittedWaves(t)
	ctx := context.Background()
	test := waves(200, 2)

	history := test.With(nil)
	var opt forecast.Options
	for _, s := range test.Series {
		history.Series = append(history.Series, s.Slice(0, waveSteps-waveHorizon))
		opt.At = append(opt.At, s.Times[waveSteps-waveHorizon:])
	}
	opt.Samples = 400
	seen := func(i int) []float64 {
		return append(slices.Clone(history.Series[i].Values), slices.Repeat([]float64{math.NaN()}, waveHorizon)...)
	}
	t.Run("Forecast", func(t *testing.T) {
		f, err := m.Forecast(ctx, history, opt)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		holdAgainstDistribution(t, f, seen, 0.4)
		if len(f.Notes) > 0 {
			t.Errorf("notes: %v", f.Notes)
		}
	})

	// The weights of the draws make up for an encoder that has nothing to say.
	t.Run("ForecastWithoutEncoder", func(t *testing.T) {
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		for _, tensor := range s.Tensors {
			if tensor.Name == "encoder.2.weight" || tensor.Name == "encoder.2.bias" {
				clear(tensor.Data)
			}
		}
		blind, err := FromState(s)
		if err != nil {
			t.Fatal(err)
		}
		f, err := blind.Forecast(ctx, history, opt)
		if err != nil {
			t.Fatal(err)
		}
		holdAgainstDistribution(t, f, seen, 0.8)
	})

	t.Run("Impute", func(t *testing.T) {
		gappy := test.With(nil)
		var opt forecast.Options
		for i, s := range test.Series {
			g := &series.Series{ID: s.ID, Times: s.Times, Values: slices.Clone(s.Values)}
			var at []float64
			for _, k := range []int{2 + i%3, 3 + i%3, 8} {
				g.Values[k] = math.NaN()
				at = append(at, s.Times[k])
			}
			gappy.Series, opt.At = append(gappy.Series, g), append(opt.At, at)
		}
		opt.Samples = 400
		f, err := m.Impute(ctx, gappy, opt)
		if err != nil {
			t.Fatal(err)
		}
		holdAgainstDistribution(t, f, func(i int) []float64 { return gappy.Series[i].Values }, 0.4)
	})

	t.Run("LogLikelihood", func(t *testing.T) {
		dist, ok := distmv.NewNormal(make([]float64, waveSteps), waveCovariance(), nil)
		if !ok {
			t.Fatal("the covariance is not positive definite")
		}
		bound := func(k int) (sum, exact float64) {
			l, err := m.LogLikelihood(ctx, test, forecast.LikelihoodOptions{Samples: k, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range test.Series {
				if l[i].ID != s.ID || l[i].Values != waveSteps || l[i].Exact {
					t.Fatalf("%+v", l[i])
				}
				x := make([]float64, waveSteps)
				for k, v := range s.Values {
					x[k] = (v - 50) / 10
				}
				sum += l[i].Value / float64(len(l))
				exact += (dist.LogProb(x) - waveSteps*math.Log(10)) / float64(len(l))
			}
			return sum, exact
		}
		elbo, exact := bound(1)
		iwae, _ := bound(50)
		// No model beats the true distribution but by luck: the difference of the
		// likelihoods has a standard error of about 0.05 over the 200 series.
		if !(elbo < iwae && iwae < exact+0.1) || iwae < exact-0.6 {
			t.Errorf("nats per series: ELBO %.3f, bound of 50 draws %.3f, exact %.3f", elbo, iwae, exact)
		}
		rep, err := m.Examine(ctx, test, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		// In units of the model, whose scale is about 10.
		if got := rep.Bound - waveSteps*math.Log(m.config.Scale[0]); math.Abs(got-elbo) > 0.2 || rep.Active != 2 && rep.Active != 3 {
			t.Errorf("report %+v, its bound in units of the data %.3f, want %.3f", rep, got, elbo)
		}
	})

	t.Run("Generate", func(t *testing.T) {
		p, err := m.Generate(ctx, forecast.GenerateOptions{Number: 2000, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		covariance := func(p *series.Panel, i, j int) float64 {
			sum := 0.0
			for _, s := range p.Series {
				sum += (s.Values[i] - 50) * (s.Values[j] - 50) / 100 / float64(len(p.Series))
			}
			return sum
		}
		learned := waves(600, 1)
		for i := range waveSteps {
			for _, j := range []int{i, (i + 3) % waveSteps, (i + 7) % waveSteps} {
				if got, want := covariance(p, i, j), covariance(learned, i, j); math.Abs(got-want) > 0.25 {
					t.Errorf("covariance of steps %d and %d: %.3f, want %.3f", i, j, got, want)
				}
			}
		}
	})
}

// holdAgainstDistribution holds a forecast of the missing steps of each wave against
// their distribution: the means may be off by so many standard deviations.
func holdAgainstDistribution(t *testing.T, f *forecast.Forecast, wave func(i int) []float64, off float64) {
	t.Helper()
	var miss, logRatio, n float64
	for i, d := range f.Series {
		_, mean, sd := conditional(wave(i))
		got := d.MeanTo(nil)
		for k := range mean {
			square := 0.0
			for _, p := range d.Paths {
				square += (p[k] - got[k]) * (p[k] - got[k]) / float64(len(d.Paths))
			}
			e := ((got[k]-50)/10 - mean[k]) / sd[k]
			miss += e * e
			logRatio += math.Log(math.Sqrt(square) / 10 / sd[k])
			n++
		}
	}
	// 400 paths alone make the root mean square error of the mean 0.05.
	if rms := math.Sqrt(miss / n); rms > off {
		t.Errorf("the means are off by %.3f standard deviations", rms)
	}
	if ratio := math.Exp(logRatio / n); ratio < 0.85 || ratio > 1.2 {
		t.Errorf("the deviations are %.3f times what they should be", ratio)
	}
}
