package baseline_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// spreadOfSum returns the standard deviation of the sum over the horizon of the simulated paths
// of a model.
func spreadOfSum(t *testing.T, m forecast.PathForecaster, p *series.Panel, season, horizon int) float64 {
	t.Helper()
	f, err := m.ForecastPaths(t.Context(), p, forecast.Options{Horizon: horizon, Season: season, Samples: 20000, Seed: 5})
	if err != nil {
		t.Fatal(m.Name(), err)
	}
	var sum, square float64
	for _, path := range f.Series[0].Paths {
		s := 0.0
		for _, x := range path {
			s += x
		}
		sum, square = sum+s, square+s*s
	}
	n := float64(len(f.Series[0].Paths))
	return math.Sqrt(square/n - sum*sum/n/n)
}

// The sum of simulated paths has the variance that the covariances of the steps come to: in
// closed form for walks, and for autoregressions from the coefficients that Estimate
// finds.
func TestPathsSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	y := make([]float64, 200)
	for i := range y {
		y[i] = 3*math.Sin(2*math.Pi*float64(i)/4) + rng.NormFloat64()
		if i > 0 {
			y[i] += 0.7 * y[i-1]
		}
	}
	p := regular(y...)
	const horizon = 6
	marginal := func(m forecast.Model, season int) []float64 {
		_, sd := continued(t, m, y, season, horizon)
		return sd
	}
	expect := func(name string, got, variance float64) {
		t.Helper()
		if want := math.Sqrt(variance); math.Abs(got-want) > 0.025*want {
			t.Errorf("%s: the sum has the deviation %.3f, want %.3f", name, got, want)
		}
	}
	one := marginal(baseline.Naive{}, 1)[0]
	expect("naive", spreadOfSum(t, baseline.Naive{}, p, 1, horizon), one*one*horizon*(horizon+1)*(2*horizon+1)/6)
	// Steps 1 and 5 and steps 2 and 6 are of the same walks.
	one = marginal(baseline.SeasonalNaive{}, 4)[0]
	expect("seasonal-naive", spreadOfSum(t, baseline.SeasonalNaive{}, p, 4, horizon), one*one*(2+2*(1+2+2)))

	const order = 3
	q, err := baseline.Estimate(y, order, horizon)
	if err != nil {
		t.Fatal(err)
	}
	psi := []float64{1}
	for h := 1; h < horizon; h++ {
		x := 0.0
		for j := 1; j <= min(h, order); j++ {
			x += q.Coef[j-1] * psi[h-j]
		}
		psi = append(psi, x)
	}
	variance := 0.0
	for i := range horizon { // of the shock of step i: what it adds to the sum
		reach := 0.0
		for _, x := range psi[:horizon-i] {
			reach += x
		}
		variance += reach * reach
	}
	m := baseline.AR{Order: order}
	scale := marginal(m, 1)[0] // the deviation of a shock, for what was estimated wider
	expect("ar", spreadOfSum(t, m, p, 1, horizon), variance*scale*scale)
}

// Channels that move together do so in simulated paths, and those that do not do not.
func TestPathsChannels(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	p := &series.Panel{Channels: []string{"a", "b", "c"}, Step: series.Step{Width: 1}, Series: []*series.Series{{}}}
	s := p.Series[0]
	var x [3]float64
	for i := range 300 {
		u := rng.NormFloat64()
		x[0] += u
		x[1] += 0.8*u + 0.6*rng.NormFloat64()
		x[2] += rng.NormFloat64()
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, x[:]...)
	}
	f, err := baseline.Naive{}.ForecastPaths(t.Context(), p, forecast.Options{Horizon: 2, Samples: 4000})
	if err != nil {
		t.Fatal(err)
	}
	z := f.Series[0].Scores()
	for _, c := range []struct {
		a, b int
		want float64
	}{{3, 4, 0.8}, {3, 5, 0}, {4, 5, 0}} {
		r := 0.0
		for _, row := range z {
			r += row[c.a] * row[c.b] / float64(len(z))
		}
		if math.Abs(r-c.want) > 0.1 {
			t.Errorf("channels %d and %d of the second step have the correlation %.2f, want %.1f", c.a-3, c.b-3, r, c.want)
		}
	}
}

// Of two channels one may take a season that is too long for states of its own, whose marginals are
// Gaussian, and the other a form that is drawn: the quantiles of the first are those that it has alone.
func TestETSSeasonsOfChannels(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	p := &series.Panel{Channels: []string{"long", "grows"}, Step: series.Step{Width: 1}, Seasons: []float64{7, 30}}
	both, alone := &series.Series{}, &series.Series{}
	for i := range 180 {
		x := 50 + float64(i%30) + 0.3*rng.NormFloat64()
		y := 20 * math.Exp(float64(i)/60+0.5*math.Sin(2*math.Pi*float64(i)/7)+0.02*rng.NormFloat64())
		both.Times, both.Values = append(both.Times, float64(i)), append(both.Values, x, y)
		alone.Times, alone.Values = both.Times, append(alone.Values, x)
	}
	p.Series = []*series.Series{both}
	single := *p
	single.Channels, single.Series = p.Channels[:1], []*series.Series{alone}
	opt := forecast.Options{Horizon: 5, Samples: 4000, Seed: 1}
	f, err := baseline.ETS{}.Forecast(t.Context(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	g, err := baseline.ETS{}.Forecast(t.Context(), &single, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Series[0].Paths) == 0 || len(g.Series[0].SD) == 0 {
		t.Fatal("both channels are Gaussian, or neither: nothing is tried")
	}
	got, want := f.Series[0].Quantiles(0.1, 0.9), g.Series[0].Quantiles(0.1, 0.9)
	for h := range 5 {
		for q := range got {
			if d := math.Abs(got[q][2*h] - want[q][h]); d > 0.1*g.Series[0].SD[h] {
				t.Errorf("step %d: %v, alone %v", h+1, got[q][2*h], want[q][h])
			}
		}
	}
}
