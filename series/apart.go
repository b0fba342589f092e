package series

import (
	"math"
	"slices"
)

// leastApart is the number of distances between rows with values that must be multiples of a number of steps, so that it
// is no chance.
const leastApart = 8

// Condensed returns the panel without the rows in between and with a step so many times as long, if only one row in so
// many has values, as where quarters are written into a table of months; p and 1 if not. A panel with covariates that are
// known ahead, or whose step leaves out parts of the calendar, stays.
func (p *Panel) Condensed() (*Panel, int) {
	step, plain := p.Step, Step{Width: p.Step.Width, Days: p.Step.Days, Months: p.Step.Months, Anchor: p.Step.Anchor}
	if !step.Regular() || len(p.Known) > 0 || step != plain {
		return p, 1
	}
	every, rows, steps := p.apart()
	if every < 2 || 2*rows < steps/every {
		return p, 1
	}
	step.Width, step.Days, step.Months = step.Width*float64(every), step.Days*every, step.Months*every
	all := make([]*Series, len(p.Series))
	for i, s := range p.Series {
		all[i] = s.valued()
	}
	q := p.With(all)
	q.Step = step
	for _, s := range q.Series {
		if _, _, err := q.Grid(s); err != nil {
			return p, 1
		}
	}
	return q, every
}

// apart returns the number of steps of which all distances between rows with values are multiples, how many such rows there
// are, and over how many steps they stretch. The number is 0 where they are too few to tell, or a series has a step of its own.
func (p *Panel) apart() (every, rows, steps int) {
	first, distances := math.NaN(), 0
	for _, s := range p.Series {
		if s.Step.Regular() {
			return 0, 0, 0
		}
		began, last := math.NaN(), 0.0
		for i := range s.Len() {
			if !s.valuedAt(i) {
				continue
			}
			at := p.Coordinate(s.Times[i])
			if math.IsNaN(first) {
				first = at
			}
			if math.IsNaN(began) {
				began = at
			} else {
				distances++
			}
			if every, last = gcd(every, int(math.Abs(math.Round(at-first)))), at; every == 1 {
				return 1, 0, 0
			}
			rows++
		}
		if !math.IsNaN(began) {
			steps += int(math.Round(last - began))
		}
	}
	if distances < leastApart {
		return 0, 0, 0
	}
	return every, rows, steps
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// valuedAt reports whether a channel has a value in row i.
func (s *Series) valuedAt(i int) bool {
	return slices.ContainsFunc(s.Row(i), func(v float64) bool { return !math.IsNaN(v) })
}

// valued returns the series without the rows that have no value.
func (s *Series) valued() *Series {
	out := &Series{ID: s.ID}
	for i, t := range s.Times {
		if s.valuedAt(i) {
			out.Times, out.Values = append(out.Times, t), append(out.Values, s.Row(i)...)
			if line := s.Line(i); line > 0 {
				out.lines = append(out.lines, int32(line))
			}
		}
	}
	return out
}

// begun returns the series from the first row on that has a value, or s if none has.
func (s *Series) begun() *Series {
	for i := range s.Len() {
		if s.valuedAt(i) {
			return s.Slice(i, s.Len())
		}
	}
	return s
}
