package boost_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/boost"
	"tsgen/series"
)

// panel returns series of a season of six steps, a level of their own, an effect of what is
// known ahead, and exponential noise.
func panel(number, length int, effect float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", TimeColumn: "ds", Step: series.Step{Width: 1}, Seasons: []float64{6}}
	if effect != 0 {
		p.Known = []string{"offer"}
	}
	for i := range number {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		s := &series.Series{ID: fmt.Sprint(i)}
		for k := range length {
			offer := 0.0
			if rng.Float64() < 0.3 {
				offer = 1
			}
			s.Times = append(s.Times, float64(k))
			s.Values = append(s.Values, float64(40*i)+10*math.Sin(float64(k)*math.Pi/3)+effect*offer+rng.ExpFloat64())
			if effect != 0 {
				s.Known.Times, s.Known.Values = append(s.Known.Times, float64(k)), append(s.Known.Values, offer)
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// ahead fits the model to what comes before the last n steps and forecasts them.
func ahead(t *testing.T, p *series.Panel, n int) (*forecast.Forecast, *series.Panel) {
	t.Helper()
	head, tail, err := p.SplitLast(n)
	if err != nil {
		t.Fatal(err)
	}
	m := &boost.Model{}
	if err := m.Fit(t.Context(), head, forecast.FitOptions{Horizon: n, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), head, forecast.Options{Horizon: n})
	if err != nil {
		t.Fatal(err)
	}
	return f, tail
}

// TestQuantiles protects what is learned of a distribution that is known: the quantiles of
// exponential noise about a season, whatever the level of the series, in their order.
func TestQuantiles(t *testing.T) {
	seriestest.Long(t)
	f, _ := ahead(t, panel(12, 200, 0), 12)
	levels := []float64{0.1, 0.5, 0.9}
	off := make([]float64, len(levels))
	for i, d := range f.Series {
		for l, row := range d.Quantiles(levels...) {
			for k, x := range row {
				truth := float64(40*i) + 10*math.Sin(float64(188+k)*math.Pi/3) - math.Log(1-levels[l])
				off[l] += (x - truth) / float64(len(row)*len(f.Series))
			}
		}
		for k := range d.Times {
			for l := 1; l < len(d.Values); l++ {
				if d.Values[l][k] < d.Values[l-1][k] {
					t.Fatalf("quantiles %v and %v of %s cross", d.Probs[l-1], d.Probs[l], d.ID)
				}
			}
		}
	}
	for l, x := range off {
		if math.Abs(x) > 0.3 { // the deviation of the noise is 1
			t.Errorf("the quantile %v is %.2f from the truth on average", levels[l], x)
		}
	}
}

// TestKnown protects the effect of a covariate that is known ahead.
func TestKnown(t *testing.T) {
	seriestest.Long(t)
	p := panel(12, 200, 8)
	f, _ := ahead(t, p, 12)
	var effect, with float64
	for i, d := range f.Series {
		known := p.Series[i].Known.Values[188:]
		for k, x := range d.Quantiles(0.5)[0] {
			rest := x - float64(40*i) - 10*math.Sin(float64(188+k)*math.Pi/3)
			if known[k] > 0 {
				effect, with = effect+rest, with+1
			}
		}
	}
	if got := effect / with; math.Abs(got-8-math.Ln2) > 1 {
		t.Errorf("values with the covariate are %.2f above the season, want %.2f", got, 8+math.Ln2)
	}
}

// TestSeasonalNaive protects that the model is better than what every model is held
// against, on a series with a trend that it has not seen the end of.
func TestSeasonalNaive(t *testing.T) {
	p, _, err := series.ReadFile("../../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f, tail := ahead(t, p, 24)
	loss, naive := 0.0, 0.0
	s := p.Series[0]
	for k, x := range f.Series[0].Quantiles(0.5)[0] {
		loss += math.Abs(x - tail.Series[0].Values[k])
		naive += math.Abs(s.Values[s.Len()-36+k%12] - tail.Series[0].Values[k])
	}
	if loss > 0.8*naive {
		t.Errorf("its error is %.0f, that of the seasonal naive forecast %.0f", loss, naive)
	}
}

// TestRefusals protects that what cannot be learned is refused by its name, and that a
// state with a tensor out of shape is no model.
func TestRefusals(t *testing.T) {
	m := &boost.Model{}
	if err := m.Fit(t.Context(), panel(1, 10, 0), forecast.FitOptions{Horizon: 4}); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("ten values: %v", err)
	}
	irregular := panel(2, 60, 0)
	irregular.Step = series.Step{}
	if err := m.Fit(t.Context(), irregular, forecast.FitOptions{Horizon: 4}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("irregular times: %v", err)
	}
	if err := m.Fit(t.Context(), panel(3, 60, 0), forecast.FitOptions{Horizon: 4}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		s.Tensors[i].Data = s.Tensors[i].Data[1:]
		if _, err := boost.FromState(s); err == nil {
			t.Errorf("a model without the first number of %s", s.Tensors[i].Name)
		}
	}
}

// Events that come two or three times each, of which leaves of the trees would hold few rows, show in
// the forecast of their days, and not in that of the days a season after.
func TestRareEvents(t *testing.T) {
	const n, horizon, effect, events = 500, 60, -30.0, 8
	rng := rand.New(rand.NewPCG(5, 5))
	s := &series.Series{ID: "a"}
	for i := range n + horizon {
		happens := make([]float64, events)
		sum := 0.0
		for e := range happens {
			if i%240 == 17+29*e || i == n+33 && e == 7 {
				happens[e], sum = 1, effect
			}
		}
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, happens...)
		if i < n {
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, 200+20*math.Sin(2*math.Pi*float64(i)/7)+sum+2*rng.NormFloat64())
		}
	}
	p := &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
	for e := range events {
		p.Known = append(p.Known, fmt.Sprint("event ", e))
	}
	m := &boost.Model{Options: boost.Options{Trees: 60}}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: horizon}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: horizon})
	if err != nil {
		t.Fatal(err)
	}
	median := f.Series[0].Quantiles(0.5)[0]
	for h, want := range map[int]float64{33: effect, 40: 0} {
		usual := 200 + 20*math.Sin(2*math.Pi*float64(n+h)/7)
		if got := median[h] - usual; math.Abs(got-want) > 4 {
			t.Errorf("step %d: %.1f beside the season, want %.0f", h+1, got, want)
		}
	}
}
