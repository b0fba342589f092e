package sde

import (
	"fmt"

	"tsgen/internal/solver"
)

// A Prior is the other drift of a divergence: h(t, y; θ), with its product, in
// the shapes of [BatchSystem]. Its θ is the system's.
type Prior struct {
	Drift    func(dst []float64, rows []int, t, y []float64) error
	DriftVJP func(dy, dp []float64, rows []int, t, y, a []float64) error
}

// WithKL returns s with one component more, the last, which begins at 0 and is
// the integral of
//
//	½ |u|²,  u = (f - h)/g componentwise,
//
// with the prior's drift h. Its mean at a time is the Kullback-Leibler
// divergence of the law of s up to then from that of the equation with drift h
// and the same diffusion and start (Girsanov's theorem; Li et al., Scalable
// Gradients for Stochastic Differential Equations, 2020, section 5), as a
// latent SDE's bound needs it. Its gradient is that of any other component.
//
// The noise must be Diagonal, drive all components, and not vanish. Where it
// does, the integrand is not finite, unless the drifts agree. The other
// components, and the path, are those of s. The system that is returned has
// memory of its own: goroutines that work at the same time need one each.
func WithKL(s BatchSystem, prior Prior) (BatchSystem, error) {
	if err := s.complete(); err != nil {
		return s, err
	}
	if s.Noise != Diagonal || s.Motions != s.Dim {
		return s, fmt.Errorf("sde: %w: a divergence needs Diagonal noise with a motion for each of the %d components", ErrOption, s.Dim)
	}
	if prior.Drift == nil {
		return s, fmt.Errorf("sde: %w: the prior's Drift must be given", ErrOption)
	}
	if s.DriftVJP != nil && prior.DriftVJP == nil {
		return s, fmt.Errorf("sde: %w: the prior's DriftVJP must be given, as the system's is", ErrOption)
	}
	k := &divergence{sys: s, prior: prior, d: s.Dim}
	kl := s
	kl.Dim++
	kl.Drift, kl.Diffusion = k.drift, k.diffusion
	if s.DriftVJP != nil {
		kl.DriftVJP, kl.DiffusionVJP = k.driftVJP, k.diffusionVJP
	}
	return kl, nil
}

// A divergence is the workspace of a system with its divergence.
type divergence struct {
	sys   BatchSystem
	prior Prior
	d     int // of the states without the divergence

	y, f, h, g  []float64 // n×d
	gy          []float64
	af, ah, agg []float64 // adjoints of f, h and g
}

// evaluate sets f, h and g at the states in y.
func (k *divergence) evaluate(rows []int, t, y []float64) error {
	k.strip(y, len(rows))
	if err := k.sys.Drift(k.f, rows, t, k.y); err != nil {
		return err
	}
	if err := k.prior.Drift(k.h, rows, t, k.y); err != nil {
		return err
	}
	return k.sys.Diffusion(k.g, rows, t, k.y)
}

// strip sets y to n states without the divergence, and sizes the rest.
func (k *divergence) strip(y []float64, n int) {
	d := k.d
	for _, x := range []*[]float64{&k.y, &k.f, &k.h, &k.g, &k.gy, &k.af, &k.ah, &k.agg} {
		*x = solver.Resize(*x, n*d)
	}
	for i := range n {
		copy(k.y[i*d:(i+1)*d], y[i*(d+1):])
	}
}

// u returns component c of the drifts' difference, in units of the noise.
func (k *divergence) u(c int) float64 {
	dif := k.f[c] - k.h[c]
	if dif == 0 {
		return 0
	}
	return dif / k.g[c]
}

func (k *divergence) drift(dst []float64, rows []int, t, y []float64) error {
	if err := k.evaluate(rows, t, y); err != nil {
		return err
	}
	d := k.d
	for i := range rows {
		copy(dst[i*(d+1):(i+1)*(d+1)], k.f[i*d:(i+1)*d])
		s := 0.0
		for c := i * d; c < (i+1)*d; c++ {
			u := k.u(c)
			s += u * u
		}
		dst[i*(d+1)+d] = s / 2
	}
	return nil
}

func (k *divergence) diffusion(dst []float64, rows []int, t, y []float64) error {
	k.strip(y, len(rows))
	return k.sys.Diffusion(dst, rows, t, k.y)
}

func (k *divergence) driftVJP(dy, dp []float64, rows []int, t, y, a []float64) error {
	if err := k.evaluate(rows, t, y); err != nil {
		return err
	}
	d := k.d
	for i := range rows {
		weight := a[i*(d+1)+d]
		for c := range d {
			at := i*d + c
			u := k.u(at)
			byF := 0.0
			if u != 0 {
				byF = weight * u / k.g[at]
			}
			k.af[at] = a[i*(d+1)+c] + byF
			k.ah[at] = -byF
			k.agg[at] = -byF * u
		}
	}
	clear(k.gy)
	if err := k.sys.DriftVJP(k.gy, dp, rows, t, k.y, k.af); err != nil {
		return err
	}
	if err := k.prior.DriftVJP(k.gy, dp, rows, t, k.y, k.ah); err != nil {
		return err
	}
	if err := k.sys.DiffusionVJP(k.gy, dp, rows, t, k.y, k.agg); err != nil {
		return err
	}
	k.widen(dy, len(rows))
	return nil
}

func (k *divergence) diffusionVJP(dy, dp []float64, rows []int, t, y, a []float64) error {
	k.strip(y, len(rows))
	clear(k.gy)
	if err := k.sys.DiffusionVJP(k.gy, dp, rows, t, k.y, a); err != nil {
		return err
	}
	k.widen(dy, len(rows))
	return nil
}

// widen adds gy to the rows of dy, the divergence left out.
func (k *divergence) widen(dy []float64, n int) {
	d := k.d
	for i := range n {
		solver.AddScaled(dy[i*(d+1):i*(d+1)+d], 1, k.gy[i*d:(i+1)*d])
	}
}
