// Package latentode is the latent ODE, a variational autoencoder whose latent
// state moves by a learned differential equation (Chen et al. 2018, section 5;
// Rubanova et al. 2019), and the latent SDE (Li et al. 2020), whose equation has noise.
//
// A gated recurrent unit reads the last observations of a series backwards,
// with what is missing masked, or by option as it is remembered, and the gaps
// between the times, and gives a Gaussian posterior for the state z₀ at the
// first of them. The state is
// integrated by Dopri5 through the times of the observations and on to
// the times to forecast; a linear map takes it to the mean of the
// observations. A forecast is a longer integration.
//
// What makes it forecast and not merely reconstruct:
//
//   - Training shows the encoder the context of a random window and asks for
//     the context and the horizon behind it, so that the state must be one from
//     which the future follows.
//   - The latent state is small and its decoder linear, so that the state at
//     the end of a window is one that windows start from.
//   - The field is bounded, v ⊙ tanh(·), but for a constant drift that the
//     static part of the state sets: nothing blows up beyond the window, and a
//     trend is a straight line. Options have its speed or the length of its path
//     paid for, which keeps the dynamics of noisy data from following the noise.
//   - A season enters as an additive forcing whose coefficients are latent but
//     do not move. The solver need not follow it: its integral is known.
//   - Level and scale of each window are taken out and put back (the scale is
//     that about a straight line), and positive values that vary with their
//     level are modelled by their logarithm.
//   - Windows are trained on with random trends added. A short series shows but
//     a few trends, and a model that took them for the rule would continue them
//     whatever the context says.
//   - What the state missed of the last observations is carried over into the
//     future, fading, and the noise of an observation grows with the lead time.
//     Held-back data say by how much it is too small. Of many series with
//     levels of their own each has noise of its own strength.
//   - An option has residuals be an Ornstein-Uhlenbeck process seen through noise instead, in
//     the likelihood and in the search for modes too: a Kalman filter carries what is
//     known over gaps and lead times, and the bands grow no further than the process.
//   - Where many series share a phase space, windows are short at first and
//     grow, and every other window starts within the one before and is bound
//     to its trajectory, as in multiple shooting.
//   - Of many irregular series the static part of the state, if any, sets a linear part of
//     the dynamics too, which turns and damps the state and never lengthens it:
//     a frequency and a damping of each series' own.
//   - The posterior of a forecast is moved from the encoder's guess to the mode
//     of what the model says of all of the last observations, where that
//     forecasts held-back data better.
//   - Where regular series oscillate evidently, as damped modes tell, the linear part turns at their speeds
//     from the beginning, and that model is the companion.
//   - Of irregular series a model in closed form, a companion, has a say in
//     what is predicted, by weights of the channels that held-back data choose: the least
//     that are within a standard error of the best. Beyond the lead times that were held
//     back the network's weight fades.
//   - Irregular times of many decades, evenly spread by their logarithms, go by these in the end.
//   - Forecasts follow dynamics that have become stiff by implicit steps.
//   - The weights that are kept are those that forecast held-back data best.
//
// Observations are Gaussian given the state, with noise that is learned; options
// make them Student's t, log-normal, counts or binary values, and everything
// that the model gives follows. What is said above of the carried-over residuals,
// of noise that grows, its correction by held-back data, and posteriors' modes
// is for real values, the last two for Gaussian ones (or logarithms) alone.
//
// The latent SDE, a [Stochastic], shares all of this but what is there for dynamics without noise: shooting,
// modes, carried residuals and noise that grows. Its encoder reads the whole of a
// window, the future too, and what it has read from the end back to an observation
// guides the path to that. The guided path has a drift of its own and the noise of the
// dynamics, and the divergence of the two laws, ∫ ½|u|² dt, is part of the bound. A
// forecast goes on from the guided paths by the dynamics alone, and held-back data say
// how far paths are to be moved away from their mean.
//
// Times are those of the panel: equally spaced or not, with values missing in
// any channel, and each trajectory is solved with steps of its own.
package latentode
