package forecast_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// meter returns readings of a meter that stands still on one day of seven.
func meter(n int, r *rand.Rand) []float64 {
	y, sum := make([]float64, n), 1000.0
	for i := range y {
		if i%7 != 6 {
			sum += 20 * r.ExpFloat64()
		}
		y[i] = sum
	}
	return y
}

// TestOneWay protects from what is only by chance, or for want of a fall, taken for values that never fall.
func TestOneWay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	down := meter(60, r)
	for i := range down {
		down[i] = 3000 - down[i]
	}
	steady := make([]float64, 400)
	for i := range steady {
		steady[i] = 50 + float64(i) + 0.2*r.Float64()
	}
	gaps := meter(80, r)
	gaps[10], gaps[40] = nan, nan
	fallen := meter(300, r)
	fallen[200] = fallen[199] - 1
	for _, c := range []struct {
		name   string
		values []float64
		words  string
	}{
		{"a meter", meter(60, r), "numbers from 0 up that never fall"},
		{"a meter with gaps", gaps, "numbers from 0 up that never fall"},
		{"what is used up", down, "numbers from 0 up that never rise"},
		{"few readings", meter(40, r), "numbers from 0 up"},
		{"a steady trend of sixty values", steady[:60], "numbers from 0 up"},
		{"a steady trend of four hundred", steady, "numbers from 0 up that never fall"},
		{"a meter that was changed once", fallen, "numbers from 0 up"},
	} {
		d := forecast.SeenDomains(panel(0, []string{"y"}, c.values...))[0]
		if got := d.Words(); got != c.words {
			t.Errorf("%s: %q, want %q", c.name, got, c.words)
		}
		text, err := json.Marshal(d)
		var back forecast.Domain
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back.Words() != c.words {
			t.Errorf("%s: comes back from JSON as %+v, %v", c.name, back, err)
		}
	}
}

// TestOnwards protects a meter from forecasts that go back, in each form of a distribution, unless its user says that it may or
// what it has read since tells so.
func TestOnwards(t *testing.T) {
	const ahead = 6
	r := rand.New(rand.NewPCG(5, 6))
	p := panel(0, []string{"y"}, meter(90, r)...)
	last := p.Series[0].Values[89]
	times, mean, sd := make([]float64, ahead), make([]float64, ahead), make([]float64, ahead)
	for k := range times {
		times[k], mean[k], sd[k] = float64(90+k), last+15*float64(k), 40
	}
	gaussian := &forecast.Distribution{Times: times, Mean: mean, SD: sd}
	probs := []float64{0.1, 0.3, 0.5, 0.7, 0.9}
	quantiles := &forecast.Distribution{Times: times, Probs: probs, Values: gaussian.Quantiles(probs...)}
	for _, q := range quantiles.Values {
		q[3] -= 30
	}
	paths := &forecast.Distribution{Times: times}
	for range 50 {
		path := make([]float64, ahead)
		for k := range path {
			path[k] = mean[k] + 40*r.NormFloat64()
		}
		paths.Paths = append(paths.Paths, path)
	}
	lowest := func(d *forecast.Distribution, domains []forecast.Domain) []float64 {
		f := forecast.Confine(&forecast.Forecast{Channels: p.Channels, Series: []*forecast.Distribution{d}}, p, domains)
		for _, path := range f.Series[0].Paths {
			if domains == nil && !slices.IsSorted(path) {
				t.Errorf("a path goes back: %v", path)
			}
		}
		return f.Series[0].Quantile(nil, 0.1)
	}
	free := forecast.SeenDomains(p)
	free[0].Min, free[0].GivenMin = 0, true
	for name, d := range map[string]*forecast.Distribution{"Gaussians": gaussian, "quantiles": quantiles, "paths": paths} {
		if q := lowest(d, nil); slices.Min(q) != last || name != "Gaussians" && !slices.IsSorted(q) {
			t.Errorf("%s: lower ends %v after %v", name, q, last)
		}
		if q := lowest(d, free); q[0] >= last {
			t.Errorf("%s: the lower end is %v after %v though 0 was said", name, q[0], last)
		}
	}
	seen := forecast.SeenDomains(p)
	p.Series[0].Values[50] = p.Series[0].Values[49] - 1
	if q := lowest(gaussian, seen); q[0] >= last {
		t.Errorf("the lower end is %v after %v of a meter that was set back", q[0], last)
	}
}

// TestGeneratedOneWay protects generated meters from readings that go back: they come in order, the same values as before.
func TestGeneratedOneWay(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	fitted := panel(0, []string{"y"}, meter(90, r)...)
	drawn := []float64{1200, 1190, nan, 1230.5, 1220, 1260}
	made := &series.Panel{Channels: fitted.Channels, Series: []*series.Series{{Times: []float64{0, 1, 2, 3, 4, 5}, Values: slices.Clone(drawn)}}}
	forecast.ConfineSeries(made, fitted, nil)
	want := []float64{1190, 1200, nan, 1220, 1230.5, 1260}
	for k, v := range made.Series[0].Values {
		if v != want[k] && !(math.IsNaN(v) && math.IsNaN(want[k])) {
			t.Errorf("value %d is %v, want %v", k, v, want[k])
		}
	}
}
