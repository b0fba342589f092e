package effects

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// shops returns a panel of daily sales of levels of their own and a weekly season, of which value makes each
// day of the logarithm, and of the covariates there; the covariates of all go on for ahead days.
func shops(days, ahead int, covariates []string, draw func(rng *rand.Rand, shop int) []float64, value func(log float64, x []float64) float64) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{Channels: []string{"sales"}, Known: covariates, Seasons: []float64{7}, Step: series.Step{Width: 1}}
	for i, id := range []string{"a", "b", "c", "d"} {
		s := &series.Series{ID: id}
		for t := range days + ahead {
			x := draw(rng, i)
			s.Known.Times = append(s.Known.Times, float64(t))
			s.Known.Values = append(s.Known.Values, x...)
			if t < days {
				s.Times = append(s.Times, float64(t))
				s.Values = append(s.Values, value(4+0.5*float64(i)+0.3*math.Sin(2*math.Pi*float64(t)/7)+0.02*rng.NormFloat64(), x))
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// last forecasts the value of a week before, known for certain.
func last(at []float64) func(*series.Panel) (*forecast.Forecast, error) {
	return func(p *series.Panel) (*forecast.Forecast, error) {
		f := &forecast.Forecast{Model: "last", Channels: p.Channels}
		for _, s := range p.Series {
			d := &forecast.Distribution{ID: s.ID, Times: at}
			for k := range at {
				d.Mean, d.SD = append(d.Mean, s.Values[s.Len()-7+k]), append(d.SD, 1)
			}
			f.Series = append(f.Series, d)
		}
		return f, nil
	}
}

func promotion(rng *rand.Rand, _ int) []float64 {
	if rng.Float64() < 0.2 {
		return []float64{1}
	}
	return []float64{0}
}

// TestForecast protects that a factor which was planted is taken from what a model sees and put onto
// what it returns, spread included, and that a panel without covariates is left alone.
func TestForecast(t *testing.T) {
	p := shops(200, 7, []string{"promotion"}, promotion, func(log float64, x []float64) float64 { return math.Exp(log + 0.4*x[0]) })
	at := []float64{200, 201, 202, 203, 204, 205, 206}
	bare, err := Without(context.Background(), p, p.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Forecast(context.Background(), p, p.Seasons, last(at))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range p.Series {
		for k, u := range at {
			on := s.Known.Values[int(u)]
			before, seen := bare.Series[i].Values[193+k], s.Values[193+k]*math.Exp(-0.4*s.Known.Values[193+k])
			got, want := f.Series[i].Mean[k]/before, f.Series[i].Mean[k]/seen
			if math.Abs(f.Series[i].SD[k]-got) > 1e-9 {
				t.Errorf("%s, day %g: a spread of %g beside a factor of %g", s.ID, u, f.Series[i].SD[k], got)
			}
			if factor := math.Exp(0.4 * on); math.Abs(want/factor-1) > 0.03 {
				t.Errorf("%s, day %g: the forecast is %.3f of the sales a week before without the promotion, want %.3f", s.ID, u, want, factor)
			}
		}
	}
	plain := *p
	plain.Known = nil
	if same, err := Without(context.Background(), &plain, p.Seasons); same != &plain || err != nil {
		t.Errorf("a panel without covariates became another one, or %v", err)
	}
	_, err = Forecast(context.Background(), p, p.Seasons, last([]float64{206, 207}))
	if !errors.Is(err, series.ErrKnown) {
		t.Errorf("covariates that end before the forecast: %v", err)
	}
}

// spread returns the standard deviation of the differences over a week, over that of the noise in them.
func spread(t *testing.T, p *series.Panel, noise float64) float64 {
	t.Helper()
	bare, err := Without(context.Background(), p, p.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	sum, n := 0.0, 0.0
	for _, s := range bare.Series {
		for k := 7; k < s.Len(); k++ {
			d := s.Values[k] - s.Values[k-7]
			sum, n = sum+d*d, n+1
		}
	}
	return math.Sqrt(sum/n/2) / noise
}

// TestBends protects that what is dear when cold as when hot is seen, and that levels of a covariate by
// which series differ do not pass for products with the season.
func TestBends(t *testing.T) {
	heat := func(rng *rand.Rand, _ int) []float64 { return []float64{rng.NormFloat64()} }
	p := shops(200, 0, []string{"temperature"}, heat, func(log float64, x []float64) float64 { return log - 5 + x[0]*x[0] })
	if got := spread(t, p, 0.02); got > 1.2 {
		t.Errorf("without the square of the temperature the sales spread by %.2f of the noise", got)
	}
	price := func(rng *rand.Rand, shop int) []float64 { return []float64{float64(shop) + 0.05*rng.NormFloat64()} }
	p = shops(200, 0, []string{"price"}, price, func(log float64, x []float64) float64 { return log - 5 })
	q, err := learn(context.Background(), p, p.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(q.channels[0].b[:len(q.channels[0].b)-q.waves], func(b float64) bool { return math.Abs(b) > 0.01 }) {
		t.Errorf("the prices of shops have effects on sales that do not depend on them: %v", q.channels[0].b)
	}
}

// TestProportions protects that what a price does is the same part of it in a shop that sells for cents as in one that
// sells for thousands, by what all have in common, and that a temperature is no proportion.
func TestProportions(t *testing.T) {
	unit := []float64{0.05, 2, 90, 4000}
	at := 0.0 // the unit of the shop that is drawn
	price := func(rng *rand.Rand, shop int) []float64 {
		at = unit[shop]
		return []float64{at * (1 + 0.2*rng.NormFloat64())}
	}
	p := shops(40, 0, []string{"price"}, price, func(log float64, x []float64) float64 { return math.Exp(log - 1.5*x[0]/at) })
	q, err := learn(context.Background(), p, p.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range p.Series {
		q.own[i] = nil // but what all have in common
		dear := q.of(i, 0, q.append(nil, i, []float64{unit[i] * 1.2}, q.appendWaves(nil, 0)))
		if usual := q.of(i, 0, q.append(nil, i, []float64{unit[i]}, q.appendWaves(nil, 0))); math.Abs(dear-usual+0.3) > 0.05 {
			t.Errorf("%s: a price higher by a fifth adds %.3f to the logarithm of the sales, want -0.3", s.ID, dear-usual)
		}
	}
	heat := func(rng *rand.Rand, shop int) []float64 { return []float64{unit[shop] + rng.NormFloat64()} }
	p = shops(40, 0, []string{"temperature"}, heat, func(log float64, x []float64) float64 { return log })
	if c := newCovariates(p, nil); c.base[3] != 1 {
		t.Errorf("a temperature counts in units of %g", c.base[3])
	}
}

// TestSameAndTrending protects that covariates that tell the same have the effect of one, that a covariate
// with a trend goes on beyond what was seen of it, and that what is too far is held and said.
func TestSameAndTrending(t *testing.T) {
	twice := func(rng *rand.Rand, shop int) []float64 {
		x := promotion(rng, shop)[0]
		return []float64{x, 1 - x, 1e9 * x}
	}
	p := shops(200, 0, []string{"on", "off", "copy"}, twice, func(log float64, x []float64) float64 { return math.Exp(log + 0.4*x[0]) })
	q := shops(200, 0, []string{"on"}, promotion, func(log float64, x []float64) float64 { return math.Exp(log + 0.4*x[0]) })
	for _, x := range []*series.Panel{p, q} {
		bare, err := Without(context.Background(), x, x.Seasons)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range x.Series {
			for k, v := range s.Values {
				on := s.Known.Values[k*len(x.Known)]
				ratio := math.Log(v/bare.Series[i].Values[k]) - 0.4*on
				first := math.Log(s.Values[0]/bare.Series[i].Values[0]) - 0.4*s.Known.Values[0]
				if math.Abs(ratio-first) > 0.02 {
					t.Fatalf("%v: of %s at %d the effect is off by %.3f", x.Known, s.ID, k, ratio-first)
				}
			}
		}
	}

	days := 0
	trend := func(*rand.Rand, int) []float64 { days++; return []float64{float64(days)} }
	p = shops(100, 250, []string{"trend"}, trend, func(log float64, x []float64) float64 { return log + 0.5*x[0] })
	p.Series = p.Series[:1]
	f, err := Forecast(context.Background(), p, p.Seasons, last([]float64{130, 300, 340}))
	if err != nil {
		t.Fatal(err)
	}
	m := f.Series[0].Mean
	if got := m[0] - m[1]; math.Abs(got+0.5*(198-130)) > 1 {
		t.Errorf("from day 130 to day 300 the effect of the trend is %.1f, want that of 68 days, to one range beyond", -got)
	}
	if len(f.Notes) != 2 {
		t.Errorf("notes %q, want two", f.Notes)
	}
}
