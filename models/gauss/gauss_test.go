package gauss

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

const phi = 0.8

// exact returns a model whose windows have the distribution of an autoregression of order
// one, with variance 1.
func exact(t *testing.T, lookback, horizon int) *fitted {
	t.Helper()
	f := &fitted{config: config{
		Channels: []string{"y"}, Step: series.Step{Width: 1}, Lookback: lookback, Horizon: horizon, Usual: 500, Time: "t",
	}, bank: []float64{0, 1}}
	n := lookback + horizon
	f.cov = mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			f.cov.SetSym(i, j, math.Pow(phi, float64(j-i)))
		}
	}
	if err := f.prepare(); err != nil {
		t.Fatal(err)
	}
	return f
}

// Forecasts over many horizons have the mean φ^h x and the variance 1-φ^{2h}; with
// the last value missing those of one step more.
func TestAhead(t *testing.T) {
	f := exact(t, 4, 3)
	z := []float64{0.3, -1, 0.2, 0.7, 1.5, 2}
	for missing := range 2 {
		y := slices.Clone(z)
		last := z[len(z)-1-missing]
		for k := range missing {
			y[len(y)-1-k] = math.NaN()
		}
		steps := []int{6, 8, 9, 13, 20}
		mean, sd, err := f.ahead(y, steps)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range steps {
			decay := math.Pow(phi, float64(s-5+missing))
			if math.Abs(mean[i]-decay*last) > 1e-10 || math.Abs(sd[i]-math.Sqrt(1-decay*decay)) > 1e-10 {
				t.Errorf("step %d: %v ± %v, want %v ± %v", s, mean[i], sd[i], decay*last, math.Sqrt(1-decay*decay))
			}
		}
	}
}

// A value between two neighbours has the mean φ/(1+φ²) of their sum and the variance
// (1-φ²)/(1+φ²), wherever it is; and one that was observed is imputed as if it had
// not been.
func TestWithin(t *testing.T) {
	f := exact(t, 6, 4)
	rng := rand.New(rand.NewPCG(1, 2))
	z := make([]float64, 60)
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	var steps []int
	for _, s := range []int{2, 9, 17, 31, 44, 57} {
		z[s] = math.NaN()
		steps = append(steps, s)
	}
	steps = append(steps, 61)
	z[24] = 5
	steps = slices.Insert(steps, 3, 24)
	mean, sd, err := f.within(z, steps)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range steps[:len(steps)-1] {
		want, spread := phi/(1+phi*phi)*(z[s-1]+z[s+1]), math.Sqrt((1-phi*phi)/(1+phi*phi))
		if math.Abs(mean[i]-want) > 1e-10 || math.Abs(sd[i]-spread) > 1e-10 {
			t.Errorf("step %d: %v ± %v, want %v ± %v", s, mean[i], sd[i], want, spread)
		}
	}
	if last := len(steps) - 1; math.Abs(mean[last]-phi*phi*z[59]) > 1e-10 {
		t.Errorf("two steps ahead: %v, want %v", mean[last], phi*phi*z[59])
	}
}

// Generated series have the autocovariance of the process beyond the length of
// a window, too, and do not depend on how many are drawn.
func TestGenerate(t *testing.T) {
	m := &Model{fit: exact(t, 6, 4)}
	p, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Length: 45, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, lag := range []int{0, 1, 5, 12} {
		sum, n := 0.0, 0.0
		for _, s := range p.Series {
			for i := lag; i < s.Len(); i++ {
				sum, n = sum+s.Values[i]*s.Values[i-lag], n+1
			}
		}
		if want := math.Pow(phi, float64(lag)); math.Abs(sum/n-want) > 0.08 {
			t.Errorf("covariance at lag %d: %v, want %v", lag, sum/n, want)
		}
	}
	few, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 2, Length: 45, Seed: 3})
	if err != nil || !reflect.DeepEqual(few.Series, p.Series[:2]) {
		t.Errorf("the first series depend on how many are drawn, error %v", err)
	}
}

// The map between values and normal scores is that of the distribution of the
// data, increasing and inverted exactly, also in the tails and for few distinct
// values.
func TestMargin(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	var skewed, counts []float64
	for range 3000 {
		skewed = append(skewed, math.Exp(rng.NormFloat64()))
		counts = append(counts, float64(rng.IntN(4)))
	}
	m := newMargin(skewed)
	for _, z := range []float64{-2, -1, 0, 0.5, 2} {
		if x := m.value(z); math.Abs(math.Log(x)-z) > 0.12 {
			t.Errorf("score %v has the value %v, want %v", z, x, math.Exp(z))
		}
	}
	for name, m := range map[string]margin{"skewed": m, "counts": newMargin(counts), "one value": newMargin([]float64{3, 3, 3}), "two": newMargin([]float64{1, 2})} {
		before := math.Inf(-1)
		for z := -6.0; z <= 6; z += 0.25 {
			x := m.value(z)
			if !(x > before) || math.Abs(m.score(x)-z) > 1e-9 {
				t.Errorf("%s: score %v has the value %v, whose score is %v", name, z, x, m.score(x))
			}
			before = x
		}
	}
	if !math.IsNaN(m.score(math.NaN())) {
		t.Error("what is missing has a score")
	}
}

