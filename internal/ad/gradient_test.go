package ad

import (
	"fmt"
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
	{"Rows", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.Rows(in[0], []int{2, 0, 2}) }},
	{"BlockDot", [][2]int{{3, 6}, {3, 2}}, func(t *Tape, in []*Node) *Node { return t.BlockDot(in[0], in[1]) }},
	{"GrowingDeviation", [][2]int{{1, 2}, {1, 2}}, func(t *Tape, in []*Node) *Node {
		return t.GrowingDeviation(in[0], in[1], t.Const(3, 1, []float64{0, 0.5, 2}))
	}},
	{"Sum", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.Sum(in[0]) }},
	{"GRU", [][2]int{{9, 12}, {4, 12}, {1, 12}}, func(t *Tape, in []*Node) *Node {
		return t.GRU(in[0], in[1], in[2], []int{4, 3, 1, 1})
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

func TestConstantsHaveNoGradient(t *testing.T) {
	var tape Tape
	a := tape.Const(1, 2, []float64{1, 2})
	y := tape.Sum(tape.Tanh(a))
	if y.Grad != nil {
		t.Error("the sum of a constant has a gradient")
	}
	tape.Backward(y) // must do nothing
}

func TestShapesThatDoNotFit(t *testing.T) {
	var tape Tape
	a, b := tape.Const(2, 3, make([]float64, 6)), tape.Const(2, 2, make([]float64, 4))
	for name, f := range map[string]func(){
		"MatMul":   func() { tape.MatMul(a, b) },
		"Linear":   func() { tape.Linear(a, b, b) },
		"Add":      func() { tape.Add(a, b) },
		"Columns":  func() { tape.Columns(a, 2, 4) },
		"Concat":   func() { tape.Concat(a, tape.Const(1, 1, []float64{0})) },
		"GRU":      func() { tape.GRU(a, b, b, []int{1, 2}) },
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

// TestGRUEqualsCells holds the packed sequences against the recurrence written
// out for each sequence alone.
func TestGRUEqualsCells(t *testing.T) {
	const h = 3
	rng := rand.New(rand.NewPCG(3, 4))
	active := []int{3, 2, 2, 1}
	gx, wh, bh := normals(rng, 8*3*h), normals(rng, h*3*h), normals(rng, 3*h)
	var tape Tape
	out := tape.GRU(tape.Const(8, 3*h, gx), tape.Const(h, 3*h, wh), tape.Const(1, 3*h, bh), active)
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for i := range active[0] {
		state := make([]float64, h)
		row := i
		for k := 0; k < len(active) && i < active[k]; k++ {
			g := make([]float64, 3*h)
			copy(g, bh)
			for a := range h {
				for b := range 3 * h {
					g[b] += state[a] * wh[a*3*h+b]
				}
			}
			x := gx[row*3*h : (row+1)*3*h]
			for j := range h {
				r, u := sigmoid(x[j]+g[j]), sigmoid(x[h+j]+g[h+j])
				c := math.Tanh(x[2*h+j] + r*g[2*h+j])
				state[j] = (1-u)*c + u*state[j]
			}
			for j, want := range state {
				if got := out.Val[row*h+j]; math.Abs(got-want) > 1e-14 {
					t.Errorf("sequence %d, step %d, unit %d: %v, want %v", i, k, j, got, want)
				}
			}
			row += active[k]
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, w, b := normals(rng, 32*8), normals(rng, 8*12), normals(rng, 12)
	u, gw, gb, gu := normals(rng, 4*12), make([]float64, 8*12), make([]float64, 12), make([]float64, 4*12)
	active := []int{16, 12, 4}
	var tape Tape
	step := func() {
		tape.Reset()
		wn, bn := tape.Param(8, 12, w, gw), tape.Param(1, 12, b, gb)
		y := tape.Linear(tape.Const(32, 8, x), wn, bn)
		s := tape.GRU(y, tape.Param(4, 12, u, gu), bn, active)
		tape.Backward(tape.Sum(tape.LinearTanh(tape.Rows(s, active), tape.Const(4, 4, w[:16]), tape.Const(1, 4, w[:4]))))
	}
	step()
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func BenchmarkMLP(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, h := range []int{20, 64} {
		b.Run(fmt.Sprintf("4-%d-%d-4", h, h), func(b *testing.B) {
			sizes := []int{4, h, h, 4}
			var vals, grads [][]float64
			for i := range 3 {
				for _, n := range []int{sizes[i] * sizes[i+1], sizes[i+1]} {
					vals = append(vals, normals(rng, n))
					grads = append(grads, make([]float64, n))
				}
			}
			x, gx := normals(rng, 128*4), make([]float64, 128*4)
			var tape Tape
			for b.Loop() {
				tape.Reset()
				y := tape.Param(128, 4, x, gx)
				for i := range 3 {
					w := tape.Param(sizes[i], sizes[i+1], vals[2*i], grads[2*i])
					c := tape.Param(1, sizes[i+1], vals[2*i+1], grads[2*i+1])
					if i < 2 {
						y = tape.LinearTanh(y, w, c)
					} else {
						y = tape.Linear(y, w, c)
					}
				}
				tape.Backward(tape.Sum(y))
			}
		})
	}
}
