package ode

import "math"

// StormerVerlet is the method of Störmer and Verlet, of order 2, for separable
// Hamiltonian systems: the first half of the state are positions, whose
// derivatives depend on the second half alone, the momenta, and those of the
// momenta on the positions alone and on time. It is symplectic: over long times
// the energy goes up and down with the square of the step, but not away
// (Hairer, Lubich and Wanner, Geometric Numerical Integration, 2nd ed. 2006,
// I.1.4). A step takes two evaluations of the whole field. Step and Dense are as
// in [RK4]; the step ought to be the same throughout, outputs by Dense.
type StormerVerlet struct {
	Step  float64
	Dense bool
}

func (m StormerVerlet) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (StormerVerlet) tableau() *tableau { return composition("StormerVerlet", 2, []float64{1}) }

// Yoshida4 is the symplectic method of order 4 that Yoshida (Phys. Lett. A 150,
// 1990) composes of three steps of [StormerVerlet]. It takes six evaluations a
// step, some of them at times beyond its ends: fields must not jump.
type Yoshida4 struct {
	Step  float64
	Dense bool
}

func (m Yoshida4) fixed() fixedStep { return fixedStep{m.Step, m.Dense} }

func (Yoshida4) tableau() *tableau {
	outer := 1 / (2 - math.Cbrt(2))
	return composition("Yoshida4", 4, []float64{outer, 1 - 2*outer, outer})
}

// composition returns the partitioned method that goes through steps of Störmer
// and Verlet of the given parts of the whole: half a kick, a drift, half a kick.
// A kick or drift takes the field where the one before has led.
func composition(name string, order int, parts []float64) *tableau {
	n := 2*len(parts) + 1
	tab := &tableau{name: name, order: order, s: n}
	q, p := make([]float64, n), make([]float64, n)
	at := 0.0
	stage := func(i int) {
		tab.a = append(tab.a, append([]float64(nil), q[:i]...))
		tab.second = append(tab.second, append([]float64(nil), p[:i]...))
		tab.c = append(tab.c, at)
	}
	for k, part := range parts {
		before := 0.0
		if k > 0 {
			before = parts[k-1]
		}
		stage(2 * k)
		p[2*k] = (before + part) / 2
		stage(2*k + 1)
		q[2*k+1] = part
		at += part
	}
	at = 1
	stage(n - 1)
	p[n-1] = parts[len(parts)-1] / 2
	stage(n)
	return tab
}