// process returns series of two channels, the second of which follows the first,
// skewed if so asked, with gaps.
func process(n, length int, skewed bool) *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for k := range n {
		rng := rand.New(rand.NewPCG(uint64(k), 8))
		s := &series.Series{ID: string(rune('a' + k))}
		x := rng.NormFloat64()
		for i := range length {
			before := x
			x = phi*x + 0.6*rng.NormFloat64()
			a, b := x, before+0.1*rng.NormFloat64()
			if skewed {
				a, b = math.Exp(a), math.Exp(b)
			}
			if rng.Float64() < 0.05 {
				a = math.NaN()
			}
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 10+a, b)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Fitted to series with gaps, the distribution of what follows is about the one that it is,
// skewed where that is; a stored model has the same, on any number of processors.
func TestFit(t *testing.T) {
	seriestest.Long(t)
	for _, copula := range []bool{false, true} {
		p := process(14, 400, copula)
		head, tail, err := p.SplitLast(40)
		if err != nil {
			t.Fatal(err)
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		m := &Model{Options: Options{Copula: copula}}
		if err := m.Fit(context.Background(), head, forecast.FitOptions{Horizon: 8, Season: 1}); err != nil {
			t.Fatal(err)
		}
		var at [][]float64
		for _, s := range tail.Series {
			at = append(at, s.Times)
		}
		f, err := m.Forecast(context.Background(), head, forecast.Options{At: at})
		if err != nil {
			t.Fatal(err)
		}
		scores, err := forecast.Score(head, tail, f, 1)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(scores.Coverage80-0.8) > 0.08 || math.Abs(scores.Coverage95-0.95) > 0.05 {
			t.Errorf("copula %v: coverages %v and %v", copula, scores.Coverage80, scores.Coverage95)
		}
		if q := f.Series[0].Quantiles(0.1, 0.5, 0.9); copula && !(q[2][70]-q[1][70] > 1.5*(q[1][70]-q[0][70])) {
			t.Errorf("quantiles %v, %v, %v of a skewed distribution", q[0][70], q[1][70], q[2][70])
		}
		// b follows a by a step, so that it is known one step ahead.
		if a, b := f.Series[0].Quantiles(0.9), f.Series[0].Quantiles(0.1); !copula && a[0][1]-b[0][1] > 0.7*(a[0][0]-b[0][0]) {
			t.Errorf("the interval of b a step ahead is %v wide, that of a %v", a[0][1]-b[0][1], a[0][0]-b[0][0])
		}

		state, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(state.Tensors)
		loaded, err := FromState(state)
		if err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(4)
		again := &Model{Options: Options{Copula: copula}}
		if err := again.Fit(context.Background(), head, forecast.FitOptions{Horizon: 8, Season: 1}); err != nil {
			t.Fatal(err)
		}
		for name, other := range map[string]*Model{"loaded": loaded, "fitted again": again} {
			if g, err := other.Forecast(context.Background(), head, forecast.Options{At: at}); err != nil || !reflect.DeepEqual(f, g) {
				t.Errorf("copula %v, %s: another forecast, error %v", copula, name, err)
			}
		}
		for name, damage := range map[string]func(s *forecast.State){
			"kind":     func(s *forecast.State) { s.Kind = "ar" },
			"not JSON": func(s *forecast.State) { s.Options = json.RawMessage("{") },
			"tensors":  func(s *forecast.State) { s.Tensors = s.Tensors[:1] },
			"size":     func(s *forecast.State) { s.Tensors[len(s.Tensors)-2].Data = s.Tensors[len(s.Tensors)-2].Data[1:] },
			"NaN":      func(s *forecast.State) { s.Tensors[0].Data[0] = math.NaN() },
		} {
			s, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(s.Tensors)
			damage(s)
			if _, err := FromState(s); err == nil {
				t.Errorf("copula %v, %s: damage passes", copula, name)
			}
		}
	}
}

// A series that wanders off is forecast from where it is.
func TestFreeLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	value := func(i int) float64 { return (1 + 0.02*float64(i)) * (5 + math.Sin(2*math.Pi*float64(i)/12)) }
	s := &series.Series{}
	for i := range 140 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, value(i)+0.3*rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 12, Season: 12}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(s, 12)}})
	if err != nil {
		t.Fatal(err)
	}
	for h, x := range f.Series[0].Mean {
		if want := value(140 + h); math.Abs(x-want) > 4 {
			t.Errorf("step %d: %v, want %v", h+1, x, want)
		}
	}
	if !m.fit.Free {
		t.Error("the level is not free")
	}
}

