package baseline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// The size of the M4 competition's hourly part: 100 series of 700 to 960 hours,
// 48 hours ahead.
func BenchmarkForecast(b *testing.B) {
	rng := rand.New(rand.NewPCG(19, 20))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Axis: series.Axis{Layout: "2006-01-02 15:04"}, Step: series.Step{Width: 3600}}
	var opt forecast.Options
	for i := range 100 {
		s := &series.Series{ID: fmt.Sprint(i)}
		level := 0.0
		for h := range 700 + 260*(i%2) {
			level += 0.1 * rng.NormFloat64()
			s.Times = append(s.Times, float64(h)*3600)
			s.Values = append(s.Values, 50+level+10*math.Sin(float64(h)*math.Pi/12)+rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
		opt.At = append(opt.At, p.Future(s, 48))
	}
	for _, m := range []forecast.Model{baseline.SeasonalNaive{}, baseline.AR{}} {
		b.Run(m.Name(), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Forecast(b.Context(), p, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The size of the M3 competition's monthly part: 100 series of 50 to 126
// months, 18 months ahead.
func BenchmarkClassical(b *testing.B) {
	rng := rand.New(rand.NewPCG(21, 22))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Axis: series.Axis{Layout: "2006-01"}, Step: series.Step{Months: 1}}
	var opt forecast.Options
	for i := range 100 {
		s := &series.Series{ID: fmt.Sprint(i)}
		level := 5000.0
		for k := range 50 + 76*(i%2) {
			level *= 1 + 0.003 + 0.02*rng.NormFloat64()
			s.Times = append(s.Times, p.TimeAt(float64(12*2000+k)))
			s.Values = append(s.Values, level*(1+0.2*math.Sin(float64(k)*math.Pi/6)+0.03*rng.NormFloat64()))
		}
		p.Series = append(p.Series, s)
		opt.At = append(opt.At, p.Future(s, 18))
	}
	for _, m := range []forecast.Model{baseline.Theta{}, baseline.ETS{}, baseline.STL{}} {
		b.Run(m.Name(), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Forecast(b.Context(), p, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
