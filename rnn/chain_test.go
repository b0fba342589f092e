package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// flipped is the probability with which the second channel of copies differs
// from the first.
const flipped = 0.05

// copies returns n series of two binary channels without memory: the first is
// the throw of a fair coin, the second mostly its copy.
func copies(n, length int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &series.Panel{Channels: []string{"coin", "copy"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		for t := range length {
			coin := float64(rng.IntN(2))
			copied := coin
			if rng.Float64() < flipped {
				copied = 1 - coin
			}
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, coin, copied)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestChain holds the bound of the chain of channels against the likelihood of
// the true distribution, which the chain, but no channels that are independent of each
// other, can have without latent variables; and its draws against the distribution.
func TestChain(t *testing.T) {
	seriestest.Long(t)
	ctx := context.Background()
	test := copies(100, 20, 2)
	truth, steps := 0.0, 0
	for _, s := range test.Series {
		for i := 0; i < len(s.Values); i += 2 {
			p := 1 - flipped
			if s.Values[i] != s.Values[i+1] {
				p = flipped
			}
			truth += math.Log(0.5 * p)
			steps++
		}
	}
	truth /= float64(steps)
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			m := fit(t, kind, Options{Hidden: 6, Latent: 1, Likelihood: density.ChainBernoulli, Updates: 1000, Rate: 0.01},
				copies(60, 20, 1), forecast.FitOptions{Horizon: 1, Season: 1})
			ls, err := m.LogLikelihood(ctx, test, forecast.LikelihoodOptions{Samples: 4, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			bound := 0.0
			for _, l := range ls {
				bound += l.Value / float64(steps)
			}
			if bound > truth+0.005 || bound < truth-0.03 {
				t.Errorf("bound %.4f nats a step, the true distribution has %.4f", bound, truth)
			}
			drawn, err := m.Generate(ctx, forecast.GenerateOptions{Number: 200, Length: 20, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			differ := 0
			for _, s := range drawn.Series {
				for i := 0; i < len(s.Values); i += 2 {
					if s.Values[i] != s.Values[i+1] {
						differ++
					}
				}
			}
			if share := float64(differ) / (200 * 20); math.Abs(share-flipped) > 0.03 {
				t.Errorf("the copy differs in %.3f of all steps generated, want %.2f", share, flipped)
			}
		})
	}
}
