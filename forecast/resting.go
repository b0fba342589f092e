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
	seasons := wholeSeasons(p, s.Len())
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

// wholeSeasons returns the seasons of a whole number of steps of which so many steps are enough to tell what rests.
func wholeSeasons(p *series.Panel, steps int) (seasons []int) {
	for _, period := range append(slices.Clone(p.Seasons), float64(p.Season())) {
		if m := int(period); float64(m) == period && m > 1 && steps >= leastRests*m/2 {
			seasons = append(seasons, m)
		}
	}
	return seasons
}

// settle sets values of a generated panel, in place, that are not what they are where the series of the fitted one all rest, if
// most of those generated there are.
func settle(generated, fitted *series.Panel) {
	if !fitted.Step.Regular() || generated.Step != fitted.Step {
		return
	}
	width := fitted.Width()
	steps := make([][]int, len(generated.Series))
	for i, s := range generated.Series {
		steps[i] = stepsOf(generated, s)
	}
	var all []int
	var values []float64
	for _, s := range fitted.Series {
		all, values = append(all, stepsOf(fitted, s)...), append(values, s.Values...)
	}
	for _, season := range wholeSeasons(fitted, len(all)) {
		within := make([]int, len(all))
		for k := range all {
			within[k] = modulo(all[k], season)
		}
		for c := range width {
			column := series.Column(values, c, width)
			seen := make([]int, season)
			for k, v := range column {
				if !math.IsNaN(v) {
					seen[within[k]]++
				}
			}
			for at, r := range restsOf(column, within, season) {
				if r.seasons == 0 || r.seasons < seen[at] {
					continue
				}
				there, same := valuesAt(generated, steps, c, at, season), 0
				for _, x := range there {
					if *x == r.value {
						same++
					}
				}
				if 2*same > len(there) {
					for _, x := range there {
						*x = r.value
					}
				}
			}
		}
	}
}

// valuesAt returns those of channel c at one step of a season, given all steps.
func valuesAt(p *series.Panel, steps [][]int, c, at, season int) (there []*float64) {
	for i, s := range p.Series {
		for k, step := range steps[i] {
			if x := &s.Values[k*p.Width()+c]; modulo(step, season) == at && !math.IsNaN(*x) {
				there = append(there, x)
			}
		}
	}
	return there
}

// stepsOf returns the steps of the calendar, or of the numbers, at which a series of a regular panel has values.
func stepsOf(p *series.Panel, s *series.Series) []int {
	steps := make([]int, s.Len())
	for k, t := range s.Times {
		steps[k] = int(math.Round(p.Coordinate(t)))
	}
	return steps
}

func modulo(k, m int) int { return (k%m + m) % m }

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
