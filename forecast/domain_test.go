package forecast_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
)

// What a channel's values can be is seen from them, and not from too few.
func TestSeenDomains(t *testing.T) {
	repeat := func(n int, values ...float64) []float64 { return slices.Repeat(values, n) }
	for _, c := range []struct {
		name   string
		values []float64
		words  string
	}{
		{"negative", repeat(10, -1, 2, 3), ""},
		{"amounts", repeat(10, 0.25, 3.17, nan, 0), "numbers from 0 up"},
		{"counts", repeat(10, 0, 3, 7), "whole numbers from 0 up"},
		{"few whole", []float64{1, 2, 3}, "numbers from 0 up"},
		{"dozens", repeat(12, 12, 36, 24), "multiples of 12 from 0 up"},
		{"shares", []float64{0.2, 0.7, 0, 1}, "numbers from 0 to 1"},
		{"yes and no", repeat(10, 0, 1), "whole numbers from 0 to 1"},
		{"never", repeat(30, 0), "whole numbers from 0 up"},
		{"percent", repeat(3, 100, 43.5, 100, 12.25), "numbers from 0 to 100"},
		{"marks", repeat(10, 1, 1.5, 4.5, 5), "multiples of 0.5 from 0 up"},
		{"hundredths", repeat(10, 1.17, 4.5, 9.03, 5), "numbers from 0 up"},
		{"nothing", []float64{nan, nan}, ""},
	} {
		if got := forecast.SeenDomains(panel(0, []string{"y"}, c.values...))[0].Words(); got != c.words {
			t.Errorf("%s: %q, want %q", c.name, got, c.words)
		}
	}
}

// confine returns a Gaussian at some times, confined to what the history and the domains say.
func confine(history []float64, mean, sd float64, domains []forecast.Domain) *forecast.Distribution {
	p := panel(0, []string{"y"}, history...)
	f := &forecast.Forecast{Channels: p.Channels, Series: []*forecast.Distribution{{
		ID: p.Series[0].ID, Times: []float64{1e6}, Mean: []float64{mean}, SD: []float64{sd},
	}}}
	return forecast.Confine(f, p, domains).Series[0]
}

// The quantiles, the mean, the CRPS and the probability integral transform of a confined Gaussian
// are those of a large sample of it whose every value is confined.
func TestConfinedMeasures(t *testing.T) {
	counts := slices.Repeat([]float64{0, 1, 3}, 10)
	for _, c := range []struct {
		name     string
		history  []float64
		mean, sd float64
		domains  []forecast.Domain
		kept     bool // the mean, which may be too near to a bound for that
	}{
		{"counts", counts, 0.8, 1.5, nil, true},
		{"counts below zero", counts, -3, 1, nil, false},
		{"many counts", slices.Repeat([]float64{0, 1000, 3000}, 10), 900, 800, nil, true},
		{"amounts", []float64{5, 7.5, 20}, 4, 6, nil, true},
		{"amounts with zeros", []float64{0, 7.5, 20}, 4, 6, nil, true},
		{"nearly nothing", []float64{0, 7.5, 20}, 0.1, 6, nil, false},
		{"shares", []float64{0.5, 0.75, 0.99}, 0.9, 0.2, nil, true},
		{"said", []float64{5, 7.5, 20}, 10, 6, []forecast.Domain{{Min: 2, Max: 22, GivenMin: true, GivenMax: true}}, true},
	} {
		d := confine(c.history, c.mean, c.sd, c.domains)
		const n = 40001
		sample := &forecast.Distribution{Times: d.Times}
		all := make([]float64, n)
		for i := range all {
			all[i] = (float64(i) + 0.5) / n
		}
		sample.Paths = d.Quantiles(all...)
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := d.MeanTo(nil)[0]; c.kept && math.Abs(got-c.mean) > 0.01*c.sd {
			t.Errorf("%s: the mean is %v, that of the Gaussian %v", c.name, got, c.mean)
		}
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 2e-3*c.sd {
				t.Errorf("%s: %s is %v, want %v", c.name, what, got, want)
			}
		}
		ps := []float64{0.025, 0.1, 0.3, 0.501, 0.9, 0.975}
		for i, q := range d.Quantiles(ps...) {
			near("a quantile", q[0], sample.Quantile(nil, ps[i])[0])
		}
		near("the mean", d.MeanTo(nil)[0], sample.MeanTo(nil)[0])
		for _, x := range []float64{c.history[0], c.history[1], c.history[2]} {
			values := make([]float64, n)
			for i, p := range sample.Paths {
				values[i] = p[0]
			}
			near("the CRPS", crpsOf(t, d, x), forecast.SampleCRPS(x, values))
			if got, want := d.PIT(nil, []float64{x})[0], sample.PIT(nil, []float64{x})[0]; math.Abs(got-want) > 2e-3 {
				t.Errorf("%s: the transform of %v is %v, want %v", c.name, x, got, want)
			}
		}
	}
}

