package mdn

import (
	"math"

	"tsgen/internal/moments"
	"tsgen/internal/neural"
)

const (
	// placeGain is how much likelier increments of a channel are by their places, in nats a value, from
	// which on the network is told these.
	placeGain = 0.02
	// usualWeight is how many increments at a place those of all places count for there.
	usualWeight = 4
)

// learnPlaces has the network told each step's place in its series where many short series
// are learned as wholes and increments of a channel depend on it: those of one half of the
// series are likelier by the means and deviations that the other half has at each place than by
// those of all places.
func (c *config) learnPlaces(records []neural.Record) {
	c.Places = 0
	if !c.HoldSeries || !c.Step.Regular() || c.Length > neural.ShortSeries {
		return
	}
	k := len(c.Channels)
	for j := range k {
		gain, n := 0.0, 0.0
		var all [2]moments.Moments
		at := [2][]moments.Moments{make([]moments.Moments, c.Length), make([]moments.Moments, c.Length)}
		for i, r := range records {
			for t := 1; t < min(c.Length, len(r.U)); t++ {
				d := r.X[t*k+j] - r.X[(t-1)*k+j]
				all[i%2].Add(d)
				at[i%2][t].Add(d)
			}
		}
		for half, usual := range all {
			if !(usual.Square > 0) {
				continue
			}
			usual = moments.Moments{N: usualWeight, Mean: usual.Mean, Square: usualWeight * usual.Variance()}
			for t, m := range at[1-half] {
				own := at[half][t]
				own.Join(usual)
				gain += logLikelihood(m, own) - logLikelihood(m, usual)
				n += m.N
			}
		}
		if gain > placeGain*n {
			c.Places = c.Length
		}
	}
}

// logLikelihood returns that of values with the moments m under a normal distribution with
// those of law, but for a constant.
func logLikelihood(m, law moments.Moments) float64 {
	d := m.Mean - law.Mean
	return -(m.N*math.Log(law.Variance()) + (m.Square+m.N*d*d)/law.Variance()) / 2
}
