package latentode

import (
	"math"
	"slices"

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

// forget has the linear parts of n trajectories made anew.
func (f *drift) forget(n int) {
	state, static := f.config.Options.State, f.config.static()
	all := grow(&f.linears, n*(static+(state+1)*state))
	for i := range all {
		all[i] = math.NaN()
	}
}

// linearOf returns what the static part c makes of the linear part of a trajectory: the matrix, state × state,
// and the derivatives of its damping by u. It is made again only if c is not what it was.
func (f *drift) linearOf(trajectory int, c []float64) (matrix, slopes []float64) {
	state, static := f.config.Options.State, len(c)
	block := (state + 1) * state
	own := f.linears[trajectory*(static+block) : (trajectory+1)*(static+block)]
	matrix, slopes = own[static:static+state*state], own[static+state*state:]
	if slices.Equal(own[:static], c) {
		return matrix, slopes
	}
	copy(own, c)
	w, m := f.linear.In(f.pass.Values), grow(&f.made, block)
	copy(m, w[:block])
	for k, x := range c {
		kernel.Axpy(m, x, w[(1+k)*block:(2+k)*block])
	}
	for a := range state {
		for b := range state {
			matrix[a*state+b] = m[a*state+b] - m[b*state+a]
		}
		u := m[state*state+a]
		matrix[a*state+a] = -softplus(u)
		slopes[a] = 1 / (1 + math.Exp(-u))
	}
	return matrix, slopes
}

// addLinear adds the linear part to the state parts of the rows of dst, those of the given trajectories.
func (f *drift) addLinear(dst []float64, rows []int, y []float64) {
	state := f.config.Options.State
	latent := state + f.config.static()
	for i, trajectory := range rows {
		row, z := dst[i*latent:i*latent+state], y[i*latent:(i+1)*latent]
		matrix, _ := f.linearOf(trajectory, z[state:])
		for a, v := range row {
			for b, x := range matrix[a*state : (a+1)*state] {
				v += x * z[b]
			}
			row[a] = v
		}
	}
}

// pullLinear is the part of pullback that belongs to the linear part.
func (f *drift) pullLinear(dy, dp []float64, rows []int, y, adjoint []float64) {
	state, static := f.config.Options.State, f.config.static()
	latent, block := state+static, (state+1)*state
	w, grad := f.linear.In(f.pass.Values), grow(&f.linearGrad, block) // by S and u
	for i, trajectory := range rows {
		z, g, out := y[i*latent:(i+1)*latent], adjoint[i*latent:i*latent+state], dy[i*latent:(i+1)*latent]
		matrix, slopes := f.linearOf(trajectory, z[state:])
		for a := range state {
			grad[state*state+a] = -g[a] * z[a] * slopes[a]
			for b := range state {
				out[b] += matrix[a*state+b] * g[a]
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
