package baseline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/series"
)

// classical are the models of this test, in several settings.
func classical() []forecast.Model {
	return []forecast.Model{
		baseline.Naive{}, baseline.Drift{},
		baseline.Theta{}, baseline.Theta{Theta: 2, Dynamic: true},
		baseline.ETS{}, baseline.ETS{Additive: true},
		baseline.STL{}, baseline.STL{Remainder: baseline.RemainderAR, Window: -1}, baseline.STL{Remainder: baseline.RemainderETS, Robust: true},
	}
}

// The examination of R's package forecast 8.20 on the same data: thetaf, whose
// smoothing leaves the drift out, and ets for the Nile, where R has the same
// form. For the others what R reaches is a bound.
func TestClassicalExamined(t *testing.T) {
	air, airFuture := origins(t, "airpassengers.csv", 24, 3, 12)
	co2, co2Future := origins(t, "co2_weekly.csv", 104, 5, 52)
	nile, _, err := series.ReadFile("testdata/nile.csv", series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nile, nileFuture, err := nile.SplitLast(20)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name            string
		history, future *series.Panel
		model           forecast.Model
		mase, sql, tol  float64 // tol 0: not above
	}{
		{"naive", air, airFuture, baseline.Naive{}, 2.92, 2.27, 0.002},
		{"naive", nile, nileFuture, baseline.Naive{}, 0.7604, 1.09, 0.002},
		{"thetaf", air, airFuture, plainTheta{baseline.Theta{Theta: 2}, 12}, 1.29, 1.05, 0.02},
		{"thetaf", nile, nileFuture, baseline.Theta{Theta: 2}, 0.7987, 0.6119, 0.02},
		{"ets", nile, nileFuture, baseline.ETS{}, 0.787, 0.5781, 0.02},
		{"stlf", co2, co2Future, baseline.STL{Remainder: baseline.RemainderETS}, 0.4996, 0.4023, 0},
		{"stlf", air, airFuture, baseline.STL{}, 1.18, 0.9207, 0},
		{"ar", air, airFuture, baseline.ETS{}, 1, 0.824, 0}, // a mean of 10000 draws has 0.996
		{"thetaf", co2, co2Future, baseline.Theta{}, 1.17, 0.897, 0},
	}
	for _, tt := range tests {
		free := []forecast.Domain{forecast.Unbounded()} // as R's
		r, err := forecast.Examine(t.Context(), tt.history, tt.future, []forecast.Model{tt.model}, forecast.Options{Domains: free})
		if err != nil {
			t.Fatal(err)
		}
		s := r[0].Scores
		for _, x := range [][2]float64{{s.MASE, tt.mase}, {s.SQL, tt.sql}} {
			if d := x[0] - x[1]; d > tt.tol*x[1] || tt.tol > 0 && -d > tt.tol*x[1] {
				t.Errorf("%s %+v: MASE %v and SQL %v, want %v and %v", tt.name, tt.model, s.MASE, s.SQL, tt.mase, tt.sql)
				break
			}
		}
	}
}

// A plainTheta forecasts as Theta does, but takes the parameters for known, as R's thetaf does.
type plainTheta struct {
	baseline.Theta
	season int
}

func (m plainTheta) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.Theta.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	for i, d := range f.Series {
		n := float64(history.Series[i].Len())
		// Smoothing constant, level and slope, and the effects of the season but one.
		wider := freedom.Student(n-3-float64(m.season-1)) * math.Sqrt(1+2/n)
		for k := range d.SD {
			d.SD[k] /= wider
		}
	}
	return f, nil
}

