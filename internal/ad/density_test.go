package ad

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func someCounts() []float64 { return []float64{0, 3, math.NaN(), 1, 12, math.NaN()} }

var densityCases = []gradientCase{
	{"StudentLogDensity", [][2]int{{4, 2}, {4, 2}, {1, 2}}, func(t *Tape, in []*Node) *Node {
		return t.StudentLogDensity(gaps(t), in[0], t.SoftplusAbove(0.3, in[1]), t.SoftplusAbove(1, in[2]))
	}},
	{"PoissonLogDensity", [][2]int{{3, 2}}, func(t *Tape, in []*Node) *Node {
		return t.PoissonLogDensity(t.Const(3, 2, someCounts()), in[0])
	}},
	{"NegativeBinomialLogDensity", [][2]int{{3, 2}, {3, 2}}, func(t *Tape, in []*Node) *Node {
		return t.NegativeBinomialLogDensity(t.Const(3, 2, someCounts()), in[0], t.SoftplusAbove(0.2, in[1]))
	}},
	{"StrictlyUpper", [][2]int{{4, 4}}, func(t *Tape, in []*Node) *Node { return t.StrictlyUpper(in[0]) }},
	{"LogRatioStandard", [][2]int{{2, 3}, {2, 3}}, func(t *Tape, in []*Node) *Node {
		return t.LogRatioStandard(in[0], t.SoftplusAbove(0.2, in[1]), t.Const(2, 3, []float64{0.3, -1, 2, 0.1, 0.7, -0.2}))
	}},
	{"LinearReLU", [][2]int{{3, 4}, {4, 5}, {1, 5}}, func(t *Tape, in []*Node) *Node { return t.LinearReLU(in[0], in[1], in[2]) }},
	{"LinearReLU, a bias for each row", [][2]int{{3, 4}, {4, 5}, {3, 5}}, func(t *Tape, in []*Node) *Node { return t.LinearReLU(in[0], in[1], in[2]) }},
	{"Reshape", [][2]int{{2, 6}}, func(t *Tape, in []*Node) *Node { return t.Tanh(t.Reshape(t.Tanh(in[0]), 4)) }},
	{"Reshape of a parameter", [][2]int{{2, 6}}, func(t *Tape, in []*Node) *Node { return t.Sum(t.Reshape(in[0], 3)) }},
	{"ColumnMeans", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.ColumnMeans(in[0]) }},
	{"AtLeast", [][2]int{{4, 3}}, func(t *Tape, in []*Node) *Node { return t.AtLeast(0.1, in[0]) }},
}

// TestDensityGradients holds the derivative of a random projection of the
// densities against central differences.
func TestDensityGradients(t *testing.T) {
	for _, c := range densityCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			values, grads := make([][]float64, len(c.shapes)), make([][]float64, len(c.shapes))
			for i, s := range c.shapes {
				values[i], grads[i] = normals(rng, s[0]*s[1]), make([]float64, s[0]*s[1])
			}
			weights := normals(rng, 24)
			var tape Tape
			loss := func() *Node {
				tape.Reset()
				in := make([]*Node, len(c.shapes))
				for i, s := range c.shapes {
					in[i] = tape.Param(s[0], s[1], values[i], grads[i])
				}
				y := c.apply(&tape, in)
				return tape.Sum(tape.Mul(y, tape.Const(y.Rows, y.Cols, weights[:len(y.Val)])))
			}
			tape.Backward(loss())
			for i := range values {
				for j := range values[i] {
					want := difference(&values[i][j], func() float64 { return loss().Val[0] })
					if got := grads[i][j]; math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
						t.Errorf("input %d, element %d: derivative %.12g, by differences %.12g", i, j, got, want)
					}
				}
			}
		})
	}
}

