// Package ode solves initial value problems y' = f(t, y; θ) and
// differentiates their solutions.
package ode
