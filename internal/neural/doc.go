// Package neural is what all families of trained models share of their data: the
// [Frame], what a model knows of the panel that it was fitted to; [Record]s, series
// as a model sees them, and [Window]s of them to train on; what is held back to know
// when to stop; and the way from what a family draws to forecasts, generated series
// and likelihoods.
//
// A family is composed of these and of package training. It adds its options, its
// network, the loss of a batch of windows and a draw of the future.
package neural