// TestDensitiesAgainstGonum holds the logarithms of densities against those of
// another library.
func TestDensitiesAgainstGonum(t *testing.T) {
	var p Tape
	one := func(x float64) *Node { return p.Const(1, 1, []float64{x}) }
	for _, mu := range []float64{-2, 0.3, 40} {
		for _, s := range []float64{0.01, 1.7} {
			for _, nu := range []float64{2.1, 30} {
				got := p.StudentLogDensity(one(0.7), one(mu), one(s), one(nu)).Val[0]
				if want := (distuv.StudentsT{Mu: mu, Sigma: s, Nu: nu}).LogProb(0.7); math.Abs(got-want) > 1e-12*(1+math.Abs(want)) {
					t.Errorf("Student's t with %v, %v, %v: %.15g, want %.15g", mu, s, nu, got, want)
				}
			}
		}
	}
	for _, mean := range []float64{1e-3, 2, 5000} {
		for _, x := range []float64{0, 1, 4900} {
			got, want := p.PoissonLogDensity(one(x), one(math.Log(mean))).Val[0], distuv.Poisson{Lambda: mean}.LogProb(x)
			if math.Abs(got-want) > 1e-11*(1+math.Abs(want)) {
				t.Errorf("Poisson with mean %v at %v: %.15g, want %.15g", mean, x, got, want)
			}
		}
	}
}

// TestNegativeBinomialLimits holds the negative binomial against the geometric
// distribution that it is for shape 1, and against the Poisson distribution in which it ends for
// large shapes.
func TestNegativeBinomialLimits(t *testing.T) {
	var p Tape
	one := func(x float64) *Node { return p.Const(1, 1, []float64{x}) }
	for _, mean := range []float64{1e-4, 0.5, 300} {
		for _, x := range []float64{0, 1, 250} {
			got := p.NegativeBinomialLogDensity(one(x), one(math.Log(mean)), one(1)).Val[0]
			want := x*math.Log(mean/(1+mean)) - math.Log1p(mean)
			if math.Abs(got-want) > 1e-11*(1+math.Abs(want)) {
				t.Errorf("mean %v at %v: %.15g, the geometric distribution has %.15g", mean, x, got, want)
			}
			got = p.NegativeBinomialLogDensity(one(x), one(math.Log(mean)), one(1e9)).Val[0]
			want = distuv.Poisson{Lambda: mean}.LogProb(x)
			if math.Abs(got-want) > 1e-4 {
				t.Errorf("mean %v at %v: %.9g for a large shape, the Poisson distribution has %.9g", mean, x, got, want)
			}
		}
	}
	var grad [2]float64
	far := p.NegativeBinomialLogDensity(one(3), p.Param(1, 1, []float64{900}, grad[:1]), p.Param(1, 1, []float64{2}, grad[1:]))
	p.Backward(far)
	if math.IsNaN(far.Val[0]-far.Val[0]) || grad[0] != -2 {
		t.Errorf("at a mean of e^900: %v with derivative %v, want -2", far.Val[0], grad[0])
	}
}

// A row in which nothing is observed has the log density 0.
func TestDensitiesOfNothing(t *testing.T) {
	var p Tape
	x, one := p.Const(2, 1, []float64{math.NaN(), math.NaN()}), p.Const(2, 1, []float64{1, 1})
	for name, y := range map[string]*Node{
		"Student":           p.StudentLogDensity(x, one, one, p.Const(1, 1, []float64{3})),
		"Poisson":           p.PoissonLogDensity(x, one),
		"negative binomial": p.NegativeBinomialLogDensity(x, one, one),
	} {
		if y.Rows != 2 || y.Cols != 1 || y.Val[0] != 0 || y.Val[1] != 0 {
			t.Errorf("%s: %d×%d %v, want two zeros", name, y.Rows, y.Cols, y.Val)
		}
	}
}

// Nodes whose shapes do not fit end in a panic, not in a wrong density.
func TestDensityShapesThatDoNotFit(t *testing.T) {
	var p Tape
	a, b := p.Const(2, 3, make([]float64, 6)), p.Const(3, 2, make([]float64, 6))
	for name, f := range map[string]func(){
		"Student":            func() { p.StudentLogDensity(a, a, b, p.Const(1, 3, make([]float64, 3))) },
		"Student, dof":       func() { p.StudentLogDensity(a, a, a, b) },
		"Poisson":            func() { p.PoissonLogDensity(a, b) },
		"negative binomial":  func() { p.NegativeBinomialLogDensity(a, a, b) },
		"StrictlyUpper":      func() { p.StrictlyUpper(a) },
		"LogRatioStandard":   func() { p.LogRatioStandard(a, b, a) },
		"Reshape":            func() { p.Reshape(a, 4) },
		"Reshape to nothing": func() { p.Reshape(a, 0) },
		"LinearReLU":         func() { p.LinearReLU(a, a, b) },
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
