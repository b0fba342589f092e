package main

import (
	"context"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
)

const (
	shards    = 4
	batchSize = 512
)

// objective is the mean quantile loss of the futures, in units of the mean absolute
// difference of a season, and over them.
type objective struct {
	net     *network.Network
	train   *sampler
	batches [shards]batch
	singles [shards]network.Single
	valid   []batch
	losses  []float64 // of the last validation, by rhythm
}

// newObjective returns the objective with so many batches of held-back series.
func newObjective(net *network.Network, seed uint64, held int) (*objective, error) {
	s, err := newSampler(seed)
	if err != nil {
		return nil, err
	}
	other, err := newSampler(seed + 1<<32)
	if err != nil {
		return nil, err
	}
	o := &objective{net: net, train: s, valid: make([]batch, held)}
	for i := range o.valid {
		o.valid[i].fill(other, uint64(i)*256, 256)
	}
	return o, nil
}

// Loss implements nn.Objective.
func (o *objective) Loss(ctx context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	const n = batchSize / shards
	b := &o.batches[shard]
	b.fill(o.train, uint64(k)*batchSize+uint64(shard*n), n)
	return o.singles[shard].Loss(p, o.net, &b.Batch, 1/float64(batchSize*leads*futures)), ctx.Err()
}

// Validate implements nn.Objective.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	n := len(o.train.rhythms)
	sum, count, total := make([]float64, n), make([]float64, n), 0.0
	p := &nn.Pass{Values: values}
	for i := range o.valid {
		b := &o.valid[i]
		p.Reset()
		for j, l := range o.net.Loss(p, &b.Batch).Val {
			r := b.rhythm[b.View[j]]
			sum[r], count[r], total = sum[r]+l, count[r]+1, total+l
		}
	}
	all := 0.0
	for r := range sum {
		all += count[r]
		sum[r] /= max(1, count[r])
	}
	o.losses = sum
	return total / all, ctx.Err()
}
