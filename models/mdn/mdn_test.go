package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn/nntest"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// panel returns n series of the given length at steps of 1, whose rows next makes.
func panel(n, length, channels int, next func(before []float64, rng *rand.Rand) []float64) *series.Panel {
	rng := rand.New(rand.NewPCG(1, 7))
	p := &series.Panel{Channels: []string{"a", "b"}[:channels], IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for s := range n {
		x := &series.Series{ID: fmt.Sprintf("s%02d", s)}
		var row []float64
		for i := range length {
			row = next(row, rng)
			x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, row...)
		}
		p.Series = append(p.Series, x)
	}
	return p
}

func fit(t *testing.T, o Options, p *series.Panel, opt forecast.FitOptions) *Model {
	t.Helper()
	m := &Model{Options: o}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGradient holds the derivatives of the log density of every kind of value against
// differences.
func TestGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	inf := math.Inf(1)
	targets := []target{
		{seen: true, begun: true, y: 0.7, low: 0.6, high: 0.9, season: 0.4},
		{seen: true, y: -3, low: -inf, high: -2.5, season: -1},
		{seen: true, y: 2, low: 1.5, high: inf},
		{seen: true, begun: true, y: 0, low: -0.1, high: 0.2, repeats: true, zero: true, season: 2},
		{seen: true, y: 1e-3, low: 0, high: 1e-3, zero: true},
		{},
	}
	for _, discrete := range []bool{false, true} {
		m := &mixtureNode[float64]{mixture: mixture{components: 3, discrete: discrete, repeat: true, zero: true}, targets: targets}
		n := len(targets) * m.outputs()
		values := make([]float64, n+1)
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		weights := []float64{1, -2, 0.5, 3, 1, 1}
		grad := make([]float64, n+1)
		loss := func() float64 {
			var tape ad.Tape
			clear(grad)
			head := tape.Param(len(targets), m.outputs(), values[:n], grad[:n])
			l := m.logDensity(&tape, head, tape.Param(1, 1, values[n:], grad[n:]))
			sum := tape.Sum(tape.Mul(l, tape.Const(len(targets), 1, weights)))
			tape.Backward(sum)
			return sum.Val[0]
		}
		loss()
		got := append([]float64(nil), grad...)
		for i := range values {
			const h = 1e-5
			v := values[i]
			values[i] = v + h
			up := loss()
			values[i] = v - h
			down := loss()
			values[i] = v
			if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("discrete %v, value %d: derivative %v, by differences %v", discrete, i, got[i], want)
			}
		}
	}
}

