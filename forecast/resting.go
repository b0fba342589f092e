package forecast

import (
	"math"
	"slices"

	"tsgen/series"
)

const (
	// A step of a season rests if its last leastRests values are the same to all digits, of which the next is another with a
	// probability of less than a fortieth (Laplace's rule of succession), and if by how often the steps beside it have that
	// value too chance makes so many with less than restChance. It is told for a part of as many seasons, one in restAhead.
	leastRests, restChance, restAhead = 40, 1e-6, 4
)

// A rest is a value that the steps of a season have at one of them, as a shop has that is closed on Sundays, or the sun at night.
type rest struct {
	value   float64
	seasons int // for which it has been so
}

// settled returns the distribution of what follows s, a series of p, with what is certain of steps that rest.
func (d *Distribution) settled(p *series.Panel, s *series.Series) *Distribution {
	p = p.For(s)
	var seasons []int
	for _, period := range append(slices.Clone(p.Seasons), float64(p.Season())) {
		if m := int(period); float64(m) == period && m > 1 && s.Len() >= leastRests*m/2 {
			seasons = append(seasons, m)
		}
	}
	if len(seasons) == 0 || !p.Step.Regular() || len(d.Times) == 0 || d.Width() != p.Width() {
		return d
	}
	steps, err := p.StepsFrom(s.Times[0], s.Times)
	if err != nil {
		return d
	}
	ahead, err := p.StepsFrom(s.Times[0], d.Times)
	if err != nil {
		return d
	}
	width, last := p.Width(), steps[len(steps)-1]
	certain := *d
	certain.Mean, certain.SD = slices.Clone(d.Mean), slices.Clone(d.SD)
	certain.Values, certain.Paths = cloned(d.Values), cloned(d.Paths)
	any := false
	for _, season := range seasons {
		for c := range width {
			rests := restsOf(series.Column(s.Values, c, width), steps, season)
			for t, step := range ahead {
				if step <= last {
					continue
				}
				if r := rests[step%season]; (step-last)*restAhead <= r.seasons*season {
					certain.set(t*width+c, r.value)
					any = true
				}
			}
		}
	}
	if !any {
		return d
	}
	return &certain
}

// set makes a value certain.
func (d *Distribution) set(k int, v float64) {
	if d.Mean != nil {
		d.Mean[k], d.SD[k] = v, 0
	}
	for _, x := range slices.Concat(d.Values, d.Paths) {
		x[k] = v
	}
}

// restsOf returns at which steps of a season values, which may be missing, rest: of no seasons where they do not.
func restsOf(values []float64, steps []int, season int) []rest {
	all, over := make([]rest, season), make([]bool, season)
	for i := len(values) - 1; i >= 0; i-- {
		v, k := values[i], steps[i]%season
		if math.IsNaN(v) || over[k] {
			continue
		}
		if over[k] = all[k].seasons > 0 && v != all[k].value; !over[k] {
			all[k] = rest{v, all[k].seasons + 1}
		}
	}
	for k, r := range all {
		if r.seasons < leastRests {
			all[k].seasons = 0
			continue
		}
		same, others := 0, 0 // of the values at other steps
		for i, v := range values {
			if steps[i]%season != k && !math.IsNaN(v) {
				if others++; v == r.value {
					same++
				}
			}
		}
		if chance := float64(same+1) / float64(others+2); math.Pow(chance, float64(r.seasons)) > restChance {
			all[k].seasons = 0
		}
	}
	return all
}

// cloned returns copies of some slices.
func cloned(all [][]float64) [][]float64 {
	own := slices.Clone(all)
	for i, x := range own {
		own[i] = slices.Clone(x)
	}
	return own
}
