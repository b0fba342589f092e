package mixer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/nn/nntest"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/series"
)

// small are options with which a test is quick.
var small = Options{Hidden: 8, Updates: 60, Batch: 16}

// panel returns n series of the given length at steps of 1, whose values, one a channel,
// next makes.
func panel(n, length, channels int, next func(s, i int, rng *rand.Rand) []float64) *series.Panel {
	rng := rand.New(rand.NewPCG(1, 7))
	p := &series.Panel{Channels: []string{"a", "b"}[:channels], IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for s := range n {
		x := &series.Series{ID: fmt.Sprintf("s%02d", s)}
		for i := range length {
			x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, next(s, i, rng)...)
		}
		p.Series = append(p.Series, x)
	}
	return p
}

// waves are noisy sines of two channels, a tenth of whose values is missing.
func waves(n, length int) *series.Panel {
	return panel(n, length, 2, func(s, i int, rng *rand.Rand) []float64 {
		x := []float64{math.Sin(math.Pi*float64(i)/3 + float64(s)), 5 - math.Cos(math.Pi*float64(i)/3+float64(s))}
		for j := range x {
			x[j] += 0.1 * rng.NormFloat64()
			if rng.Float64() < 0.1 {
				x[j] = math.NaN()
			}
		}
		return x
	})
}

func fit(t *testing.T, o Options, p *series.Panel, opt forecast.FitOptions) *Model {
	t.Helper()
	m := &Model{Options: o}
	if err := m.Fit(context.Background(), p, opt); err != nil {
		t.Fatal(err)
	}
	return m
}

func ahead(t *testing.T, m *Model, p *series.Panel, horizon, samples int) *forecast.Forecast {
	t.Helper()
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: horizon, Samples: samples, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestKnownProcess demands that the distribution of an autoregression of first order is
// found, whose best forecast, its error and the error of a sum over the
// horizon are known: the latter says whether paths hang together. The second half of the
// forecast is of a second block.
func TestKnownProcess(t *testing.T) {
	seriestest.Long(t)
	const phi, h = 0.8, 4
	states := make(map[int]float64)
	p := panel(20, 150, 1, func(s, i int, rng *rand.Rand) []float64 {
		states[s] = phi*states[s] + rng.NormFloat64()
		return []float64{10*float64(s) + states[s]}
	})
	m := fit(t, Options{Context: 24, Updates: 400}, p, forecast.FitOptions{Horizon: h, Season: 1, Seed: 1})
	f := ahead(t, m, p, 2*h, 400)
	var bias, spread [2 * h]float64
	sums := 0.0
	for s, d := range f.Series {
		mean, total := d.MeanTo(nil), 0.0
		for _, x := range mean {
			total += x
		}
		for k := range mean {
			best := 10*float64(s) + math.Pow(phi, float64(k+1))*states[s]
			bias[k] += math.Pow(mean[k]-best, 2) / float64(len(f.Series))
			for _, y := range d.Paths {
				spread[k] += math.Pow(y[k]-mean[k], 2) / float64(len(f.Series)*len(d.Paths))
			}
		}
		for _, y := range d.Paths {
			off := -mean[0] - mean[1] - mean[2] - mean[3] + y[0] + y[1] + y[2] + y[3]
			sums += off * off / float64(len(f.Series)*len(d.Paths))
		}
	}
	for k := range bias {
		want := math.Sqrt((1 - math.Pow(phi, 2*float64(k+1))) / (1 - phi*phi))
		if got := math.Sqrt(spread[k]); got < 0.8*want || got > 1.25*want {
			t.Errorf("step %d: deviation %.2f, want %.2f", k+1, got, want)
		}
		if got := math.Sqrt(bias[k]); got > 0.8 {
			t.Errorf("step %d: means %.2f from the best", k+1, got)
		}
	}
	want := 0.0 // the sum of four steps has (1-phi^(4-i))/(1-phi) of the noise of each
	for i := range h {
		want += math.Pow((1-math.Pow(phi, float64(h-i)))/(1-phi), 2)
	}
	if got := math.Sqrt(sums / want); got < 0.75 || got > 1.25 {
		t.Errorf("deviation of a sum is %.2f of the true one", got)
	}
}

// TestChannels demands that a channel is foretold that follows another at some
// distance.
func TestChannels(t *testing.T) {
	seriestest.Long(t)
	leading := make(map[int][]float64)
	p := panel(10, 160, 2, func(s, i int, rng *rand.Rand) []float64 {
		leading[s] = append(leading[s], rng.NormFloat64())
		b := 0.1 * rng.NormFloat64()
		if i >= 3 {
			b += leading[s][i-3]
		}
		return []float64{leading[s][i], b}
	})
	m := fit(t, Options{Context: 12, Updates: 600}, p, forecast.FitOptions{Horizon: 3, Season: 1, Seed: 1})
	sum := 0.0
	for s, d := range ahead(t, m, p, 3, 200).Series {
		for k := range 3 {
			sum += math.Pow(d.MeanTo(nil)[2*k+1]-leading[s][157+k], 2) / 30
		}
	}
	if sum > 0.5 {
		t.Errorf("mean squared error %.2f of a channel whose variance is 1 and that another tells", sum)
	}
}

// TestKnownCovariates demands that the effect of a covariate is learned and foretold,
// and that a forecast beyond what is known of it is refused.
func TestKnownCovariates(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(6, 7))
	s := &series.Series{}
	for i := range 160 {
		promotion := math.Floor(1.3 * rng.Float64())
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, promotion)
		if i < 150 {
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 20+5*promotion+0.3*rng.NormFloat64())
		}
	}
	p := &series.Panel{Channels: []string{"y"}, Known: []string{"promotion"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	m := fit(t, Options{Context: 14, Updates: 600}, p, forecast.FitOptions{Horizon: 10, Season: 1})
	for k, x := range ahead(t, m, p, 10, 200).Series[0].MeanTo(nil) {
		if want := 20 + 5*s.Known.Values[150+k]; math.Abs(x-want) > 1.2 {
			t.Errorf("step %d: mean %.2f, want %.2f", k+1, x, want)
		}
	}
	if _, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: 12}); !errors.Is(err, series.ErrKnown) {
		t.Errorf("a forecast beyond the known covariates: %v", err)
	}
}

