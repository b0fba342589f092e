package series

import "math"

// SeasonalKnown returns the names of the covariates known ahead that do nothing but repeat with a
// season of so many steps: what they do cannot be told from what the season does. The panel is
// regular; covariates of series that are shorter than two seasons, and those that never change, are none.
func (p *Panel) SeasonalKnown(season int) []string {
	if season < 2 || !p.Step.Regular() {
		return nil
	}
	var names []string
	for k, name := range p.Known {
		if p.repeats(k, season) {
			names = append(names, name)
		}
	}
	return names
}

// repeats reports whether covariate k is a function of the step in the season.
func (p *Panel) repeats(k, season int) bool {
	width, changes, long := len(p.Known), false, false
	for _, s := range p.Series {
		if len(s.Known.Times) < 2*season {
			continue
		}
		long = true
		usual := make([]float64, season)
		for i := range usual {
			usual[i] = math.NaN()
		}
		for i, t := range s.Known.Times {
			at := int(math.Mod(math.Round(p.Coordinate(t)-p.Coordinate(s.Known.Times[0])), float64(season)))
			v := s.Known.Values[i*width+k]
			if math.IsNaN(usual[at]) {
				usual[at] = v
			}
			if usual[at] != v {
				return false
			}
			changes = changes || v != s.Known.Values[k]
		}
	}
	return long && changes
}
