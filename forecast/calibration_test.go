package forecast_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// An overconfident model forecasts the mean zero of white noise whose standard
// deviation is one with that of its own, as sample paths or as Gaussians.
type overconfident struct {
	sd    float64
	paths bool
}

func (m overconfident) Name() string { return "overconfident" }

func (m overconfident) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return nil }

func (m overconfident) Forecast(_ context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: m.Name(), Channels: h.Channels}
	for i, s := range h.Series {
		n := len(opt.At[i])
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		if m.paths {
			rng := rand.New(rand.NewPCG(opt.Seed, uint64(i)))
			for range 400 {
				path := make([]float64, n)
				for k := range path {
					path[k] = m.sd * rng.NormFloat64()
				}
				d.Paths = append(d.Paths, path)
			}
		} else {
			d.Mean, d.SD = make([]float64, n), slices.Repeat([]float64{m.sd}, n)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// noise is a panel of white noise.
func noise(seriesCount, length int) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", Step: series.Step{Width: 1}}
	for i := range seriesCount {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		s := &series.Series{ID: fmt.Sprint(i)}
		for t := range length {
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Calibration brings a wrong coverage at least half the way to the right one, but for
// chance, at no cost in score and with the median where it was.
func TestCalibrated(t *testing.T) {
	p := noise(60, 120)
	train, test, err := p.SplitLast(12)
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []overconfident{{0.5, false}, {0.5, true}, {2, false}, {2, true}, {1, false}} {
		t.Run(fmt.Sprint(model), func(t *testing.T) {
			m := &forecast.Calibrated{New: func() forecast.Model { return model }}
			if _, err := m.Forecast(t.Context(), train, forecast.Options{}); !errors.Is(err, forecast.ErrNotFitted) {
				t.Errorf("forecast before the fit: %v", err)
			}
			if err := m.Fit(t.Context(), train, forecast.FitOptions{Horizon: 12, Season: 1}); err != nil {
				t.Fatal(err)
			}
			if err := m.Calibration().Validate(); err != nil {
				t.Fatal(err)
			}
			r, err := forecast.Examine(t.Context(), train, test, []forecast.Model{model, m}, forecast.Options{Season: 1, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			plain, own := r[0].Scores, r[1].Scores
			// 1 / sd is the factor that would be right; the larger part of it is
			// believed.
			if math.Abs(own.Coverage80-0.8) > 0.5*math.Abs(plain.Coverage80-0.8)+0.02 ||
				math.Abs(own.Coverage95-0.95) > 0.5*math.Abs(plain.Coverage95-0.95)+0.02 {
				t.Errorf("coverage %v and %v, want 0.8 and 0.95; before %v and %v", own.Coverage80, own.Coverage95, plain.Coverage80, plain.Coverage95)
			}
			if own.SQL > 1.005*plain.SQL || model.sd != 1 && own.SQL > 0.97*plain.SQL {
				t.Errorf("SQL %v, before %v", own.SQL, plain.SQL)
			}
			for i, d := range r[1].Forecast.Series {
				before := r[0].Forecast.Series[i].Quantiles(0.5)[0]
				if after := d.Quantiles(0.5)[0]; math.Abs(after[3]-before[3]) > 1e-12 {
					t.Fatalf("the median went from %v to %v", before[3], after[3])
				}
			}
		})
	}
}

// Each origin of a backtest is corrected by the others alone, a model that failed keeps
// its error, and a single origin stays as it is.
func TestCrossCalibrated(t *testing.T) {
	c := []forecast.Candidate{
		{Name: "narrow", New: func() forecast.Model { return overconfident{0.5, true} }},
		{Name: "refusing", New: func() forecast.Model { return &last{err: forecast.ErrTooShort} }},
	}
	for _, horizon := range []int{1, 12} {
		r, err := forecast.Backtest(t.Context(), noise(30, 120), c, forecast.BacktestOptions{Horizon: horizon, Windows: 5, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		corrected, err := r.CrossCalibrated()
		if err != nil {
			t.Fatal(err)
		}
		before, after := r.Models[0], corrected.Models[0]
		if math.Abs(after.Scores.Coverage80-0.8) > 0.06 || after.Scores.SQL >= before.Scores.SQL || before.Scores.Coverage80 > 0.6 {
			t.Errorf("horizon %d: coverage %v, SQL %v; before %v, %v", horizon,
				after.Scores.Coverage80, after.Scores.SQL, before.Scores.Coverage80, before.Scores.SQL)
		}
		if len(after.Steps) != horizon || len(after.PIT) != 5 || !errors.Is(corrected.Models[1].Err, forecast.ErrTooShort) {
			t.Errorf("horizon %d: %d steps, %d origins, %v", horizon, len(after.Steps), len(after.PIT), corrected.Models[1].Err)
		}
	}
	r, err := forecast.Backtest(t.Context(), noise(3, 120), c, forecast.BacktestOptions{Horizon: 3, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	if same, err := r.CrossCalibrated(); err != nil || same != r {
		t.Errorf("a single origin is corrected by itself: %v", err)
	}
}

// Where there is little to learn from, little is changed.
func TestCalibrationOfOneSeries(t *testing.T) {
	model := overconfident{2, false}
	m := &forecast.Calibrated{New: func() forecast.Model { return model }}
	if err := m.Fit(t.Context(), noise(1, 40), forecast.FitOptions{Horizon: 12, Season: 1}); err != nil {
		t.Fatal(err)
	}
	for _, factors := range m.Calibration().Factors {
		if slices.Min(factors) < 0.75 {
			t.Errorf("factors %v of a single series, want them close to 1", factors)
		}
	}
	if err := m.Fit(t.Context(), noise(1, 14), forecast.FitOptions{Horizon: 12, Season: 1}); err != nil {
		t.Fatal(err)
	}
	if m.Calibration() != nil {
		t.Errorf("a calibration of 14 values for 12 steps: %v", m.Calibration())
	}
}

// Every quantile is stretched about the median by the factor of its step and level, and
// the forecast given is not changed.
func TestCalibrationApply(t *testing.T) {
	history := noise(1, 10) // ends at 9
	c := &forecast.Calibration{Leads: []int{2, 4}, Levels: []float64{50, 80}, Factors: [][]float64{{1, 1}, {2, 3}}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	d := &forecast.Distribution{ID: "0", Times: []float64{11, 12, 30}, Mean: []float64{5, 5, 5}, SD: []float64{1, 1, 1}}
	f := &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}
	got := c.Apply(f, history)
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	const z25, z10, z1 = 0.6744897501960817, 1.2815515655446004, 2.3263478740408408
	for _, tt := range []struct{ p, first, other float64 }{
		{0.75, 5 + z25, 5 + 2*z25}, // a level of 50
		{0.1, 5 - z10, 5 - 3*z10},
		{0.99, 5 + z1, 5 + 3*z1}, // beyond the levels
		{0.5, 5, 5},
	} {
		q := got.Series[0].Quantiles(tt.p)[0]
		if math.Abs(q[0]-tt.first) > 1e-9 || math.Abs(q[1]-tt.other) > 1e-9 || q[1] != q[2] {
			t.Errorf("%v-quantiles %v, want %v and twice %v", tt.p, q, tt.first, tt.other)
		}
	}
	if f.Series[0] != d || d.SD[1] != 1 {
		t.Error("the forecast itself was changed")
	}
	var none *forecast.Calibration
	if none.Apply(f, history) != f {
		t.Error("no calibration changes the forecast")
	}
}

// Corrected paths keep their ranks, though a factor that falls steeply would
// carry the outer ones inside.
func TestCalibrationKeepsRanks(t *testing.T) {
	history := noise(1, 10)
	c := &forecast.Calibration{Leads: []int{1}, Levels: []float64{50, 90}, Factors: [][]float64{{3, 0.3}}}
	d := &forecast.Distribution{ID: "0", Times: []float64{10}}
	rng := rand.New(rand.NewPCG(8, 9))
	for range 201 {
		d.Paths = append(d.Paths, []float64{rng.NormFloat64()})
	}
	f := c.Apply(&forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}, history)
	for i, a := range f.Series[0].Paths {
		for j, b := range f.Series[0].Paths {
			if d.Paths[i][0] < d.Paths[j][0] && a[0] > b[0] {
				t.Fatalf("paths %d and %d changed places", i, j)
			}
		}
	}
}

// A calibration whose steps, levels and factors do not fit together is
// refused, and an empty one is not.
func TestCalibrationValidate(t *testing.T) {
	for _, c := range []forecast.Calibration{
		{Leads: []int{1}},
		{Leads: []int{1}, Factors: [][]float64{{}}},
		{Leads: []int{2, 2}, Levels: []float64{80}, Factors: [][]float64{{1}, {1}}},
		{Leads: []int{1}, Levels: []float64{100}, Factors: [][]float64{{1}}},
		{Leads: []int{1}, Levels: []float64{80}, Factors: [][]float64{{0}}},
		{Leads: []int{1}, Levels: []float64{80}, Factors: [][]float64{{math.NaN()}}},
		{Leads: []int{1}, Levels: []float64{80, 95}, Factors: [][]float64{{1}}},
		{Leads: []int{1}, Levels: []float64{95, 80}, Factors: [][]float64{{1, 1}}},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if err := new(forecast.Calibration).Validate(); err != nil {
		t.Error(err)
	}
}

// What cannot be negative does not become so.
func TestCalibrationOfCounts(t *testing.T) {
	c := &forecast.Calibration{Leads: []int{1}, Levels: []float64{80}, Factors: [][]float64{{3}}}
	history := noise(1, 10)
	drawn := &forecast.Distribution{ID: "0", Times: []float64{10}, Paths: [][]float64{{0}, {1}, {2}, {2}, {3}, {5}}}
	told := &forecast.Distribution{ID: "0", Times: []float64{10}, Probs: []float64{0.1, 0.5, 0.9}, Values: [][]float64{{0.5}, {2}, {4}}}
	signed := &forecast.Distribution{ID: "0", Times: []float64{10}, Probs: []float64{0.1, 0.5, 0.9}, Values: [][]float64{{-0.5}, {2}, {4}}}
	for d, want := range map[*forecast.Distribution]float64{drawn: 0, told: 0, signed: -5.5} {
		f := &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}
		got := c.Apply(f, history).Series[0]
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
		if low := got.Quantiles(0.1)[0][0]; math.Abs(low-want) > 1e-12 {
			t.Errorf("%+v: the 0.1-quantile becomes %v, want %v", d, low, want)
		}
	}
}

// What is learned of one part of the horizon goes over into what is learned of the
// next, so that intervals don't jump.
func TestCalibrationIsSmooth(t *testing.T) {
	m := &forecast.Calibrated{New: func() forecast.Model { return overconfident{0.6, false} }}
	if err := m.Fit(t.Context(), noise(1, 400), forecast.FitOptions{Horizon: 24, Season: 1}); err != nil {
		t.Fatal(err)
	}
	c := m.Calibration()
	for l := range c.Levels {
		var logs []float64
		for _, f := range c.Factors {
			logs = append(logs, math.Log(f[l]))
		}
		size := slices.Max(logs) - slices.Min(logs)
		if len(logs) != 24 || size == 0 {
			t.Fatalf("%d stretches, whose factors differ by %v", len(logs), size)
		}
		for i := 1; i < len(logs); i++ {
			if jump := math.Abs(logs[i] - logs[i-1]); jump > size/4 {
				t.Errorf("level %v: from step %d to the next the logarithm goes by %v, over the horizon by %v", c.Levels[l], i, jump, size)
			}
		}
	}
}

// The description of a calibration names only the steps that say something new, and
// is short when all say the same.
func TestCalibrationString(t *testing.T) {
	stretches := func(factors ...float64) *forecast.Calibration {
		c := &forecast.Calibration{Levels: []float64{80}}
		for i, f := range factors {
			c.Leads, c.Factors = append(c.Leads, i+1), append(c.Factors, []float64{f})
		}
		return c
	}
	for _, tt := range []struct {
		c    *forecast.Calibration
		want string
	}{
		{nil, "as they are"},
		{stretches(1.1), "x 1.10"},
		{stretches(1.1, 1.101, 1.1, 1.1), "x 1.10"},
		{stretches(1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6), "x 1.00 at step 1, x 1.20 at step 3, x 1.40 at step 5, x 1.60 at step 7"},
		{stretches(1, 1, 1, 1, 1, 1, 2), "x 1.00 at step 1, x 2.00 at step 7"},
	} {
		if got := tt.c.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// A correction whose factors fall makes no interval shrink along the horizon that does not shrink as it is;
// one that widens may be narrowed.
func TestCalibrationLevelsOff(t *testing.T) {
	c := &forecast.Calibration{Levels: []float64{80}, Leads: []int{1, 2, 3}, Factors: [][]float64{{2}, {1}, {0.5}}, Level: true}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{{Times: []float64{0}, Values: []float64{0}}}}
	for _, tt := range []struct{ sd, want []float64 }{
		{[]float64{1, 1, 1}, []float64{2, 2, 2}},
		{[]float64{1, 4, 16}, []float64{2, 4, 8}},
		{[]float64{1, 1.5, 3}, []float64{2, 2, 2}},
		{[]float64{2, 1, 2}, []float64{4, 2, 2}},
	} {
		f := &forecast.Forecast{Channels: p.Channels, Series: []*forecast.Distribution{{Times: []float64{1, 2, 3}, Mean: make([]float64, 3), SD: tt.sd}}}
		q := c.Apply(f, p).Series[0].Quantiles(0.9)[0]
		for k, want := range tt.want {
			if got := q[k] / 1.2815515655446004; math.Abs(got-want) > 1e-6 {
				t.Errorf("deviations %v: %v at step %d, want %v", tt.sd, got, k+1, want)
			}
		}
	}
}

// TestBeyondWhatWasLookedAt protects that what narrows intervals fades at steps farther ahead than any that taught
// it, and what widens them stays.
func TestBeyondWhatWasLookedAt(t *testing.T) {
	const n = 8
	history := noise(1, 40)
	f := &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{{ID: "0", Mean: make([]float64, n), SD: slices.Repeat([]float64{1}, n)}}}
	for k := range n {
		f.Series[0].Times = append(f.Series[0].Times, float64(40+k))
	}
	for factor, want := range map[float64][n]float64{
		0.25: {0.25, 0.25, 0.25 * math.Pow(4, 1./3), 0.5, 0.25 * math.Pow(4, 3./5), 0.25 * math.Pow(4, 4./6), 0.25 * math.Pow(4, 5./7), 0.25 * math.Pow(4, 6./8)},
		2:    {2, 2, 2, 2, 2, 2, 2, 2},
	} {
		c := &forecast.Calibration{Leads: []int{1, 2}, Levels: []float64{80}, Factors: [][]float64{{factor}, {factor}}}
		upper := c.Apply(f, history).Series[0].Quantiles(0.9)[0]
		for k, x := range upper {
			if got := x / 1.2815515655446004; math.Abs(got-want[k]) > 1e-9 {
				t.Errorf("a factor of %v is %v at step %d, want %v", factor, got, k+1, want[k])
			}
		}
	}
}