// Data, times and options that the model cannot treat are refused, by the kind
// of the error.
func TestErrors(t *testing.T) {
	p := process(2, 100, false)
	m := &Model{}
	if _, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{nil, nil}}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("before a fit: %v", err)
	}
	irregular := *p
	irregular.Step = series.Step{}
	wide := &series.Panel{Channels: make([]string, MostValues), Step: p.Step}
	for j := range wide.Channels {
		wide.Channels[j] = strings.Repeat("x", j+1)
	}
	wide.Series = []*series.Series{{Times: []float64{1, 2}, Values: make([]float64, 2*MostValues)}}
	for name, c := range map[string]struct {
		panel *series.Panel
		opt   forecast.FitOptions
		model Model
		want  error
	}{
		"irregular": {panel: &irregular, want: forecast.ErrMismatch},
		"short":     {panel: p.With([]*series.Series{p.Series[0].Slice(0, 3)}), want: forecast.ErrTooShort},
		"wide":      {panel: wide, want: forecast.ErrTooShort},
		"horizon":   {panel: p, opt: forecast.FitOptions{Horizon: -1}},
		"lookback":  {panel: p, model: Model{Options: Options{Lookback: -1}}},
	} {
		if err := c.model.Fit(context.Background(), c.panel, c.opt); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.Fit(ctx, p, forecast.FitOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 5}); err != nil {
		t.Fatal(err)
	}
	other := *p
	other.Channels = []string{"a", "c"}
	_, channels := m.Forecast(context.Background(), &other, forecast.Options{At: [][]float64{nil, nil}})
	_, between := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{100.5}, nil}})
	_, past := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{{50}, nil}})
	_, number := m.Forecast(context.Background(), p, forecast.Options{})
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"channels": {channels, "learned the channels"}, "between": {between, "between the steps 100 and 101"}, "past": {past, "not after the last"}, "number": {number, "times for 0 series"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, c.err, c.want)
		}
	}
}

// TestDeclaredLookback holds the declared bound of the lookback to MostValues.
func TestDeclaredLookback(t *testing.T) {
	for lookback, ok := range map[int]bool{MostValues: true, MostValues + 1: false, -1: false, 0: true} {
		if err := (Options{Lookback: lookback}).Validate(); (err == nil) != ok {
			t.Errorf("a lookback of %d: error %v", lookback, err)
		}
	}
}

// TestOverfitted protects what held-back windows say of few that were followed too closely: they are wider by the root of that
// square in the end, by nothing where errors are as said, where there are many windows, or in a file that does not know.
func TestOverfitted(t *testing.T) {
	c := config{Channels: []string{"y"}, Lookback: 24, Horizon: 12, Steps: 700, Square: 4}
	if got := c.overfitted(); got < 1.9 || got > 2 {
		t.Errorf("700 steps: wider by %v, want almost 2", got)
	}
	c.Steps = 30
	if got := c.overfitted(); got < 1.5 || got > 1.9 {
		t.Errorf("30 steps: wider by %v, want less than of 700 but most of it", got)
	}
	for _, other := range []config{{Steps: 30, Square: 0.5}, {Steps: 20 * 36, Square: 4}, {}} {
		other.Lookback, other.Horizon = 24, 12
		if got := other.overfitted(); got != 1 {
			t.Errorf("%d steps, square %v: wider by %v", other.Steps, other.Square, got)
		}
	}
}

// TestStorms protects the intervals of a single series from a storm among the windows that are held back, which tells nothing of
// how wide they are to be on calm days.
func TestStorms(t *testing.T) {
	width := func(storm float64) float64 {
		rng := rand.New(rand.NewPCG(4, 5))
		s := &series.Series{}
		for k := range 150 {
			y := 100 + rng.NormFloat64()
			if k == 146 {
				y += storm
			}
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, y)
		}
		p := &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Step: series.Step{Width: 1}, Series: []*series.Series{s}}
		m := &Model{}
		if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 14}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: 14})
		if err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.1, 0.9)
		return q[1][6] - q[0][6]
	}
	if calm, stormy := width(0), width(60); stormy > 5*calm {
		t.Errorf("an 80 %% interval of %.3g with a storm of 60 deviations, %.3g without", stormy, calm)
	}
}
