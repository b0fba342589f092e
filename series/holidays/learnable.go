package holidays

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/series"
)

// leastOwn is the share of an event that the level, the season of the year and the events before
// it must leave for something to be learned of it.
const leastOwn = 0.02

// Learnable returns those of the events of p whose effects its longest series can tell from those of
// the ones before, and, in steps of months, from the season. Coefficients of others
// would be anything.
func Learnable(p *series.Panel) []series.Event {
	if len(p.Series) == 0 || len(p.Events) == 0 {
		return nil
	}
	s := slices.MaxFunc(p.Series, func(a, b *series.Series) int { return a.Len() - b.Len() })
	values, err := p.KnownAt(s, s.Times)
	if err != nil {
		return nil // they do not reach to the end
	}
	n, width := s.Len(), len(p.Known)
	var basis [][]float64
	// own adds what a column has beyond the others, and reports whether that is enough.
	own := func(x []float64) bool {
		size := floats.Dot(x, x)
		for _, b := range basis {
			floats.AddScaled(x, -floats.Dot(x, b), b)
		}
		rest := floats.Dot(x, x)
		if size == 0 || rest < leastOwn*size {
			return false
		}
		floats.Scale(1/math.Sqrt(rest), x)
		basis = append(basis, x)
		return true
	}
	own(slices.Repeat([]float64{1}, n))
	if m := p.Step.Months; m > 0 && m < 12 {
		year := 12 / m
		for k := range year {
			x := make([]float64, n)
			first := p.Coordinate(s.Times[0])
			for i, t := range s.Times {
				if int(math.Round(p.Coordinate(t)-first))%year == k {
					x[i] = 1
				}
			}
			own(x)
		}
	}
	var kept []series.Event
	for j, e := range p.Events {
		x := make([]float64, n)
		for i := range x {
			x[i] = values[i*width+width-len(p.Events)+j]
		}
		if own(x) {
			kept = append(kept, e)
		}
	}
	return kept
}
