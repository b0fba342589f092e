package modal

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/continuous"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// truth is the value of channel j of a series at time t: damped oscillations of the series' own
// frequency, of which channel 1 is shifted and smaller.
func truth(s, j int, t float64) float64 {
	w := 1.2 + 0.02*float64(s*7%30)
	return math.Exp(-0.05*t) * math.Cos(w*t+float64(s)+float64(j)) / float64(1+j)
}

// oscillators are seen at irregular times up to 12, channel 1 half of the times.
func oscillators(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t"}
	for s := range n {
		x := &series.Series{ID: strconv.Itoa(s)}
		for t := 0.0; t < 12; t += 0.05 + 0.4*rng.ExpFloat64() {
			b := truth(s, 1, t) + 0.05*rng.NormFloat64()
			if rng.IntN(2) == 0 {
				b = math.NaN()
			}
			x.Times = append(x.Times, t)
			x.Values = append(x.Values, truth(s, 0, t)+0.05*rng.NormFloat64(), b)
		}
		p.Series = append(p.Series, x)
	}
	return p
}

// TestContinuesOscillators demands that series are continued for as long again as a period lasts
// close to the truth, within the bands, and that the file of a model forecasts the same.
func TestContinuesOscillators(t *testing.T) {
	p := oscillators(12)
	m := &Model{Options: Options{Modes: 1}}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	at := make([][]float64, len(p.Series))
	for i := range at {
		for k := range 12 {
			at[i] = append(at[i], 12.5+0.4*float64(k))
		}
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	wrong, size, inside, n := 0.0, 0.0, 0, 0
	for i, d := range f.Series {
		signal := d.MeanTo(nil)
		lo, hi := d.Interval(nil, nil, 95)
		for k, x := range signal {
			want := truth(i, k%2, d.Times[k/2])
			wrong, size, n = wrong+(x-want)*(x-want), size+want*want, n+1
			if lo[k] <= want && want <= hi[k] {
				inside++
			}
		}
	}
	if !(wrong < 0.03*size) {
		t.Errorf("mean square error %.4f, mean square %.4f", wrong/float64(n), size/float64(n))
	}
	if inside < n*9/10 {
		t.Errorf("the 95 %% band holds %d of %d values", inside, n)
	}
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := again.Forecast(context.Background(), p, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range g.Series {
		for k, v := range d.Values {
			if !slices.Equal(v, f.Series[i].Values[k]) {
				t.Fatalf("series %d: another forecast after storing", i)
			}
		}
	}
}

// TestSignalAgainstDenseGaussian holds the mean and the variance of the signal, given the frequencies
// and dampings, against the conditional distribution of the joint Gaussian of all values, and the
// cost against its likelihood.
func TestSignalAgainstDenseGaussian(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	p := &prior{
		Frequency: []float64{0.1, -0.5}, FrequencySD: []float64{0.3, 0.4}, Damping: []float64{-2, -3}, DampingSD: []float64{1, 1},
		Loading: [][]float64{{0.7, 1.3, 0.4}, {0.2, 0.5, 0.9}}, Noise: []float64{0.3, 0.2},
	}
	r := &record{}
	for i := range 14 {
		r.t = append(r.t, float64(i)*0.7)
		r.y = append(r.y, rng.NormFloat64(), rng.NormFloat64())
	}
	r.y[5], r.y[8] = math.NaN(), math.NaN()
	params := []float64{0.2, -2.2, -0.4, -2.5}
	s := newProjection(p, r)
	rest := make([]float64, s.size())
	s.residuals(rest, params)
	likelihood := 0.0
	for j := range 2 {
		var times, y []float64
		for i, at := range r.t {
			if v := r.y[2*i+j]; !math.IsNaN(v) {
				times, y = append(times, at), append(y, v)
			}
		}
		const asked = 11.3
		covariance := func(a, b float64) (sum float64) {
			x, z := make([]float64, 5), make([]float64, 5)
			basis(x, params, a)
			basis(z, params, b)
			for k := range x {
				sum += x[k] * z[k] * p.loading(j, k) * p.loading(j, k)
			}
			return sum
		}
		n := len(y)
		k := mat.NewSymDense(n, nil)
		cross := mat.NewVecDense(n, nil)
		for a := range n {
			cross.SetVec(a, covariance(times[a], asked))
			for b := range a + 1 {
				v := covariance(times[a], times[b])
				if a == b {
					v += p.Noise[j] * p.Noise[j]
				}
				k.SetSym(a, b, v)
			}
		}
		var c mat.Cholesky
		if !c.Factorize(k) {
			t.Fatal("not positive definite")
		}
		var w, u mat.VecDense
		if c.SolveVecTo(&w, cross) != nil || c.SolveVecTo(&u, mat.NewVecDense(n, y)) != nil {
			t.Fatal("not solved")
		}
		likelihood += mat.Dot(mat.NewVecDense(n, y), &u)
		mean, variance := mat.Dot(&w, mat.NewVecDense(n, y)), covariance(asked, asked)-mat.Dot(&w, cross)
		x, work := make([]float64, 5), make([]float64, 5)
		basis(x, params, asked)
		gotMean, gotVariance := s.at(x, j, work)
		if math.Abs(gotMean-mean) > 1e-9 || math.Abs(gotVariance-variance) > 1e-9 {
			t.Errorf("channel %d: %v and %v, want %v and %v", j, gotMean, gotVariance, mean, variance)
		}
	}
	parameters := 0.0
	for _, v := range rest[len(rest)-4:] {
		parameters += v * v
	}
	if got := dot(rest, rest) - parameters; math.Abs(got-likelihood) > 1e-8*likelihood {
		t.Errorf("squared residuals %v, want %v", got, likelihood)
	}
}

// TestClimbFindsTheMinimum holds an optimum against all parameters around it.
func TestClimbFindsTheMinimum(t *testing.T) {
	panel := oscillators(1)
	f := &fit{Frame: continuous.Frame{Channels: panel.Channels, Unit: 1}, Scaling: series.Scaling{Center: []float64{0, 0}, Scale: []float64{1, 1}}}
	r := f.record(panel, panel.Series[0])
	s := newProjection(begin([]*record{r}, 1, 2), r)
	best := s.optima(source(0))[0]
	if w := math.Exp(best.params[0]); math.Abs(w-1.2) > 0.05 {
		t.Errorf("frequency %v, want 1.2", w)
	}
	rest := make([]float64, s.size())
	for i := range best.params {
		for _, d := range []float64{-0.02, 0.02} {
			p := slices.Clone(best.params)
			p[i] += d
			s.residuals(rest, p)
			if cost := dot(rest, rest) / 2; cost < best.cost {
				t.Errorf("parameter %d moved by %v: cost %v, less than %v", i, d, cost, best.cost)
			}
		}
	}
}

// TestInflations holds the factors against errors of a known size: those of a signal whose variance is four
// times what was said, those of noise that is as it was said, and those that are less than was said, which beginnings of series are no reason to believe of the whole.
func TestInflations(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const noise = 0.5
	errors := func(factor float64) (all []miss) {
		for range 4000 {
			v := 0.2 + rng.Float64()
			e := math.Sqrt(factor*v+noise) * rng.NormFloat64()
			all = append(all, miss{e * e, v})
		}
		return all
	}
	if observations, signal := inflations(errors(4), noise, doubt); math.Abs(signal-2) > 0.1 || !(observations < signal) {
		t.Errorf("factors %v and %v, want 2 for the signal and less for observations", observations, signal)
	}
	if observations, signal := inflations(errors(1), noise, doubt); math.Abs(observations-1) > 0.05 || math.Abs(signal-1) > 0.1 {
		t.Errorf("factors %v and %v, want 1", observations, signal)
	}
	if observations, signal := inflations(errors(0), noise, doubt); observations != 1 || signal != 1 {
		t.Errorf("factors %v and %v, want 1: none narrows", observations, signal)
	}
	if observations, signal := inflations(nil, noise, doubt); observations != 1 || signal != 1 {
		t.Errorf("factors %v and %v of no errors, want 1", observations, signal)
	}
}

// TestOlderBandsOfTheSignal demands that a file without factors of its own for the signal forecasts it
// as it did: the bands about the mean are as wide as the factors of observations say.
func TestOlderBandsOfTheSignal(t *testing.T) {
	p := oscillators(2)
	m := &Model{fit: &fit{
		Frame: continuous.Frame{Channels: p.Channels, Unit: 1}, Scaling: series.Scaling{Center: []float64{0, 0}, Scale: []float64{1, 1}},
		Prior: begin([]*record{{t: []float64{0, 6, 12}}}, 1, 2), Inflation: []float64{2, 3},
	}}
	width := func() (w [2]float64) {
		f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{13}, {13}}, Signal: true})
		if err != nil {
			t.Fatal(err)
		}
		low, high := f.Series[0].Interval(nil, nil, 80)
		return [2]float64{high[0] - low[0], high[1] - low[1]}
	}
	older := width()
	m.fit.SignalInflation = []float64{4, 3}
	newer := width()
	if math.Abs(newer[0]-2*older[0]) > 1e-9 || newer[1] != older[1] {
		t.Errorf("widths %v, and with other factors %v", older, newer)
	}
}

