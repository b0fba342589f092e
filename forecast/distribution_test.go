package forecast_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
)

// paths turns the sample of a single value into a distribution.
func paths(sample ...float64) *forecast.Distribution {
	d := &forecast.Distribution{Times: []float64{1}}
	for _, x := range sample {
		d.Paths = append(d.Paths, []float64{x})
	}
	return d
}

// Quantiles of paths are those of R's default, type 7.
func TestQuantileOfPaths(t *testing.T) {
	// Values of R's quantile(x, p, type = 7).
	tests := []struct {
		sample  []float64
		p, want float64
	}{
		{[]float64{4, 1, 3, 2}, 0.25, 1.75},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.1, 1.9},
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.975, 9.775},
		{[]float64{5}, 0.01, 5},
		{[]float64{2, 2, 2}, 0.7, 2},
		{[]float64{0, 100}, 0.999, 99.9},
	}
	for _, tt := range tests {
		if got := paths(tt.sample...).Quantile(nil, tt.p); math.Abs(got[0]-tt.want) > 1e-12 {
			t.Errorf("%v-quantile of %v: %v, want %v", tt.p, tt.sample, got[0], tt.want)
		}
	}
}

// Quantiles and intervals of Gaussian marginals agree with published tables,
// far into the tails.
func TestQuantileOfGaussians(t *testing.T) {
	d := &forecast.Distribution{
		Times: []float64{1, 2},
		Mean:  []float64{0, 10, -3, 7},
		SD:    []float64{1, 2, 0, 0.5},
	}
	// Quantiles of the standard normal distribution (Abramowitz and Stegun, table 26.5).
	for p, z := range map[float64]float64{
		0.5: 0, 0.9: 1.281551565544600, 0.975: 1.959963984540054, 0.995: 2.575829303548901,
		0.1: -1.281551565544600, 1e-9: -5.997807015007687,
	} {
		got := d.Quantile(make([]float64, 4), p)
		for i, want := range []float64{z, 10 + 2*z, -3, 7 + z/2} {
			if math.Abs(got[i]-want) > 1e-12*(1+math.Abs(want)) {
				t.Errorf("%v-quantile %d: %v, want %v", p, i, got[i], want)
			}
		}
	}
	lo, hi := d.Interval(nil, nil, 95)
	if math.Abs(hi[1]-lo[1]-4*1.959963984540054) > 1e-12 {
		t.Errorf("95 %% interval of N(10, 2): %v to %v", lo[1], hi[1])
	}
	if m := d.MeanTo(nil); !slices.Equal(m, d.Mean) {
		t.Errorf("means %v, want %v", m, d.Mean)
	}
}

// Summary quantiles of Gaussians are those of their marginals, and the median is
// exact.
func TestSummaryQuantiles(t *testing.T) {
	d := &forecast.Distribution{Times: []float64{1}, Mean: []float64{0.1, -3}, SD: []float64{1, 2}}
	probs, got := forecast.SummaryQuantiles(2, func(k int, z float64) float64 { return d.Mean[k] + z*d.SD[k] })
	for i, want := range d.Quantiles(probs...) {
		for k := range want {
			if math.Abs(got[i][k]-want[k]) > 1e-12 || probs[i] == 0.5 && got[i][k] != d.Mean[k] {
				t.Errorf("%v-quantile %d: %v, want %v", probs[i], k, got[i][k], want[k])
			}
		}
	}
}

// Means of paths do not overflow where their sum would.
func TestMeanOfPaths(t *testing.T) {
	d := &forecast.Distribution{Times: []float64{1}, Paths: [][]float64{{1, 1e308}, {2, 1.5e308}, {6, 0.5e308}}}
	m := d.MeanTo(make([]float64, 2))
	if math.Abs(m[0]-3) > 1e-12 || math.Abs(m[1]/1e308-1) > 1e-12 {
		t.Errorf("means %v, want 3 and 1e308", m)
	}
}

// Quantiles rise with their probabilities and stay within the sample.
func TestQuantilesNeverCross(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var ps []float64
	for p := 0.0005; p < 1; p += 0.0005 {
		ps = append(ps, p)
	}
	for n := 1; n < 40; n++ {
		sample := make([]float64, n)
		for i := range sample {
			sample[i] = math.Round(10*rng.NormFloat64()) / 3 // with ties
		}
		for _, d := range []*forecast.Distribution{
			paths(sample...),
			{Times: []float64{1}, Mean: sample[:1], SD: []float64{rng.ExpFloat64()}},
		} {
			q := d.Quantiles(ps...)
			for i := 1; i < len(q); i++ {
				if q[i][0] < q[i-1][0] {
					t.Fatalf("quantiles %v and %v: %v, %v", ps[i-1], ps[i], q[i-1][0], q[i][0])
				}
			}
			if len(d.Paths) > 0 && (q[0][0] < slices.Min(sample) || q[len(q)-1][0] > slices.Max(sample)) {
				t.Fatalf("quantiles outside the sample %v", sample)
			}
		}
	}
}

