package baseline_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// simulate draws n values of a process after a run-in.
func simulate(q *baseline.Process, n int, rng *rand.Rand) []float64 {
	const runIn = 300
	y := make([]float64, runIn+n)
	for t := range y {
		y[t] = q.Intercept + math.Sqrt(q.Variance)*rng.NormFloat64()
		for i, c := range q.Coef {
			if t > i {
				y[t] += c * y[t-1-i]
			}
		}
	}
	return y[runIn:]
}

// The estimate finds the coefficients, intercept and variance that
// simulated the data, with gaps too.
func TestEstimateRecovers(t *testing.T) {
	truth := &baseline.Process{Coef: []float64{1.2, -0.5, 0.1}, Intercept: 3, Variance: 4}
	y := simulate(truth, 40000, rand.New(rand.NewPCG(5, 6)))
	for name, y := range map[string][]float64{"whole": y, "with gaps": withGaps(y, 0.1)} {
		q, err := baseline.Estimate(y, 3, 10)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+": coefficients", q.Coef, truth.Coef, 0.03)
		near(t, name+": intercept, variance", []float64{q.Intercept, q.Variance}, []float64{3, 4}, 0.05)
		if q.Reason != baseline.AsAsked || q.Asked != 3 {
			t.Errorf("%s: asked %d, %v", name, q.Asked, q.Reason)
		}
	}
}

// withGaps returns y with a share of the values missing at random.
func withGaps(y []float64, share float64) []float64 {
	rng := rand.New(rand.NewPCG(7, 8))
	g := make([]float64, len(y))
	for i, v := range y {
		g[i] = v
		if rng.Float64() < share {
			g[i] = nan
		}
	}
	return g
}

