package latentode

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// A filtered is a window of a record with a residual process whose parameters are known.
type filtered struct {
	batch
	node                   residualNode
	mean, sd               []float64
	rate, deviation, noise float64
}

// filter brings a window of one channel, with values missing and times asked for within and beyond, through a
// residual process.
func newFiltered(t *testing.T) *filtered {
	t.Helper()
	c, _, err := newConfig(t.Context(), Options{Level: LevelPanel, Residuals: ResidualsOU}, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 6, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := &filtered{batch: batch{config: c}}
	r := &neural.Record{U: []float64{0, 1, 1.5, 4, 4.25, 7, 9, 9.5}, X: []float64{1, -2, math.NaN(), 3, 2.5, math.NaN(), -1, 0}}
	f.fill([]window{{Window: neural.Window{Record: r, From: 0, Origin: 7, To: 8}, asked: []float64{2, 5, 7, 10, 14}}})
	s := &nn.Params{}
	process := newResidualProcess(s, 1, true)
	p := &nn.Pass{Values: s.Values}
	rng := rand.New(rand.NewPCG(1, 2))
	dynamics := p.Buffer(len(f.owner))
	for i := range dynamics {
		dynamics[i] = rng.NormFloat64()
	}
	mean, sd := process.apply(p, &f.node, &f.batch, p.Const(len(dynamics), 1, dynamics), nil)
	f.mean, f.sd = mean.Val, sd.Val
	f.rate, f.deviation, f.noise = f.node.rate.Val[0], f.node.deviation.Val[0], f.node.noise.Val[0]
	return f
}

// covariance returns that of what is observed at two rows, or of the process.
func (f *filtered) covariance(i, j int, observed bool) float64 {
	u := func(row int) float64 { return f.timeline[row] * f.Unit / f.Gap }
	v := f.deviation * f.deviation * math.Exp(-f.rate*math.Abs(u(i)-u(j)))
	if observed && i == j {
		v += f.noise * f.noise
	}
	return v
}

// given returns the mean and the variance of the process at a row given the values of others, by the
// normal equations.
func (f *filtered) given(row int, others []int) (mean, variance float64) {
	if len(others) == 0 {
		return 0, f.covariance(row, row, false)
	}
	cov, n := mat.NewSymDense(len(others), nil), len(others)
	cross, rest := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	for a, i := range others {
		for b, j := range others {
			cov.SetSym(a, b, f.covariance(i, j, true))
		}
		cross.SetVec(a, f.covariance(row, i, false))
		rest.SetVec(a, f.target[i]-f.node.dynamics.Val[i])
	}
	var weights mat.VecDense
	if err := weights.SolveVec(cov, cross); err != nil {
		panic(err)
	}
	return mat.Dot(&weights, rest), f.covariance(row, row, false) - mat.Dot(&weights, cross)
}

// TestResidualProcess holds filter and smoother against the Gaussian process that they are
// of: values of the context given those before, the future given the context, and what is
// missing within it given all of it.
func TestResidualProcess(t *testing.T) {
	f := newFiltered(t)
	check := func(what string, row int, others []int) {
		mean, variance := f.given(row, others)
		mean, sd := mean+f.node.dynamics.Val[row], math.Sqrt(variance+f.noise*f.noise)
		if math.Abs(f.mean[row]-mean) > 1e-9 || math.Abs(f.sd[row]-sd) > 1e-9 {
			t.Errorf("%s: row %d has mean %v and deviation %v, want %v and %v", what, row, f.mean[row], f.sd[row], mean, sd)
		}
		if got := f.sd[row] * f.node.signal(row, 0); math.Abs(got-math.Sqrt(variance)) > 1e-9 {
			t.Errorf("%s: the signal of row %d has the deviation %v, want %v", what, row, got, math.Sqrt(variance))
		}
	}
	var seen, missing []int
	for row, lead := range f.lead {
		check("filter", row, seen)
		switch known := !math.IsNaN(f.target[row]); {
		case lead == 0 && known:
			seen = append(seen, row)
		case lead == 0:
			missing = append(missing, row)
		}
	}
	if len(seen) != 5 || len(missing) != 5 {
		t.Fatalf("%d values seen and %d missing", len(seen), len(missing))
	}
	f.node.smooth(f.mean, f.sd)
	for _, row := range missing {
		check("smoother", row, seen)
	}
}

// TestWhitened holds the sum of the squares of whitened residuals against their Mahalanobis distance.
func TestWhitened(t *testing.T) {
	f := newFiltered(t)
	var rest []float64
	var seen []int
	for row, lead := range f.lead {
		if lead == 0 {
			rest = append(rest, f.target[row]-f.node.dynamics.Val[row])
			if !math.IsNaN(f.target[row]) {
				seen = append(seen, row)
			}
		}
	}
	cov, e := mat.NewSymDense(len(seen), nil), mat.NewVecDense(len(seen), nil)
	for a, i := range seen {
		for b, j := range seen {
			cov.SetSym(a, b, f.covariance(i, j, true))
		}
		e.SetVec(a, rest[i])
	}
	var solved mat.VecDense
	if err := solved.SolveVec(cov, e); err != nil {
		t.Fatal(err)
	}
	f.node.whiten(rest, 0)
	got := 0.0
	for _, x := range rest {
		got += neural.OrZero(x * x)
	}
	if want := mat.Dot(e, &solved); math.Abs(got-want) > 1e-9*want {
		t.Errorf("the squares of the whitened residuals add up to %v, want %v", got, want)
	}
}

// TestDrawnResiduals holds the covariances of drawn paths against those of the process and the noise
// given the context.
func TestDrawnResiduals(t *testing.T) {
	f := newFiltered(t)
	future := f.rows[3:]
	rng := rand.New(rand.NewPCG(3, 4))
	const paths = 40_000
	var first, second, product moments.Moments
	dst := make([]float64, 1)
	for range paths {
		at := stray{row: -1}
		f.node.draw(dst, &at, future[0], rng)
		x := dst[0]
		f.node.draw(dst, &at, future[1], rng)
		first.Add(x)
		second.Add(dst[0])
		product.Add(x * dst[0])
	}
	kept := math.Exp(-f.rate * 4)
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"deviation of the first", math.Sqrt(first.Variance()), f.sd[future[0]]},
		{"deviation of the second", math.Sqrt(second.Variance()), f.sd[future[1]]},
		{"covariance", product.Mean, kept * f.node.step(future[0], 0).prior.variance},
	} {
		if math.Abs(c.got-c.want) > 0.02*c.want+0.002 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

// TestResidualsForGaussiansAlone refuses a residual process under other distributions.
func TestResidualsForGaussiansAlone(t *testing.T) {
	_, _, err := newConfig(t.Context(), Options{Residuals: ResidualsOU, Likelihood: density.StudentT}, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 6})
	if err == nil {
		t.Error("no error")
	}
}

