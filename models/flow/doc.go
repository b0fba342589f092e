// Package flow holds a generator of windows by flow matching: a rectified flow (Liu, Gong
// & Liu 2023; Lipman et al. 2023). A window x, in the directions of its principal
// components and of variance 1 there, ends a straight line from noise,
//
//	z_t = (1-t) z_0 + t z_1,  z_0 ~ N(0, I),
//
// and a perceptron v learns the mean of z_1 - z_0 given z_t, t and the place of the window
// in the season. Coordinates that are far from normal are brought to normal scores before,
// and after training the scores along the directions that hold most of the variance are
// matched to what the flow draws, so that levels are distributed as those of windows are.
// Solving dz/dt = v from t = 0 to 1 draws a window; the log density of one is, by the
// instantaneous change of variables (Chen et al. 2018),
//
//	log p(z_1) = log N(z_0) - ∫ tr ∂v/∂z dt
//
// with the trace exact. A part of a window that is known is conditioned on without
// training anew: at every time the window at which the flow aims, z_t + (1-t) v, is moved
// to what is known by the gain of a Gaussian with the windows' covariance, as Matheron's
// rule does with a draw. Forecasts and imputations are draws so guided. What known covariates add is
// taken from the values by a regression before, and added after.
package flow