// TestAirPassengers demands that the seasonal naive forecast is beaten on a single short
// series with the default options.
func TestAirPassengers(t *testing.T) {
	seriestest.Long(t)
	p, _, err := series.ReadFile("../../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := forecast.Backtest(context.Background(), p, []forecast.Candidate{
		{Name: Kind, New: func() forecast.Model { return &Model{Options: Options{Updates: 400}} }},
		{Name: "naive", New: func() forecast.Model { return baseline.SeasonalNaive{} }},
	}, forecast.BacktestOptions{Horizon: 12, Windows: 3, Step: 12, Season: 12, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	results := r.Results()
	for _, x := range results {
		if x.Err != nil {
			t.Fatal(x.Err)
		}
	}
	if results[0].Model != Kind || results[0].Scores.SQL > 0.8*results[1].Scores.SQL {
		t.Errorf("SQL %v of %s, %v of %s", results[0].Scores.SQL, results[0].Model, results[1].Scores.SQL, results[1].Model)
	}
}

// TestSameBytes demands the same weights and paths whatever the number of processors, and
// of the stored model.
func TestSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := waves(6, 60)
	run := func() (state []byte, f *forecast.Forecast) {
		m := fit(t, small, p, forecast.FitOptions{Horizon: 6, Season: 6, Seed: 3})
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		f = ahead(t, m, p, 9, 20)
		again, err := FromState(s)
		if err != nil {
			t.Fatal(err)
		}
		if g := ahead(t, again, p, 9, 20); !reflect.DeepEqual(f, g) {
			t.Error("the stored model forecasts otherwise")
		}
		if state, err = json.Marshal(s); err != nil {
			t.Fatal(err)
		}
		return state, f
	}
	state, f := run()
	runtime.GOMAXPROCS(2)
	if state2, f2 := run(); !bytes.Equal(state, state2) || !reflect.DeepEqual(f, f2) {
		t.Error("two processors make another model")
	}
}

