package mixer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

func TestDbg(t *testing.T) {
	for seed := range uint64(3) {
	rng := rand.New(rand.NewPCG(6+seed, 7))
	s := &series.Series{}
	for i := range 160 {
		promotion := math.Floor(1.3 * rng.Float64())
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, promotion)
		if i < 150 {
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 20+5*promotion+0.3*rng.NormFloat64())
		}
	}
	p := &series.Panel{Channels: []string{"y"}, Known: []string{"promotion"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	m := fit(t, Options{Context: 14, Updates: 600}, p, forecast.FitOptions{Horizon: 10, Season: 1})
	fmt.Println(m.Curve(), m.config.Log)
	fmt.Println(s.Values[136:], s.Known.Values[136:])
	fmt.Println(ahead(t, m, p, 10, 200).Series[0].Quantile(nil, .5))
	fmt.Println(ahead(t, m, p, 10, 200).Series[0].MeanTo(nil))
	}
}
