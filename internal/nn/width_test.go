package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
)

// twoWidths is a loss of which parts are computed in float64, in float32, and in float64
// behind float32, with parameters of their own and common ones.
type twoWidths struct {
	own, common, behind Param
	x                   [2][]float64
	single              [2]PassOf[float32]
	double              [2]Pass
	singles             int // parts in float32, of which each takes the common parameters
}

func (o *twoWidths) Loss(_ context.Context, p *Pass, k, shard int) (*ad.Node, error) {
	in, x := &o.single[shard], o.x[shard]
	o.double[shard].Values = p.Values
	sum := p.Sum(p.MatMul(p.Const(len(x), 1, x), p.Param(o.own)))
	for range o.singles {
		sum = p.Add(sum, Single(p, in, func() *ad.NodeOf[float32] {
			y := in.MatMul(in.Data(len(x), 1, x), in.Param(o.common))
			return Double(in, &o.double[shard], y, func(p *Pass, y *ad.Node) *ad.Node {
				z := p.MatMul(y, p.Param(o.behind))
				return p.Scale(float64(1+k), p.Sum(p.Mul(z, z)))
			})
		}))
	}
	return sum, nil
}

func (o *twoWidths) Validate(context.Context, []float64) (float64, error) { return math.NaN(), nil }

// TestShardsOfTwoWidths: the gradient that a training adds up of its shards is the sum of
// those of single passes, update after update, of which one in between has no part in float32.
func TestShardsOfTwoWidths(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	var s Params
	o := &twoWidths{
		behind: s.AddUniform("behind", 3, 2, 1, rng), own: s.AddUniform("own", 1, 2, 1, rng), common: s.AddUniform("common", 1, 3, 1, rng),
		x: [2][]float64{{0.5, -1}, {2, 0.25, 0.75}},
	}
	training := Training{Shards: 2}
	r := newRun(&training, NewCheckpoint(s.Values), o)
	for k, singles := range []int{1, 2, 0, 1} {
		o.singles, r.Steps = singles, k
		r.gradients(context.Background())
		r.addUp()
		want := make([]float64, len(s.Values))
		for shard := range training.Shards {
			p := Pass{Values: s.Values, Grad: make([]float64, len(want))}
			l, err := o.Loss(context.Background(), &p, k, shard)
			if err != nil {
				t.Fatal(err)
			}
			p.Backward(l)
			for i, g := range p.Grad {
				want[i] += g
			}
		}
		for i, g := range r.grad {
			if math.Abs(g-want[i]) > 1e-6*(1+math.Abs(want[i])) {
				t.Errorf("update %d, element %d: %v, want %v", k, i, g, want[i])
			}
			if (want[i] == 0) != (singles == 0 && (i < 6 || i >= 8)) {
				t.Errorf("update %d: element %d is %v", k, i, want[i])
			}
		}
	}
}
