package statespace

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/series"
)

// TestARFilter holds coefficients and autocovariances against the equations of Yule
// and Walker.
func TestARFilter(t *testing.T) {
	for _, partial := range [][]float64{{}, {0.7}, {0.6, -0.4}, {0.9, -0.8, 0.3, 0.1}} {
		f := newARFilter(partial)
		p := len(partial)
		gamma := append([]float64(nil), f.gamma...)
		for len(gamma) < 2*p+2 && p > 0 {
			next := 0.0
			for i, phi := range f.phi {
				next += phi * gamma[len(gamma)-1-i]
			}
			gamma = append(gamma, next)
		}
		if p == 0 {
			continue
		}
		variance := gamma[0]
		for i, phi := range f.phi {
			variance -= phi * gamma[i+1]
		}
		if math.Abs(variance-1) > 1e-12 {
			t.Errorf("%v: the variance of the innovation is %v, want 1", partial, variance)
		}
		for k := 1; k < p; k++ {
			want := 0.0
			for i, phi := range f.phi {
				want += phi * gamma[max(k-1-i, i+1-k)]
			}
			if math.Abs(gamma[k]-want) > 1e-12 {
				t.Errorf("%v: autocovariance %d is %v, want %v", partial, k, gamma[k], want)
			}
		}
	}
}

// TestGLS holds coefficients, variance, likelihood and forecasts against those of
// the joint distribution of all values, worked out at once.
func TestGLS(t *testing.T) {
	const n, lead, lambda = 25, 4, 0.3
	rng := rand.New(rand.NewPCG(2, 9))
	columns := make([][]float64, 3)
	for k := range columns {
		for range n + lead {
			columns[k] = append(columns[k], rng.NormFloat64())
		}
	}
	past := func(x []float64) []float64 { return append([]float64(nil), x[:n]...) }
	y := past(columns[0])
	for _, i := range []int{0, 7, 8, 20, n - 1} {
		y[i] = math.NaN()
	}
	for _, partial := range [][]float64{nil, {0.7}, {0.6, -0.4, 0.2}} {
		g := newGLS(partial, newDesign([][]float64{y, past(columns[1]), past(columns[2])}, len(partial)), lambda)
		gamma := append([]float64(nil), g.gamma...)
		if len(partial) == 0 {
			gamma = []float64{1}
		}
		for len(gamma) < n+lead {
			next := 0.0
			for i, phi := range g.phi {
				next += phi * gamma[len(gamma)-1-i]
			}
			gamma = append(gamma, next)
		}
		var seen, future []int
		for i, v := range y {
			if !math.IsNaN(v) {
				seen = append(seen, i)
			}
		}
		for h := range lead {
			future = append(future, n+h)
		}
		cov := func(a, b []int) *mat.Dense {
			d := mat.NewDense(len(a), len(b), nil)
			for i, s := range a {
				for j, u := range b {
					d.Set(i, j, gamma[max(s-u, u-s)])
				}
			}
			return d
		}
		design := func(at []int) *mat.Dense {
			d := mat.NewDense(len(at), 2, nil)
			for i, s := range at {
				d.Set(i, 0, columns[1][s])
				d.Set(i, 1, columns[2][s])
			}
			return d
		}
		values := mat.NewVecDense(len(seen), nil)
		for i, s := range seen {
			values.SetVec(i, y[s])
		}
		var chol mat.Cholesky
		if !chol.Factorize(symmetric(cov(seen, seen))) {
			t.Fatal("not positive definite")
		}
		x := design(seen)
		var vx, precision mat.Dense
		var vy, cross, beta, residual mat.VecDense
		if err := errors.Join(chol.SolveTo(&vx, x), chol.SolveVecTo(&vy, values)); err != nil {
			t.Fatal(err)
		}
		precision.Mul(x.T(), &vx)
		for i := range 2 {
			precision.Set(i, i, precision.At(i, i)+lambda)
		}
		cross.MulVec(x.T(), &vy)
		if err := beta.SolveVec(&precision, &cross); err != nil {
			t.Fatal(err)
		}
		near(t, "coefficients", mat.NewVecDense(2, g.beta), &beta, 1e-10)
		sigma2 := (mat.Dot(values, &vy) - mat.Dot(&beta, &cross)) / float64(len(seen))
		if math.Abs(g.sigma2/sigma2-1) > 1e-10 {
			t.Errorf("%v: variance %v, want %v", partial, g.sigma2, sigma2)
		}
		want := -0.5 * (float64(len(seen))*(math.Log(2*math.Pi*sigma2)+1) + chol.LogDet())
		if math.Abs(g.logL-want) > 1e-9 {
			t.Errorf("%v: log-likelihood %v, want %v", partial, g.logL, want)
		}

		var rows [][]float64
		for _, s := range future {
			rows = append(rows, []float64{columns[1][s], columns[2][s]})
		}
		mean, variance := g.ahead(rows)
		var fitted, vr, wantMean, ahead mat.VecDense
		fitted.MulVec(x, &beta)
		residual.SubVec(values, &fitted)
		if err := chol.SolveVecTo(&vr, &residual); err != nil {
			t.Fatal(err)
		}
		between := cov(future, seen)
		wantMean.MulVec(between, &vr)
		ahead.MulVec(design(future), &beta)
		wantMean.AddVec(&wantMean, &ahead)
		near(t, "forecast", mat.NewVecDense(lead, mean), &wantMean, 1e-10)
		// Var = Γ₀₀ - Γ₀₁Γ₁₁⁻¹Γ₁₀ + D (X'Γ⁻¹X + λ)⁻¹ D', D = X₀ - Γ₀₁Γ₁₁⁻¹X
		var gain, left, d, inner, uncertain mat.Dense
		if err := chol.SolveTo(&gain, between.T()); err != nil {
			t.Fatal(err)
		}
		left.Mul(between, &gain)
		left.Sub(cov(future, future), &left)
		d.Mul(gain.T(), x)
		d.Sub(design(future), &d)
		if err := inner.Solve(&precision, d.T()); err != nil {
			t.Fatal(err)
		}
		uncertain.Mul(&d, &inner)
		for h := range lead {
			if want := sigma2 * (left.At(h, h) + uncertain.At(h, h)); math.Abs(variance[h]/want-1) > 1e-9 {
				t.Errorf("%v: variance %d ahead %v, want %v", partial, h+1, variance[h], want)
			}
		}
	}
}

