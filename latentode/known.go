package latentode

import (
	"sort"

	"tsgen/series"
)

// A track is the course of the covariates of a record that are known ahead: at
// coordinates u the values x, len(u)×covariates, scaled, each valid until the
// next.
type track struct{ u, x []float64 }

// track returns that of s in the model's terms.
func (p *plan) track(panel *series.Panel, s *series.Series) (t track) {
	k := len(p.Known)
	for _, at := range s.Known.Times {
		t.u = append(t.u, panel.Coordinate(at))
	}
	for i, x := range s.Known.Values {
		t.x = append(t.x, (x-p.KnownScaling.Center[i%k])/p.KnownScaling.Scale[i%k])
	}
	return t
}

// nearly is the part of a step by which the stamps of one moment may differ.
const nearly = 0.02

// covariates appends those of t at the coordinate u, or their means if t has
// none.
func (p *plan) covariates(dst []float64, t track, u float64) []float64 {
	k := len(p.Known)
	if len(t.u) == 0 {
		return append(dst, make([]float64, k)...)
	}
	if p.Step.Regular() {
		u += nearly
	}
	i := max(0, sort.Search(len(t.u), func(i int) bool { return t.u[i] > u })-1)
	return append(dst, t.x[i*k:(i+1)*k]...)
}
