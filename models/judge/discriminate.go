package judge

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/odds"
	"tsgen/models/trees"
)

// A contest is labelled windows, to learn from and to be tested on: 1 for real ones.
type contest struct {
	steps, channels int
	train, test     [][]float64
	trainY, testY   []float64
}

// newContest takes as many windows of both, at random, four fifths of which are to
// learn from.
func newContest(a, b *Sample, seed uint64) *contest {
	rng := rand.New(rand.NewPCG(seed, 1))
	n := min(len(a.Windows), len(b.Windows))
	k := n * 4 / 5
	c := &contest{steps: a.Steps, channels: a.Channels}
	for y, s := range []*Sample{b, a} {
		for i, at := range rng.Perm(len(s.Windows))[:n] {
			if i < k {
				c.train, c.trainY = append(c.train, s.Windows[at]), append(c.trainY, float64(y))
			} else {
				c.test, c.testY = append(c.test, s.Windows[at]), append(c.testY, float64(y))
			}
		}
	}
	return c
}

// score returns |accuracy - ½| of a classifier, positive for 1.
func (c *contest) score(positive func(w []float64) bool) float64 {
	right := 0.0
	for i, w := range c.test {
		if positive(w) == (c.testY[i] > 0.5) {
			right++
		}
	}
	return math.Abs(right/float64(len(c.test)) - 0.5)
}

// table returns what trees learn from.
func (c *contest) table() trees.Table {
	t := trees.Table{Y: c.trainY}
	var f []float64
	for _, w := range c.train {
		f = odds.Features(f, w, c.channels)
		t.Columns = len(f)
		t.X = append(t.X, f...)
	}
	return t
}

// extraTrees returns the score of extremely randomised trees.
func (c *contest) extraTrees(ctx context.Context, seed uint64) (float64, error) {
	f, err := trees.FitExtra(ctx, c.table(), trees.ExtraOptions{Seed: seed})
	if err != nil {
		return 0, err
	}
	var row []float64
	return c.score(func(w []float64) bool {
		row = odds.Features(row, w, c.channels)
		return f.Predict(row) > 0.5
	}), nil
}

// boostedTrees returns the score of boosted trees.
func (c *contest) boostedTrees(ctx context.Context) (float64, error) {
	b, err := trees.FitBoosted(ctx, c.table(), trees.BoostOptions{Loss: trees.Logistic})
	if err != nil {
		return 0, err
	}
	var row []float64
	return c.score(func(w []float64) bool {
		row = odds.Features(row, w, c.channels)
		return b.Predict(row) > 0
	}), nil
}

const (
	networkUpdates = 600
	networkBatch   = 128
	networkRate    = 0.01
)

// A reader is a recurrent network with one output, of the last step or of all.
type reader struct {
	params nn.Params
	gru    nn.GRU
	head   nn.Linear
	in     int
	all    bool
}

// newReader returns a reader of so many channels. Its width is half the number of
// channels of the data, as that of TimeGAN's judges.
func newReader(in, channels int, all bool, rng *rand.Rand) *reader {
	r := &reader{in: in, all: all}
	width := max(4, channels/2)
	r.gru = nn.NewGRU(&r.params, "gru", in, width, rng)
	r.head = nn.NewLinear(&r.params, "head", width, 1, 1, rng)
	return r
}

// read returns the outputs for windows of values(i, step, channel), step by step.
func (r *reader) read(p *nn.Pass, n, steps int, value func(i, t, j int) float64) *ad.Node {
	x := p.Buffer(n * steps * r.in)
	active := make([]int, steps)
	at := 0
	for t := range steps {
		active[t] = n
		for i := range n {
			for j := range r.in {
				x[at] = value(i, t, j)
				at++
			}
		}
	}
	h := r.gru.Apply(p, p.Const(n*steps, r.in, x), active)
	if !r.all {
		h = p.RowRange(h, n*(steps-1), n*steps)
	}
	return r.head.Apply(p, h)
}

// train makes the mean of what loss returns small.
func (r *reader) train(ctx context.Context, loss func(p *nn.Pass) *ad.Node) error {
	p := nn.Pass{Values: r.params.Values, Grad: make([]float64, len(r.params.Values))}
	var adam nn.Adam
	for range networkUpdates {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.Reset()
		clear(p.Grad)
		l := loss(&p)
		p.Backward(p.Scale(1/float64(l.Rows), p.Sum(l)))
		adam.Step(p.Values, p.Grad, networkRate, 10)
	}
	return nil
}

// recurrent returns the score of a recurrent network. Windows are in the range 0..1.
func (c *contest) recurrent(ctx context.Context, seed uint64) (float64, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	r := newReader(c.channels, c.channels, false, rng)
	rows, y := make([][]float64, networkBatch), make([]float64, networkBatch)
	err := r.train(ctx, func(p *nn.Pass) *ad.Node {
		for i := range rows {
			at := rng.IntN(len(c.train))
			rows[i], y[i] = c.train[at], c.trainY[at]
		}
		logits := r.read(p, len(rows), c.steps, func(i, t, j int) float64 { return rows[i][t*c.channels+j] })
		return p.Scale(-1, p.BernoulliLogDensity(p.Const(len(y), 1, y), logits))
	})
	if err != nil {
		return 0, fmt.Errorf("judge: %w", err)
	}
	p := nn.Pass{Values: r.params.Values}
	logits := r.read(&p, len(c.test), c.steps, func(i, t, j int) float64 { return c.test[i][t*c.channels+j] }).Val
	at := -1
	return c.score(func([]float64) bool { at++; return logits[at] > 0 }), nil
}

// predictive returns the mean absolute error on real windows of a recurrent network
// that learned from other ones to tell the last channel's next value by the other
// channels, or by itself where there is none. Windows are in the range 0..1.
func predictive(ctx context.Context, learned, real *Sample, seed uint64) (float64, error) {
	c, steps := learned.Channels, learned.Steps-1
	if steps < 1 {
		return math.NaN(), nil
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	r := newReader(max(1, c-1), c, true, rng)
	output := func(p *nn.Pass, rows [][]float64) (*ad.Node, []float64) {
		o := p.Sigmoid(r.read(p, len(rows), steps, func(i, t, j int) float64 { return rows[i][t*c+j] }))
		y := p.Buffer(len(rows) * steps)
		for t := range steps {
			for i, w := range rows {
				y[t*len(rows)+i] = w[(t+1)*c+c-1]
			}
		}
		return o, y
	}
	rows := make([][]float64, networkBatch)
	err := r.train(ctx, func(p *nn.Pass) *ad.Node {
		for i := range rows {
			rows[i] = learned.Windows[rng.IntN(len(learned.Windows))]
		}
		o, y := output(p, rows)
		return p.QuantileLoss(y, o, []float64{0.5})
	})
	if err != nil {
		return 0, fmt.Errorf("judge: %w", err)
	}
	p := nn.Pass{Values: r.params.Values}
	o, y := output(&p, real.Windows)
	sum := 0.0
	for i, v := range y {
		sum += math.Abs(v - o.Val[i])
	}
	return sum / float64(len(y)), nil
}