// begin returns an objective of gaps and several channels with covariates, with weights
// about those that training begins with.
func begin(t *testing.T, precision neural.Precision) *objective {
	t.Helper()
	p := waves(4, 50)
	p.Known = []string{"u"}
	for _, s := range p.Series {
		for i := range 60 {
			s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, math.Sin(float64(i*i)))
		}
	}
	c, records, err := newConfig(Options{Hidden: 5, Batch: 24, Context: 12, Precision: precision}, p, forecast.FitOptions{Horizon: 4, Season: 6})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	o := &objective{fitted: newFitted(c, rng), records: records, split: c.split()}
	for i := range o.work {
		o.work[i].config, o.work[i].source = c, rand.New(&o.work[i].pcg)
	}
	for i := range o.Params.Values {
		o.Params.Values[i] += 0.05 * rng.NormFloat64()
	}
	return o
}

// TestGradientSingle holds the gradient in float32 to that in float64.
func TestGradientSingle(t *testing.T) {
	double := begin(t, neural.Float64)
	nntest.SameGradient(t, double, begin(t, neural.Float32), double.Params.Values, 3, 1)
}

// TestGradient holds the gradient of the loss of a shard against differences.
func TestGradient(t *testing.T) {
	o, rng := begin(t, neural.Float64), rand.New(rand.NewPCG(2, 1))
	values := o.Params.Values
	pass := nn.Pass{Values: values, Grad: make([]float64, len(values))}
	loss := func() float64 {
		pass.Reset()
		l, err := o.Loss(context.Background(), &pass, 3, 1)
		if err != nil {
			t.Fatal(err)
		}
		return l.Val[0]
	}
	pass.Reset()
	l, err := o.Loss(context.Background(), &pass, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	pass.Backward(l)
	// The loss has kinks, so that the sum over a direction is compared.
	for range 20 {
		direction, want := make([]float64, len(values)), 0.0
		for i := range direction {
			direction[i] = rng.NormFloat64()
			want += direction[i] * pass.Grad[i]
		}
		const step = 1e-6
		move := func(by float64) float64 {
			for i := range values {
				values[i] += by * direction[i]
			}
			return loss()
		}
		up := move(step)
		down := move(-2 * step)
		move(step)
		if got := (up - down) / (2 * step); math.Abs(got-want) > 1e-3*(1+math.Abs(want)) {
			t.Errorf("derivative %v, by differences %v", want, got)
		}
	}
}

// TestErrors demands that what the model cannot treat is refused by the right error, and
// that the end of a context ends training and forecasting.
func TestErrors(t *testing.T) {
	ctx, p := context.Background(), waves(3, 60)
	if _, err := (&Model{}).Forecast(ctx, p, forecast.Options{Horizon: 3}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("before a fit: %v", err)
	}
	if err := (&Model{Options: Options{Dropout: 1}}).Fit(ctx, p, forecast.FitOptions{}); err == nil {
		t.Error("dropping all activations is accepted")
	}
	if err := (&Model{}).Fit(ctx, waves(3, 3), forecast.FitOptions{Horizon: 2}); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("short series: %v", err)
	}
	irregular := waves(3, 60)
	irregular.Step = series.Step{}
	if err := (&Model{}).Fit(ctx, irregular, forecast.FitOptions{Horizon: 3}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("irregular times: %v", err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if err := (&Model{}).Fit(ended, p, forecast.FitOptions{Horizon: 3}); !errors.Is(err, context.Canceled) {
		t.Errorf("a fit in a context that has ended: %v", err)
	}
	m := fit(t, small, p, forecast.FitOptions{Horizon: 3, Season: 6})
	if _, err := m.Forecast(ended, p, forecast.Options{Horizon: 3}); !errors.Is(err, context.Canceled) {
		t.Errorf("a forecast in a context that has ended: %v", err)
	}
	if f, err := m.Forecast(ctx, panel(1, 1, 2, func(int, int, *rand.Rand) []float64 { return []float64{3, math.NaN()} }), forecast.Options{Horizon: 4}); err != nil {
		t.Errorf("a series of one value: %v", err)
	} else if err := f.Validate(); err != nil {
		t.Error(err)
	}
}
