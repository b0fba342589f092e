package sde

import (
	"context"
	"math"
	"testing"
)

// one makes a System of functions without errors.
func one(s System, f, g func(dst []float64, t float64, y []float64), vf, vg func(dy, dp []float64, t float64, y, a []float64)) System {
	s.Drift = func(dst []float64, t float64, y []float64) error { f(dst, t, y); return nil }
	s.Diffusion = func(dst []float64, t float64, y []float64) error { g(dst, t, y); return nil }
	if vf != nil {
		s.DriftVJP = func(dy, dp []float64, t float64, y, a []float64) error { vf(dy, dp, t, y, a); return nil }
		s.DiffusionVJP = func(dy, dp []float64, t float64, y, a []float64) error { vg(dy, dp, t, y, a); return nil }
	}
	return s
}

// geometric is dy = p0·y dt + p1·y dW, whose solution is
// y0·exp((p0 - p1²/2)t + p1·W), without the p1² in Stratonovich's calculus.
func geometric(c Calculus, p []float64) System {
	return one(System{Dim: 1, Params: 2, Calculus: c, Theta: p},
		func(dst []float64, _ float64, y []float64) { dst[0] = p[0] * y[0] },
		func(dst []float64, _ float64, y []float64) { dst[0] = p[1] * y[0] },
		func(dy, dp []float64, _ float64, y, a []float64) {
			dy[0] += a[0] * p[0]
			if dp != nil {
				dp[0] += a[0] * y[0]
			}
		},
		func(dy, dp []float64, _ float64, y, a []float64) {
			dy[0] += a[0] * p[1]
			if dp != nil {
				dp[1] += a[0] * y[0]
			}
		})
}

// bounded is dy = -(p0 + p1²y)(1 - y²) dt + p1·(1 - y²) dW in Itô's sense, whose
// solution is tanh(-p0·t + p1·W + artanh y0) (Kloeden and Platen 1992, 4.4).
func bounded(p0, p1 float64) System {
	return one(System{Dim: 1},
		func(dst []float64, _ float64, y []float64) { dst[0] = -(p0 + p1*p1*y[0]) * (1 - y[0]*y[0]) },
		func(dst []float64, _ float64, y []float64) { dst[0] = p1 * (1 - y[0]*y[0]) }, nil, nil)
}

// boundedStratonovich is the same equation in Stratonovich's sense.
func boundedStratonovich(p0, p1 float64) System {
	return one(System{Dim: 1, Calculus: Stratonovich},
		func(dst []float64, _ float64, y []float64) { dst[0] = -p0 * (1 - y[0]*y[0]) },
		func(dst []float64, _ float64, y []float64) { dst[0] = p1 * (1 - y[0]*y[0]) }, nil, nil)
}

// doubleWell is dy = (p0·y - p1·y³) dt + p2 dW.
func doubleWell(p []float64) System {
	return one(System{Dim: 1, Params: 3, Additive: true, Noise: Scalar, Theta: p},
		func(dst []float64, _ float64, y []float64) { dst[0] = p[0]*y[0] - p[1]*y[0]*y[0]*y[0] },
		func(dst []float64, _ float64, _ []float64) { dst[0] = p[2] },
		func(dy, dp []float64, _ float64, y, a []float64) {
			dy[0] += a[0] * (p[0] - 3*p[1]*y[0]*y[0])
			if dp != nil {
				dp[0] += a[0] * y[0]
				dp[1] -= a[0] * y[0] * y[0] * y[0]
			}
		},
		func(_, dp []float64, _ float64, _, a []float64) {
			if dp != nil {
				dp[2] += a[0]
			}
		})
}

// ornsteinUhlenbeck is dy = p0·(p1 - y) dt + p2 dW.
func ornsteinUhlenbeck(p []float64) System {
	return one(System{Dim: 1, Params: 3, Additive: true, Theta: p},
		func(dst []float64, _ float64, y []float64) { dst[0] = p[0] * (p[1] - y[0]) },
		func(dst []float64, _ float64, _ []float64) { dst[0] = p[2] },
		func(dy, dp []float64, _ float64, y, a []float64) {
			dy[0] -= a[0] * p[0]
			if dp != nil {
				dp[0] += a[0] * (p[1] - y[0])
				dp[1] += a[0] * p[0]
			}
		},
		func(_, dp []float64, _ float64, _, a []float64) {
			if dp != nil {
				dp[2] += a[0]
			}
		})
}

