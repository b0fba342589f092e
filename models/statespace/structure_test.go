package statespace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/series"
)

// structures are without and with a season and decays.
func structures() map[string]structure {
	return map[string]structure{
		"trend":        {},
		"season":       {season: 5, harmonics: 2},
		"damped slope": {slopeDecay: 0.3, season: 4, harmonics: 2},
		"damped level": {levelDecay: 0.4},
		"two seasons":  {season: 4, waves: []wave{{4, 1}, {9.5, 1}, {9.5, 2}}},
		"both, uneven": {slopeDecay: 0.1, levelDecay: 0.7, season: 3.7, harmonics: 1},
	}
}

// system returns the structure on steps of length d as a System.
func (s structure) system(v [variances]float64, d float64) *System {
	n := s.dim()
	t := s.turn(d)
	a, q, c := mat.NewDense(n, n, nil), make([]float64, n*n), mat.NewDense(1, n, nil)
	for j := range n {
		z := make([]float64, n)
		z[j] = 1
		c.Set(0, j, s.measure(z))
		t.apply(z, 1)
		a.SetCol(j, z)
	}
	t.disturb(q, n, &v)
	cov := mat.NewSymDense(n, nil)
	for i, sd := range s.prior() {
		cov.SetSym(i, i, sd*sd)
	}
	return &System{
		A: a, C: c, Q: symmetric(mat.NewDense(n, n, q)), R: mat.NewSymDense(1, []float64{v[ofNoise]}),
		Mean: mat.NewVecDense(n, nil), Cov: cov,
	}
}

// wandering returns a course of n steps of length d with some values missing.
func wandering(n int, d float64, seed uint64) course {
	rng := rand.New(rand.NewPCG(seed, 5))
	var c course
	level := 0.0
	for i := range n {
		level += 0.3 * rng.NormFloat64()
		y := level + math.Sin(float64(i)) + 0.2*rng.NormFloat64()
		if rng.Float64() < 0.15 {
			y = math.NaN()
		}
		c.t, c.y = append(c.t, 3+float64(i)*d), append(c.y, y)
	}
	return c
}

var someVariances = [variances]float64{ofSlope: 0.003, ofLevel: 0.08, ofSeason: 0.01, ofNoise: 0.05}

// TestStructureIsASystem holds filter, smoother and forecasts against those of the
// dense system, which are written otherwise.
func TestStructureIsASystem(t *testing.T) {
	for name, s := range structures() {
		for _, d := range []float64{1, 0.6} {
			c := wandering(40, d, 1)
			sys := s.system(someVariances, d)
			f, err := sys.Filter(mat.NewDense(len(c.y), 1, c.y))
			if err != nil {
				t.Fatal(err)
			}
			sm, err := f.Smooth()
			if err != nil {
				t.Fatal(err)
			}
			p := newPass(s, c)
			p.filter(someVariances)
			if math.Abs(p.logL-f.LogLikelihood) > 1e-8 {
				t.Errorf("%s: log-likelihood %v, want %v", name, p.logL, f.LogLikelihood)
			}
			p.smooth(func(k int, mean, variance float64) {
				dist := sys.Observation(sm.States[k])
				if math.Abs(mean-dist.Mean.AtVec(0)) > 1e-7 || math.Abs(variance+someVariances[ofNoise]-dist.Cov.At(0, 0)) > 1e-7 {
					t.Errorf("%s: smoothed signal %d: %v and %v, want %v and %v", name, k, mean, variance, dist.Mean.AtVec(0), dist.Cov.At(0, 0)-someVariances[ofNoise])
				}
			})
			var times []float64
			for h := range 5 {
				times = append(times, c.t[len(c.t)-1]+float64(h+1)*d)
			}
			mean, variance := p.ahead(times)
			for h, g := range sys.Forecast(f.Updated[len(c.y)-1], 5) {
				dist := sys.Observation(g)
				if math.Abs(mean[h]-dist.Mean.AtVec(0)) > 1e-7 || math.Abs(variance[h]+someVariances[ofNoise]-dist.Cov.At(0, 0)) > 1e-7 {
					t.Errorf("%s: forecast %d: %v and %v, want %v and %v", name, h, mean[h], variance[h], dist.Mean.AtVec(0), dist.Cov.At(0, 0)-someVariances[ofNoise])
				}
			}
		}
	}
}

