package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A gradientCase is an operation whose gradient is held against differences.
// The operation gets one parameter for each of shapes.
type gradientCase struct {
	name   string
	shapes [][2]int
	apply  func(t *Tape, in []*Node) *Node
}

var gradientCases = []gradientCase{
	{"MatMul", [][2]int{{3, 4}, {4, 5}}, func(t *Tape, in []*Node) *Node { return t.MatMul(in[0], in[1]) }},
	{"Linear", [][2]int{{3, 4}, {4, 5}, {1, 5}}, func(t *Tape, in []*Node) *Node { return t.Linear(in[0], in[1], in[2]) }},
	{"Linear, a bias for each row", [][2]int{{3, 4}, {4, 5}, {3, 5}}, func(t *Tape, in []*Node) *Node { return t.Linear(in[0], in[1], in[2]) }},
	{"LinearTanh, a bias for each row", [][2]int{{3, 4}, {4, 5}, {3, 5}}, func(t *Tape, in []*Node) *Node { return t.LinearTanh(in[0], in[1], in[2]) }},
	{"LinearTanh", [][2]int{{3, 4}, {4, 5}, {1, 5}}, func(t *Tape, in []*Node) *Node { return t.LinearTanh(in[0], in[1], in[2]) }},
	{"Add", [][2]int{{3, 4}, {3, 4}}, func(t *Tape, in []*Node) *Node { return t.Add(in[0], in[1]) }},
	{"Sub", [][2]int{{3, 4}, {3, 4}}, func(t *Tape, in []*Node) *Node { return t.Sub(in[0], in[1]) }},
	{"Mul", [][2]int{{3, 4}, {3, 4}}, func(t *Tape, in []*Node) *Node { return t.Mul(in[0], in[1]) }},
	{"square by Mul", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Mul(in[0], in[0]) }},
	{"Scale", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Scale(-1.7, in[0]) }},
	{"Tanh", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Tanh(in[0]) }},
	{"Sigmoid", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Sigmoid(in[0]) }},
	{"Exp", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Exp(in[0]) }},
	{"Softplus", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.Softplus(in[0]) }},
	{"SoftplusAbove", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.SoftplusAbove(0.1, in[0]) }},
	{"Columns", [][2]int{{3, 5}}, func(t *Tape, in []*Node) *Node { return t.Columns(in[0], 1, 4) }},
	{"Concat", [][2]int{{3, 2}, {3, 4}}, func(t *Tape, in []*Node) *Node { return t.Concat(in[0], in[1]) }},
	{"AddColumns", [][2]int{{3, 4}, {3, 2}}, func(t *Tape, in []*Node) *Node { return t.AddColumns(in[0], in[1]) }},
	{"Rows", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.Rows(in[0], []int{2, 0, 2}) }},
	{"BlockDot", [][2]int{{3, 6}, {3, 2}}, func(t *Tape, in []*Node) *Node { return t.BlockDot(in[0], nil, in[1]) }},
	{"BlockDot of rows", [][2]int{{3, 6}, {4, 2}}, func(t *Tape, in []*Node) *Node { return t.BlockDot(in[0], []int{2, 0, 2, 1}, in[1]) }},
	{"GrowingDeviation", [][2]int{{1, 2}, {1, 2}}, func(t *Tape, in []*Node) *Node {
		return t.GrowingDeviation(in[0], in[1], t.Const(3, 1, []float64{0, 0.5, 2}))
	}},
	{"QuantileLoss", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node {
		return t.QuantileLoss([]float64{9, math.NaN(), -9}, in[0], []float64{0.1, 0.4, 0.5, 0.9})
	}},
	{"Sum", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.Sum(in[0]) }},
	{"GRU", [][2]int{{9, 12}, {4, 12}, {1, 12}}, func(t *Tape, in []*Node) *Node {
		return t.GRU(in[0], in[1], in[2], []int{4, 3, 1, 1})
	}},
	{"GRUFrom", [][2]int{{9, 12}, {4, 12}, {1, 12}, {4, 4}}, func(t *Tape, in []*Node) *Node {
		return t.GRUFrom(in[3], in[0], in[1], in[2], []int{4, 3, 1, 1})
	}},
	{"GRUStep, twice", [][2]int{{3, 12}, {4, 12}, {1, 12}, {3, 4}}, func(t *Tape, in []*Node) *Node {
		return t.GRUStep(t.GRUStep(in[3], in[0], in[1], in[2]), in[0], in[1], in[2])
	}},
	{"GRUFrom, with inputs", [][2]int{{9, 12}, {4, 12}, {1, 12}, {4, 4}, {9, 2}, {2, 12}, {9, 3}, {3, 12}}, func(t *Tape, in []*Node) *Node {
		return t.GRUFrom(in[3], in[0], in[1], in[2], []int{4, 3, 1, 1}, Input{in[4], in[5]}, Input{in[6], in[7]})
	}},
	{"GRU, whose share of the gates is an input besides", [][2]int{{9, 12}, {4, 12}, {1, 12}, {12, 12}}, func(t *Tape, in []*Node) *Node {
		gx := t.Tanh(in[0])
		return t.GRU(gx, in[1], in[2], []int{4, 3, 1, 1}, Input{gx, in[3]})
	}},
	{"GRU, with an input and a bias", [][2]int{{1, 12}, {4, 12}, {1, 12}, {9, 2}, {2, 12}}, func(t *Tape, in []*Node) *Node {
		return t.GRU(in[0], in[1], in[2], []int{4, 3, 1, 1}, Input{in[3], in[4]})
	}},
	{"LSTM", [][2]int{{9, 16}, {4, 16}, {1, 16}}, func(t *Tape, in []*Node) *Node {
		return t.LSTM(in[0], in[1], in[2], []int{4, 3, 1, 1})
	}},
	{"LSTMFrom, its cells, with inputs", [][2]int{{9, 16}, {4, 16}, {1, 16}, {4, 4}, {4, 4}, {9, 2}, {2, 16}, {9, 3}, {3, 16}}, func(t *Tape, in []*Node) *Node {
		states, cells := t.LSTMFrom(in[3], in[4], in[0], in[1], in[2], []int{4, 3, 1, 1}, Input{in[5], in[6]}, Input{in[7], in[8]})
		return t.Concat(states, cells)
	}},
	{"LSTMStep, twice", [][2]int{{3, 16}, {4, 16}, {1, 16}, {3, 4}, {2, 16}}, func(t *Tape, in []*Node) *Node {
		h, c := t.LSTMStep(in[3], in[3], in[0], in[1], in[2])
		h, c = t.LSTMStep(t.RowRange(h, 0, 2), t.RowRange(c, 0, 2), in[4], in[1], in[2])
		return t.Add(h, c)
	}},
	{"GaussianLogDensity, shared deviation", [][2]int{{4, 2}, {1, 2}}, func(t *Tape, in []*Node) *Node {
		return t.GaussianLogDensity(gaps(t), in[0], t.SoftplusAbove(0.3, in[1]))
	}},
	{"GaussianLogDensity, own deviations", [][2]int{{4, 2}, {4, 2}}, func(t *Tape, in []*Node) *Node {
		return t.GaussianLogDensity(gaps(t), in[0], t.SoftplusAbove(0.3, in[1]))
	}},
	{"Reparameterise", [][2]int{{2, 3}, {2, 3}}, func(t *Tape, in []*Node) *Node {
		return t.Reparameterise(in[0], in[1], t.Const(2, 3, []float64{0.3, -1, 2, 0.1, 0.7, -0.2}))
	}},
	{"KLStandard", [][2]int{{2, 3}, {2, 3}}, func(t *Tape, in []*Node) *Node {
		return t.KLStandard(in[0], t.SoftplusAbove(0.2, in[1]))
	}},
	{"KLGaussian", [][2]int{{2, 3}, {2, 3}, {2, 3}, {2, 3}}, func(t *Tape, in []*Node) *Node {
		return t.KLGaussian(in[0], t.SoftplusAbove(0.2, in[1]), in[2], t.SoftplusAbove(0.2, in[3]))
	}},
	{"BernoulliLogDensity", [][2]int{{4, 2}}, func(t *Tape, in []*Node) *Node {
		return t.BernoulliLogDensity(t.Const(4, 2, []float64{1, 0, math.NaN(), 0.2, 0, 1, math.NaN(), math.NaN()}), in[0])
	}},
	{"LogSumExp", [][2]int{{3, 4}}, func(t *Tape, in []*Node) *Node { return t.LogSumExp(in[0]) }},
	{"RowRange", [][2]int{{5, 3}}, func(t *Tape, in []*Node) *Node {
		return t.Mul(t.RowRange(in[0], 0, 3), t.RowRange(in[0], 2, 5))
	}},
	{"Stack", [][2]int{{2, 3}, {1, 3}}, func(t *Tape, in []*Node) *Node {
		return t.Stack([]*Node{in[0], in[1], t.Const(1, 3, []float64{1, 2, 3}), in[0], t.Tanh(in[1]), in[1]})
	}},
	{"Checkpoint", [][2]int{{2, 3}, {3, 3}}, func(t *Tape, in []*Node) *Node {
		var inner Tape
		return t.Checkpoint(&inner, func() *Node { return inner.Tanh(inner.MatMul(in[0], in[1])) })
	}},
	{"External", [][2]int{{2, 3}}, func(t *Tape, in []*Node) *Node {
		y := t.Buffer(6)
		for i, v := range in[0].Val {
			y[i] = v * v * v
		}
		return t.External(cube{in[0]}, 2, 3, y, in[0])
	}},
}

