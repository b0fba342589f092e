package vae_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"tsgen/forecast"
	"tsgen/models/density"
	"tsgen/models/vae"
	"tsgen/series"
)

// A VAE of windows of two steps of context and one to forecast learns that a
// series alternates.
func ExampleModel() {
	s := &series.Series{}
	for i := range 60 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, float64(i%2))
	}
	panel := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}

	m := &vae.Model{Options: vae.Options{Length: 3, Hidden: 16, Latent: 2, Likelihood: density.Bernoulli, Updates: 300, Rate: 0.01}}
	ctx := context.Background()
	if err := m.Fit(ctx, panel, forecast.FitOptions{Horizon: 1, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	f, err := m.Forecast(ctx, panel, forecast.Options{At: [][]float64{{60, 61, 62, 63}}, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range f.Series[0].MeanTo(nil) {
		fmt.Print(math.Round(p), " ")
	}
	// Output: 0 1 0 1
}

// Which values three of the distributions treat.
func ExampleFamily_Domain() {
	fmt.Println(density.Poisson.Domain(), "/", density.LogNormal.Domain(), "/", density.ChainBernoulli.Domain())
	// Output: whole numbers from 0 up / numbers above zero / numbers from 0 to 1
}
