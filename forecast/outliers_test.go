package forecast_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// onward forecasts the last value that it sees, and keeps what it was fitted to.
type onward struct{ fitted *series.Panel }

func (*onward) Name() string { return "last" }

func (m *onward) Fit(_ context.Context, p *series.Panel, _ forecast.FitOptions) error {
	m.fitted = p
	return nil
}

func (m *onward) Forecast(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: "last", Channels: history.Channels}
	for i, s := range history.Series {
		v := math.NaN()
		for _, x := range s.Values {
			if !math.IsNaN(x) {
				v = x
			}
		}
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		for range opt.At[i] {
			d.Mean, d.SD = append(d.Mean, v), append(d.SD, 1)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

func noisy(n int, change map[int]float64) *series.Panel {
	rng := rand.New(rand.NewPCG(9, 9))
	s := &series.Series{}
	for i := range n {
		v, ok := change[i]
		if !ok {
			v = 50 + rng.NormFloat64()
		}
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, v)
	}
	return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// Whoever has a model fitted or asked by this package has it see no absurd value,
// unless outliers are to be kept, while scores are against the values as they are.
func TestOutliersSeen(t *testing.T) {
	ctx := context.Background()
	p := noisy(80, map[int]float64{69: 9000, 75: 7000})
	for how, want := range map[forecast.Outliers]float64{forecast.LimitOutliers: 50, forecast.KeepOutliers: 9000} {
		near := func(what string, got float64) {
			if math.Abs(got-want) > 5 {
				t.Errorf("outliers %q: %s is %v, want about %v", how, what, got, want)
			}
		}
		m := &onward{}
		if err := forecast.Fit(ctx, m, p, forecast.FitOptions{Outliers: how}); err != nil {
			t.Fatal(err)
		}
		if got := m.fitted.Series[0].Values[69]; math.IsNaN(got) != (how == forecast.LimitOutliers) {
			t.Errorf("outliers %q: Fit shows %v", how, got)
		}
		head := p.With([]*series.Series{p.Series[0].Slice(0, 70)})
		f, err := forecast.Continue(ctx, m, head, forecast.Options{Horizon: 2, Outliers: how})
		if err != nil {
			t.Fatal(err)
		}
		near("a forecast", f.Series[0].Mean[1])

		r, err := forecast.Backtest(ctx, p, []forecast.Candidate{{Name: "last", New: func() forecast.Model { return m }}},
			forecast.BacktestOptions{Horizon: 10, Outliers: how})
		if err != nil {
			t.Fatal(err)
		}
		near("a backtest", r.Models[0].Forecasts[0].Series[0].Mean[0])
		// One of ten values is 7000.
		if mae := r.Models[0].Scores.MAE; mae < 600 {
			t.Errorf("outliers %q: the mean absolute error is %v, of which the absurd value is to be a part", how, mae)
		}
		tail := p.With([]*series.Series{p.Series[0].Slice(70, 80)})
		results, err := forecast.Examine(ctx, head, tail, []forecast.Model{m}, forecast.Options{Outliers: how})
		if err != nil {
			t.Fatal(err)
		}
		near("an examination", results[0].Forecast.Series[0].Mean[0])
		if mae := results[0].Scores.MAE; mae < 600 {
			t.Errorf("outliers %q: the mean absolute error of an examination is %v", how, mae)
		}
	}
}

// Impute takes what is missing at t for the value that it sees at t-1, in draws.
func (m *onward) Impute(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: "last", Channels: history.Channels}
	for i, s := range history.Series {
		path := make([]float64, len(opt.At[i]))
		for k, t := range opt.At[i] {
			path[k] = s.Values[int(t)-1]
		}
		f.Series = append(f.Series, &forecast.Distribution{ID: s.ID, Times: opt.At[i], Paths: [][]float64{path, path}})
	}
	return f, nil
}

// What is imputed before a break of the level has the level that the series has there.
func TestImputeBeforeBreak(t *testing.T) {
	p := noisy(160, map[int]float64{40: math.NaN(), 120: math.NaN()})
	for i := range 80 {
		p.Series[0].Values[i] += 40
	}
	if seen, found := forecast.LimitOutliers.Seen(p, 0); len(found) != 1 || math.Abs(seen.Series[0].Values[39]-50) > 5 {
		t.Fatalf("found %v, models see %v", found, seen.Series[0].Values[39])
	}
	f, err := forecast.Impute(t.Context(), &onward{}, p, forecast.Options{At: [][]float64{{40, 120}}})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{p.Series[0].Values[39], p.Series[0].Values[119]} {
		for _, path := range f.Series[0].Paths {
			if math.Abs(path[k]-want) > 1e-9 {
				t.Errorf("value %d is %v, want %v", k, path[k], want)
			}
		}
	}
}

// A series of few values that happen to lie close together is measured by its panel, and a
// longer one by itself.
func TestUnsupportedOfFewValues(t *testing.T) {
	p := noisy(40, nil)
	long, short := p.Series[0], &series.Series{ID: "short", Times: []float64{0, 1}, Values: []float64{50, 50.01}}
	long.ID = "long"
	p = p.With([]*series.Series{long, short})
	p.IDColumn = "id"
	of := func(mean float64) *forecast.Distribution {
		return &forecast.Distribution{Times: []float64{40}, Mean: []float64{mean}, SD: []float64{1}}
	}
	for mean, want := range map[float64]int{51: 0, 5e6: 1} {
		f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{of(50), of(mean)}}
		if got := forecast.Unsupported(f, p); len(got) != want {
			t.Errorf("a mean of %v: unsupported are %v, want %d", mean, got, want)
		}
	}
	// One value that is unlike those of the others says nothing, and a series without values supports anything.
	one, none := &series.Series{ID: "one", Times: []float64{0}, Values: []float64{-1}}, &series.Series{ID: "none"}
	all := p.With([]*series.Series{one, none})
	for i := range 9 {
		x := *long
		x.ID, x.Values = fmt.Sprint(i), slices.Clone(long.Values)
		for k := range x.Values {
			x.Values[k] += 10 * float64(i)
		}
		all.Series = append(all.Series, &x)
	}
	for mean, want := range map[float64]int{90: 0, 5e6: 1} {
		f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{of(mean), of(mean)}}
		if got := forecast.Unsupported(f, all); len(got) != want {
			t.Errorf("a mean of %v after -1: unsupported are %v, want %d", mean, got, want)
		}
	}
}

