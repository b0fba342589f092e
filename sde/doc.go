// Package sde solves initial value problems of stochastic differential
// equations
//
//	dy = f(t, y; θ) dt + g(t, y; θ) dW,  y(t₀) = y₀,
//
// in Itô's or Stratonovich's sense, one or many at a time, and differentiates
// the solutions with respect to all that makes them. It is the sibling of
// package ode and has its conventions.
//
// # Solving
//
// [Solve] takes a [Problem] with the times at which the state is asked for,
// and a [Method]. Which method suits depends on the calculus and on the shape
// of the noise, and [NewBatch] says so if one does not:
//
//	method          calculus      noise             strong, weak order  evaluations of f, g
//	EulerMaruyama   Itô           any               1/2, 1              1, 1
//	Milstein        either        Diagonal, Scalar  1, 1                1, 2 (Stratonovich: 3)
//	SRI             Itô           Diagonal, Scalar  1.5, 2              2, 4
//	SRA             either        Additive          1.5, 2              2, 2
//	Heun            Stratonovich  any               1 (General 1/2), 1  2, 2
//	ReversibleHeun  Stratonovich  any               1/2, 1              1, 1
//
// With additive noise both senses are the same, every method takes it, and the
// strong order of EulerMaruyama and ReversibleHeun is 1. SRI and SRA are the
// ones to begin with where they suit. A strong order p means that the root of
// the mean square of the error along the same path goes with the p-th power of
// the step, a weak order that errors of means do.
//
// Without a Step, SRI, SRA, Heun and ReversibleHeun choose steps by an estimate
// of the error ([Options.RTol], [Options.ATol]). A rejected step costs its
// evaluations, and the path stays what it is. Such steps look ahead on the path,
// which is sound for noise that commutes, as Diagonal, Scalar and additive noise
// do; General noise whose columns do not wants a Step. With a Step, and always for
// the others, the way from one output time to the next is cut into equal steps.
// Steps end at all output times, among which belong those at which drift or
// diffusion jump. Time runs forwards.
//
// # Paths
//
// Each trajectory has a Brownian path of its own, named by a seed ([Path]). A
// path is a function: what it is at a time depends on the seed, the trajectory's
// start, the number of the motion and the time alone. So solutions by other
// methods, steps, tolerances or output times go along the same path, the same
// trajectory has the same bits in any batch, order and number of processors, and
// a longer solution begins with the shorter one if the steps do. The path knows
// its integral over time as well, which methods of order 1.5 need (space-time
// Lévy area). Trajectories of equal seeds have equal motions: give each sample
// a seed of its own.
//
// # Batches
//
// A [Batch] solves many problems of one system at once. The [BatchSystem] gets
// a matrix of states, so that a neural network's drift is one matrix product,
// but each trajectory has its own start, times, steps and fate. A Batch that is
// used again does not allocate. Goroutines that work at the same time need one
// each.
//
// # Gradients
//
// Let L be a function of the states at the times asked for. With the system's
// vector-Jacobian products, [Solution.Gradient] and [Batch.Backward] give
// ∂L/∂y₀ and ∂L/∂θ along the given paths, by going back through the steps that
// were taken. This is the exact gradient of the numbers that came out, the
// sizes of the steps being taken as constants: it agrees with differences along
// the same path to rounding, with any method, and its mean over paths is the
// gradient of the mean. The states of the stages are kept for it, or with
// [Options.Recompute] solved again. The products are compared once with
// differences. Gradients with respect to times are not defined, as paths have no
// derivative.
//
// [WithKL] adds the Kullback-Leibler divergence from an equation with another
// drift as an extra component, for latent stochastic differential equations.
//
// # Sources
//
// Kloeden and Platen, Numerical Solution of Stochastic Differential Equations
// (1992), if nothing else is said. Each method names its own; the tests verify
// the order conditions of SRI and SRA in exact arithmetic, and measure the
// strong orders of all and the weak ones of all but SRA.
package sde