// TestTimeIsContinuous demands that times at which nothing is observed change
// nothing.
func TestTimeIsContinuous(t *testing.T) {
	for name, s := range structures() {
		c := wandering(30, 1, 2)
		var sparse course
		for i, y := range c.y {
			if !math.IsNaN(y) {
				sparse.t, sparse.y = append(sparse.t, c.t[i]), append(sparse.y, y)
			}
		}
		if len(sparse.t) == len(c.t) {
			t.Fatal("nothing is missing")
		}
		dense, few := newPass(s, c), newPass(s, sparse.with([]float64{c.t[0], 7.25, 19.5}))
		if !math.IsNaN(c.y[0]) {
			few = newPass(s, sparse.with([]float64{7.25, 19.5}))
		}
		dense.filter(someVariances)
		few.filter(someVariances)
		if math.Abs(dense.logL-few.logL) > 1e-8 {
			t.Errorf("%s: log-likelihood %v and %v", name, dense.logL, few.logL)
		}
	}
}

// TestEstimate holds the step of expectation maximisation against the derivatives
// of the likelihood, by differences, and demands that the likelihood never falls
// and ends where it is flat.
func TestEstimate(t *testing.T) {
	for name, s := range structures() {
		c := wandering(60, 0.8, 3)
		p := newPass(s, c)
		p.filter(someVariances)
		next := p.smooth(nil)
		spent, n := float64(len(c.t)-1), 0.0
		for _, y := range c.y {
			if !math.IsNaN(y) {
				n++
			}
		}
		likelihood := func(v [variances]float64) float64 {
			p.filter(v)
			return p.logL
		}
		posterior := func(v [variances]float64) float64 {
			p.filter(v)
			return p.posterior()
		}
		slope := func(v [variances]float64, k int) float64 {
			up, down := v, v
			up[k] *= 1 + 1e-5
			down[k] *= 1 - 1e-5
			return (likelihood(up) - likelihood(down)) / (up[k] - down[k])
		}
		for k, size := range [variances]float64{2 * spent, spent, 2 * float64(s.points()) * spent, n} {
			if size == 0 {
				continue
			}
			v := someVariances[k]
			want := v + v*v*2*slope(someVariances, k)/size
			if k == ofNoise { // the mean with what is thought beforehand
				want = (size*want + priorValues*p.rough) / (size + priorValues)
			}
			if math.Abs(next[k]-want) > 1e-6*want {
				t.Errorf("%s: variance %d becomes %v, want %v", name, k, next[k], want)
			}
		}
		trace := p.estimate()
		for i := 1; i < len(trace); i++ {
			if trace[i] < trace[i-1]-1e-9 {
				t.Errorf("%s: the likelihood falls from %v to %v", name, trace[i-1], trace[i])
			}
		}
		v, l := p.v, p.posterior()
		for k := range v {
			for _, factor := range []float64{1.2, 1 / 1.2} {
				other := v
				other[k] *= factor
				if gain := posterior(other) - l; gain > 0.1 {
					t.Errorf("%s: another variance %d, %v times as large, raises the likelihood by %v", name, k, factor, gain)
				}
			}
		}
	}
}

// season returns a panel of a series with a trend and a season of 12, positive.
func seasonal(n int, growing bool) *series.Panel {
	rng := rand.New(rand.NewPCG(8, 5))
	s := &series.Series{ID: "a"}
	for i := range n {
		y := 3 + 0.01*float64(i) + 0.3*math.Sin(2*math.Pi*float64(i)/12) + 0.05*rng.NormFloat64()
		if growing {
			y = math.Exp(y)
		}
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, y)
	}
	return &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// Forecasts go on with trend and season, within intervals that hold what they say,
// and the same bytes come on any number of processors.
func TestForecast(t *testing.T) {
	for _, growing := range []bool{false, true} {
		p := seasonal(132, growing)
		head, tail, err := p.SplitLast(24)
		if err != nil {
			t.Fatal(err)
		}
		opt := forecast.Options{At: [][]float64{tail.Series[0].Times}, Season: 12}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		f, err := Model{}.Forecast(context.Background(), head, opt)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := forecast.Score(head, tail, f, 12)
		if err != nil {
			t.Fatal(err)
		}
		if !(scores.MASE < 0.7) || scores.Coverage95 < 0.8 || scores.Width80 > 4 {
			t.Errorf("growing %v: scores %+v", growing, scores)
		}
		if logged := f.Series[0].Probs != nil; logged != growing {
			t.Errorf("growing %v: by the logarithm %v", growing, logged)
		}
		runtime.GOMAXPROCS(4)
		again, err := Model{}.Forecast(context.Background(), head, opt)
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Errorf("growing %v: another forecast on four processors, error %v", growing, err)
		}
	}
}

