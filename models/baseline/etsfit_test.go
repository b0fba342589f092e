package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tsgen/series"
)

// column1 returns the only channel of the only series of a file.
func column1(t *testing.T, file string) []float64 {
	t.Helper()
	p, _, err := series.ReadFile(file, series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Series[0].Values
}

// constant is what the AICc of R and statsforecast leaves out, twice the
// constant of their log-likelihood, for n values.
func constant(n int) float64 { return float64(n) * (math.Log(2*math.Pi/float64(n)) + 1) }

// AirPassengers by R's package forecast: ets(AirPassengers) gives ETS(M,Ad,M)
// with these numbers and an AICc of 1400.638.
func TestETSPublished(t *testing.T) {
	y := column1(t, "../../testdata/airpassengers.csv")
	form := etsForm{multiplicative, damped, multiplicative, 12}
	p := etsParams{
		alpha: 0.7096, beta: 0.0204, gamma: 1e-4, phi: 0.98, level: 120.9939, slope: 1.7705,
		season: []float64{0.9059, 0.8869, 1.011, 0.9804, 0.9786, 1.1105, 1.2318, 1.2203, 1.0592, 0.9217, 0.7993, 0.8944},
	}
	v, sse := newETSRun(form, y).forward(&p)
	k := float64(form.unknowns() + 1)
	n := float64(len(y))
	aicc := v + 2*k + 2*k*(k+1)/(n-k-1)
	if math.Abs(aicc-1400.638) > 0.05 { // the numbers are rounded
		t.Errorf("AICc %v, want 1400.638", aicc)
	}
	if sigma := math.Sqrt(sse / (n - k + 1)); math.Abs(sigma-0.0392) > 1e-4 {
		t.Errorf("sigma %v, want 0.0392", sigma)
	}
	if m := fitETS(y, form); m.aicc-constant(len(y)) > 1400.638 {
		t.Errorf("AICc %v, R has 1400.638", m.aicc-constant(len(y)))
	}
}

// Log-likelihoods, without their constant, and smoothing parameters of
// statsforecast 2.1.1 (ets_f). They are bounds for forms with a season or a
// trend, whose search ends in worse optima there.
func TestFitETS(t *testing.T) {
	air, nile := column1(t, "../../testdata/airpassengers.csv"), column1(t, "testdata/nile.csv")
	tests := []struct {
		name   string
		y      []float64
		form   etsForm
		logLik float64
		alpha  float64 // NaN: not compared
		bound  bool
	}{
		{"air", air, etsForm{additive, none, none, 1}, -863.8933692880798, 0.9999, false},
		{"air", air, etsForm{additive, additive, none, 1}, -863.5825620800473, 0.9999, false},
		{"air", air, etsForm{multiplicative, none, none, 1}, -833.9501011284405, 0.9999, false},
		{"air", air, etsForm{additive, additive, additive, 12}, -739.9159282342441, math.NaN(), true},
		{"air", air, etsForm{multiplicative, none, multiplicative, 12}, -712.1759036022756, math.NaN(), true},
		{"air", air, etsForm{multiplicative, additive, additive, 12}, -715.9147607544962, math.NaN(), true},
		{"nile", nile, etsForm{additive, none, none, 1}, -726.3905432224641, 0.2452, false},
		{"nile", nile, etsForm{multiplicative, none, none, 1}, -726.1510035464836, 0.1506, false},
		{"nile", nile, etsForm{additive, additive, none, 1}, -725.9557695219207, math.NaN(), true},
		{"nile", nile, etsForm{additive, damped, none, 1}, -725.6413867600533, math.NaN(), true},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %v", tt.name, tt.form), func(t *testing.T) {
			m := fitETS(tt.y, tt.form)
			got := m.logLik + constant(len(tt.y))/2
			if got < tt.logLik-2e-3 || !tt.bound && got > tt.logLik+2e-3 {
				t.Errorf("log-likelihood %v, want %v", got, tt.logLik)
			}
			if math.Abs(m.params.alpha-tt.alpha) > 2e-3 {
				t.Errorf("alpha %v, want %v", m.params.alpha, tt.alpha)
			}
		})
	}
}

