// Package vae is the variational autoencoder over windows of series.
//
// A [Model] learns the distribution of windows: of all runs of a number of steps
// of each series of a panel. It forecasts by completing the last window, and
// imputes, generates and weighs windows. Times must be equally spaced; values may
// be missing.
//
// A file whose rows are windows by themselves, such as images with a column for
// each pixel, is a panel of one series without times and is treated with the
// length 1: the channels are then the pixels, and the order of the rows means
// nothing. Values from 0 to 255 are shades of a Bernoulli distribution with the
// option top at 255.
package vae