// The least squares estimate solves the normal equations: its residuals are
// orthogonal to the regressors.
func TestEstimateIsLeastSquares(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	y := make([]float64, 60)
	for i := range y {
		y[i] = 1e4 + 50*math.Sin(float64(i)) + 30*rng.NormFloat64()
	}
	y[20] = nan
	const p = 4
	q, err := baseline.Estimate(y, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	var moments [p + 1]float64
	ss, n := 0.0, 0
rows:
	for i := p; i < len(y); i++ {
		e := y[i] - q.Intercept
		for j, c := range q.Coef {
			e -= c * y[i-1-j]
		}
		if math.IsNaN(e) {
			continue rows
		}
		moments[0] += e
		for j := range p {
			moments[j+1] += e * (y[i-1-j] - 1e4)
		}
		ss += e * e
		n++
	}
	near(t, "residual moment", moments[:], make([]float64, p+1), 1e-3)
	if n != 60-p-(p+1) {
		t.Fatalf("%d equations", n)
	}
	near(t, "variance", []float64{q.Variance}, []float64{ss / float64(n-p-1)}, 1e-9)
}

// Of an AR(1) the distribution k steps ahead is known: mean mu + phi^k (y - mu), variance
// sigma^2 (1 - phi^2k) / (1 - phi^2).
func TestPredictOfOrder1(t *testing.T) {
	q := &baseline.Process{Coef: []float64{0.8}, Intercept: 2, Variance: 0.5}
	mean, sd := q.Predict([]float64{nan, 4, 13}, 30)
	for k := range mean {
		d := math.Pow(0.8, float64(k))
		near(t, "mean", mean[k:k+1], []float64{10 + d*3}, 1e-13)
		near(t, "SD", sd[k:k+1], []float64{math.Sqrt(0.5 * (1 - d*d) / (1 - 0.64))}, 1e-13)
	}
	// After a gap it is the same distribution, of as many steps more.
	later, laterSD := q.Predict([]float64{4, 13, nan, nan, nan}, 27)
	near(t, "mean after a gap", later, mean[3:], 1e-13)
	near(t, "SD after a gap", laterSD, sd[3:], 1e-13)
}

// With scattered observations after the last unbroken run the distribution is that of a
// Gaussian vector given some of its entries, computed here from the moving
// average weights of all errors at once.
func TestPredictThroughGaps(t *testing.T) {
	q := &baseline.Process{Coef: []float64{0.5, -0.3, 0.6}, Intercept: 1, Variance: 2}
	y := []float64{9, nan, 1, 2.5, 0.5, nan, 3, nan, nan, 1.5, nan}
	const start, ahead = 5, 4 // the run ends before start
	n := len(y) - start + ahead

	// Values after the run: mean + L e with unit errors e.
	mean := append([]float64{}, y[start-3:start]...)
	lower := mat.NewDense(n, n, nil)
	for i := range n {
		m := q.Intercept
		for j, c := range q.Coef {
			m += c * mean[len(mean)-1-j]
			if k := i - 1 - j; k >= 0 {
				for e := range n {
					lower.Set(i, e, lower.At(i, e)+c*lower.At(k, e))
				}
			}
		}
		lower.Set(i, i, math.Sqrt(q.Variance))
		mean = append(mean, m)
	}
	mean = mean[3:]
	var cov mat.Dense
	cov.Mul(lower, lower.T())

	var seen []int
	for i, v := range y[start:] {
		if !math.IsNaN(v) {
			seen = append(seen, i)
		}
	}
	s := mat.NewDense(len(seen), len(seen), nil)
	d := mat.NewDense(len(seen), 1, nil)
	for a, i := range seen {
		d.Set(a, 0, y[start+i]-mean[i])
		for b, j := range seen {
			s.Set(a, b, cov.At(i, j))
		}
	}
	var wantMean, wantSD []float64
	for i := n - ahead - 1; i < n; i++ {
		cross := mat.NewDense(len(seen), 1, nil)
		for a, j := range seen {
			cross.Set(a, 0, cov.At(i, j))
		}
		var w, m, v mat.Dense
		if err := w.Solve(s, cross); err != nil {
			t.Fatal(err)
		}
		m.Mul(w.T(), d)
		v.Mul(w.T(), cross)
		wantMean = append(wantMean, mean[i]+m.At(0, 0))
		wantSD = append(wantSD, math.Sqrt(cov.At(i, i)-v.At(0, 0)))
	}
	gotMean, gotSD := q.Predict(y, ahead)
	near(t, "mean", gotMean, wantMean, 1e-12)
	near(t, "SD", gotSD, wantSD, 1e-12)
}

// Without any unbroken run the state starts from the mean and the variance of
// the data, so that far ahead a stationary process returns to its own.
func TestPredictWithoutRun(t *testing.T) {
	q := &baseline.Process{Coef: []float64{0.5, 0.2}, Intercept: 3, Variance: 1}
	mean, sd := q.Predict([]float64{9, nan, 11, nan, 12, nan}, 200)
	near(t, "mean", mean[200:], []float64{10}, 1e-9)
	// Variance of a stationary AR(2): (1-b) s / ((1+b)((1-b)^2 - a^2)).
	near(t, "SD", sd[200:], []float64{math.Sqrt(0.8 / (1.2 * (0.64 - 0.25)))}, 1e-9)
	if !(sd[0] > 0 && sd[0] < sd[200]) {
		t.Errorf("SD of the missing last value: %v, far ahead %v", sd[0], sd[200])
	}
}

// An order that the data are too short, constant or unstable for is lowered with the
// reason, and forecasts stay finite.
func TestEstimateLowersTheOrder(t *testing.T) {
	fill := func(n int, f func(i int) float64) []float64 {
		y := make([]float64, n)
		for i := range y {
			y[i] = f(i)
		}
		return y
	}
	rng := rand.New(rand.NewPCG(11, 12))
	noise := func(int) float64 { return rng.NormFloat64() }
	tests := []struct {
		name   string
		y      []float64
		order  int
		want   int
		reason baseline.Reason
	}{
		{"long enough", fill(32, noise), 10, 10, baseline.AsAsked},
		{"one too short", fill(31, noise), 10, 9, baseline.Short},
		{"far too short", []float64{1, 2, 4}, 25, 1, baseline.Short},
		{"every other", fill(50, func(i int) float64 {
			if i%2 == 0 {
				return nan
			}
			return float64(i)
		}), 3, 1, baseline.Short},
		{"constant", fill(50, func(int) float64 { return 0.1 }), 3, 1, baseline.Constant},
		{"doubling", fill(40, func(i int) float64 { return math.Ldexp(1, i) }), 5, 1, baseline.Unstable},
		{"sine", fill(200, func(i int) float64 { return math.Sin(float64(i) / 5) }), 9, 9, baseline.AsAsked},
		{"line", fill(100, func(i int) float64 { return float64(i) }), 5, 5, baseline.AsAsked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := baseline.Estimate(tt.y, tt.order, 50)
			if err != nil {
				t.Fatal(err)
			}
			if len(q.Coef) != tt.want || q.Reason != tt.reason || q.Asked != tt.order {
				t.Errorf("order %d (%v), asked %d; want %d (%v), asked %d", len(q.Coef), q.Reason, q.Asked, tt.want, tt.reason, tt.order)
			}
			lo, hi := math.Inf(1), math.Inf(-1)
			for _, v := range tt.y {
				if !math.IsNaN(v) {
					lo, hi = math.Min(lo, v), math.Max(hi, v)
				}
			}
			mean, sd := q.Predict(tt.y, 50)
			for k := range mean {
				if len(q.Coef) > 1 && !(math.Abs(mean[k]-(lo+hi)/2) <= 3*(hi-lo) && sd[k] <= 3*(hi-lo)) {
					t.Fatalf("%d steps ahead: %v with SD %v, the data are from %v to %v", k, mean[k], sd[k], lo, hi)
				}
				if math.IsNaN(mean[k]) || math.IsNaN(sd[k]) || math.IsInf(sd[k], 0) {
					t.Fatalf("%d steps ahead: %v with SD %v", k, mean[k], sd[k])
				}
			}
		})
	}
	if _, err := baseline.Estimate([]float64{nan, 1, nan}, 1, 1); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("one observation: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("order 0: no panic")
		}
	}()
	baseline.Estimate([]float64{1, 2}, 0, 1)
}