// coupled is a system of two components, three motions and general noise that
// is not commutative, or with matrix false diagonal noise that is.
func coupled(c Calculus, noise Noise, p []float64) System {
	s := System{Dim: 2, Params: 5, Calculus: c, Noise: noise, Theta: p}
	drift := func(dst []float64, t float64, y []float64) {
		dst[0] = -p[0]*y[0] + p[1]*math.Sin(y[1]+t)
		dst[1] = p[1]*y[0]*math.Cos(t) - p[2]*y[1]
	}
	driftVJP := func(dy, dp []float64, t float64, y, a []float64) {
		dy[0] += -a[0]*p[0] + a[1]*p[1]*math.Cos(t)
		dy[1] += a[0]*p[1]*math.Cos(y[1]+t) - a[1]*p[2]
		if dp != nil {
			dp[0] -= a[0] * y[0]
			dp[1] += a[0]*math.Sin(y[1]+t) + a[1]*y[0]*math.Cos(t)
			dp[2] -= a[1] * y[1]
		}
	}
	if noise != General {
		// For Scalar noise the two elements belong to one motion.
		return one(s, drift,
			func(dst []float64, t float64, y []float64) {
				dst[0] = p[3] * math.Sin(y[0]+t)
				dst[1] = p[4] * (1 + y[1]*y[1]/4)
			}, driftVJP,
			func(dy, dp []float64, t float64, y, a []float64) {
				dy[0] += a[0] * p[3] * math.Cos(y[0]+t)
				dy[1] += a[1] * p[4] * y[1] / 2
				if dp != nil {
					dp[3] += a[0] * math.Sin(y[0]+t)
					dp[4] += a[1] * (1 + y[1]*y[1]/4)
				}
			})
	}
	s.Motions = 3
	return one(s, drift,
		func(dst []float64, t float64, y []float64) {
			dst[0], dst[1], dst[2] = p[3]*math.Sin(y[1]), p[4]*y[0], p[3]*t
			dst[3], dst[4], dst[5] = p[4], p[3]*y[0]*y[1], p[4]*math.Cos(y[1])
		}, driftVJP,
		func(dy, dp []float64, t float64, y, a []float64) {
			dy[0] += a[1]*p[4] + a[4]*p[3]*y[1]
			dy[1] += a[0]*p[3]*math.Cos(y[1]) + a[4]*p[3]*y[0] - a[5]*p[4]*math.Sin(y[1])
			if dp != nil {
				dp[3] += a[0]*math.Sin(y[1]) + a[2]*t + a[4]*y[0]*y[1]
				dp[4] += a[1]*y[0] + a[3] + a[5]*math.Cos(y[1])
			}
		})
}

// coupledAdditive is the system of two components with additive general noise.
func coupledAdditive(p []float64) System {
	s := coupled(Ito, General, p)
	s.Additive = true
	s.Diffusion = func(dst []float64, t float64, _ []float64) error {
		dst[0], dst[1], dst[2] = p[3]*math.Sin(t), p[4], p[3]*t
		dst[3], dst[4], dst[5] = p[4], 0, p[3]*p[4]
		return nil
	}
	s.DiffusionVJP = func(_, dp []float64, t float64, _, a []float64) error {
		if dp != nil {
			dp[3] += a[0]*math.Sin(t) + a[2]*t + a[5]*p[4]
			dp[4] += a[1] + a[3] + a[5]*p[3]
		}
		return nil
	}
	return s
}

func newBatch(t testing.TB, s BatchSystem, m Method, opt *Options) *Batch {
	t.Helper()
	b, err := NewBatch(s, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// solveMany solves n problems that begin at time 0 in y0, along the paths of
// seeds from first on.
func solveMany(t testing.TB, b *Batch, n int, y0, times []float64, first uint64) {
	t.Helper()
	var starts []float64
	var all [][]float64
	var seeds []uint64
	for i := range n {
		starts = append(starts, y0...)
		all = append(all, times)
		seeds = append(seeds, first+uint64(i))
	}
	if err := b.Solve(context.Background(), make([]float64, n), starts, all, seeds); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := b.Err(i); err != nil {
			t.Fatal(err)
		}
	}
}
