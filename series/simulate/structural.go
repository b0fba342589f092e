package simulate

import (
	"math"
	"slices"
)

// structural is a level with a trend, seasons, an autoregressive remainder, and what
// disturbs them (Harvey 1989): heavy tails, a spread that changes, shifts of the level
// and of the slope, and outliers. Unit is the noise of an observation.
type structural struct {
	*structuralParameters
	t            int
	level, line  float64 // the level and the line that it is drawn to
	slope        float64
	r1, r2, e1   float64 // the remainder, the one before, and its last innovation
	spread       float64 // logarithm of the noise's spread
	season       profile
	noise        []float64 // of the last season
	second, slow profile
	hasSeason    bool
	hasSecond    bool
	hasSlow      bool
	repeated     float64 // sum of the seasons at the last step
}

type structuralParameters struct {
	noiseSD, levelSD     float64
	sameShock            bool // level and observation have one shock (ETS), else each its own
	damping, mean        float64
	slopeSD, pull        float64
	bendRate, bendSD     float64
	shiftRate, shiftSD   float64
	outlierRate, outlier float64
	ar1, ar2, ma, restSD float64
	seasonalAR           float64
	spreadSD             float64
	heavyRate, heavy     float64
	phaseSD              []float64 // spread of the noise by the place in the season
}

func newStructural(s source, set Setting) process {
	n := float64(max(set.Length, 10))
	normal := s.NormFloat64
	parameters := &structuralParameters{noiseSD: 1, outlier: s.scale(3, 10), bendSD: s.scale(0.02, 0.3), shiftSD: s.scale(1, 6), heavy: s.between(2, 5)}
	x := &structural{structuralParameters: parameters}
	quiet := s.chance(0.12)
	if quiet {
		parameters.noiseSD = s.scale(0.02, 0.3)
	}
	parameters.levelSD = s.maybe(0.75, func() float64 { return s.scale(0.02, 1.5) })
	if parameters.noiseSD < 0.5 {
		parameters.levelSD = math.Max(parameters.levelSD, s.scale(0.2, 1))
	}
	parameters.sameShock = s.chance(0.35)
	reverting := 0.12
	switch {
	case set.Season == 7:
		reverting = 0.5
	case set.Season >= 20 && set.Season < 50 || set.Season > 60:
		reverting = 0.45
	}
	x.slope = s.maybe(0.55-0.5*max(0, reverting-0.12), func() float64 { return normal() * s.scale(0.003, 0.3) })
	if s.chance(0.1) {
		x.slope = math.Abs(x.slope)
	}
	parameters.pull = s.maybe(reverting, func() float64 { return s.scale(0.02, 0.6) })
	switch u := s.Float64(); {
	case u < 0.4:
		parameters.damping = 1
	case u < 0.85:
		parameters.damping = s.between(0.8, 0.995)
	}
	parameters.mean = s.maybe(0.4, func() float64 { return x.slope * s.Float64() })
	parameters.slopeSD = s.maybe(0.35, func() float64 { return s.scale(0.001, 0.1) })
	parameters.bendRate = s.maybe(0.15, func() float64 { return s.scale(0.3, 3) / n })
	parameters.shiftRate = s.maybe(0.15, func() float64 { return s.scale(0.3, 3) / n })
	parameters.outlierRate = s.maybe(0.2, func() float64 { return s.scale(0.004, 0.04) })
	if s.chance(0.6) {
		a, b := s.between(-0.5, 0.98), s.between(-0.6, 0.85)
		parameters.ar1, parameters.ar2 = a+b, -a*b
	} else {
		mod := s.between(0.3, 0.98)
		parameters.ar1, parameters.ar2 = 2*mod*math.Cos(2*math.Pi/s.scale(2.5, 60)), -mod*mod
	}
	parameters.ma = s.maybe(0.5, func() float64 { return s.between(-0.8, 0.8) })
	parameters.restSD = s.maybe(0.5, func() float64 { return s.scale(0.1, 1.2) })
	parameters.spreadSD = s.maybe(0.15, func() float64 { return s.between(0.02, 0.2) })
	parameters.heavyRate = s.maybe(0.35, func() float64 { return s.scale(0.01, 0.15) })
	// At times trend and season are far above what disturbs them, and go on as they are.
	clear := 1.0
	if s.chance(0.25) {
		clear = s.scale(1, 12)
		parameters.levelSD = math.Min(parameters.levelSD, s.scale(0.02, 1))
		x.slope *= clear
		parameters.mean *= clear
		if s.chance(0.7) {
			parameters.damping = 1
		}
		if s.chance(0.5) {
			x.slope = math.Copysign(s.scale(0.05, 1), x.slope+normal()*0.01)
			parameters.pull, parameters.bendRate, parameters.restSD = 0, 0, parameters.restSD/3
			parameters.levelSD, parameters.slopeSD = parameters.levelSD/3, parameters.slopeSD/5
		}
	}
	x.r1, x.r2 = parameters.restSD*normal(), parameters.restSD*normal()
	x.seasons(s, set, clear)
	return x
}

