package latentode

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
)

// still returns a model of oscillators whose state does not move, which makes
// the distribution of the values of a series a Gaussian known in closed form.
func still(t *testing.T) *Model {
	t.Helper()
	f, _ := start(t, Options{Level: LevelPanel, State: 3, Context: 40})
	f.config.Options.Context = 40 // no series is cut
	clear(f.network.speed.In(f.Params.Values))
	bias := f.network.decoder.B.In(f.Params.Values)
	bias[0], bias[1] = 0.3, -0.2
	return &Model{fitted: f}
}

// marginal returns the log-likelihood of each series under still, by the
// covariance C Cᵀ + σ² of its observed values.
func marginal(t *testing.T, m *Model) []float64 {
	t.Helper()
	panel := oscillators(4, 20, 0.1, 1)
	c, bias := m.network.decoder.W.In(m.Params.Values), m.network.decoder.B.In(m.Params.Values)
	var all []float64
	for _, s := range panel.Series {
		var x, mean []float64
		var channel []int
		for k, v := range s.Values {
			if !math.IsNaN(v) {
				j := k % 2
				x, mean, channel = append(x, v), append(mean, m.config.Center[j]+m.config.Scale[j]*bias[j]), append(channel, j)
			}
		}
		cov := mat.NewSymDense(len(x), nil)
		for i, a := range channel {
			for k, b := range channel[:i+1] {
				v := 0.0
				for l := range 3 {
					v += c[l*2+a] * c[l*2+b]
				}
				if i == k {
					v += initialNoise * initialNoise
				}
				cov.SetSym(i, k, v*m.config.Scale[a]*m.config.Scale[b])
			}
		}
		normal, ok := distmv.NewNormal(mean, cov, nil)
		if !ok {
			t.Fatal("the covariance is not positive definite")
		}
		all = append(all, normal.LogProb(x))
	}
	return all
}

// TestLogLikelihood holds the bounds of a model whose likelihood is known
// against it. The posterior at the mode is then exact, so that one draw has no
// error; the untrained encoder's is far off, and its bound lies below and rises
// with the number of draws.
func TestLogLikelihood(t *testing.T) {
	seriestest.Long(t)
	m := still(t)
	want := marginal(t, m)
	panel := oscillators(4, 20, 0.1, 1)
	bound := func(samples int, seed uint64) []float64 {
		l, err := m.LogLikelihood(context.Background(), panel, forecast.LikelihoodOptions{Samples: samples, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		for i, x := range l {
			if x.ID != panel.Series[i].ID || x.Values != panel.Series[i].Observed() || x.Exact {
				t.Errorf("likelihood %+v", x)
			}
			values = append(values, x.Value)
		}
		return values
	}
	const seeds = 20
	one, many := make([]float64, len(want)), bound(3000, 1)
	for seed := range uint64(seeds) {
		for i, b := range bound(1, seed) {
			one[i] += b / seeds
		}
	}
	for i := range want {
		if !(one[i] < want[i] && one[i] < many[i] && many[i] < want[i]+1) {
			t.Errorf("series %d: bounds %.3f and %.3f, log-likelihood %.3f", i, one[i], many[i], want[i])
		}
	}
	m.config.Refine = true
	for i, got := range bound(1, 1) {
		if math.Abs(got-want[i]) > 1e-5*math.Abs(want[i]) {
			t.Errorf("series %d: %.8f at the mode, log-likelihood %.8f", i, got, want[i])
		}
	}
}

// No likelihood is given where windows are scaled by their own values: it would
// not be a density.
func TestLogLikelihoodNeedsACommonLevel(t *testing.T) {
	m := fit(t, small, seriestest.Monthly(80), forecast.FitOptions{Horizon: 12, Season: 12})
	_, err := m.LogLikelihood(context.Background(), seriestest.Monthly(80), forecast.LikelihoodOptions{})
	if !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("error %v", err)
	}
}

// TestLogLikelihoodOfALogarithm multiplies positive values by a factor, of which
// the model, when it takes the logarithm, must give the density of the data.
func TestLogLikelihoodOfALogarithm(t *testing.T) {
	seriestest.Long(t)
	o := small
	o.Level, o.Transform = LevelPanel, TransformLog
	const factor = 7
	sum := map[float64]float64{}
	for _, by := range []float64{1, factor} {
		p := seriestest.Monthly(80)
		for k := range p.Series[0].Values {
			p.Series[0].Values[k] *= by
		}
		m := fit(t, o, p, forecast.FitOptions{Horizon: 12, Season: 12})
		l, err := m.LogLikelihood(context.Background(), p, forecast.LikelihoodOptions{Samples: 10})
		if err != nil {
			t.Fatal(err)
		}
		sum[by] = l[0].Value
	}
	if got, want := sum[1]-sum[factor], 80*math.Log(factor); math.Abs(got-want) > 1e-3*want {
		t.Errorf("values times %v lower the log-density by %v, want %v", factor, got, want)
	}
}
