package vae

import (
	"tsgen/forecast"
	"tsgen/internal/training"
	"tsgen/models/density"
	"tsgen/series"
)

// Kind is the name of the window VAE.
const Kind = "vae"

// A Model is a variational autoencoder of windows: runs of a fixed number of
// steps of a series, or the single rows of a file. The zero value is ready to be
// fitted with the default options. A fitted model may be used concurrently.
//
// Encoder and decoder are multilayer perceptrons (Kingma & Welling 2014,
// appendix C). Missing values are absent from the bound, and the encoder is
// given a mask of them (Nazabal et al. 2020), so that a forecast is nothing
// but the completion of a window whose end is missing.
type Model struct {
	Options Options
	*fitted
}

// fitted is what a fit leaves: a configuration and the weights.
type fitted struct {
	training.Fitted
	config  *config
	network *network
	bank    []float64   // centers and scales of some training windows, row by row; empty without levels of their own
	states  [][]float64 // draws of the latent variables of these; nil in files that don't know them, and of single rows
}

// Name returns Kind.
func (m *Model) Name() string { return Kind }

// ByDensity implements forecast.Density: binary values, and rows that are windows by
// themselves, are judged by it.
func (m *Model) ByDensity(*series.Panel) (yes, binary bool) {
	unit := m.Options.Likelihood.Domain() == density.Unit
	return unit || m.Options.Length == 1, unit
}

// Curve returns the course of the last training: for every validation the
// update, the mean loss since the one before, in nats per value, and the score
// of the held-back windows: the mean CRPS of their horizons in units of the
// windows' scale or, of rows, minus the bound in nats per value. The score is
// NaN where nothing was held back.
func (m *Model) Curve() []forecast.Point {
	if m.fitted == nil {
		return nil
	}
	return m.fitted.Curve()
}

// scaled sets dst to the window x in the units of the model and returns the
// level and the scale of its channels, which lie in level, of two values a
// channel.
func (f *fitted) scaled(dst, x, level []float64) (center, scale []float64) {
	c := len(f.config.Channels)
	center, scale = level[:c], level[c:2*c]
	f.config.level(center, scale, x[:f.config.context()*c])
	for k, v := range x {
		dst[k] = (v - center[k%c]) / scale[k%c]
	}
	return center, scale
}