// seasons draws the seasons, larger than usual by a factor.
func (x *structural) seasons(s source, set Setting, larger float64) {
	if set.Season < 2 {
		if s.chance(0.15) { // a cycle
			x.hasSlow, x.slow = true, newWaves(s, s.scale(6, math.Max(12, float64(set.Length)/2)), s.scale(0.3, 6))
		}
		return
	}
	share := 0.75
	if set.Season == 7 || set.Season >= 20 {
		share = 0.88
	}
	amplitude := s.maybe(share, func() float64 { return s.scale(0.15, 12) * larger })
	m := int(math.Round(set.Season))
	if amplitude > 0 {
		x.hasSeason = true
		x.season = newProfile(s, set.Season, amplitude)
		x.season.drift = s.maybe(0.6, func() float64 { return s.scale(0.005, 0.25) * math.Max(amplitude, 0.3) / larger })
	}
	spread := 0.15
	if set.Season >= 20 {
		spread = 0.4
	}
	if s.chance(spread) {
		uneven := s.between(0.1, 0.8)
		x.phaseSD = make([]float64, m)
		for i := range x.phaseSD {
			x.phaseSD[i] = math.Exp(max(-1.5, min(1.5, uneven*s.NormFloat64())))
		}
	}
	if s.chance(0.2) {
		x.seasonalAR = s.between(-0.3, 0.8)
		x.noise = make([]float64, m)
		for i := range x.noise {
			x.noise[i] = s.NormFloat64() * x.noiseSD
		}
	}
	if set.Second > 2*set.Season {
		x.hasSecond = true
		if ratio := set.Second / set.Season; ratio == math.Trunc(ratio) && ratio < 40 && x.hasSeason && s.chance(0.85) {
			x.second = week(s, x.season, int(ratio), amplitude)
		} else {
			x.second = newWaves(s, set.Second, s.scale(0.2, 6))
		}
	} else if s.chance(0.12) { // a cycle that no one declares
		x.hasSlow, x.slow = true, newWaves(s, s.scale(2, 15)*set.Season, s.scale(0.2, 4))
	}
}

// week is a season of several of a shorter one whose level and amplitude differ from
// one to the other, five alike and two apart at times.
func week(s source, day profile, days int, amplitude float64) profile {
	m := len(day.values)
	p := profile{values: make([]float64, days*m), period: float64(days) * day.period}
	size := s.scale(0.05, 0.8) * math.Max(amplitude, 1)
	raised, base := s.Float64(), s.Float64()
	special := s.chance(0.5)
	first, off := s.IntN(days), s.NormFloat64()
	work := s.NormFloat64()
	flat := s.chance(0.4)
	for d := range days {
		f := s.NormFloat64()
		if special {
			f = work + 0.2*f
			if (d+first)%days >= days-2 {
				f += off - work
			}
		}
		other := flat && s.chance(0.3)
		for i := range m {
			v := f * size * (base + raised*day.values[i]/math.Max(amplitude, 1e-9))
			if other { // a day of another shape
				v -= 0.6 * day.values[i]
			}
			p.values[d*m+i] = v
		}
	}
	return p
}

func (x *structural) clone() process {
	c := *x
	c.season.values = slices.Clone(x.season.values)
	c.noise = slices.Clone(x.noise)
	return &c // the second season does not change
}

func (x *structural) parts() (level, season float64) { return x.level, x.repeated }

func (x *structural) step(s source) float64 {
	t := x.t
	x.t++
	e := x.noiseSD * s.NormFloat64()
	if x.phaseSD != nil {
		e *= x.phaseSD[t%len(x.phaseSD)]
	}
	if x.heavyRate > 0 && s.Float64() < x.heavyRate {
		e *= x.heavy
	}
	if x.spreadSD > 0 {
		x.spread = 0.97*x.spread + x.spreadSD*s.NormFloat64()
		e *= math.Exp(max(-2, min(2, x.spread)))
	}
	seen := e
	if x.noise != nil {
		i := t % len(x.noise)
		seen += x.seasonalAR * x.noise[i]
		x.noise[i] = seen
	}
	x.line += x.slope
	x.level += x.slope
	if x.levelSD > 0 {
		if x.sameShock {
			x.level += e * x.levelSD
		} else {
			x.level += s.NormFloat64() * x.levelSD
		}
	}
	x.level -= x.pull * (x.level - x.line)
	if x.shiftRate > 0 && s.Float64() < x.shiftRate {
		shift := s.NormFloat64() * x.shiftSD
		x.level += shift
		x.line += shift
	}
	x.slope = x.damping*x.slope + (1-x.damping)*x.mean
	if x.slopeSD > 0 {
		x.slope += x.slopeSD * s.NormFloat64()
	}
	if x.bendRate > 0 && s.Float64() < x.bendRate {
		x.slope = s.NormFloat64() * x.bendSD
	}
	y := seen
	if x.restSD > 0 {
		er := x.restSD * s.NormFloat64()
		r := x.ar1*x.r1 + x.ar2*x.r2 + er + x.ma*x.e1
		x.r2, x.r1, x.e1 = x.r1, r, er
		y += r
	}
	x.repeated = 0
	if x.hasSeason {
		x.repeated = x.season.at(s, t)
	}
	if x.hasSecond {
		x.repeated += x.second.at(s, t)
	}
	if x.hasSlow {
		x.repeated += x.slow.at(s, t)
	}
	y += x.level + x.repeated
	if x.outlierRate > 0 && s.Float64() < x.outlierRate {
		y += math.Copysign(x.outlier*x.noiseSD, s.Float64()-0.5)
	}
	return y
}
