package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

const gateRows, gateUnits = 3, 11

func uniform(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 4*rng.Float64() - 2
	}
	return x
}

// near fails unless got and want agree to the tolerance.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// On every path the gates and the state of a GRU are those of its textbook formulas.
func TestGRUGates(t *testing.T) {
	const m, n = gateRows, gateUnits
	rng := rand.New(rand.NewPCG(31, 1))
	gx, gh, h := uniform(rng, 3*m*n), uniform(rng, 3*m*n), uniform(rng, m*n)
	onEveryPath(t, func(t *testing.T) {
		out, gates := make([]float64, m*n), make([]float64, 4*m*n)
		GRUGates(out, gates, gx, gh, h, m, n)
		for i := range m {
			for j := range n {
				at := i*3*n + j
				r := logistic(gx[at] + gh[at])
				u := logistic(gx[at+n] + gh[at+n])
				c := math.Tanh(gx[at+2*n] + r*gh[at+2*n])
				for block, w := range []float64{r, u, c, gh[at+2*n]} {
					near(t, "gate", gates[i*4*n+block*n+j], w, 1e-15)
				}
				near(t, "h", out[i*n+j], (1-u)*c+u*h[i*n+j], 1e-15)
			}
		}
	})
}

// difference returns the slope of f along x[i] by central differences.
func difference(f func() float64, x []float64, i int) float64 {
	const step = 1e-5
	v := x[i]
	x[i] = v + step
	high := f()
	x[i] = v - step
	low := f()
	x[i] = v
	return (high - low) / (2 * step)
}

// On every path the derivatives of a GRU step agree with finite differences.
func TestGRUGatesGrad(t *testing.T) {
	const m, n = gateRows, gateUnits
	rng := rand.New(rand.NewPCG(32, 1))
	gx, gh, h, dy := uniform(rng, 3*m*n), uniform(rng, 3*m*n), uniform(rng, m*n), uniform(rng, m*n)
	out, gates := make([]float64, m*n), make([]float64, 4*m*n)
	loss := func() float64 {
		GRUGates(out, gates, gx, gh, h, m, n)
		return Dot(out, dy)
	}
	onEveryPath(t, func(t *testing.T) {
		loss()
		dgx, dgh, dh := make([]float64, 3*m*n), make([]float64, 3*m*n), make([]float64, m*n)
		GRUGatesGrad(dgx, dgh, dh, dy, gates, h, m, n)
		for i := range dgx {
			near(t, "dgx", dgx[i], difference(loss, gx, i), 1e-8)
			near(t, "dgh", dgh[i], difference(loss, gh, i), 1e-8)
		}
		for i := range dh {
			near(t, "dh", dh[i], difference(loss, h, i), 1e-8)
		}
	})
}

// On every path the gates, the cell and the state of an LSTM are
// those of its textbook formulas.
func TestLSTMGates(t *testing.T) {
	const m, n = gateRows, gateUnits
	rng := rand.New(rand.NewPCG(33, 1))
	gx, gh, c := uniform(rng, 4*m*n), uniform(rng, 4*m*n), uniform(rng, m*n)
	onEveryPath(t, func(t *testing.T) {
		hNew, cNew, gates := make([]float64, m*n), make([]float64, m*n), make([]float64, 5*m*n)
		LSTMGates(hNew, cNew, gates, gx, gh, c, m, n)
		for row := range m {
			for j := range n {
				at := row*4*n + j
				i, f := logistic(gx[at]+gh[at]), logistic(gx[at+n]+gh[at+n])
				g, o := math.Tanh(gx[at+2*n]+gh[at+2*n]), logistic(gx[at+3*n]+gh[at+3*n])
				want := f*c[row*n+j] + i*g
				for block, w := range []float64{i, f, g, o, math.Tanh(want)} {
					near(t, "gate", gates[row*5*n+block*n+j], w, 1e-15)
				}
				near(t, "c", cNew[row*n+j], want, 1e-15)
				near(t, "h", hNew[row*n+j], o*math.Tanh(want), 1e-15)
			}
		}
	})
}

// On every path the derivatives of an LSTM step agree with finite differences.
func TestLSTMGatesGrad(t *testing.T) {
	const m, n = gateRows, gateUnits
	rng := rand.New(rand.NewPCG(34, 1))
	gx, gh, c := uniform(rng, 4*m*n), uniform(rng, 4*m*n), uniform(rng, m*n)
	dhNew, dcNew := uniform(rng, m*n), uniform(rng, m*n)
	hNew, cNew, gates := make([]float64, m*n), make([]float64, m*n), make([]float64, 5*m*n)
	loss := func() float64 {
		LSTMGates(hNew, cNew, gates, gx, gh, c, m, n)
		return Dot(hNew, dhNew) + Dot(cNew, dcNew)
	}
	onEveryPath(t, func(t *testing.T) {
		loss()
		dg, dc := make([]float64, 4*m*n), make([]float64, m*n)
		LSTMGatesGrad(dg, dc, dhNew, dcNew, gates, c, m, n)
		for i := range dg {
			near(t, "dg", dg[i], difference(loss, gx, i), 1e-8)
		}
		for i := range dc {
			near(t, "dc", dc[i], difference(loss, c, i), 1e-8)
		}
	})
}
