package simulate

import "math"

// A profile is a season: what it adds to each of its steps. It may change as it goes.
type profile struct {
	values []float64
	period float64 // in steps; len(values) if that is whole
	drift  float64 // standard deviation of the change of a value when it is used
}

// newProfile draws a season of the given period and standard deviation: smooth, with
// peaks, or without any order.
func newProfile(s source, period, sd float64) profile {
	m := int(math.Round(period))
	p := profile{values: make([]float64, m), period: period}
	switch u := s.Float64(); {
	case u < 0.55:
		p.waves(s)
	case u < 0.85:
		positive := s.chance(0.5)
		share := s.between(0.08, 0.5)
		for i := range p.values {
			if s.chance(share) {
				p.values[i] = s.NormFloat64()
				if positive {
					p.values[i] = math.Abs(p.values[i])
				}
			}
		}
	default:
		for i := range p.values {
			p.values[i] = s.NormFloat64()
		}
	}
	p.standardise(sd)
	return p
}

// newWaves draws a smooth season.
func newWaves(s source, period, sd float64) profile {
	p := profile{values: make([]float64, int(math.Round(period))), period: period}
	p.waves(s)
	p.standardise(sd)
	return p
}

// waves fills the profile with harmonics whose amplitudes fall with their number.
func (p *profile) waves(s source) {
	m := len(p.values)
	decay := s.between(0, 2)
	for k := 1; k <= min(m/2, 24); k++ {
		w := math.Pow(float64(k), -decay)
		a, b := w*s.NormFloat64(), w*s.NormFloat64()
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(m))
		c, d := 1.0, 0.0
		for i := range p.values {
			p.values[i] += a*c + b*d
			c, d = c*cos-d*sin, c*sin+d*cos
		}
	}
}

// standardise gives the profile the mean 0 and a standard deviation.
func (p *profile) standardise(sd float64) {
	mean, square := 0.0, 0.0
	for _, v := range p.values {
		mean += v / float64(len(p.values))
	}
	for _, v := range p.values {
		square += (v - mean) * (v - mean) / float64(len(p.values))
	}
	scale := 0.0
	if square > 0 {
		scale = sd / math.Sqrt(square)
	}
	for i := range p.values {
		p.values[i] = (p.values[i] - mean) * scale
	}
}

// place returns the part of the profile in which step t lies.
func (p *profile) place(t int) int {
	m := len(p.values)
	if p.period == float64(m) {
		return t % m
	}
	return int(math.Mod(float64(t), p.period)/p.period*float64(m)) % m
}

// at returns the value of step t.
func (p *profile) at(s source, t int) float64 {
	i := p.place(t)
	if p.drift > 0 {
		p.values[i] += p.drift * s.NormFloat64()
	}
	return p.values[i]
}

// overlaid has a longer season added to a process whose shocks are of unit size, where the setting has
// one.
func overlaid(make func(source, Setting) process) func(source, Setting) process {
	return func(s source, set Setting) process {
		p := make(s, set)
		if !(set.Second > 2*set.Season) || s.chance(0.2) {
			return p
		}
		o := &overlay{process: p}
		if ratio := set.Second / set.Season; ratio == math.Trunc(ratio) && ratio < 40 {
			size := s.scale(0.3, 6)
			o.profile = week(s, newProfile(s, set.Season, size), int(ratio), size)
		} else {
			o.profile = newWaves(s, set.Second, s.scale(0.3, 6))
		}
		return o
	}
}

// overlay is a process with a season added.
type overlay struct {
	process
	profile profile // that does not change
	t       int
}

func (o *overlay) clone() process { return &overlay{o.process.clone(), o.profile, o.t} }

func (o *overlay) step(s source) float64 {
	o.t++
	return o.process.step(s) + o.profile.at(s, o.t-1)
}