func gaps(t *Tape) *Node {
	return t.Const(4, 2, []float64{1, -0.5, math.NaN(), 0.2, 0.4, math.NaN(), math.NaN(), math.NaN()})
}

type cube struct{ x *Node }

func (c cube) Backward(grad []float64) {
	for i, g := range grad {
		c.x.Grad[i] += 3 * c.x.Val[i] * c.x.Val[i] * g
	}
}

// TestGradients holds the derivative of a random projection of each
// operation's result against central differences.
func TestGradients(t *testing.T) {
	for _, c := range gradientCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			val := make([][]float64, len(c.shapes))
			grad := make([][]float64, len(c.shapes))
			for i, s := range c.shapes {
				val[i] = normals(rng, s[0]*s[1])
				grad[i] = make([]float64, s[0]*s[1])
			}
			var tape Tape
			var weights []float64
			loss := func() *Node {
				tape.Reset()
				in := make([]*Node, len(c.shapes))
				for i, s := range c.shapes {
					in[i] = tape.Param(s[0], s[1], val[i], grad[i])
				}
				y := c.apply(&tape, in)
				if weights == nil {
					weights = normals(rng, len(y.Val))
				}
				return tape.Sum(tape.Mul(y, tape.Const(y.Rows, y.Cols, weights)))
			}
			tape.Backward(loss())
			for i := range val {
				for j := range val[i] {
					got, want := grad[i][j], difference(&val[i][j], func() float64 { return loss().Val[0] })
					if math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
						t.Errorf("input %d, element %d: derivative %.12g, by differences %.12g", i, j, got, want)
					}
				}
			}
		})
	}
}

