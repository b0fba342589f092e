package latentode

import (
	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/nn"
)

// A motion is the network of the dynamics, tanh(MLP(z)), in either width, for states and
// adjoints in float64. The zero value is ready to use.
type motion[T ad.Float] struct {
	eval      nn.EvaluatorOf[T]
	result    []float64
	in, out   []T // of the last call of bounded
	slope, dx []T
}

// bounded returns tanh(MLP(z)) for the n rows of y, n×out.
func (m *motion[T]) bounded(mlp nn.MLP, values []T, y []float64, n int) []float64 {
	result := grow(&m.result, n*mlp.Layers[len(mlp.Layers)-1].W.Cols)
	m.in = rounded(&m.in, y)
	out, same := kernel.Same[T](result)
	if !same {
		out = grow(&m.out, len(result))
	}
	m.out = out
	m.eval.Forward(mlp, values, out, m.in, n)
	kernel.Tanh(out, out)
	if !same {
		kernel.Widen(result, out)
	}
	return result
}

// pull follows bounded with the same network, values and n. From the gradient d of its result it adds to dy,
// n×in, and, unless dp is nil, to dp, the gradient of the parameters.
func (m *motion[T]) pull(mlp nn.MLP, values []T, dy []float64, dp []T, d []float64, n int) {
	slope := rounded(&m.slope, d)
	kernel.TanhGrad(slope, m.out, slope)
	dx, same := kernel.Same[T](dy)
	if !same {
		dx = grow(&m.dx, len(dy))
		clear(dx)
	}
	m.eval.Backward(mlp, values, dx, dp, m.in, slope, n)
	if !same {
		for i, x := range dx {
			dy[i] += float64(x)
		}
	}
}

// rounded returns x rounded to T, in the memory of room, or x itself.
func rounded[T ad.Float](room *[]T, x []float64) []T {
	if y, same := kernel.Same[T](x); same {
		return y
	}
	y := grow(room, len(x))
	kernel.Narrow(y, x)
	return y
}
