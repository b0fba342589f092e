package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/clock"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/models/density"
	"tsgen/series"
)

// wholeSeries is the objective of a fit in which every update takes all series
// from beginning to end.
type wholeSeries struct{ *objective }

// Loss implements nn.Objective.
func (o wholeSeries) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.workspaces[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.workspaces)+shard))
	s.drawn = s.drawn[:0]
	for i := shard; i < len(o.records); i += len(o.workspaces) {
		n := len(o.records[i].U)
		s.drawn = append(s.drawn, neural.Window{Record: &o.records[i], Origin: n - 1, To: n})
	}
	return o.loss(p, s, k), nil
}

// BenchmarkUpdate times an update of a training: the loss of 32 whole series and
// its gradient, the bound on the gradient's norm and the step of Adam. On a busy machine the
// time of the processor is what counts.
func BenchmarkUpdate(b *testing.B) {
	for _, c := range []struct {
		name     string
		steps, x int
		options  Options
	}{
		{"series", 100, 1, Options{Hidden: 64, Latent: 16, Level: LevelPanel}},
		{"chorales", 60, 88, Options{Hidden: 200, Latent: 50, Likelihood: density.Bernoulli}},
		{"chain", 60, 88, Options{Hidden: 200, Latent: 50, Likelihood: density.ChainBernoulli}},
	} {
		for _, kind := range []string{VRNN, SRNN} {
			for _, precision := range []Precision{Float64, Float32} {
				b.Run(fmt.Sprintf("%s/%s/%s", kind, c.name, precision), func(b *testing.B) {
					rng := rand.New(rand.NewPCG(1, 1))
					panel := &series.Panel{Step: series.Step{Width: 1}}
					for j := range c.x {
						panel.Channels = append(panel.Channels, fmt.Sprint("x", j))
					}
					for i := range 32 {
						s := &series.Series{ID: fmt.Sprint(i)}
						for t := range c.steps {
							s.Times = append(s.Times, float64(t))
							for range c.x {
								if c.options.Likelihood == "" {
									s.Values = append(s.Values, rng.NormFloat64())
								} else {
									s.Values = append(s.Values, float64(rng.IntN(2)))
								}
							}
						}
						panel.Series = append(panel.Series, s)
					}
					c.options.Precision = precision
					p, records, err := newConfig(kind, c.options, panel, forecast.FitOptions{Horizon: 1, Season: 1})
					if err != nil {
						b.Fatal(err)
					}
					f, err := newFitted(p, rng)
					if err != nil {
						b.Fatal(err)
					}
					o, err := newObjective(f, records, 1)
					if err != nil {
						b.Fatal(err)
					}
					t := nn.Training{Schedule: nn.Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards, Clip: 1}
					start := nn.NewCheckpoint(f.Params.Values)
					b.ReportAllocs()
					b.ResetTimer()
					before := clock.Processor()
					if err := t.Run(context.Background(), start, wholeSeries{o}); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64((clock.Processor()-before).Microseconds())/1e3/float64(b.N), "cpu-ms/op")
				})
			}
		}
	}
}