// difference returns the derivative of f with respect to *x by a central
// difference of fourth order.
func difference(x *float64, f func() float64) float64 {
	const h = 1e-3
	x0 := *x
	at := func(d float64) float64 { *x = x0 + d; return f() }
	d := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
	*x = x0
	return d
}

func normals(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// Nodes whose shapes do not fit end in a panic, not in a wrong result.
func TestShapesThatDoNotFit(t *testing.T) {
	var tape Tape
	a, b := tape.Const(2, 3, make([]float64, 6)), tape.Const(2, 2, make([]float64, 4))
	for name, f := range map[string]func(){
		"MatMul":     func() { tape.MatMul(a, b) },
		"Linear":     func() { tape.Linear(a, b, b) },
		"Add":        func() { tape.Add(a, b) },
		"Columns":    func() { tape.Columns(a, 2, 4) },
		"Concat":     func() { tape.Concat(a, tape.Const(1, 1, []float64{0})) },
		"AddColumns": func() { tape.AddColumns(a, tape.Const(1, 1, []float64{0})) },
		"GRU":        func() { tape.GRU(a, b, b, []int{1, 2}) },
		"GRUFrom": func() {
			tape.GRUFrom(b, tape.Const(2, 3, a.Val), tape.Const(1, 3, a.Val[:3]), tape.Const(1, 3, a.Val[:3]), []int{2})
		},
		"GRU with inputs": func() {
			c := tape.Const(1, 3, a.Val[:3])
			tape.GRU(c, c, c, []int{2}, Input{a, b})
		},
		"GRU with one row of inputs for two": func() {
			c := tape.Const(1, 3, a.Val[:3])
			tape.GRU(c, c, c, []int{2})
		},
		"LSTM": func() { tape.LSTM(a, b, b, []int{2}) },
		"LSTM from cells of fewer rows": func() {
			gates := tape.Const(2, 4, make([]float64, 8))
			tape.LSTMFrom(nil, tape.Const(1, 1, []float64{0}), gates, tape.RowRange(gates, 0, 1), tape.RowRange(gates, 0, 1), []int{2})
		},
		"LSTM of nothing": func() {
			tape.LSTM(tape.Const(0, 4, nil), tape.Const(1, 4, make([]float64, 4)), tape.Const(1, 4, make([]float64, 4)), nil)
		},
		"Stack":    func() { tape.Stack([]*Node{a, b}) },
		"RowRange": func() { tape.RowRange(a, 1, 3) },
		"Backward": func() { tape.Backward(a) },
		"Const":    func() { tape.Const(2, 2, []float64{1}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
