package main

import (
	"math"

	"tsgen/internal/kernel"
	"tsgen/sde"
)

// The system that all sides solve, as in bench/peers/sde/networks.py.
const (
	batch  = 128
	dim    = 4
	hidden = 20
	steps  = 100
	end    = 1.0
)

// A network is a perceptron 4-20-20-4 on the rows of a batch.
type network struct {
	p, dp      [6][]float64 // matrices (inputs×outputs) and biases, and where in θ they lie
	sizes      [4]int
	sigmoid    bool
	h1, h2     []float64 // hidden values
	d1, d2, d3 []float64 // their adjoints
}

func newNetwork(theta []float64, sigmoid bool) *network {
	n := &network{sizes: [4]int{dim, hidden, hidden, dim}, sigmoid: sigmoid}
	n.cut(&n.p, theta)
	n.h1, n.h2 = make([]float64, batch*hidden), make([]float64, batch*hidden)
	n.d1, n.d2, n.d3 = make([]float64, batch*hidden), make([]float64, batch*hidden), make([]float64, batch*dim)
	return n
}

// cut sets to to the layers' matrices and biases in x, and returns the rest.
func (n *network) cut(to *[6][]float64, x []float64) []float64 {
	for l := range 3 {
		in, out := n.sizes[l], n.sizes[l+1]
		to[2*l], x = x[:in*out], x[in*out:]
		to[2*l+1], x = x[:out], x[out:]
	}
	return x
}

// parameters is the number of a network's parameters.
const parameters = dim*hidden + hidden + hidden*hidden + hidden + hidden*dim + dim

// fill sets theta as all sides do, beginning with number first.
func fill(theta []float64, first int) {
	k := 0
	for _, l := range [][2]int{{dim, hidden}, {hidden, hidden}, {hidden, dim}} {
		for range l[0]*l[1] + l[1] {
			theta[k] = 1.5 / math.Sqrt(float64(l[0])) * math.Sin(float64(1+first+k))
			k++
		}
	}
}

func (n *network) forward(dst []float64, m int, y []float64) {
	h1, h2 := n.h1[:m*hidden], n.h2[:m*hidden]
	kernel.Affine(h1, y, n.p[0], n.p[1], m, dim, hidden)
	kernel.Tanh(h1, h1)
	kernel.Affine(h2, h1, n.p[2], n.p[3], m, hidden, hidden)
	kernel.Tanh(h2, h2)
	kernel.Affine(dst, h2, n.p[4], n.p[5], m, hidden, dim)
	if n.sigmoid {
		kernel.Sigmoid(dst, dst)
	}
}

func (n *network) vjp(dy, dp []float64, m int, y, a []float64) {
	h1, h2, d1, d2, d3 := n.h1[:m*hidden], n.h2[:m*hidden], n.d1[:m*hidden], n.d2[:m*hidden], n.d3[:m*dim]
	n.forward(d3, m, y)
	if n.sigmoid {
		kernel.SigmoidGrad(d3, d3, a)
	} else {
		copy(d3, a)
	}
	kernel.MulNT(d2, d3, n.p[4], m, dim, hidden, false)
	kernel.TanhGrad(d2, h2, d2)
	kernel.MulNT(d1, d2, n.p[2], m, hidden, hidden, false)
	kernel.TanhGrad(d1, h1, d1)
	kernel.MulNT(dy, d1, n.p[0], m, hidden, dim, true)
	if dp == nil {
		return
	}
	n.cut(&n.dp, dp)
	for l, x := range [3]struct{ in, d []float64 }{{y, d1}, {h1, d2}, {h2, d3}} {
		in, out := n.sizes[l], n.sizes[l+1]
		kernel.MulTN(n.dp[2*l], x.in, x.d, in, m, out, true)
		kernel.SumRows(n.dp[2*l+1], x.d, m, out)
	}
}

// newSystem returns the system with 2·parameters parameters.
func newSystem(c sde.Calculus) sde.BatchSystem {
	theta := make([]float64, 2*parameters)
	fill(theta[:parameters], 0)
	fill(theta[parameters:], parameters)
	f, g := newNetwork(theta[:parameters], false), newNetwork(theta[parameters:], true)
	return sde.BatchSystem{
		Dim: dim, Params: 2 * parameters, Theta: theta, Calculus: c,
		Drift: func(dst []float64, rows []int, _, y []float64) error {
			f.forward(dst, len(rows), y)
			return nil
		},
		Diffusion: func(dst []float64, rows []int, _, y []float64) error {
			g.forward(dst, len(rows), y)
			return nil
		},
		DriftVJP: func(dy, dp []float64, rows []int, _, y, a []float64) error {
			f.vjp(dy, head(dp), len(rows), y, a)
			return nil
		},
		DiffusionVJP: func(dy, dp []float64, rows []int, _, y, a []float64) error {
			g.vjp(dy, tail(dp), len(rows), y, a)
			return nil
		},
	}
}

// head and tail are the parts of the parameters' gradient that belong to the
// drift and to the diffusion.
func head(dp []float64) []float64 {
	if dp == nil {
		return nil
	}
	return dp[:parameters]
}

func tail(dp []float64) []float64 {
	if dp == nil {
		return nil
	}
	return dp[parameters:]
}