// TestGradientSingle holds the gradient in float32 to that in float64, of a channel of real
// numbers and one of a grid with rows that repeat.
func TestGradientSingle(t *testing.T) {
	next := func(before []float64, rng *rand.Rand) []float64 {
		if before != nil && rng.IntN(3) == 0 {
			return before
		}
		return []float64{rng.NormFloat64(), float64(rng.IntN(9)) / 2}
	}
	begin := func(p neural.Precision) *objective {
		o, err := newObjective(Options{Hidden: 7, Head: 6, Batch: 12, Precision: p}, panel(60, 16, 2, next), forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	double := begin(neural.Float64)
	if c := double.config; !c.Rows || c.Lines == nil || !c.Discrete[1] {
		t.Fatalf("rows that repeat %v, %d lines, a grid %v, want all", c.Rows, len(c.Lines), c.Discrete)
	}
	nntest.SameGradient(t, double, begin(neural.Float32), double.Params.Values, 3, 1)
}

// TestProbabilities protects the exact likelihood: the probabilities of all sequences of
// two channels with few values sum to 1.
func TestProbabilities(t *testing.T) {
	next := func(before []float64, rng *rand.Rand) []float64 {
		a := []float64{-1, 0.5, 3}[rng.IntN(3)]
		if before != nil && rng.IntN(2) == 0 {
			a = before[0]
		}
		return []float64{a, float64(rng.IntN(2))}
	}
	m := fit(t, Options{Hidden: 6, Head: 5, Updates: 30}, panel(60, 12, 2, next), forecast.FitOptions{Horizon: 2, Season: 1})
	if !m.config.Rows || m.config.Lines == nil {
		t.Fatalf("rows that repeat %v, %d lines, want both", m.config.Rows, len(m.config.Lines))
	}
	all := &series.Panel{Channels: m.config.Channels, Step: m.config.Step, Axis: m.config.Axis, IDColumn: "id", TimeColumn: "t"}
	for code := range 6 * 6 * 6 {
		s := &series.Series{ID: fmt.Sprint(code)}
		for i := range 3 {
			digit := code / int(math.Pow(6, float64(i))) % 6
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, []float64{-1, 0.5, 3}[digit/2], float64(digit%2))
		}
		all.Series = append(all.Series, s)
	}
	likelihoods, err := m.LogLikelihood(context.Background(), all, forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range likelihoods {
		sum += math.Exp(l.Value)
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the probabilities of all sequences sum to %v", sum)
	}
}

// TestKnownProcess holds the likelihood, forecasts and generated series of an
// autoregression against what is known of it: its entropy, its forecast and its
// moments.
func TestKnownProcess(t *testing.T) {
	seriestest.Long(t)
	const phi = 0.8
	sd := math.Sqrt(1 / (1 - phi*phi))
	next := func(before []float64, rng *rand.Rand) []float64 {
		if before == nil {
			return []float64{50 + 10*sd*rng.NormFloat64()}
		}
		return []float64{50 + phi*(before[0]-50) + 10*rng.NormFloat64()}
	}
	p := panel(240, 24, 1, next)
	test := *p
	p.Series, test.Series = p.Series[:120], p.Series[120:]
	m := fit(t, Options{Hidden: 16, Updates: 400}, p, forecast.FitOptions{Horizon: 6, Season: 1, Seed: 1})
	likelihoods, err := m.LogLikelihood(context.Background(), &test, forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum, truth := 0.0, 0.0
	gauss := func(x, sd float64) float64 { return -0.5*x*x/(sd*sd) - math.Log(sd) - 0.5*math.Log(2*math.Pi) }
	for i, l := range likelihoods {
		sum += l.Value
		x := test.Series[i].Values
		truth += gauss(x[0]-50, 10*sd)
		for k := 1; k < len(x); k++ {
			truth += gauss(x[k]-50-phi*(x[k-1]-50), 10)
		}
	}
	if n := float64(120 * 24); math.Abs(sum-truth)/n > 0.06 {
		t.Errorf("%.3f nats a value, the truth has %.3f", sum/n, truth/n)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 400, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var first, all, lagged float64
	for _, s := range g.Series {
		first += math.Pow(s.Values[0]-50, 2) / 400
		for k := 1; k < s.Len(); k++ {
			all += math.Pow(s.Values[k]-50, 2) / (400 * 23)
			lagged += (s.Values[k] - 50) * (s.Values[k-1] - 50) / (400 * 23)
		}
	}
	if a, b, r := math.Sqrt(first)/(10*sd), math.Sqrt(all)/(10*sd), lagged/all; a < 0.8 || a > 1.2 || b < 0.85 || b > 1.15 || math.Abs(r-phi) > 0.06 {
		t.Errorf("deviations %.2f of the first value and %.2f of all, in those of the truth; autocorrelation %.2f, want %.2f", a, b, r, phi)
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: 3, Samples: 300, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	off := 0.0
	for i, d := range f.Series {
		x := p.Series[i].Values
		off += math.Pow(d.MeanTo(nil)[1]-50-phi*phi*(x[len(x)-1]-50), 2) / 120
	}
	if off = math.Sqrt(off); off > 3 {
		t.Errorf("forecasts of two steps are %.2f from the best, noise has a deviation of 10", off)
	}
}

// TestValues protects what kind of values are drawn: exact repeats and zeros as often as
// in the data, and none but the values of a list.
func TestValues(t *testing.T) {
	seriestest.Long(t)
	next := func(before []float64, rng *rand.Rand) []float64 {
		a, b := math.Floor(rng.ExpFloat64()*2)*0.7, max(0, rng.NormFloat64()+0.3)
		if before != nil && rng.Float64() < 0.4 {
			a = before[0]
		}
		return []float64{a, b}
	}
	p := panel(60, 30, 2, next)
	m := fit(t, Options{Hidden: 8, Updates: 250}, p, forecast.FitOptions{Horizon: 5, Season: 1, Seed: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 60, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	shares := func(p *series.Panel) (repeats, zeros float64) {
		n := 0.0
		for _, s := range p.Series {
			for k := 2; k < len(s.Values); k += 2 {
				n++
				if s.Values[k] == s.Values[k-2] {
					repeats++
				}
				if s.Values[k+1] == 0 {
					zeros++
				}
				if r := s.Values[k] / 0.7; math.Abs(r-math.Round(r)) > 1e-9 || s.Values[k+1] < 0 {
					t.Fatalf("%v among multiples of 0.7, %v among values that are not negative", s.Values[k], s.Values[k+1])
				}
			}
		}
		return repeats / n, zeros / n
	}
	repeats, zeros := shares(p)
	r, z := shares(g)
	if math.Abs(r-repeats) > 0.07 || math.Abs(z-zeros) > 0.07 {
		t.Errorf("%.2f repeat and %.2f are zero, of the data %.2f and %.2f", r, z, repeats, zeros)
	}
}