// trouble returns a panel of series that are short, constant, missing in part,
// or huge or tiny.
func trouble(rng *rand.Rand, count, channels int) *series.Panel {
	p := &series.Panel{Step: series.Step{Width: 1}, IDColumn: "id"}
	for c := range channels {
		p.Channels = append(p.Channels, fmt.Sprint("c", c))
	}
	// One plain series, so that the others have somebody to be like.
	lengths := []int{40}
	for len(lengths) < count {
		lengths = append(lengths, 1+rng.IntN(70))
	}
	for i, n := range lengths {
		s := &series.Series{ID: fmt.Sprint(i), Values: make([]float64, n*channels)}
		for k := range n {
			s.Times = append(s.Times, float64(k))
		}
		for c := range channels {
			level, scale, noise := 5*rng.NormFloat64(), 1.0, rng.Float64()
			missing := 0.0
			if i > 0 {
				scale = math.Pow(10, float64(rng.IntN(200)-100))
				missing = []float64{0, 0, 0.2, 0.6, 1}[rng.IntN(5)]
				if rng.IntN(4) == 0 {
					noise = 0
				}
				if rng.IntN(2) == 0 {
					level = 20
				}
			}
			for k := range n {
				v := scale * (level + noise*rng.NormFloat64() + noise*math.Sin(float64(k)*math.Pi/2))
				if rng.Float64() < missing {
					v = nan
				}
				s.Values[k*channels+c] = v
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// horizon returns options for some steps after every series.
func horizon(p *series.Panel, steps, season int) forecast.Options {
	return forecast.Options{At: seriestest.Ahead(p, steps), Season: season, Samples: 20, Seed: 3}
}

// Whatever the series, there is a valid forecast (Forecast checks it), the
// same for any number of processors.
func TestClassicalTrouble(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for seed := range uint64(12) {
		p := trouble(rand.New(rand.NewPCG(seed, 1)), 12, 1+int(seed%2))
		opt := horizon(p, 9, []int{1, 4, 7, 30}[seed%4])
		for _, m := range classical() {
			var first *forecast.Forecast
			for _, procs := range []int{1, 4} {
				runtime.GOMAXPROCS(procs)
				f, err := m.Forecast(t.Context(), p, opt)
				if err != nil {
					t.Fatalf("seed %d, %+v: %v", seed, m, err)
				}
				if err := f.Validate(); err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = f
					continue
				}
				if !slices.Equal(f.Notes, first.Notes) {
					t.Errorf("seed %d, %+v: notes %q and %q", seed, m, f.Notes, first.Notes)
				}
				for i, d := range f.Series {
					e := first.Series[i]
					if !slices.Equal(d.Mean, e.Mean) || !slices.Equal(d.SD, e.SD) || !slices.EqualFunc(d.Paths, e.Paths, slices.Equal[[]float64]) {
						t.Errorf("seed %d, %+v: series %d depends on the number of processors", seed, m, i)
					}
				}
			}
		}
	}
}

// No gaps, season or scale below 1e150 make a classical model fail,
// except for want of observations.
func FuzzClassical(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 4, 5, 200, 10, 11}, uint8(4), 1.0, 0.0)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0}, uint8(2), 1e-300, 1e-290)
	f.Add([]byte{9, 255, 255, 9, 8, 7, 255, 6, 5, 4, 4, 4}, uint8(3), -1e150, 5.0)
	f.Fuzz(func(t *testing.T, raw []byte, season uint8, scale, shift float64) {
		if len(raw) > 80 || !(math.Abs(scale) < 1e150) || !(math.Abs(shift) < 1e150) {
			return
		}
		y := make([]float64, len(raw))
		for i, b := range raw {
			y[i] = shift + scale*float64(b)
			if b == 255 {
				y[i] = nan
			}
		}
		p := regular(y...)
		if len(y) == 0 {
			return
		}
		opt := horizon(p, 5, int(season%40))
		for _, m := range classical() {
			_, err := m.Forecast(t.Context(), p, opt)
			if err != nil && !errors.Is(err, forecast.ErrTooShort) {
				t.Errorf("%+v: %v", m, err)
			}
		}
	})
}

// The classical models refuse data, times and options they
// have no answer for, and say which.
func TestClassicalRefusals(t *testing.T) {
	good := regular(1, 2, 1, 3, 2, 5, 4, 3)
	offGrid := regular(1, 2, 3)
	offGrid.Series[0].Times[1] = 0.4
	uneven := irregular([]float64{0, 1, 5, 2, 7, 3})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	at := func(times ...float64) forecast.Options { return forecast.Options{At: [][]float64{times}} }
	tests := []struct {
		name  string
		model forecast.Model
		ctx   context.Context
		p     *series.Panel
		opt   forecast.Options
		is    error
		want  string
	}{
		{"irregular", baseline.Theta{}, t.Context(), uneven, at(9), forecast.ErrMismatch, "theta: the model does not fit the data: the theta method"},
		{"irregular", baseline.ETS{}, t.Context(), uneven, at(9), forecast.ErrMismatch, "ets: the model does not fit the data: exponential smoothing"},
		{"irregular", baseline.STL{}, t.Context(), uneven, at(9), forecast.ErrMismatch, "stl: the model does not fit the data: a seasonal decomposition"},
		{"off the grid", baseline.ETS{}, t.Context(), offGrid, at(9), forecast.ErrMismatch, "0.4"},
		{"one value", baseline.STL{}, t.Context(), regular(1, nan), at(9), forecast.ErrTooShort, "no series has two observations of y"},
		{"one value", baseline.Drift{}, t.Context(), regular(1), at(9), forecast.ErrTooShort, "no series has two observations of y"},
		{"one value", baseline.Naive{}, t.Context(), regular(1), at(9), forecast.ErrTooShort, "no series has two observations of y"},
		{"past", baseline.Theta{}, t.Context(), good, at(3), nil, "is not after"},
		{"cancelled", baseline.ETS{}, cancelled, good, at(9), context.Canceled, ""},
		{"theta", baseline.Theta{Theta: 0.5}, t.Context(), good, at(9), nil, "option theta is 0.5"},
		{"window", baseline.STL{Window: 4}, t.Context(), good, at(9), nil, "option window is 4"},
		{"remainder", baseline.STL{Remainder: "arma"}, t.Context(), good, at(9), nil, `option remainder is "arma"`},
		{"order", baseline.STL{Order: -1}, t.Context(), good, at(9), nil, "option order is -1"},
		{"season", baseline.ETS{Season: -1}, t.Context(), good, at(9), nil, "option season is -1"},
	}
	for _, tt := range tests {
		t.Run(tt.model.Name()+" "+tt.name, func(t *testing.T) {
			_, err := tt.model.Forecast(tt.ctx, tt.p, tt.opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v, want %q and to be %v", err, tt.want, tt.is)
			}
		})
		if errors.Is(tt.is, forecast.ErrMismatch) && tt.p == uneven {
			if err := tt.model.Fit(t.Context(), tt.p, forecast.FitOptions{}); !errors.Is(err, forecast.ErrMismatch) {
				t.Errorf("%s: Fit on irregular data: %v", tt.model.Name(), err)
			}
		}
	}
}