// TestFrequencies demands that a scan covers what the prior allows, slow and fast, and passes no optimum over: of two
// frequencies that follow each other one makes no more than a quarter of a turn more over a series, unless there were too many.
func TestFrequencies(t *testing.T) {
	p := &prior{Frequency: []float64{1}, FrequencySD: []float64{0.6}}
	for span, finest := range map[float64]float64{0: math.Inf(1), 3: turn, 30: turn, 3000: 3000 * 13 / mostScanned} {
		r := &record{t: []float64{0, span}}
		if span == 0 {
			r.t = nil
		}
		all := newProjection(&prior{Frequency: p.Frequency, FrequencySD: p.FrequencySD}, r).frequencies(0)
		if n := len(all); n < scanned || n > 2*mostScanned || all[0] != 1-1.5 || all[n-1] != 1+1.5 {
			t.Errorf("%d frequencies from %v to %v over %v", n, all[0], all[n-1], span)
		}
		for i := range all[1:] {
			if angle := (math.Exp(all[i+1]) - math.Exp(all[i])) * span; angle > 1.1*finest {
				t.Errorf("an angle of %v over %v, want at most %v", angle, span, finest)
				break
			}
		}
	}
}

// TestChoosesModes demands that as many modes are found as there are, though that is more than are tried anyway.
func TestChoosesModes(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(5, 6))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t"}
	for i := range 6 {
		s := &series.Series{ID: strconv.Itoa(i)}
		var phases [4]float64
		for k := range phases {
			phases[k] = 6 * rng.Float64()
		}
		for u := 0.0; u < 10; u += 0.02 + 0.12*rng.ExpFloat64() {
			y := 0.05 * rng.NormFloat64()
			for k, w := range []float64{0.9, 2.1, 4.3, 7} {
				y += math.Exp(-0.03*u) * math.Cos(w*u+phases[k])
			}
			s.Times, s.Values = append(s.Times, u), append(s.Values, y)
		}
		p.Series = append(p.Series, s)
	}
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := m.fit.Prior.modes(); n != 4 {
		t.Errorf("%d modes, want 4", n)
	}
}

