package latentode

import (
	"math"

	"tsgen/internal/kernel"
)

// The linear part of the dynamics of a panel's series is one that the static part c of the latent
// state sets,
//
//	dz/dt = v ⊙ tanh(MLP(z)) + B·c + (S - Sᵀ - diag(log(1 + exp u))) z,
//	S = S₀ + Σ_k c_k S_k,  u = u₀ + Σ_k c_k u_k:
//
// rotations of frequencies of each series' own, which damp. A network would have to learn the product of
// frequency and state. The antisymmetric part keeps |z| and the diagonal lowers it, so that nothing
// grows by it however long it is integrated.

// initialDamping is u at first, at which next to nothing is damped.
const initialDamping = -4

// modulation returns the number of rows of the weights of S₀ and u₀, and as many for every static
// variable: those of S, then u.
func (c *config) modulation() int { return (c.Options.State + 1) * (1 + c.static()) }

// modulated sets f.matrix and f.rate to S and u of the row y.
func (f *flow) modulated(y []float64) (s, u []float64) {
	state, static := f.config.Options.State, f.config.static()
	w, block := f.linear.In(f.pass.Values), (state+1)*state
	m := grow(&f.matrix, block)
	copy(m, w[:block])
	for k := range static {
		kernel.Axpy(m, y[state+k], w[(1+k)*block:(2+k)*block])
	}
	return m[:state*state], m[state*state:]
}

// addLinear adds the linear part to the state parts of the n rows of dst.
func (f *flow) addLinear(dst, y []float64, n int) {
	state := f.config.Options.State
	latent := state + f.config.static()
	for i := range n {
		row, z := dst[i*latent:i*latent+state], y[i*latent:(i+1)*latent]
		s, u := f.modulated(z)
		for a := range state {
			row[a] -= softplus(u[a]) * z[a]
			for b := range state {
				v := s[a*state+b]
				row[a] += v * z[b]
				row[b] -= v * z[a]
			}
		}
	}
}

// pullLinear is the part of pullback that belongs to the linear part.
func (f *flow) pullLinear(dy, dp, y, adjoint []float64, n int) {
	state, static := f.config.Options.State, f.config.static()
	latent, block := state+static, (state+1)*state
	w := f.linear.In(f.pass.Values)
	grad := grow(&f.matrixGrad, block) // by S and u
	for i := range n {
		z, g, out := y[i*latent:(i+1)*latent], adjoint[i*latent:i*latent+state], dy[i*latent:(i+1)*latent]
		s, u := f.modulated(z)
		for a := range state {
			out[a] -= softplus(u[a]) * g[a]
			grad[state*state+a] = -g[a] * z[a] / (1 + math.Exp(-u[a]))
			for b := range state {
				v := s[a*state+b]
				out[b] += v * g[a]
				out[a] -= v * g[b]
				grad[a*state+b] = g[a]*z[b] - g[b]*z[a]
			}
		}
		for k := range static {
			out[state+k] += kernel.Dot(w[(1+k)*block:(2+k)*block], grad)
		}
		if dp != nil {
			d := f.linear.In(dp)
			kernel.Axpy(d[:block], 1, grad)
			for k := range static {
				kernel.Axpy(d[(1+k)*block:(2+k)*block], z[state+k], grad)
			}
		}
	}
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