// What repeats exactly is continued exactly.
func TestARContinuesSine(t *testing.T) {
	wave := func(i int) float64 { return 100 + 10*math.Sin(float64(i)*2*math.Pi/12) }
	var y []float64
	for i := range 120 {
		y = append(y, wave(i))
	}
	f, err := baseline.AR{}.Forecast(t.Context(), regular(y...), forecast.Options{At: [][]float64{{120, 125, 140}}, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{wave(120), wave(125), wave(140)}
	near(t, "mean", f.Series[0].Mean, want, 1e-6)
	near(t, "SD", f.Series[0].SD, []float64{0, 0, 0}, 1e-4)
}

// Of series drawn from an autoregression the intervals hold what they promise.
func TestARCoverage(t *testing.T) {
	truth := &baseline.Process{Coef: []float64{0.6, 0.3}, Intercept: 1, Variance: 9}
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
	rng := rand.New(rand.NewPCG(13, 14))
	for i := range 200 {
		s := &series.Series{ID: string(rune('A' + i)), Values: withGaps(simulate(truth, 210, rng), 0.02)}
		for k := range s.Values {
			s.Times = append(s.Times, float64(k))
		}
		p.Series = append(p.Series, s)
	}
	train, test, err := p.SplitLast(10)
	if err != nil {
		t.Fatal(err)
	}
	r, err := forecast.Examine(t.Context(), train, test, []forecast.Model{baseline.AR{Order: 2}}, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := r[0].Scores; math.Abs(s.Coverage80-0.8) > 0.03 || math.Abs(s.Coverage95-0.95) > 0.02 {
		t.Errorf("coverage %v, %v, want 0.8, 0.95", s.Coverage80, s.Coverage95)
	}
}

// The forecast says how many series have a lower order and why, and a series
// observed once is forecast too.
func TestARNotes(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
	add := func(id string, values ...float64) {
		s := regular(values...).Series[0]
		s.ID = id
		p.Series = append(p.Series, s)
	}
	rng := rand.New(rand.NewPCG(15, 16))
	var noise, doubling []float64
	for i := range 40 {
		noise = append(noise, rng.NormFloat64())
		doubling = append(doubling, math.Ldexp(1, i))
	}
	add("noise", noise...)
	add("doubling", doubling...)
	add("short", noise[:10]...)
	add("once", 5)
	f, err := baseline.AR{}.Forecast(t.Context(), p, forecast.Options{At: [][]float64{{41}, {41}, {11}, {2}}, Season: 4})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ar: 2 of 4 series are too short for order 9 and have a lower one",
		"ar: 1 of 4 series are unstable at order 9 and have a lower one",
	}
	if len(f.Notes) != 2 || f.Notes[0] != want[0] || f.Notes[1] != want[1] {
		t.Errorf("notes %q, want %q", f.Notes, want)
	}
	if d := f.Series[3]; d.Mean[0] != 5 || !(d.SD[0] > 0) {
		t.Errorf("the series observed once: %v with SD %v", d.Mean[0], d.SD[0])
	}
}

// The number of processors changes no bit of an estimate, though gonum's QR
// decomposition of large systems uses them all.
func TestProcessorsDoNotMatter(t *testing.T) {
	y := simulate(&baseline.Process{Coef: []float64{0.5, 0, 0, 0.4}, Variance: 1}, 3000, rand.New(rand.NewPCG(21, 22)))
	estimate := func(processors int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		q, err := baseline.Estimate(y, 150, 10)
		if err != nil {
			t.Fatal(err)
		}
		return append(q.Coef, q.Intercept, q.Variance)
	}
	near(t, "on 4 processors and on 1", estimate(4), estimate(1), 0)
}

// Forecasts may run at the same time, and the same arguments give the same
// values.
func TestConcurrentForecasts(t *testing.T) {
	p := regular(simulate(&baseline.Process{Coef: []float64{0.9}, Variance: 1}, 100, rand.New(rand.NewPCG(17, 18)))...)
	opt := forecast.Options{At: [][]float64{{100, 101, 102}}, Season: 5}
	for _, m := range []forecast.Model{baseline.AR{}, baseline.SeasonalNaive{}} {
		if err := m.Fit(t.Context(), p, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		out := make([]*forecast.Forecast, 8)
		var wg sync.WaitGroup
		for i := range out {
			wg.Go(func() {
				f, err := m.Forecast(t.Context(), p, opt)
				if err != nil {
					t.Error(err)
					return
				}
				out[i] = f
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		for _, f := range out[1:] {
			near(t, m.Name()+" mean", f.Series[0].Mean, out[0].Series[0].Mean, 0)
			near(t, m.Name()+" SD", f.Series[0].SD, out[0].Series[0].SD, 0)
		}
	}
}
