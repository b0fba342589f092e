package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// walk is the linear-Gaussian state space model z' = a z + N(0, q), x = z + N(0,
// r) with a stationary start.
type walk struct{ a, q, r float64 }

func (m walk) panel(n, length int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 3))
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		z := math.Sqrt(m.q/(1-m.a*m.a)) * rng.NormFloat64()
		for t := range length {
			s.Times = append(s.Times, float64(t))
			s.Values = append(s.Values, z+math.Sqrt(m.r)*rng.NormFloat64())
			z = m.a*z + math.Sqrt(m.q)*rng.NormFloat64()
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// logLikelihood is exact, by the Kalman filter.
func (m walk) logLikelihood(x []float64) float64 {
	mean, variance, sum := 0.0, m.q/(1-m.a*m.a), 0.0
	for _, v := range x {
		s := variance + m.r
		e := v - mean
		sum -= 0.5 * (math.Log(2*math.Pi*s) + e*e/s)
		gain := variance / s
		mean, variance = mean+gain*e, variance*(1-gain)
		mean, variance = m.a*mean, m.a*m.a*variance+m.q
	}
	return sum
}

// TestBounds trains on data from a model whose exact likelihood is known. In
// expectation the evidence lower bound is at most that of importance weighting,
// which rises with the number of draws, and none is above the likelihood that a
// model can have on new data, but by what the sample allows; and what was
// learned is not far below it.
func TestBounds(t *testing.T) {
	seriestest.Long(t)
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	truth := walk{a: 0.9, q: 0.3, r: 0.4}
	train, test := truth.panel(200, 40, 1), truth.panel(60, 40, 2)
	var exact, values float64
	for _, s := range test.Series {
		exact += truth.logLikelihood(s.Values)
		values += float64(s.Len())
	}
	exact /= values
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			m := fit(t, kind, Options{Hidden: 12, Latent: 2, Level: LevelPanel, Updates: 500, Rate: 0.01}, train, forecast.FitOptions{Horizon: 8, Season: 1, Seed: 1})
			perValue := func(bound func(context.Context, *series.Panel, forecast.LikelihoodOptions) ([]forecast.Likelihood, error), k int) float64 {
				ls, err := bound(context.Background(), test, forecast.LikelihoodOptions{Samples: k, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for _, l := range ls {
					if l.Values != 40 || l.Exact {
						t.Fatalf("series %s: %d values, exact %v", l.ID, l.Values, l.Exact)
					}
					sum += l.Value
				}
				return sum / values
			}
			elbo, few, many := perValue(m.LogLikelihood, 1), perValue(m.LogLikelihood, 8), perValue(m.LogLikelihood, 64)
			filter := perValue(m.Filter, 64)
			t.Logf("nats a value: ELBO %.4f, 8 draws %.4f, 64 draws %.4f, filter of 64 %.4f, exact %.4f", elbo, few, many, filter, exact)
			const noise = 0.005 // of a bound's estimate
			if !(elbo < few+noise && few < many+noise && many < filter+2*noise) {
				t.Errorf("bounds do not rise: %v, %v, %v, filter %v", elbo, few, many, filter)
			}
			if filter > exact+noise {
				t.Errorf("a bound of %v, the truth has %v", filter, exact)
			}
			if filter < exact-0.03 {
				t.Errorf("a bound of %v, far below the truth's %v", filter, exact)
			}
		})
	}
}

// TestGenerate demands series of the variance and the persistence of those that
// were learned from.
func TestGenerate(t *testing.T) {
	seriestest.Long(t)
	truth := walk{a: 0.9, q: 0.3, r: 0.4}
	for _, kind := range kinds {
		m := fit(t, kind, Options{Hidden: 8, Latent: 2, Level: LevelPanel, Updates: 200, Rate: 0.01}, truth.panel(60, 40, 1), forecast.FitOptions{Horizon: 8, Season: 1, Seed: 1})
		p, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		var x, d moment
		for _, s := range p.Series {
			for i := 10; i < s.Len(); i++ {
				x.add(s.Values[i])
				d.add(s.Values[i] - s.Values[i-1])
			}
		}
		want := truth.q/(1-truth.a*truth.a) + truth.r
		change := 2*(1-truth.a)*truth.q/(1-truth.a*truth.a) + 2*truth.r
		if r := x.variance() / want; !(r > 0.5 && r < 2) {
			t.Errorf("%s: variance %.2f, the truth's is %.2f", kind, x.variance(), want)
		}
		if r := d.variance() / change; !(r > 0.7 && r < 1.5) {
			t.Errorf("%s: variance %.2f of a step, the truth's is %.2f", kind, d.variance(), change)
		}
		few, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 2, Length: 40, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if few.Series[1].Values[7] != p.Series[1].Values[7] {
			t.Errorf("%s: the second series depends on how many are generated", kind)
		}
	}
}

// TestCollapse demands that latent variables which do nothing are spoken of.
func TestCollapse(t *testing.T) {
	m := fit(t, VRNN, small, waves(4, 40, false, 1), forecast.FitOptions{Horizon: 5, Season: 1})
	m.config.Divergence = collapsed / 2
	panel := waves(4, 40, false, 1)
	f, err := m.Forecast(context.Background(), panel, forecast.Options{At: seriestest.Ahead(panel, 2), Samples: 5})
	if err != nil || len(f.Notes) != 1 {
		t.Errorf("notes %q, error %v", f.Notes, err)
	}
}
