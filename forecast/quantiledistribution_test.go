package forecast_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"

	"tsgen/forecast"
	"tsgen/series"
)

// quantiles is the distribution of one value with the given quantiles.
func quantiles(probs, values []float64) *forecast.Distribution {
	d := &forecast.Distribution{Times: []float64{1}, Probs: probs}
	for _, v := range values {
		d.Values = append(d.Values, []float64{v})
	}
	return d
}

// crps scores the distribution of a single value.
func crps(t *testing.T, d *forecast.Distribution, x float64) float64 {
	t.Helper()
	history := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{-1, 0}, Values: []float64{0, 1}}}}
	actual := history.With([]*series.Series{{Times: d.Times, Values: []float64{x}}})
	s, err := forecast.Score(history, actual, &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s.CRPS
}

// The mean of quantiles that lie about zero alike is zero, whatever rounding leaves, so
// that an error of zero by zero is none.
func TestMeanOfZero(t *testing.T) {
	d := quantiles([]float64{0.1, 0.5, 0.9}, []float64{-1, 0, 1})
	if m := d.MeanTo(nil)[0]; m != 0 {
		t.Errorf("mean %v", m)
	}
	history := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{-1, 0}, Values: []float64{0, 1}}}}
	actual := history.With([]*series.Series{{Times: d.Times, Values: []float64{0}}})
	s, err := forecast.Score(history, actual, &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}, 1)
	if err != nil || s.SMAPE != 0 {
		t.Errorf("sMAPE %v, error %v", s.SMAPE, err)
	}
}

// A few quantiles of a Gaussian stand for that Gaussian.
func TestQuantilesOfGaussian(t *testing.T) {
	const mean, sd = 7, 3
	want := forecast.Distribution{Times: []float64{1}, Mean: []float64{mean}, SD: []float64{sd}}
	for _, probs := range [][]float64{{0.1, 0.9}, {0.025, 0.1, 0.5, 0.9, 0.975}, {0.3, 0.4, 0.7, 0.99}} {
		var values []float64
		for _, p := range probs {
			values = append(values, mean+sd*mathext.NormalQuantile(p))
		}
		d := quantiles(probs, values)
		for _, p := range []float64{1e-9, 0.001, 0.1, 0.37, 0.5, 0.62, 0.975, 1 - 1e-9} {
			if got, want := d.Quantile(nil, p)[0], want.Quantile(nil, p)[0]; math.Abs(got-want) > 1e-9 {
				t.Errorf("%v: %v-quantile %v, want %v", probs, p, got, want)
			}
		}
		if got := d.MeanTo(nil)[0]; math.Abs(got-mean) > 1e-12 {
			t.Errorf("%v: mean %v, want %v", probs, got, mean)
		}
		for _, x := range []float64{-20, 4, 7, 7.5, 10.8, 40} {
			if got, want := crps(t, d, x), forecast.GaussianCRPS(x, mean, sd); math.Abs(got-want) > 1e-11 {
				t.Errorf("%v: CRPS of %v is %v, want %v", probs, x, got, want)
			}
		}
	}
}

// The closed forms of mean and CRPS against the integrals that they are of,
// with quantiles that repeat and tails of either kind.
func TestQuantileIntegrals(t *testing.T) {
	for _, d := range []*forecast.Distribution{
		quantiles([]float64{0.1, 0.2, 0.5, 0.6, 0.9}, []float64{-3, 1, 1, 1, 20}),
		quantiles([]float64{0.25, 0.5}, []float64{-1, 4}), // no upper tail
		quantiles([]float64{0.5}, []float64{2}),           // a point
		quantiles([]float64{0.05, 0.4, 0.8}, []float64{2, 2, 3}),
		quantiles([]float64{0.5, 0.9}, []float64{0, 0}),
	} {
		const n = 50000
		ps := make([]float64, n)
		for i := range ps {
			ps[i] = (float64(i) + 0.5) / n
		}
		q := slices.Concat(d.Quantiles(ps...)...)
		if got, want := d.MeanTo(nil)[0], floats.Sum(q)/n; math.Abs(got-want) > 1e-3 {
			t.Errorf("%v: mean %v, integral %v", d.Values, got, want)
		}
		for _, x := range []float64{-7, -3, 0.5, 1, 2, 2.5, 30} {
			want := 0.0
			for i, p := range ps {
				if x >= q[i] {
					want += 2 * p * (x - q[i]) / n
				} else {
					want += 2 * (1 - p) * (q[i] - x) / n
				}
			}
			if got := crps(t, d, x); math.Abs(got-want) > 1e-4*(1+want) {
				t.Errorf("%v: CRPS of %v is %v, integral %v", d.Values, x, got, want)
			}
		}
	}
}

// Interpolation keeps the quantiles that are given, however unevenly they lie,
// and never crosses.
func TestQuantilesPassThrough(t *testing.T) {
	probs := []float64{0.1, 0.3, 0.5, 0.7, 0.9}
	values := []float64{1, 1.1, 7, 7, 1e6}
	d := quantiles(probs, values)
	for i, q := range d.Quantiles(probs...) {
		if q[0] != values[i] {
			t.Errorf("%v-quantile %v, want %v", probs[i], q[0], values[i])
		}
	}
	var ps []float64
	for p := 0.001; p < 1; p += 0.001 {
		ps = append(ps, p)
	}
	flat := slices.Concat(d.Quantiles(ps...)...)
	if !slices.IsSorted(flat) {
		t.Error("quantiles cross")
	}
}