// TestResidualProcessKept reads a model with a residual process back: it forecasts the same.
func TestResidualProcessKept(t *testing.T) {
	seriestest.Long(t)
	p := oscillators(6, 30, 0.1, 1)
	o := small
	o.Residuals = ResidualsOU
	m := fit(t, o, p, forecast.FitOptions{Horizon: 5, Season: 1})
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	one, two := forecastOf(t, m, p, 5, 20), forecastOf(t, back, p, 5, 20)
	for i := range one.Series {
		if !slices.EqualFunc(one.Series[i].Values, two.Series[i].Values, slices.Equal) {
			t.Fatalf("series %d is forecast otherwise", i)
		}
	}
}

// TestResidualProcessFound learns a process of known parameters under dynamics that have nothing to do: the
// parameters are to be found, and the bands of 80 % to hold far beyond the lead times that were trained on,
// where they are as wide as the process.
func TestResidualProcessFound(t *testing.T) {
	seriestest.Long(t)
	const rate, deviation, noise = 0.3, 1, 0.3 // the rate a gap
	rng := rand.New(rand.NewPCG(5, 6))
	all := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t"}
	for i := range 60 {
		s := &series.Series{ID: strconv.Itoa(i)}
		at, x := 0.0, rng.NormFloat64()
		for range 60 {
			gap := 0.5 + rng.Float64()
			at += gap
			kept := math.Exp(-rate * gap)
			x = kept*x + deviation*math.Sqrt(1-kept*kept)*rng.NormFloat64()
			s.Times, s.Values = append(s.Times, at), append(s.Values, x+noise*rng.NormFloat64())
		}
		all.Series = append(all.Series, s)
	}
	head, tail, err := all.SplitLast(20)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Hidden: 8, State: 1, Updates: 1500, Level: LevelPanel, Residuals: ResidualsOU, Companion: CompanionNone}
	m := fit(t, o, head, forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1})
	p := nn.Pass{Values: m.Params.Values}
	learned := func(x nn.Param) float64 { return p.Softplus(p.Param(x)).Val[0] }
	scale, process := m.config.Scale[0], m.network.process
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"rate", learned(process.rate), rate},
		{"deviation", scale * (noiseFloor + learned(process.deviation)), deviation},
		{"noise", scale * (noiseFloor + learned(process.noise)), noise},
	} {
		if math.Abs(c.got-c.want) > 0.2*c.want {
			t.Errorf("the %s is %.3f, want %v", c.name, c.got, c.want)
		}
	}
	at := make([][]float64, len(tail.Series))
	for i, s := range tail.Series {
		at[i] = s.Times
	}
	f, err := m.Forecast(t.Context(), head, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	var held [2]moments.Moments // within the horizon and beyond
	for i, d := range f.Series {
		low, high := d.Interval(nil, nil, 80)
		for k, x := range tail.Series[i].Values {
			held[k/10].Add(neural.Indicator(low[k] <= x && x <= high[k]))
		}
	}
	for i, h := range held {
		if h.Mean < 0.74 || h.Mean > 0.86 {
			t.Errorf("half %d of the times: bands of 80 %% hold %.3f", i, h.Mean)
		}
	}
}
