// Package seriestest makes the series that the tests of several packages share.
package seriestest

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/series"
)

// Monthly returns a single series of n values with a trend and a season of 12 that
// grow together.
func Monthly(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 7))
	s := &series.Series{}
	for i := range n {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, math.Exp(4+0.01*float64(i)+0.2*math.Sin(2*math.Pi*float64(i)/12)+0.02*rng.NormFloat64()))
	}
	return &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// Promotions returns a single series of n values that are 5 higher at the steps of
// a covariate, which is known for another ten.
func Promotions(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(6, 7))
	s := &series.Series{}
	for i := range n + 10 {
		promotion := 0.0
		if rng.Float64() < 0.3 {
			promotion = 1
		}
		s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, promotion)
		if i < n {
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, 20+5*promotion+0.3*rng.NormFloat64())
		}
	}
	return &series.Panel{Channels: []string{"y"}, Known: []string{"promotion"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// Ahead returns the times of the n steps that follow each series of p.
func Ahead(p *series.Panel, n int) [][]float64 {
	at := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		at[i] = p.Future(s, n)
	}
	return at
}

// Long skips a test of results that takes long, under -short: with the race
// detector it takes minutes, and the contract suite looks for races in every kind.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}
