package zeroshot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/series"
	"tsgen/series/simulate"
)

// panel returns simulated months.
func panel(t testing.TB, number, length int) *series.Panel {
	t.Helper()
	m, err := simulate.NewMaker("structural", "smoothing")
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Panel(simulate.PanelOptions{Number: number, Length: length, Step: series.Step{Months: 1}, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustForecast(t testing.TB, p *series.Panel, opt forecast.Options) *forecast.Forecast {
	t.Helper()
	f, err := (&Model{}).Forecast(context.Background(), p, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Series {
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// The weights are those that the training's record says.
func TestWeights(t *testing.T) {
	record, err := os.ReadFile("weights.txt")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(weights)
	if want := "sha256 " + hex.EncodeToString(sum[:]); !strings.Contains(string(record), want) {
		t.Errorf("weights.txt does not say %s", want)
	}
}

// A forecast of a series depends neither on the others nor on the processors.
func TestAlone(t *testing.T) {
	p := panel(t, together+5, 60)
	all := mustForecast(t, p, forecast.Options{Horizon: 18})
	last := len(p.Series) - 1
	alone := mustForecast(t, p.With(p.Series[last:]), forecast.Options{Horizon: 18})
	if !reflect.DeepEqual(all.Series[last], alone.Series[0]) {
		t.Error("a series alone is forecast otherwise than among others")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !reflect.DeepEqual(mustForecast(t, p, forecast.Options{Horizon: 18}), all) {
		t.Error("the forecast depends on the number of processors")
	}
}

// A series in another unit is forecast in that unit: by a power of two bit by bit.
func TestUnit(t *testing.T) {
	p := panel(t, 10, 50)
	f := mustForecast(t, p, forecast.Options{Horizon: 30})
	for _, s := range p.Series {
		for i := range s.Values {
			s.Values[i] *= 64
		}
	}
	for i, d := range mustForecast(t, p, forecast.Options{Horizon: 30}).Series {
		for j, values := range d.Values {
			for k, v := range values {
				if v != 64*f.Series[i].Values[j][k] {
					t.Fatalf("series %d, step %d: %v, want %v", i, k, v, 64*f.Series[i].Values[j][k])
				}
			}
		}
	}
}

// Values missing at the end are leads more: the forecast of the steps after them is that
// from the last observation.
func TestEndMissing(t *testing.T) {
	p := panel(t, 3, 60)
	cut := p.With(nil)
	for _, s := range p.Series {
		cut.Series = append(cut.Series, s.Slice(0, 57))
		s.Values[57], s.Values[58], s.Values[59] = math.NaN(), math.NaN(), math.NaN()
	}
	from, after := mustForecast(t, cut, forecast.Options{Horizon: 15}), mustForecast(t, p, forecast.Options{Horizon: 12})
	for i := range p.Series {
		for j, values := range after.Series[i].Values {
			if !reflect.DeepEqual(values, from.Series[i].Values[j][3:]) {
				t.Fatalf("series %d: %v, want %v", i, values, from.Series[i].Values[j][3:])
			}
		}
	}
}

// Further ahead than the network learned, intervals of what it forecasts go on to widen,
// and the season goes on.
func TestFarAhead(t *testing.T) {
	p := panel(t, 6, 80)
	f := mustForecast(t, p, forecast.Options{Horizon: 400})
	for i, d := range f.Series {
		lo, hi := d.Interval(nil, nil, 80)
		near, far := hi[119]-lo[119], hi[119+240]-lo[119+240]
		if !(far > near && far < 8*near) {
			t.Errorf("series %d: the interval is %v wide at 120 steps, %v at 360", i, near, far)
		}
		if a, b := d.Values[7][119], d.Values[7][119+120]; math.Abs(a-b) > 1e-9*(1+math.Abs(a)) {
			t.Errorf("series %d: the median is %v at 120 steps, %v ten seasons later", i, a, b)
		}
	}
}

// A horizon beyond what is computed at once is that of its parts.
func TestLongHorizon(t *testing.T) {
	p := panel(t, 1, 80)
	m := &Model{Options: Options{Season: 900}}
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: 2600})
	if err != nil {
		t.Fatal(err)
	}
	last := f.Series[0].Times[2500:2501]
	one, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{last}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Series[0].Values[3][2500], one.Series[0].Values[3][0]; got != want {
		t.Errorf("step 2501 is %v among others, %v alone", got, want)
	}
}

// On AirPassengers the forecast is better than that of the season before.
func TestAirPassengers(t *testing.T) {
	text, err := os.ReadFile("../../testdata/airpassengers.csv")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := series.ReadCSV(bytes.NewReader(text), series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := forecast.Backtest(context.Background(), p, []forecast.Candidate{{Name: Name, New: func() forecast.Model { return &Model{} }}},
		forecast.BacktestOptions{Horizon: 12, Windows: 5, Step: 12, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	// The seasonal naive forecast has the SQL 1.06 there.
	if s := r.Results()[0].Scores; !(s.SQL < 0.8) {
		t.Errorf("SQL %v", s.SQL)
	}
}

// Periods that are not whole are taken as several that are nearly.
func TestWholeSteps(t *testing.T) {
	for period, want := range map[float64]int{12: 12, 365.25: 365, 52.1786: 52, 30.4369: 30, 2.2: 11, 3.5: 7, 7.33: 22} {
		if got := wholeSteps(period); got != want {
			t.Errorf("%v steps are taken as %d, want %d", period, got, want)
		}
	}
}

// Series too short for the network are continued as random walks, those too short for a
// season without it, and notes count both.
func TestShort(t *testing.T) {
	p := panel(t, 4, 30)
	p.Series[2] = p.Series[2].Slice(0, 2)
	p.Series[3] = p.Series[3].Slice(0, 13)
	f := mustForecast(t, p, forecast.Options{Horizon: 3})
	if d := f.Series[2]; d.Values[7][2] != p.Series[2].Values[1] || len(f.Notes) != 2 ||
		!strings.Contains(f.Notes[0], "1 of 4 series") || !strings.Contains(f.Notes[1], "1 of 4 series are hardly longer than a season of 12") {
		t.Errorf("median %v after %v, notes %q", d.Values[7], p.Series[2].Values, f.Notes)
	}
}

// A hundred values that tie, vanish or are huge give finite forecasts.
func TestOddValues(t *testing.T) {
	for name, value := range map[string]func(i int) float64{
		"constant": func(int) float64 { return 3 },
		"zero":     func(int) float64 { return 0 },
		"one step": func(i int) float64 { return float64(min(i, 1)) },
		"rare":     func(i int) float64 { return float64(max(0, i%37-35)) },
		"huge":     func(i int) float64 { return 1e300 * math.Sin(float64(i)) },
		"tiny":     func(i int) float64 { return 1e-300 * math.Sin(float64(i)) },
		"explodes": func(i int) float64 { return math.Exp(float64(5 * i)) },
	} {
		p := panel(t, 1, 100)
		for i := range p.Series[0].Values {
			p.Series[0].Values[i] = value(i)
		}
		d := mustForecast(t, p, forecast.Options{Horizon: 24}).Series[0]
		if name == "constant" || name == "zero" {
			lo, hi := d.Interval(nil, nil, 95)
			for k := range lo {
				if want := value(0); math.Abs(lo[k]-want) > 1e-3 || math.Abs(hi[k]-want) > 1e-3 {
					t.Errorf("%s: from %v to %v", name, lo[k], hi[k])
				}
			}
		}
	}
}

// BenchmarkForecast measures how many series a second of the processor forecasts.
func BenchmarkForecast(b *testing.B) {
	p := panel(b, 1000, 120)
	b.ResetTimer()
	from := clock.Processor()
	for range b.N {
		mustForecast(b, p, forecast.Options{Horizon: 24})
	}
	b.ReportMetric(float64(b.N*len(p.Series))/(clock.Processor()-from).Seconds(), "series/cpu-s")
}