// Nothing is learnt, and nothing to forecast is no error.
func TestClassicalNothing(t *testing.T) {
	p := regular(values(t, "../../testdata/airpassengers.csv")...)
	for _, m := range classical() {
		if err := m.Fit(t.Context(), p, forecast.FitOptions{}); err != nil {
			t.Errorf("%+v: Fit: %v", m, err)
		}
		f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{nil}, Season: 12})
		if err != nil || len(f.Series[0].Times) != 0 {
			t.Errorf("%+v: %v, %v", m, f, err)
		}
		// The default number of paths.
		f, err = m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{{145}}, Season: 12})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(f.Series[0].Paths); n != 0 && n != 1000 {
			t.Errorf("%+v: %d paths", m, n)
		}
	}
}

// The notes count the series for which something else had to do.
func TestClassicalNotes(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
	add := func(n int) {
		s := &series.Series{ID: fmt.Sprint(len(p.Series))}
		for i := range n {
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, 3+float64(i%4)+math.Sin(float64(i*i)))
		}
		p.Series = append(p.Series, s)
	}
	for _, n := range []int{48, 1, 3, 7, 7} {
		add(n)
	}
	tests := []struct {
		model forecast.Model
		want  []string
	}{
		{baseline.Naive{}, nil},
		{baseline.Drift{}, []string{"drift: 1 of 5 series were observed fewer than three times"}},
		{baseline.Theta{}, []string{"theta: 1 of 5 series were observed fewer than twice", "theta: 1 of 5 series are too short for a trend", "theta: 2 of 5 series are too short to tell a season of 4 steps"}},
		{baseline.ETS{}, []string{"ets: 1 of 5 series were observed fewer than twice", "ets: 1 of 5 series are too short for exponential", "ets: 2 of 5 series are too short to tell a season of 4 steps"}},
		{baseline.STL{}, []string{"stl: 1 of 5 series were observed fewer than twice", "stl: 3 of 5 series are too short to tell a season of 4 steps"}},
	}
	for _, tt := range tests {
		f, err := tt.model.Forecast(t.Context(), p, horizon(p, 2, 4))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(f.Notes, tt.want, strings.HasPrefix) {
			t.Errorf("%s: notes %q, want %q", tt.model.Name(), f.Notes, tt.want)
		}
	}
}

// A channel whose distribution is not Gaussian has the other drawn too, with the moments
// of its distribution.
func TestMixedChannels(t *testing.T) {
	air := values(t, "../../testdata/airpassengers.csv")
	rng := rand.New(rand.NewPCG(8, 9))
	both := &series.Panel{Channels: []string{"air", "noise"}, Step: series.Step{Width: 1}, Series: []*series.Series{{}}}
	noise := make([]float64, len(air))
	for i, v := range air {
		noise[i] = rng.NormFloat64()
		both.Series[0].Times = append(both.Series[0].Times, float64(i))
		both.Series[0].Values = append(both.Series[0].Values, v, noise[i])
	}
	opt := horizon(both, 6, 12)
	opt.Samples = 4000
	f, err := baseline.ETS{}.Forecast(t.Context(), both, opt)
	if err != nil {
		t.Fatal(err)
	}
	d := f.Series[0]
	if len(d.Paths) != opt.Samples {
		t.Fatalf("%d paths", len(d.Paths))
	}
	mean, sd := continued(t, baseline.ETS{}, noise, 12, 6)
	for h := range mean {
		m, ss := 0.0, 0.0
		for _, p := range d.Paths {
			m += p[2*h+1] / float64(len(d.Paths))
			ss += p[2*h+1] * p[2*h+1] / float64(len(d.Paths))
		}
		if s := math.Sqrt(ss - m*m); math.Abs(m-mean[h]) > 4*sd[h]/math.Sqrt(4000) || math.Abs(s-sd[h]) > 0.05*sd[h] {
			t.Errorf("step %d: mean %v and SD %v of paths, want %v and %v", h, m, s, mean[h], sd[h])
		}
	}
}
