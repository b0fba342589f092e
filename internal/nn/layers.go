package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
)

// Linear is the affine map x·W + b.
type Linear struct{ W, B Param }

// NewLinear adds an affine map from in to out columns to s. Weights are
// uniform on ±gain·√(3/in), which keeps the variance at gain = 1; biases are
// zero.
func NewLinear(s *Params, name string, in, out int, gain float64, rng *rand.Rand) Linear {
	return Linear{
		W: s.AddUniform(name+".weight", in, out, gain*math.Sqrt(3/float64(in)), rng),
		B: s.Add(name+".bias", 1, out),
	}
}

// Apply returns x·W + b.
func (l Linear) Apply(p *Pass, x *ad.Node) *ad.Node { return p.Affine(l, x) }

// Affine is [Linear.Apply] in either width.
func (p *PassOf[T]) Affine(l Linear, x *ad.NodeOf[T]) *ad.NodeOf[T] {
	return p.Linear(x, p.Param(l.W), p.Param(l.B))
}

// GRU is a gated recurrent unit; see ad.Tape.GRU for its equations.
type GRU struct {
	Input Linear // in × 3·hidden: reset, update, candidate
	Wh    Param  // hidden × 3·hidden
	Bh    Param  // 1 × 3·hidden
}

// NewGRU adds a GRU to s, its weights uniform on ±1/√hidden.
func NewGRU(s *Params, name string, in, hidden int, rng *rand.Rand) GRU {
	bound := 1 / math.Sqrt(float64(hidden))
	return GRU{
		Input: Linear{
			W: s.AddUniform(name+".input.weight", in, 3*hidden, bound, rng),
			B: s.Add(name+".input.bias", 1, 3*hidden),
		},
		Wh: s.AddUniform(name+".hidden.weight", hidden, 3*hidden, bound, rng),
		Bh: s.Add(name+".hidden.bias", 1, 3*hidden),
	}
}

// Apply runs the unit over packed sequences and returns the packed states; see
// ad.Tape.GRU for the packing.
func (g GRU) Apply(p *Pass, x *ad.Node, active []int) *ad.Node {
	return p.Recur(g, nil, x, active)
}

// Recur is [GRU.Apply] in either width, from the states h, or from zero where h is nil.
func (p *PassOf[T]) Recur(g GRU, h, x *ad.NodeOf[T], active []int) *ad.NodeOf[T] {
	return p.GRUFrom(h, p.Param(g.Input.B), p.Param(g.Wh), p.Param(g.Bh), active, ad.InputOf[T]{X: x, W: p.Param(g.Input.W)})
}

// MLP is a multilayer perceptron with tanh between its affine maps.
type MLP struct{ Layers []Linear }

// NewMLP adds a perceptron with the given widths, input and output included,
// to s. The last layer is scaled by gain.
func NewMLP(s *Params, name string, widths []int, gain float64, rng *rand.Rand) MLP {
	var m MLP
	for i := range len(widths) - 1 {
		g := 1.0
		if i == len(widths)-2 {
			g = gain
		}
		m.Layers = append(m.Layers, NewLinear(s, fmt.Sprintf("%s.%d", name, i), widths[i], widths[i+1], g, rng))
	}
	return m
}

// Apply returns the perceptron's output for each row of x.
func (m MLP) Apply(p *Pass, x *ad.Node) *ad.Node {
	for _, l := range m.Layers[:len(m.Layers)-1] {
		x = p.LinearTanh(x, p.Param(l.W), p.Param(l.B))
	}
	return m.Layers[len(m.Layers)-1].Apply(p, x)
}

// Residual is a residual block, x + B(max(A(x), 0)) with affine maps A and B
// (He et al. 2016).
type Residual struct{ A, B Linear }

// NewResidual adds a residual block of the given width to s, whose part of the sum
// is small to begin with.
func NewResidual(s *Params, name string, width int, rng *rand.Rand) Residual {
	return Residual{NewLinear(s, name+".0", width, width, math.Sqrt2, rng), NewLinear(s, name+".1", width, width, 0.3, rng)}
}

// Apply returns the block's output for each row of x, some of whose activations
// are dropped; see Dropout.
func (r Residual) Apply(p *Pass, x *ad.Node, rate float64, source *rand.Rand) *ad.Node {
	return p.Residual(r, x, rate, source)
}

// Residual is [Residual.Apply] in either width.
func (p *PassOf[T]) Residual(r Residual, x *ad.NodeOf[T], rate float64, source *rand.Rand) *ad.NodeOf[T] {
	return p.Add(x, p.Affine(r.B, Dropout(p, p.AffineReLU(r.A, x), rate, source)))
}

// ApplyReLU returns max(x·W + b, 0).
func (l Linear) ApplyReLU(p *Pass, x *ad.Node) *ad.Node { return p.AffineReLU(l, x) }

// AffineReLU is [Linear.ApplyReLU] in either width.
func (p *PassOf[T]) AffineReLU(l Linear, x *ad.NodeOf[T]) *ad.NodeOf[T] {
	return p.LinearReLU(x, p.Param(l.W), p.Param(l.B))
}

// Dropout sets elements of x to 0 with the probability rate and multiplies the
// others by what keeps the mean (Srivastava et al. 2014). Without a source it
// returns x.
func Dropout[T ad.Float](p *PassOf[T], x *ad.NodeOf[T], rate float64, source *rand.Rand) *ad.NodeOf[T] {
	if source == nil || rate == 0 {
		return x
	}
	keep := p.Buffer(len(x.Val))
	for i := range keep {
		if source.Float64() >= rate {
			keep[i] = T(1 / (1 - rate))
		}
	}
	return p.Mul(x, p.Const(x.Rows, x.Cols, keep))
}
