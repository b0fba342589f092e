// Package ode solves initial value problems
//
//	y' = f(t, y; θ),  y(t₀) = y₀
//
// with explicit and implicit methods, one or many at a time, and differentiates
// the solutions with respect to all that makes them.
//
// # Solving
//
// [Solve] takes a [Problem] with the times at which the state is asked for,
// and a [Method]. [Dopri5] is the one to begin with; [Tsit5] is its peer,
// [DOP853] is for tight tolerances, [BogackiShampine] for loose ones. These
// choose their steps so that the error of each is within [Options.RTol] and
// [Options.ATol]. That of the solution is then usually some multiple of it:
// compare with a solution at a tenth of the tolerance if it matters. The times
// asked for have no part in the choice of steps, and cost no evaluations, as
// the states there come from the method's interpolant ([DOP853] evaluates the
// field three times more in a step with times in it). [RK4], [Heun],
// [Midpoint] and [Euler] take the steps that they are given, and so do
// [StormerVerlet] and [Yoshida4], which keep the energy of separable mechanical
// systems over long times.
//
// Problems in which stability bounds the step, stiff ones, take many small
// steps by explicit methods; [Stats.Stiffness] tells. [Rodas5P] and [Kvaerno5] are
// for them: they solve linear systems with the field's Jacobian, which is given
// ([Field.Jac]), made of vector-Jacobian products, or of differences. [Auto]
// begins with an explicit method and goes over to an implicit one and back as
// the problem asks. Options, events, batches and gradients are the same.
//
// Time runs forwards or backwards, from T0 to the last of the times. Fields
// with jumps in time declare them ([Options.Jumps]), zeros of functions along
// the solution are [Event] values. A field that returns NaN makes the step
// smaller, which solves what is undefined only beyond the solution; what cannot
// be solved fails with an [Error] that says why and where, and leaves what was
// reached. Times may be large, such as seconds since 1970: the state moves by
// what the clock does after rounding. Steps below the distance between two
// numbers at such a time are an error.
//
// An [Event] may reset the state: a bounce, a dose, a spike. The gradient goes
// through the reset and through its time (the saltation matrix).
//
// # Batches
//
// A [Batch] solves many problems of one field at once. The [BatchField] gets a
// matrix of states, so that a neural network's field is one matrix product,
// but each trajectory has its own start, direction, times, steps and fate: a
// row is in the matrix as long as its trajectory needs it. What a trajectory
// gives is bitwise the same in any company. A Batch that is used again does
// not allocate. Goroutines that work at the same time need one each.
//
// [Batch.SetRows] gives trajectories tolerances, jumps and steps of their own,
// and events are told the trajectory. A [Path] is a control through values at
// knots of a trajectory's own, linear, Hermite cubic or rectilinear; [Drive]
// makes a field of a controlled equation dy = F(t, y) dX, such as a neural CDE.
//
// # Gradients
//
// Let L be a function of the states at the times asked for, and g_k = ∂L/∂y(t_k)
// its gradient with respect to them. With the field's vector-Jacobian product
// (VJP), [Solution.Gradient] and [Batch.Backward] give ∂L/∂y₀ and ∂L/∂θ, in one
// of three ways ([Adjoint]). With λ(t) the gradient of L with respect to the
// state at time t, all that comes before being forgotten, they are λ(t₀) and
// ∫λ·∂f/∂θ dt. Between the times λ' = -λ·∂f/∂y, and at t_k it is larger by g_k
// on the side of the start.
//
//   - [Discrete], the default, goes back through the steps that were taken. It
//     is the exact gradient of the numbers that came out, the sizes of the
//     steps being taken as constants, so that it agrees with differences of
//     [Batch.Resolve] to rounding. It keeps the states within each step, or with
//     [Options.Memory] some of them. A step costs one product for each stage,
//     however many outputs it holds.
//   - [Interpolating] solves the equation for λ backwards, with the state from
//     the interpolant, and takes ∫λ·∂f/∂θ dt by quadrature. Its error is
//     controlled like the solution's, which makes it the better one at loose
//     tolerances; it costs a new start at each time.
//   - [Backsolve] also solves for the state backwards, and keeps nothing. That
//     fails wherever the solution forgets its past: the way back is then
//     unstable. It is measured and an error, but not cured.
//
// The gradient is that of the solution at hand. If the tolerance is loose, it
// is the gradient of another function than the exact solution's: at 1e-3 it may
// be wrong altogether, from 1e-5 on it is right to a few digits.
//
// Times: the derivative with respect to t_k is g_k·f(t_k, y(t_k)), the other
// times being left alone; that with respect to t₀, at which y₀ holds, is
// -λ(t₀)·f(t₀, y₀), for λ after t₀. States asked for at t₀ itself are y₀, for
// all t₀: they have a part in ∂L/∂y₀ alone. The derivative with respect to the
// end is that of the last of the times. [Batch.SeedHit] takes derivatives
// through the times and states of events.
//
// [SolveSensitivity] gives the whole Jacobian of small systems, and
// [Differences] a VJP to fields that have none. A VJP, which is where most
// mistakes are made, is compared once with differences.
//
// # Sources
//
// The methods and what surrounds them are those of Hairer, Nørsett and Wanner,
// Solving Ordinary Differential Equations I (2nd ed., 1993), if nothing else is
// said; the tests verify the order conditions of every tableau, those with
// fractions in exact arithmetic. The implicit methods are those of the
// second volume (Hairer and Wanner, 2nd ed. 1996).
package ode
