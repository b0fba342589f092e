package gauss

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// regular returns a panel of one channel with values at 0, 1 ...
func regular(all ...[]float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i, y := range all {
		s := &series.Series{ID: string(rune('a' + i)), Values: y}
		for t := range y {
			s.Times = append(s.Times, float64(t))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// omit returns y with a part of its values missing, and where.
func omit(y []float64, part float64, rng *rand.Rand) (gappy, at []float64) {
	gappy = slices.Clone(y)
	for t := range gappy {
		if rng.Float64() < part {
			gappy[t] = math.NaN()
			at = append(at, float64(t))
		}
	}
	return gappy, at
}

// Fitted to series of which some is missing, the model imputes that about as well as
// the distribution that it is from, its intervals hold as much as they should, and so do those
// of forecasts.
func TestMissing(t *testing.T) {
	seriestest.Long(t)
	const n = 1500
	for name, c := range map[string]struct {
		part  float64
		ahead int
		value func(t int, before float64, rng *rand.Rand) float64
		// error is the root mean square error of the best imputation of a value
		// with its neighbours given: (1-φ²)/(1+φ²) for an autoregression, and the
		// noise of a known season.
		error float64
	}{
		"autoregression": {0.1, 12, func(_ int, before float64, rng *rand.Rand) float64 {
			return phi*before + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		}, math.Sqrt((1 - phi*phi) / (1 + phi*phi))},
		"season": {0.1, 48, func(t int, _ float64, rng *rand.Rand) float64 {
			return 50 + 10*math.Sin(2*math.Pi*float64(t)/24) + 2*rng.NormFloat64()
		}, 2},
		"season, half missing": {0.5, 24, func(t int, _ float64, rng *rand.Rand) float64 {
			return 50 + 10*math.Sin(2*math.Pi*float64(t)/24) + 2*rng.NormFloat64()
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(12, 5))
			y := make([]float64, n+c.ahead)
			before := 0.0
			for i := range y {
				y[i] = c.value(i, before, rng)
				before = y[i]
			}
			gappy, at := omit(y[:n], c.part, rng)
			p := regular(gappy)
			m := &Model{}
			if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: c.ahead, Season: 24}); err != nil {
				t.Fatal(err)
			}
			f, err := m.Impute(t.Context(), p, forecast.Options{At: [][]float64{at}})
			if err != nil {
				t.Fatal(err)
			}
			square, inside := 0.0, 0.0
			q := f.Series[0].Quantiles(0.1, 0.9)
			for k, u := range at {
				x := y[int(u)]
				square += (x - f.Series[0].Mean[k]) * (x - f.Series[0].Mean[k])
				if q[0][k] <= x && x <= q[1][k] {
					inside++
				}
			}
			number := float64(len(at))
			// Of values that are missing in a row the neighbours aren't given, which
			// for the autoregression adds a few percent.
			if e := math.Sqrt(square / number); e > 1.15*c.error {
				t.Errorf("imputations are off by %.3f, the best by %.3f", e, c.error)
			}
			if s := inside / number; math.Abs(s-0.8) > 0.1 {
				t.Errorf("%.2f of %d imputed values lie in their 80 %% intervals", s, len(at))
			}
			f, err = m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], c.ahead)}})
			if err != nil {
				t.Fatal(err)
			}
			chi := 0.0
			for h, x := range f.Series[0].Mean {
				d := (y[n+h] - x) / f.Series[0].SD[h]
				chi += d * d / float64(c.ahead)
			}
			if chi < 0.3 || chi > 2.5 {
				t.Errorf("the mean square of the errors of a forecast over their variances is %.2f", chi)
			}
		})
	}
}

// Of a short series that grows, with hardly more windows than these have values, too,
// what is missing is imputed with intervals that hold it and are not much wider than
// the errors: neither near-certain nor run away.
func TestMissingOfFew(t *testing.T) {
	seriestest.Long(t)
	const n = 144
	for seed := range uint64(4) {
		for _, horizon := range []int{12, 24, 36} {
			rng := rand.New(rand.NewPCG(seed, 6))
			y := make([]float64, n)
			for i := range y {
				u := float64(i)
				y[i] = 110 * math.Exp(0.01*u+0.2*math.Sin(2*math.Pi*u/12)+0.03*rng.NormFloat64())
			}
			gappy, at := omit(y, 0.12, rng)
			p := regular(gappy)
			m := &Model{}
			if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: horizon, Season: 12}); err != nil {
				t.Fatal(err)
			}
			f, err := m.Impute(t.Context(), p, forecast.Options{At: [][]float64{at}})
			if err != nil {
				t.Fatal(err)
			}
			chi, variance, spread := 0.0, 0.0, 0.0
			for k, u := range at {
				d, sd := y[int(u)]-f.Series[0].Mean[k], f.Series[0].SD[k]
				chi += d * d / (sd * sd) / float64(len(at))
				variance += sd * sd / float64(len(at))
				spread += math.Pow(0.03*y[int(u)], 2) / float64(len(at))
			}
			if chi > 3.5 || variance > 9*spread {
				t.Errorf("seed %d, horizon %d: errors over deviations have the mean square %.2f, the deviations are %.1f, the noise is %.1f",
					seed, horizon, chi, math.Sqrt(variance), math.Sqrt(spread))
			}
		}
	}
}