// Forecasts far outside of all that was observed are told of, and those that go on with
// a trend, or are of a constant, are not.
func TestUnsupported(t *testing.T) {
	p := noisy(40, nil)
	s := p.Series[0]
	s.ID = "noise"
	constant := &series.Series{ID: "constant", Times: s.Times, Values: make([]float64, 40)}
	for i := range constant.Values {
		constant.Values[i] = 3
	}
	p = p.With([]*series.Series{s, constant})
	p.IDColumn = "id"
	of := func(mean, sd float64) *forecast.Distribution {
		return &forecast.Distribution{Times: []float64{40}, Mean: []float64{mean}, SD: []float64{sd}}
	}
	tailed := func(high float64) *forecast.Distribution { // whose 80 % interval is as it should be
		return &forecast.Distribution{Times: []float64{40}, Probs: []float64{0.025, 0.1, 0.5, 0.9, 0.975}, Values: [][]float64{{3}, {4}, {5}, {6}, {high}}}
	}
	for _, c := range []struct {
		a, b *forecast.Distribution
		want int
	}{
		{of(70, 5), of(3, 0), 0},
		{of(1e9, 5), of(3, 1), 1},
		{of(50, 1e30), of(9, 1), 1},
		{of(-400, 1), of(400, 1), 2},
		{tailed(100), tailed(1e5), 1},
	} {
		f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{c.a, c.b}}
		if got := forecast.Unsupported(f, p); len(got) != c.want {
			t.Errorf("means %v and %v: unsupported are %v, want %d", c.a.Mean, c.b.Mean, got, c.want)
		}
	}
	f, err := forecast.Continue(context.Background(), wild{&onward{}}, p, forecast.Options{Horizon: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "1 of 2 series") {
		t.Errorf("notes %q", f.Notes)
	}
}

// wild forecasts a billion for the first series.
type wild struct{ *onward }

func (w wild) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := w.onward.Forecast(ctx, history, opt)
	if err == nil {
		f.Series[0].Mean[0] = 1e9
	}
	return f, err
}

// TestUnsupportedOfGrowth protects forecasts that go on with growth in proportion: they are supported as far as the
// logarithms of the past go, which a series that moves by the same amounts at every level has no use of.
func TestUnsupportedOfGrowth(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	grown, level := &series.Series{ID: "grown"}, &series.Series{ID: "level"}
	for i := range 60 {
		x := math.Exp(0.12*float64(i) + 0.1*rng.NormFloat64())
		grown.Times, grown.Values = append(grown.Times, float64(i)), append(grown.Values, x)
		level.Times, level.Values = append(level.Times, float64(i)), append(level.Values, 700+300*rng.NormFloat64())
	}
	level.Values[30] = 0.5
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}, Series: []*series.Series{grown, level}}
	for _, c := range []struct {
		times float64 // the last of the grown
		want  int
	}{{100, 1}, {1e5, 2}} {
		far := c.times * grown.Values[59]
		one := &forecast.Distribution{Times: []float64{80}, Mean: []float64{far}, SD: []float64{far / 10}}
		f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{one, one}}
		if got := forecast.Unsupported(f, p); len(got) != c.want {
			t.Errorf("%v times the last value: unsupported are %v, want %d", c.times, got, c.want)
		}
	}
}