// The form chosen has the least AICc of those whose errors stay small, none is
// multiplicative near zero, and too few values have none.
func TestChooseETS(t *testing.T) {
	line, flat := make([]float64, 40), make([]float64, 40)
	for i := range line {
		line[i], flat[i] = 3+2*float64(i), 7
	}
	tests := []struct {
		name   string
		y      []float64
		period int
		want   string // the beginning of the form
	}{
		{"nile", column1(t, "testdata/nile.csv"), 1, "ETS(M,N,N)"}, // as statsforecast
		{"air", column1(t, "../../testdata/airpassengers.csv"), 12, "ETS(M,A,M)"},
		{"additive season", wave(80, 4, 11, 12), 4, ""},
		{"line", line, 1, "ETS(A,A,N)"},
		{"flat", flat, 1, "ETS("},
	}
	for _, tt := range tests {
		m := chooseETS(tt.y, etsForms(tt.period), 12)
		if m == nil || !strings.HasPrefix(m.form.String(), tt.want) {
			t.Errorf("%s: %+v, want %s", tt.name, m, tt.want)
			continue
		}
		for _, f := range etsForms(tt.period) {
			if g := fitETS(tt.y, f); g != nil && g.aicc < m.aicc-1e-9 && g.growth(12)[11] <= mostAhead {
				t.Errorf("%s: %v has AICc %v, %v was chosen with %v", tt.name, f, g.aicc, m.form, m.aicc)
			}
		}
	}
	// Near zero nothing is multiplicative, and seven values are too few.
	y := wave(60, 4)
	y[20] = 0.01
	if m := chooseETS(y, etsForms(4), 12); !m.form.linear() {
		t.Errorf("%v for values near zero", m.form)
	}
	if m := chooseETS(y[:6], etsForms(4), 12); m != nil {
		t.Errorf("%v for 6 values", m.form)
	}
}

// The means and variances of linear forms are those of their own paths, and
// those of ETS(M,N,N) the ones of its recursion:
//
//	var y_(n+h) = l^2 ((1 + sigma^2) (1 + alpha^2 sigma^2)^(h-1) - 1)
func TestETSDistributions(t *testing.T) {
	const h, draws = 9, 20000
	moments := func(m *etsModel, last float64) (mean, sd []float64) {
		rng := rand.New(rand.NewPCG(1, 2))
		mean, sd = make([]float64, h+1), make([]float64, h+1)
		path := make([]float64, h+1)
		for range draws {
			m.draw(rng, last, path, make([]float64, len(m.params.season)))
			for k, v := range path {
				mean[k] += v / draws
				sd[k] += v * v / draws
			}
		}
		for k := range sd {
			sd[k] = math.Sqrt(math.Max(0, sd[k]-mean[k]*mean[k]))
		}
		return mean, sd
	}
	for _, form := range etsForms(4) {
		m := &etsModel{form: form, center: 20, scale: 3, variance: 0.25, params: etsParams{
			alpha: 0.4, phi: 1, level: 2, season: []float64{0.5, -0.25, 1, -1.25}[:form.period]}}
		if form.trend != none {
			m.params.beta, m.params.slope = 0.1, 0.3
		}
		if form.trend == damped {
			m.params.phi = 0.9
		}
		if form.season != none {
			m.params.gamma = 0.3
		}
		if !form.linear() {
			continue
		}
		want := m.distribution(11, h)
		mean, sd := moments(m, 11)
		for k := range mean {
			if math.Abs(mean[k]-want.mean[k]) > 4*want.sd[k]/math.Sqrt(draws)+1e-9 {
				t.Errorf("%v: mean %d is %v, of paths %v", form, k, want.mean[k], mean[k])
			}
			if math.Abs(sd[k]-want.sd[k]) > 0.03*want.sd[k]+1e-4 {
				t.Errorf("%v: SD %d is %v, of paths %v", form, k, want.sd[k], sd[k])
			}
		}
	}
	m := &etsModel{form: etsForm{multiplicative, none, none, 1}, scale: 10, variance: 0.01, params: etsParams{alpha: 0.6, phi: 1, level: 2, season: []float64{0}}}
	mean, sd := moments(m, 5)
	if math.Abs(mean[0]-5) > 1e-9 || sd[0] > 1e-4 {
		t.Errorf("the last value is 5: mean %v, SD %v", mean[0], sd[0])
	}
	for k := 1; k <= h; k++ {
		want := 20 * math.Sqrt(1.01*math.Pow(1+0.36*0.01, float64(k-1))-1)
		if math.Abs(mean[k]-20) > 4*want/math.Sqrt(draws) || math.Abs(sd[k]-want) > 0.03*want {
			t.Errorf("ETS(M,N,N) step %d: mean %v and SD %v, want 20 and %v", k, mean[k], sd[k], want)
		}
	}
}

// Without errors the paths of multiplicative forms follow the forecast
// functions of Hyndman et al. (2008), table 2.1.
func TestETSPaths(t *testing.T) {
	season := []float64{0.8, 1.3, 1, 0.9}
	p := etsParams{alpha: 0.4, beta: 0.1, gamma: 0.2, phi: 0.9, level: 2, slope: 0.3, season: season}
	m := &etsModel{form: etsForm{multiplicative, damped, multiplicative, 4}, scale: 10, params: p}
	path := make([]float64, 9)
	m.draw(rand.New(rand.NewPCG(1, 1)), 7, path, make([]float64, len(season)))
	sum := 0.0
	for h := 1; h < len(path); h++ {
		sum += math.Pow(0.9, float64(h))
		if want := 10 * (2 + 0.3*sum) * season[(h-1)%4]; math.Abs(path[h]-want) > 1e-12*want {
			t.Errorf("step %d: %v, want %v", h, path[h], want)
		}
	}
	if season[0] != 0.8 {
		t.Error("a path changed the state of the model")
	}
}
