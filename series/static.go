package series

import "math"

// leastStatic is the number of series in which a channel must have been seen twice to be told
// from one that moves.
const leastStatic = 5

// static returns which channels never change within a series but differ between series, such as
// a patient's age at entry: properties of the series, not what moves in it.
func (p *Panel) static() []bool {
	is := make([]bool, p.Width())
	for c := range is {
		is[c] = p.isStatic(c)
	}
	return is
}

func (p *Panel) isStatic(c int) bool {
	seen, differ, all := 0, false, math.NaN()
	for _, s := range p.Series {
		own, n := math.NaN(), 0
		for i := c; i < len(s.Values); i += p.Width() {
			v := s.Values[i]
			if math.IsNaN(v) {
				continue
			}
			if n++; n > 1 && v != own {
				return false
			}
			own = v
		}
		if n > 1 {
			seen++
		}
		if n > 0 {
			differ = differ || !math.IsNaN(all) && own != all
			all = own
		}
	}
	return differ && seen >= leastStatic
}

// without takes channels out of the panel and returns their names.
func (p *Panel) without(out []bool) (names []string) {
	var kept []string
	for c, name := range p.Channels {
		if out[c] {
			names = append(names, name)
		} else {
			kept = append(kept, name)
		}
	}
	if len(names) == 0 || len(kept) == 0 {
		return nil
	}
	for _, s := range p.Series {
		values := make([]float64, 0, len(s.Times)*len(kept))
		for i := range s.Times {
			for c, v := range s.Row(i) {
				if !out[c] {
					values = append(values, v)
				}
			}
		}
		s.Values = values
	}
	p.Channels = kept
	return names
}