// Values that are taken out come back within their intervals, at irregular times
// too, and the signal is narrower than a measurement.
func TestImpute(t *testing.T) {
	p := seasonal(120, false)
	for _, irregular := range []bool{false, true} {
		if irregular {
			p.Step = series.Step{}
		}
		s := p.Series[0]
		holed := *s
		holed.Values = slices.Clone(s.Values)
		var at []float64
		for i := 40; i < 80; i += 3 {
			holed.Values[i] = math.NaN()
			at = append(at, s.Times[i])
		}
		opt := forecast.Options{At: [][]float64{at}, Season: 12}
		impute := func(signal bool) *forecast.Distribution {
			opt.Signal = signal
			f, err := Model{}.Impute(context.Background(), p.With([]*series.Series{&holed}), opt)
			if err != nil {
				t.Fatal(err)
			}
			return f.Series[0]
		}
		whole, signal := impute(false), impute(true)
		inside := 0
		for k := range at {
			if math.Abs(whole.Mean[k]-s.Values[40+3*k]) < 2.5*whole.SD[k] {
				inside++
			}
			if !(signal.SD[k] < whole.SD[k]) {
				t.Errorf("irregular %v: the signal's deviation is %v, a measurement's %v", irregular, signal.SD[k], whole.SD[k])
			}
		}
		if inside < len(at)-1 {
			t.Errorf("irregular %v: %d of %d values within their intervals", irregular, inside, len(at))
		}
	}
}

// Values before the first one that was observed are told as those after the last are: a walk
// with a season goes back from it with as many values inside the intervals.
func TestImputeBefore(t *testing.T) {
	const lead, n = 8, 96
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
	var truth [][]float64
	var at [][]float64
	for k := range 60 {
		rng := rand.New(rand.NewPCG(uint64(k), 6))
		s, level := &series.Series{ID: fmt.Sprint(k)}, 0.0
		for i := range n {
			level += rng.NormFloat64()
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, 50+level+4*math.Sin(2*math.Pi*float64(i)/12)+0.5*rng.NormFloat64())
		}
		truth, at = append(truth, slices.Clone(s.Values[:lead])), append(at, s.Times[:lead])
		for i := range lead {
			s.Values[i] = math.NaN()
		}
		p.Series = append(p.Series, s)
	}
	f, err := Model{}.Impute(context.Background(), p, forecast.Options{At: at, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	inside := 0
	for k, d := range f.Series {
		lo, hi := d.Quantile(nil, 0.1), d.Quantile(nil, 0.9)
		for i, v := range truth[k] {
			if v >= lo[i] && v <= hi[i] {
				inside++
			}
		}
		if far, near := hi[0]-lo[0], hi[lead-1]-lo[lead-1]; far <= near {
			t.Errorf("series %d: an interval is %v wide eight steps before the first value, %v one step", k, far, near)
		}
	}
	if share := float64(inside) / float64(len(truth)*lead); share < 0.7 || share > 0.9 {
		t.Errorf("%.2f of the values lie within the 80 %% intervals", share)
	}
}

// A constant is continued, and too short series, times in the past and wrong
// options are errors.
func TestModelErrors(t *testing.T) {
	p := seasonal(30, false)
	future := [][]float64{{30}}
	flat := seasonal(20, false)
	for i := range flat.Series[0].Values {
		flat.Series[0].Values[i] = 7
	}
	f, err := Model{}.Forecast(context.Background(), flat, forecast.Options{At: [][]float64{{25}}})
	if err != nil || math.Abs(f.Series[0].Mean[0]-7) > 1e-6 {
		t.Errorf("a constant: %+v, error %v", f, err)
	}
	short := p.With([]*series.Series{p.Series[0].Slice(0, 1)})
	_, err = Model{}.Forecast(context.Background(), short, forecast.Options{At: future})
	if !errors.Is(err, forecast.ErrTooShort) || !strings.Contains(err.Error(), `series "a"`) {
		t.Errorf("one value: error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, interrupted := Model{}.Forecast(ctx, p, forecast.Options{At: future})
	_, past := Model{}.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{12}}})
	_, order := Model{}.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{32, 31}}})
	_, number := Model{}.Forecast(context.Background(), p, forecast.Options{})
	_, season := Model{Season: -1}.Forecast(context.Background(), p, forecast.Options{At: future})
	harmonics := Model{Harmonics: -1}.Fit(context.Background(), p, forecast.FitOptions{})
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"interrupted": {interrupted, "canceled"}, "past": {past, "not after the last"}, "order": {order, "not after the one before"},
		"number": {number, "times for 0 series"},
		"season": {season, "option season is -1"}, "harmonics": {harmonics, "option harmonics is -1"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, c.err, c.want)
		}
	}
}

// BenchmarkEstimate measures the estimation of a structure with a season of 24.
func BenchmarkEstimate(b *testing.B) {
	s := structure{season: 24, harmonics: 8}
	c := wandering(700, 1, 4)
	for b.Loop() {
		newPass(s, c).estimate()
	}
}
