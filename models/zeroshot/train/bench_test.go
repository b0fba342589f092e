package main

import (
	"context"
	"math/rand/v2"
	"testing"

	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
)

// BenchmarkUpdate measures an update of the weights.
func BenchmarkUpdate(b *testing.B) {
	net := network.New(rand.New(rand.NewPCG(1, 0)))
	o, err := newObjective(net, 1, 0)
	if err != nil {
		b.Fatal(err)
	}
	t := nn.Training{Schedule: nn.Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards, Clip: 1}
	b.ResetTimer()
	if err := t.Run(context.Background(), nn.NewCheckpoint(net.Params.Values), o); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDraw measures the drawing of a simulated series.
func BenchmarkDraw(b *testing.B) {
	s, err := newSampler(1)
	if err != nil {
		b.Fatal(err)
	}
	for k := range b.N {
		s.draw(uint64(k))
	}
}

// BenchmarkFill measures the making of a batch.
func BenchmarkFill(b *testing.B) {
	s, err := newSampler(1)
	if err != nil {
		b.Fatal(err)
	}
	var x batch
	for k := range b.N {
		x.fill(s, uint64(k), 1)
	}
}