// TestNarrowPrior protects that a scan ends where numbers do not tell the frequencies of the prior apart.
func TestNarrowPrior(t *testing.T) {
	s := &projection{prior: &prior{Frequency: []float64{1}, FrequencySD: []float64{1e-16}}, record: &record{t: []float64{0, 1}}}
	if all := s.frequencies(0); len(all) > scanned {
		t.Errorf("%d frequencies", len(all))
	}
}

// TestBasisIsKept holds residuals after other parameters, of which some or none are the same, against those of a
// problem that knows no others.
func TestBasisIsKept(t *testing.T) {
	r := &record{t: []float64{0, 0.4, 1.1, 2}, y: []float64{1, 0.3, -0.8, 0.5}}
	p := begin([]*record{r}, 2, 1)
	kept := newProjection(p, r)
	got, want := make([]float64, kept.size()), make([]float64, kept.size())
	for _, params := range [][]float64{{0, -1, 1, -2}, {0.5, -1, 1, -2}, {0.5, -1, 1, -3}, {0.5, -1, 1, -3}, {0, -1.5, 0.7, -3}} {
		kept.residuals(got, params)
		newProjection(p, r).residuals(want, params)
		if !slices.Equal(got, want) {
			t.Errorf("at %v: %v, want %v", params, got, want)
		}
	}
}
