package baseline

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tsgen/internal/seriestest"
	"tsgen/series"
)

// The innovations give the likelihood of the joint Gaussian distribution of all values, whose
// covariances are summed from the weights of the errors.
func TestARMALikelihood(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	y := make([]float64, 40)
	for i := range y {
		y[i] = 3 + rng.NormFloat64()
	}
	for _, c := range []struct {
		form arimaForm
		x    []float64
	}{
		{arimaForm{p: 1, period: 1, constant: true}, []float64{0.7, 0.4}},
		{arimaForm{q: 2, period: 1}, []float64{0.5, -0.3}},
		{arimaForm{p: 2, q: 1, period: 1, constant: true}, []float64{0.6, -0.4, 0.8, 1}},
		{arimaForm{p: 1, q: 1, sp: 1, sq: 1, period: 4}, []float64{0.3, 0.5, 0.4, -0.6}},
		{arimaForm{q: 1, sq: 2, period: 5}, []float64{0.3, 0.5, 0.4}},
	} {
		a := c.form.process(c.x, 3, 1)
		s := newARIMASeries(y, c.form)
		got, variance, n := s.deviance(a, true)
		psi := a.weightsOfErrors(3000)
		gamma := mat.NewSymDense(len(y), nil)
		for i := range y {
			for j := i; j < len(y); j++ {
				sum := 0.0
				for k := j - i; k < len(psi); k++ {
					sum += psi[k] * psi[k-j+i]
				}
				gamma.SetSym(i, j, sum)
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(gamma) {
			t.Fatal("the covariance is not positive definite")
		}
		w := mat.NewVecDense(len(y), nil)
		for i, v := range y {
			w.SetVec(i, v-a.mean)
		}
		var solved mat.VecDense
		if err := chol.SolveVecTo(&solved, w); err != nil {
			t.Fatal(err)
		}
		wantVariance := mat.Dot(w, &solved) / float64(len(y))
		want := float64(len(y))*math.Log(wantVariance) + chol.LogDet()
		if n != len(y) || math.Abs(variance-wantVariance) > 1e-8*wantVariance || math.Abs(got-want) > 1e-7*math.Abs(want) {
			t.Errorf("%+v: deviance %v, variance %v, want %v and %v", c.form, got, variance, want, wantVariance)
		}
	}
}

// Of 25 simulated series the search chooses the orders that auto_arima_f of statsforecast 2.0.1
// chooses for nearly all, the likelihood at its orders is no less than its own, and where the
// orders agree so do the forecasts.
func TestAutoARIMA(t *testing.T) {
	seriestest.Long(t)
	text, err := os.ReadFile("testdata/autoarima.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		ID         string
		Order      [6]int // p, d, q, P, D, Q
		Constant   bool
		Likelihood float64
		Mean, Y    []float64
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	other := 0
	for _, a := range all {
		m := chooseARIMA(a.Y, 1)
		f := m.form
		if got := [6]int{f.p, f.d, f.q, f.sp, f.sd, f.sq}; got != a.Order || f.constant != a.Constant {
			other++
		} else {
			made, _ := m.table(a.Y, len(a.Mean))
			for h, want := range a.Mean {
				if got := made.mean[h+1]; math.Abs(got-want) > 0.1*made.sd[h+1] {
					t.Errorf("%s: %v %d steps ahead, statsforecast has %v", a.ID, got, h+1, want)
				}
			}
		}
		dx := a.Y
		for range a.Order[1] {
			dx = lagged(dx, 1)
		}
		mean, sd := stat.MeanStdDev(dx, nil)
		s := arimaSearch{y: a.Y, n: len(a.Y), exact: true, mean: mean, scale: sd}
		theirs := s.estimate(arimaForm{p: a.Order[0], d: a.Order[1], q: a.Order[2], period: 1, constant: a.Constant})
		likelihood := -0.5 * (theirs.deviance + float64(theirs.n)*(1+math.Log(2*math.Pi)))
		if likelihood < a.Likelihood-0.05 || likelihood > a.Likelihood+1 {
			t.Errorf("%s: the logarithm of the likelihood is %v, that of statsforecast %v", a.ID, likelihood, a.Likelihood)
		}
	}
	if other > 3 {
		t.Errorf("other orders for %d of %d series", other, len(all))
	}
}

// The monthly airline passengers have the season of the airline model: one seasonal and one
// other difference; their forecast goes on through a gap, and its spread grows.
func TestARIMASeason(t *testing.T) {
	seriestest.Long(t)
	p, _, err := series.ReadFile("../../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	y := p.Series[0].Values
	m := chooseARIMA(y, 12)
	if f := m.form; f.sd != 1 || f.d != 1 || f.period != 12 {
		t.Errorf("the form %+v", f)
	}
	gappy := slices.Clone(y)
	for i := 100; i < 105; i++ {
		gappy[i] = math.NaN()
	}
	whole, _ := m.table(y, 24)
	made, _ := chooseARIMA(gappy, 12).table(gappy, 24)
	for h := 1; h <= 24; h++ {
		if math.Abs(made.mean[h]-whole.mean[h]) > whole.sd[h] {
			t.Errorf("step %d: %v with a gap, %v without", h, made.mean[h], whole.mean[h])
		}
		if made.sd[h] < made.sd[h-1] {
			t.Errorf("step %d: the spread shrinks", h)
		}
	}
}

// The statistic of the test of stationarity is that of statsmodels 0.15 (kpss(y, "c", nlags)).
func TestKPSS(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8}, 0.8125},
		{[]float64{5, 3, 8, 1, 9, 2, 7, 7, 1, 8, 3, 6, 2, 9, 4, 4, 8, 1, 5, 6}, 0.06663644605621036},
	} {
		if got := kpss(c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}