// planned returns a series of n values with a season of 7, errors of one lag, and
// an effect of 4 of a covariate that is known for another ten.
func planned(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(6, 9))
	s := &series.Series{ID: "a"}
	u := 0.0
	for i := range n + 10 {
		known := float64(rng.IntN(2))
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, known)
		u = 0.6*u + 0.5*rng.NormFloat64()
		if i < n {
			y := 10 + 2*math.Sin(2*math.Pi*float64(i)/7) + 4*known + u
			if i%11 == 5 {
				y = math.NaN()
			}
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, y)
		}
	}
	return &series.Panel{Channels: []string{"y"}, Known: []string{"plan"}, IDColumn: "id", Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// A known trend, season and effect of a covariate are found, with the right
// width, the same for any number of processors, and data that cannot be treated
// are refused.
func TestRegression(t *testing.T) {
	p := planned(120)
	s := p.Series[0]
	opt := forecast.Options{At: [][]float64{p.Future(s, 10)}, Season: 7}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f, err := Regression{}.Forecast(context.Background(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	for h, mean := range f.Series[0].Mean {
		i := 120 + h
		want := 10 + 2*math.Sin(2*math.Pi*float64(i)/7) + 4*s.Known.Values[i]
		if math.Abs(mean-want) > 1.2 || f.Series[0].SD[h] < 0.4 || f.Series[0].SD[h] > 0.9 {
			t.Errorf("step %d: %v ± %v, want %v", h+1, mean, f.Series[0].SD[h], want)
		}
	}
	runtime.GOMAXPROCS(3)
	if again, err := (Regression{}).Forecast(context.Background(), p, opt); err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("another forecast on three processors, error %v", err)
	}

	for name, c := range map[string]struct {
		model Regression
		panel *series.Panel
		at    []float64
		is    error
		want  string
	}{
		"irregular":     {panel: &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{1, 2}, Values: []float64{1, 2}}}}, at: []float64{3}, is: forecast.ErrMismatch},
		"short":         {panel: p.With([]*series.Series{s.Slice(0, 1)}), at: []float64{1}, is: forecast.ErrTooShort, want: `series "a"`},
		"beyond":        {panel: p, at: []float64{125, 131}, is: series.ErrKnown},
		"between steps": {panel: p, at: []float64{120.5}, is: forecast.ErrMismatch, want: "between the steps 120 and 121"},
		"lags":          {model: Regression{Lags: -1}, panel: p, at: []float64{120}, want: "option lags is -1"},
		"season":        {model: Regression{Season: -1}, panel: p, at: []float64{120}, want: "option season is -1"},
	} {
		_, err := c.model.Forecast(context.Background(), c.panel, forecast.Options{At: [][]float64{c.at}})
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}

	flat := seasonal(20, false)
	for i := range flat.Series[0].Values {
		flat.Series[0].Values[i] = 7
	}
	f, err = Regression{}.Forecast(context.Background(), flat, forecast.Options{At: [][]float64{{25}}})
	if err != nil || f.Series[0].Mean[0] != 7 || f.Series[0].SD[0] != 0 {
		t.Errorf("a constant: %+v, error %v", f, err)
	}
	few := flat.With([]*series.Series{{ID: "b", Times: []float64{0, 1, 2, 3}, Values: []float64{1, 2, 4, 3}}})
	if f, err = (Regression{}).Forecast(context.Background(), few, forecast.Options{At: [][]float64{{5}}, Season: 12}); err != nil || !(f.Series[0].SD[0] > 0.5) {
		t.Errorf("four values: %+v, error %v", f, err)
	}
}