// A distribution that is broken in any way is refused, with the time and the
// value.
func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name string
		d    forecast.Distribution
		want string // part of the message; empty for a valid one
	}{
		{"paths", forecast.Distribution{Times: []float64{1, 2}, Paths: [][]float64{{1, 2}, {3, 4}}}, ""},
		{"marginals", forecast.Distribution{Times: []float64{1}, Mean: []float64{1, 2}, SD: []float64{0, 1}}, ""},
		{"no times", forecast.Distribution{}, ""},
		{"nothing", forecast.Distribution{ID: "a", Times: []float64{1}}, `series "a": neither`},
		{"both", forecast.Distribution{Times: []float64{1}, Paths: [][]float64{{1}}, Mean: []float64{1}, SD: []float64{1}}, "both"},
		{"times", forecast.Distribution{Times: []float64{1, 1}, Paths: [][]float64{{1, 2}}}, "not after"},
		{"time", forecast.Distribution{Times: []float64{nan}, Paths: [][]float64{{1}}}, "time 0 is NaN"},
		{"size", forecast.Distribution{Times: []float64{1, 2}, Paths: [][]float64{{1, 2, 3}}}, "3 values for 2 times"},
		{"empty path", forecast.Distribution{Times: []float64{1, 2}, Paths: [][]float64{{}}}, "0 values for 2 times"},
		{"ragged", forecast.Distribution{Times: []float64{1}, Paths: [][]float64{{1}, {1, 2}}}, "path 1 has 2 values"},
		{"NaN path", forecast.Distribution{Times: []float64{1, 2}, Paths: [][]float64{{1, 2}, {3, nan}}}, "path 1 is NaN at time 2"},
		{"Inf path", forecast.Distribution{Times: []float64{7}, Paths: [][]float64{{inf}}}, "path 0 is +Inf at time 7"},
		{"sizes", forecast.Distribution{Times: []float64{1}, Mean: []float64{1}}, "1 means, 0 standard"},
		{"NaN mean", forecast.Distribution{Times: []float64{1}, Mean: []float64{nan}, SD: []float64{1}}, "mean is NaN"},
		{"SD", forecast.Distribution{Times: []float64{1}, Mean: []float64{1}, SD: []float64{-1}}, "deviation is -1"},
		{"quantiles", forecast.Distribution{Times: []float64{1}, Probs: []float64{0.1, 0.5}, Values: [][]float64{{1, 2}, {1, 3}}}, ""},
		{"crossing", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.1, 0.9}, Values: [][]float64{{1, 2}, {1, 1.5}}}, "the 0.9-quantile (1.5) is below the 0.1-quantile (2) at time 4"},
		{"one side", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.6, 0.9}, Values: [][]float64{{1}, {1}}}, "one side of the median"},
		{"probability", forecast.Distribution{Times: []float64{4}, Probs: []float64{0, 0.9}, Values: [][]float64{{1}, {1}}}, "probability 0 is 0"},
		{"NaN probability", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5, nan}, Values: [][]float64{{1}, {1}}}, "probability 1 is NaN"},
		{"probabilities", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5, 0.5}, Values: [][]float64{{1}, {1}}}, "not greater"},
		{"quantile rows", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5, 0.7}, Values: [][]float64{{1}}}, "quantiles for 1 probabilities, 2"},
		{"quantile size", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5, 0.7}, Values: [][]float64{{1}, {1, 2}}}, "2 quantiles for the probability 0.7, 1 for the first"},
		{"NaN quantile", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5}, Values: [][]float64{{nan}}}, "the 0.5-quantile is NaN at time 4"},
		{"quantiles too", forecast.Distribution{Times: []float64{4}, Probs: []float64{0.5}, Values: [][]float64{{1}}, Paths: [][]float64{{1}}}, "beside another form"},
		{"no times but values", forecast.Distribution{Mean: []float64{1}, SD: []float64{1}}, "1 values for 0 times"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.d.Validate()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	f := forecast.Forecast{Channels: []string{"x", "y"}, Series: []*forecast.Distribution{paths(1)}}
	if err := f.Validate(); err == nil || !strings.Contains(err.Error(), "1 channels, want 2") {
		t.Errorf("a forecast of one channel for two: %v", err)
	}
}

// Probabilities outside 0 to 1 and wrong sizes are a programmer's mistake and
// panic.
func TestPanics(t *testing.T) {
	d := paths(1, 2)
	for name, f := range map[string]func(){
		"p 0":      func() { d.Quantile(nil, 0) },
		"p 1":      func() { d.Quantiles(0.5, 1) },
		"p NaN":    func() { d.Quantile(nil, math.NaN()) },
		"level":    func() { d.Interval(nil, nil, 100) },
		"fraction": func() { d.Interval(nil, nil, 0) },
		"dst":      func() { d.MeanTo(make([]float64, 3)) },
		"empty":    func() { forecast.SampleCRPS(1, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
