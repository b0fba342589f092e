package latentode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// rate is the mean number of visits at time t: a season of 12.
func rate(i int, t float64) float64 {
	return math.Exp(1 + 0.2*float64(i) + 0.8*math.Sin(2*math.Pi*t/12))
}

// visits returns n series of Poisson counts of a season of 12, one value in ten
// missing.
func visits(n, length int) *series.Panel {
	rng := rand.New(rand.NewPCG(5, 9))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		for k := range length {
			x := distuv.Poisson{Lambda: rate(i, float64(k)), Src: rng}.Rand()
			if rng.IntN(10) == 0 {
				x = math.NaN()
			}
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// opened returns n series of binary values that are likelier 1 in one half of
// every 12 steps.
func opened(n, length int) *series.Panel {
	p := visits(n, length)
	for _, s := range p.Series {
		for k, x := range s.Values {
			if x > 0 {
				s.Values[k] = 1
			}
		}
	}
	return p
}

// TestDistributions fits a model with every likelihood and demands forecasts within its
// domain, a mean near that of the values, and after storing the same bytes.
func TestDistributions(t *testing.T) {
	seriestest.Long(t)
	for _, c := range []struct {
		likelihood density.Family
		panel      *series.Panel
		mean, off  float64 // of the forecasts, and how far they may be off
	}{
		{density.StudentT, seriestest.Monthly(80), 130, 30},
		{density.LogNormal, seriestest.Monthly(80), 130, 30},
		{density.Poisson, visits(4, 80), 4.7, 1},
		{density.NegativeBinomial, visits(4, 80), 4.7, 1},
		{density.Bernoulli, opened(4, 80), 0.89, 0.08},
	} {
		t.Run(string(c.likelihood), func(t *testing.T) {
			o := small
			o.Updates, o.Likelihood, o.Level = 200, c.likelihood, LevelPanel
			m := fit(t, o, c.panel, forecast.FitOptions{Horizon: 12, Season: 12, Seed: 1})
			f := forecastOf(t, m, c.panel, 12, 200)
			all, mean := paths(f), 0.0
			if err := c.likelihood.CheckValues(all); err != nil {
				t.Fatal(err)
			}
			for _, x := range all {
				mean += x / float64(len(all))
			}
			if math.Abs(mean-c.mean) > c.off {
				t.Errorf("mean %.3f, want about %v", mean, c.mean)
			}
			state, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			again, err := FromState(state)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(paths(forecastOf(t, again, c.panel, 12, 200)), all) {
				t.Error("another forecast after storing")
			}
		})
	}
}

// TestCountsFollowTheirRate demands that a model that was trained for a while
// knows the season of the rate from its counts, and generates counts.
func TestCountsFollowTheirRate(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("trains for some seconds")
	}
	panel := visits(4, 120)
	m := fit(t, Options{Hidden: 12, Updates: 250, Likelihood: density.Poisson}, panel, forecast.FitOptions{Horizon: 12, Season: 12, Seed: 1})
	f, err := m.Impute(context.Background(), panel, forecast.Options{At: seriestest.Ahead(panel, 12), Samples: 400, Signal: true})
	if err != nil {
		t.Fatal(err)
	}
	wrong, flat, n := 0.0, 0.0, 0.0
	for i, d := range f.Series {
		level := 0.0
		for _, at := range d.Times {
			level += rate(i, at) / float64(len(d.Times))
		}
		for k, x := range d.MeanTo(nil) {
			truth := rate(i, d.Times[k])
			wrong, flat, n = wrong+(x-truth)*(x-truth), flat+(level-truth)*(level-truth), n+1
		}
	}
	if !(wrong < 0.2*flat) {
		t.Errorf("mean square error of the rate %.3f, of its own mean %.3f", wrong/n, flat/n)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 5, Length: 24, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range g.Series {
		if err := density.Poisson.CheckValues(s.Values); err != nil {
			t.Error(err)
		}
	}
}

// TestStudentBearsOutliers has one value in fifteen be off by thirty deviations:
// such values are likelier under a Student's t.
func TestStudentBearsOutliers(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(6, 80, 0.05, 4)
	rng := rand.New(rand.NewPCG(2, 2))
	for _, s := range panel.Series {
		for k := range s.Values {
			if rng.IntN(15) == 0 {
				s.Values[k] += 1.5 * rng.NormFloat64()
			}
		}
	}
	likelihood := map[density.Family]float64{}
	for _, f := range []density.Family{density.Gaussian, density.StudentT} {
		m := fit(t, Options{Hidden: 16, Updates: 200, Level: LevelPanel, Likelihood: f}, panel, forecast.FitOptions{Horizon: 5, Season: 1, Seed: 1})
		l, err := m.LogLikelihood(context.Background(), panel, forecast.LikelihoodOptions{Samples: 20})
		if err != nil {
			t.Fatal(err)
		}
		values := 0
		for _, x := range l {
			likelihood[f] += x.Value
			values += x.Values
		}
		likelihood[f] /= float64(values)
	}
	if !(likelihood[density.StudentT] > likelihood[density.Gaussian]+0.05) {
		t.Errorf("%.3f nats per value under Student's t, %.3f under a Gaussian", likelihood[density.StudentT], likelihood[density.Gaussian])
	}
}

// TestDistributionsRefuse demands that values outside the distribution's domain are named.
func TestDistributionsRefuse(t *testing.T) {
	ctx := context.Background()
	m := fit(t, Options{Hidden: 8, Updates: 20, Likelihood: density.Poisson}, visits(4, 40), forecast.FitOptions{Horizon: 4, Season: 1})
	halves := visits(1, 40)
	halves.Series[0].Values[3] = 1.5
	for name, err := range map[string]error{
		"fit":      (&Model{Options: Options{Likelihood: density.Bernoulli}}).Fit(ctx, visits(4, 40), forecast.FitOptions{}),
		"forecast": second(m.Forecast(ctx, halves, forecast.Options{At: seriestest.Ahead(halves, 1)})),
		"noise":    (&Model{Options: Options{Noise: 1, Level: LevelWindow}}).Fit(ctx, seriestest.Monthly(40), forecast.FitOptions{}),
		"score":    second(m.LogLikelihood(ctx, halves, forecast.LikelihoodOptions{})),
	} {
		var domain *density.DomainError
		if !errors.Is(err, forecast.ErrMismatch) || name != "noise" && !errors.As(err, &domain) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, o := range []Options{
		{Likelihood: density.Mixture}, {Encoder: "x"}, {Free: -1}, {Draws: 2, Free: 1}, {Draws: -1}, {Kinetic: math.NaN()},
	} {
		if o.Validate() == nil {
			t.Errorf("%+v are taken", o)
		}
	}
}
