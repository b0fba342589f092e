package neural

import (
	"math"

	"tsgen/internal/effects"
)

const effectWaves = 6 // harmonics of the season beside the effects of covariates

// learnEffects sets Effects to those of the known covariates on each channel, and Linear
// if there is nothing more to them.
func (f *Frame) learnEffects(records []Record) {
	k, c := len(f.Known), len(f.Channels)
	f.Effects, f.Linear = nil, k > 0
	if k == 0 {
		return
	}
	for j := range c {
		var seen []effects.Record
		for i := range records {
			r := &records[i]
			var s effects.Record
			for t, u := range r.U {
				if v := r.X[t*c+j]; !math.IsNaN(v) {
					s.X = f.AppendWaves(f.AppendKnown(s.X, r, u), u, effectWaves, effectWaves)
					s.Y = append(s.Y, v)
				}
			}
			if len(s.Y) > 1 {
				seen = append(seen, s)
			}
		}
		own, linear := effects.Estimate(seen, k, f.Waves(effectWaves, effectWaves))
		f.Effects, f.Linear = append(f.Effects, own...), f.Linear && linear
	}
}

// AppendInputs is AppendKnown for those covariates that are inputs of a network, Inputs
// their number: none where they are linear effects alone.
func (f *Frame) AppendInputs(dst []float64, r *Record, u float64) []float64 {
	if f.Linear {
		return dst
	}
	return f.AppendKnown(dst, r, u)
}

// Inputs returns the number of values that AppendInputs appends.
func (f *Frame) Inputs() int {
	if f.Linear {
		return 0
	}
	return len(f.Known)
}

// Effect returns what the covariates of r at the coordinate u add to channel j, in the
// unit of records, beside what they do at their means.
func (f *Frame) Effect(r *Record, u float64, j int) (sum float64) {
	if f.Effects == nil || len(r.KnownU) == 0 {
		return 0
	}
	k := len(f.Known)
	for i, x := range f.AppendKnown(make([]float64, 0, k), r, u) {
		sum += f.Effects[j*k+i] * x
	}
	return sum
}

// takeEffects takes the effects from the values of r.
func (f *Frame) takeEffects(r *Record) {
	if f.Effects == nil {
		return
	}
	c := len(f.Channels)
	for k := range r.X {
		r.X[k] -= f.Effect(r, r.U[k/c], k%c)
	}
	r.Less = true
}

// whole returns x, a value of channel j of a record at the coordinate u, with the effects
// that were taken from it.
func (f *Frame) whole(r *Record, u float64, j int, x float64) float64 {
	if r.Less {
		x += f.Effect(r, u, j)
	}
	return x
}

// RestoreAt undoes all that was done to x, a value of channel j of r at the coordinate u.
func (f *Frame) RestoreAt(r *Record, u float64, j int, x float64) float64 {
	return f.Restore(j, f.whole(r, u, j, x))
}