// What is drawn for missing values has the distribution that these have given the others, and
// what was observed stays.
func TestFill(t *testing.T) {
	f := exact(t, 8, 4)
	z := make([]float64, 31)
	for i := range z {
		z[i] = math.NaN()
		if i%3 == 0 {
			z[i] = math.Sin(float64(i))
		}
	}
	var sum, square, cross float64
	const draws = 4000
	rng := rand.New(rand.NewPCG(3, 3))
	var chol mat.Cholesky
	var precision mat.SymDense
	if !chol.Factorize(f.cov) {
		t.Fatal("the covariance is not positive definite")
	}
	if err := chol.InverseTo(&precision); err != nil {
		t.Fatal(err)
	}
	for range draws {
		d := slices.Clone(z)
		if err := f.fill(d, &precision, rng); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(d, math.IsNaN) || d[15] != z[15] {
			t.Fatalf("a draw %v", d)
		}
		sum, square, cross = sum+d[16], square+d[16]*d[16], cross+d[16]*d[17]
	}
	// Two values between z[15] and z[18] of a Markov chain.
	a := mat.NewDense(2, 2, []float64{phi, phi * phi, phi * phi, phi})
	outer := mat.NewDense(2, 2, []float64{1, math.Pow(phi, 3), math.Pow(phi, 3), 1})
	var gain, explained mat.Dense
	if err := gain.Solve(outer, a); err != nil {
		t.Fatal(err)
	}
	mean := func(j int) float64 { return gain.At(0, j)*z[15] + gain.At(1, j)*z[18] }
	explained.Mul(a.T(), &gain)
	for name, c := range map[string][2]float64{
		"mean":       {sum / draws, mean(0)},
		"variance":   {square/draws - sum/draws*sum/draws, 1 - explained.At(0, 0)},
		"covariance": {cross / draws, phi - explained.At(0, 1) + mean(0)*mean(1)},
	} {
		if math.Abs(c[0]-c[1]) > 0.04 {
			t.Errorf("%s of draws %.3f, want %.3f", name, c[0], c[1])
		}
	}
}

// A series with too few values keeps its last, one without any has the distribution of all
// values, as a note says; others are forecast as if these were not there.
func TestFewValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	y := make([]float64, 120)
	for i := range y {
		y[i] = 5 + rng.NormFloat64()
	}
	whole := regular(y)
	m := &Model{}
	if err := m.Fit(t.Context(), whole, forecast.FitOptions{Horizon: 6}); err != nil {
		t.Fatal(err)
	}
	p := regular(y, []float64{7}, []float64{math.NaN(), math.NaN()})
	at := [][]float64{{120, 121}, {1, 2}, {2, 3}}
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := m.Forecast(t.Context(), whole, forecast.Options{At: at[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Series[0].Mean, alone.Series[0].Mean) || !slices.Equal(f.Series[0].SD, alone.Series[0].SD) {
		t.Errorf("the long series has another forecast among short ones: %+v and %+v", f.Series[0], alone.Series[0])
	}
	increments := 0.0
	for i := 1; i < len(y); i++ {
		increments += (y[i] - y[i-1]) * (y[i] - y[i-1]) / float64(len(y)-1)
	}
	for k := range 2 {
		if d := f.Series[1]; d.Mean[k] != 7 || math.Abs(d.SD[k]-math.Sqrt(increments*float64(k+1))) > 1e-9 {
			t.Errorf("one value: step %d is %v ± %v", k+1, d.Mean[k], d.SD[k])
		}
		if d := f.Series[2]; math.Abs(d.Mean[k]-5) > 0.5 || math.Abs(d.SD[k]-1) > 0.2 {
			t.Errorf("no value: step %d is %v ± %v", k+1, d.Mean[k], d.SD[k])
		}
	}
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "2 of 3 series") {
		t.Errorf("notes %q", f.Notes)
	}
	if g, err := m.Impute(t.Context(), p, forecast.Options{At: [][]float64{{3}, {0}, {1}}}); err != nil || len(g.Notes) != 1 {
		t.Errorf("imputed %+v, error %v", g, err)
	}
}

// Values whose squares are out of the range of float64 have the forecasts that they
// have in other units.
func TestMagnitude(t *testing.T) {
	forecastOf := func(power int) (*forecast.Distribution, *series.Panel) {
		p := process(2, 150, false)
		for _, s := range p.Series {
			for k, x := range s.Values {
				s.Values[k] = math.Ldexp(x, power)
			}
		}
		m := &Model{}
		if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 6}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{150, 155}, nil}})
		if err != nil {
			t.Fatal(err)
		}
		g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 1, Length: 10})
		if err != nil {
			t.Fatal(err)
		}
		return f.Series[0], g
	}
	want, generated := forecastOf(0)
	for _, power := range []int{-1000, 1000} {
		d, g := forecastOf(power)
		for k := range d.Mean {
			if m, sd := math.Ldexp(d.Mean[k], -power), math.Ldexp(d.SD[k], -power); math.Abs(m-want.Mean[k]) > 1e-8 || math.Abs(sd-want.SD[k]) > 1e-8 {
				t.Errorf("2^%d: %v ± %v, want %v ± %v", power, m, sd, want.Mean[k], want.SD[k])
			}
		}
		for k, x := range g.Series[0].Values {
			if w := generated.Series[0].Values[k]; math.Abs(math.Ldexp(x, -power)-w) > 1e-8 {
				t.Errorf("2^%d: generated %v, want %v", power, math.Ldexp(x, -power), w)
			}
		}
	}
}