// BenchmarkRegression measures a forecast of ten years of months.
func BenchmarkRegression(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 1))
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}}
	s, u := &series.Series{}, 0.0
	for t := range 120 {
		u = 0.8*u + rng.NormFloat64()
		s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, u+float64(t%12)+100)
	}
	p.Series = append(p.Series, s)
	var at []float64
	for h := range 18 {
		at = append(at, float64(120+h))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Regression{Season: 12}).Forecast(context.Background(), p, forecast.Options{At: [][]float64{at}}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRegressionOfFewValues protects the honesty of intervals of few values: which regression is right is
// not known, and intervals that take the chosen one for the truth cover about half of what they should.
func TestRegressionOfFewValues(t *testing.T) {
	const number, n, lead, season = 100, 13, 12, 12
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}}
	future := make([][]float64, number)
	for i := range number {
		rng := rand.New(rand.NewPCG(8, uint64(i)))
		s := &series.Series{ID: string(rune('a' + i))}
		noise, size, slope, memory := 0.0, 2*rng.Float64(), 0.07*rng.NormFloat64(), 0.8*rng.Float64()
		for k := range n + lead {
			noise = memory*noise + math.Sqrt(1-memory*memory)*rng.NormFloat64()
			y := 50 + slope*float64(k) + size*math.Sin(2*math.Pi*float64(k+i)/season) + noise
			if k < n {
				s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y)
			} else {
				future[i] = append(future[i], y)
			}
		}
		p.Series = append(p.Series, s)
	}
	f, err := Regression{}.Forecast(context.Background(), p, forecast.Options{Horizon: lead, Season: season})
	if err != nil {
		t.Fatal(err)
	}
	covered := 0.0
	for i, d := range f.Series {
		q := d.Quantiles(0.1, 0.9)
		for k, y := range future[i] {
			if y >= q[0][k] && y <= q[1][k] {
				covered++
			}
		}
	}
	covered /= number * lead
	if covered < 0.74 || covered > 0.88 {
		t.Errorf("the 80 %% intervals cover %.3f", covered)
	}
}
