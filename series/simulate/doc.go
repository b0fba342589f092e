// Package simulate makes series of known making, without end: levels and trends,
// seasons, ARIMA processes, exponential smoothing, linear and nonlinear stochastic
// differential equations, counts, shares and walks. They are what the pretrained
// forecaster learns from, and test data for everything else.
//
// Series k of a seed is the same however many are drawn and in whatever order: its
// random numbers depend on the seed and k alone.
package simulate