func crpsOf(t *testing.T, d *forecast.Distribution, x float64) float64 {
	t.Helper()
	history, actual := panel(0, []string{"y"}, 1, 2, 4), panel(d.Times[0], []string{"y"}, x)
	s, err := forecast.Score(history, actual, &forecast.Forecast{Channels: history.Channels, Series: []*forecast.Distribution{d}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s.CRPS
}

// A series that was never negative has no negative bound even beside one that was, and
// values that a domain was not seen to have widen it.
func TestDomainsOfSeries(t *testing.T) {
	p := panel(0, []string{"y"}, -1, 2.5, 3)
	other := *p.Series[0]
	other.ID, other.Values = "b", []float64{1, 2.5, 3}
	p.Series = append(p.Series, &other)
	if d := forecast.DomainsOf(p, 0, forecast.SeenDomains(p)); d != nil {
		t.Errorf("a series with negative values has the domain %v", d)
	}
	if d := forecast.DomainsOf(p, 1, forecast.SeenDomains(p)); d == nil || d[0].Min != 0 {
		t.Errorf("a series without has %v", d)
	}
	counts := forecast.SeenDomains(panel(0, []string{"y"}, slices.Repeat([]float64{0, 1}, 20)...))
	if d := forecast.DomainsOf(p, 1, counts); d[0].Step != 0 || !math.IsInf(d[0].Max, 1) || d[0].Min != 0 {
		t.Errorf("numbers up to 3 in a domain of yes and no: %+v", d)
	}
	said := []forecast.Domain{{Min: math.Inf(-1), Max: 5, GivenMin: true, GivenMax: true}}
	if d := forecast.DomainsOf(p, 1, said); !math.IsInf(d[0].Min, -1) || d[0].Max != 5 {
		t.Errorf("what is said does not hold: %+v", d)
	}
}

// Calibrated intervals of counts are whole numbers from 0 up, in each form of a
// distribution, and wider than before where the past asks for it.
func TestCalibratedDomain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var history []float64
	for range 60 {
		history = append(history, math.Floor(4*rng.Float64()))
	}
	p := panel(0, []string{"y"}, history...)
	paths := &forecast.Distribution{ID: p.Series[0].ID, Times: p.Future(p.Series[0], 3)}
	for range 200 {
		paths.Paths = append(paths.Paths, []float64{2 + rng.NormFloat64(), 1 + rng.NormFloat64(), rng.NormFloat64()})
	}
	gauss := &forecast.Distribution{ID: paths.ID, Times: paths.Times, Mean: []float64{2, 1, 0}, SD: []float64{1, 1, 1}}
	c := &forecast.Calibration{Levels: []float64{80}, Leads: []int{3}, Factors: [][]float64{{1.7}}}
	for name, d := range map[string]*forecast.Distribution{"paths": paths, "gauss": gauss} {
		f := forecast.Confine(&forecast.Forecast{Channels: p.Channels, Series: []*forecast.Distribution{d}}, p, nil)
		narrow := f.Series[0].Quantiles(0.1, 0.9)
		q := c.Apply(f, p).Series[0].Quantiles(0.01, 0.1, 0.5, 0.9, 0.99)
		for i := range q {
			for k, x := range q[i] {
				if x < 0 || x != math.Trunc(x) {
					t.Errorf("%s: the quantile %d of value %d is %v", name, i, k, x)
				}
			}
		}
		if q[3][0] <= narrow[1][0] {
			t.Errorf("%s: the upper bound %v is not above %v, where the factor is 1.7", name, q[3][0], narrow[1][0])
		}
	}
}

// A generated value that cannot be is moved within the domain by itself, whatever else
// was generated.
func TestConfineSeries(t *testing.T) {
	rain := panel(0, []string{"y"}, 0, 2.5, 0, 7)
	drawn := panel(0, []string{"y"}, -3, 1.25, 9)
	forecast.ConfineSeries(drawn, rain, nil)
	if want := []float64{0, 1.25, 9}; !slices.Equal(drawn.Series[0].Values, want) {
		t.Errorf("%v, want %v", drawn.Series[0].Values, want)
	}
}

// A domain comes back from JSON as it was, without the numbers that JSON does not have.
func TestDomainJSON(t *testing.T) {
	for _, d := range []forecast.Domain{forecast.Unbounded(), {Min: 0, Max: math.Inf(1), Step: 1}, {Min: -2, Max: 3, GivenMin: true, GivenMax: true}} {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back forecast.Domain
		if err := json.Unmarshal(text, &back); err != nil || back.Min != d.Min || back.Max != d.Max || back.Step != d.Step || back.GivenMax != d.GivenMax {
			t.Errorf("%s: %+v, error %v, want %+v", text, back, err, d)
		}
	}
	for _, text := range []string{`{"min":3,"max":2}`, `{"step":-1}`} {
		var d forecast.Domain
		if json.Unmarshal([]byte(text), &d) == nil {
			t.Errorf("%s is taken for a domain", text)
		}
	}
}

// Values below 1 are shares, which cannot be more, only where something tells; and a scale has an end where it is
// reached again and again.
func TestSharesAndScales(t *testing.T) {
	make120 := func(of func(i int, r *rand.Rand) float64) []float64 {
		r := rand.New(rand.NewPCG(7, 8))
		x := make([]float64, 120)
		for i := range x {
			x[i] = of(i, r)
		}
		return x
	}
	hundredth := func(v float64) float64 { return math.Round(100*v) / 100 }
	weight := func(i int, r *rand.Rand) float64 { return hundredth(0.5 + 0.45*math.Sin(float64(i)/4)) }
	for _, c := range []struct {
		name, channel string
		values        []float64
		words         string
	}{
		{"a price that rises", "price", make120(func(i int, r *rand.Rand) float64 { return hundredth(0.54 + 0.44*float64(i)/119) }), "numbers from 0 up that never fall"},
		{"a price that falls", "y", make120(func(i int, r *rand.Rand) float64 { return hundredth(0.96 - 0.7*float64(i)/119 + 0.01*r.NormFloat64()) }), "numbers from 0 up"},
		{"cents", "y", make120(func(i int, r *rand.Rand) float64 { return hundredth(0.35 + 0.1*r.Float64()) }), "numbers from 0 up"},
		{"an exchange rate", "exchange_rate", make120(func(i int, r *rand.Rand) float64 { return 0.85 + 0.02*math.Sin(float64(i)/9) }), "numbers from 0 up"},
		{"a current", "ampere", make120(func(i int, r *rand.Rand) float64 { return 3e-12 * (1 + 0.3*r.Float64()) }), "numbers from 0 up"},
		{"rain in inches", "y", make120(func(i int, r *rand.Rand) float64 {
			return hundredth(min(0.9, math.Max(0, 0.2*r.ExpFloat64()-0.1)))
		}), "numbers from 0 up"},
		{"a share by name", "Market share", make120(func(i int, r *rand.Rand) float64 { return 0.41 + 0.02*r.Float64() }), "numbers from 0 to 1"},
		{"a load that is often full", "cpu", make120(func(i int, r *rand.Rand) float64 { return 0.99 - 0.4*r.Float64() }), "numbers from 0 to 1"},
		{"all from near 0 to near 1", "y", make120(weight), "numbers from 0 to 1"},
		{"up and down", "y", make120(func(i int, r *rand.Rand) float64 { return 0.5 + 0.35*math.Sin(float64(i)/4) }), "numbers from 0 to 1"},
		{"clouds", "y", make120(func(i int, r *rand.Rand) float64 { return min(1, max(0.3, 0.4+1.1*r.Float64())) }), "numbers from 0 to 1"},
		{"a constant", "y", make120(func(i int, r *rand.Rand) float64 { return 7.25 }), "numbers from 0 up"},
		{"two prices", "y", make120(func(i int, r *rand.Rand) float64 { return 7.25 + 0.25*float64(i/60) }), "numbers from 0 up"},
		{"ratings", "stars", make120(func(i int, r *rand.Rand) float64 { return float64(min(5, max(1, int(3.9+1.2*r.NormFloat64())))) }), "whole numbers from 0 to 5"},
		{"rare counts", "y", make120(func(i int, r *rand.Rand) float64 {
			n, left := 0, math.Exp(-2)
			for u := r.Float64(); u > left; n++ {
				u *= r.Float64()
				if u <= left {
					break
				}
			}
			return float64(min(n, 5))
		}), "whole numbers from 0 up"},
		{"counts that rise", "y", make120(func(i int, r *rand.Rand) float64 { return float64(1 + i/25) }), "whole numbers from 0 up"},
	} {
		if got := forecast.SeenDomains(panel(0, []string{c.channel}, c.values...))[0].Words(); got != c.words {
			t.Errorf("%s: %q, want %q", c.name, got, c.words)
		}
	}
	var rows []float64
	for i := range 60 {
		a, b := hundredth(0.3+0.1*math.Sin(float64(i))), hundredth(0.25+0.05*math.Cos(float64(i)/3))
		rows = append(rows, a, b, hundredth(1-a-b), 0.6)
	}
	for c, want := range []float64{1, 1, 1, math.Inf(1)} {
		p := panel(0, []string{"red", "green", "blue", "price"}, rows...)
		for _, s := range p.Series {
			for i := range s.Times {
				s.Row(i)[3] = 1.6
			}
		}
		if got := forecast.SeenDomains(p)[c].Max; got != want {
			t.Errorf("channel %d of parts of a whole is at most %v, want %v", c, got, want)
		}
	}
}
