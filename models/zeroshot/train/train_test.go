package main

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
)

// A training that was stopped and goes on from its file ends as one that was not.
func TestResume(t *testing.T) {
	net := network.New(rand.New(rand.NewPCG(1, 0)))
	o, err := newObjective(net, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "training.gob")
	train := func(updates int) *nn.Checkpoint {
		c, err := resume(file, net.Params.Values)
		if err != nil {
			t.Fatal(err)
		}
		r := nn.Training{Schedule: nn.Schedule{Rate: 1e-3, Updates: 2}, Shards: shards, Clip: 1, Decay: 0.9, Every: 1}
		ctx, stop := context.WithCancel(t.Context())
		r.Save = func(c *nn.Checkpoint) {
			if c.Steps == updates {
				stop()
			}
		}
		if err := r.Run(ctx, c, o); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		return c
	}
	whole := train(2)
	if err := save(file, train(1)); err != nil {
		t.Fatal(err)
	}
	if c := train(2); !slices.Equal(c.Average, whole.Average) || c.Steps != 2 {
		t.Errorf("after %d updates the weights are not those of a training in one part", c.Steps)
	}
	if _, err := resume(file, make([]float64, 3)); err == nil {
		t.Error("the training of another network is resumed")
	}
}

// A sample is the same alone, its targets are those of its futures, and what is hidden is
// never the last value.
func TestSamples(t *testing.T) {
	s, err := newSampler(3)
	if err != nil {
		t.Fatal(err)
	}
	gaps := 0
	seen := make([]int, len(s.rhythms))
	for k := range uint64(1500) {
		x := s.draw(k)
		seen[x.rhythm]++
		if k < 50 {
			if y := s.draw(k); !reflect.DeepEqual(x.futures, y.futures) || x.season != y.season {
				t.Fatalf("sample %d differs when it is drawn again", k)
			}
		}
		if math.IsNaN(x.history[len(x.history)-1]) || x.season < 1 || len(x.futures) != futures {
			t.Fatalf("sample %d: season %d, %d futures, last value %v", k, x.season, len(x.futures), x.history[len(x.history)-1])
		}
		if slices.ContainsFunc(x.history, math.IsNaN) {
			gaps++
		}
	}
	if gaps < 90 || gaps > 270 {
		t.Errorf("%d of 1500 histories have gaps", gaps)
	}
	for i, r := range s.rhythms {
		if want := 1500 * r.weight; math.Abs(float64(seen[i])-want) > 5*math.Sqrt(want) {
			t.Errorf("%d of 1500 samples are of %s, want about %.0f", seen[i], r.name, want)
		}
	}
	var b batch
	b.fill(s, 0, 8)
	if len(b.Targets) != 8*leads*futures || len(b.rhythm) != 8 {
		t.Errorf("%d targets of %d samples", len(b.Targets), len(b.rhythm))
	}
	p := &nn.Pass{Values: network.New(rand.New(rand.NewPCG(1, 0))).Params.Values}
	for _, v := range network.New(rand.New(rand.NewPCG(1, 0))).Loss(p, &b.Batch).Val {
		if math.IsNaN(v - v) {
			t.Fatal("a loss is not finite")
		}
	}
}
