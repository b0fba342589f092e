package statespace

import "math"

// The frame of a filter turns with the points of the season: in it they stand still but for
// their disturbances, which have no direction, and what is observed of them turns instead. A
// step then moves trend, slope and level alone.

// signal sets c to what an observation has of each state variable in the turning frame, d
// after its beginning.
func (s structure) signal(c []float64, d float64) {
	c[atTrend], c[atSlope], c[atLevel] = 1, 0, 1
	for h := range s.points() {
		c[atSeason+2*h], c[atSeason+2*h+1] = s.direction(h, d)
	}
}

// direction returns cosine and sine of how far point h has turned after d.
func (s structure) direction(h int, d float64) (cos, sin float64) {
	frequency := float64(h+1) / s.season
	if s.waves != nil {
		frequency = s.waves[h].frequency()
	}
	x := frequency * d
	sin, cos = math.Sincos(2 * math.Pi * (x - math.Floor(x)))
	return cos, sin
}

// still brings width states, the variables of which are the rows of z, from the turning frame
// to that which stands still.
func (s structure) still(z []float64, width int, d float64) {
	for h := range s.points() {
		cos, sin := s.direction(h, d)
		a := z[(atSeason+2*h)*width : (atSeason+2*h+1)*width]
		rotate(a, z[(atSeason+2*h+1)*width:(atSeason+2*h+2)*width], cos, sin)
	}
}

// advance moves the state z in the turning frame, and advanceT is its transpose.
func (t *turn) advance(z []float64) {
	z[atTrend] += t.drift * z[atSlope]
	z[atSlope] *= t.slope
	z[atLevel] *= t.level
}

func (t *turn) advanceT(z []float64) {
	z[atSlope] = t.slope*z[atSlope] + t.drift*z[atTrend]
	z[atLevel] *= t.level
}

// spread replaces the covariance p of n variables by that after advance, and spreadT
// by that after advanceT.
func (t *turn) spread(p []float64, n int) {
	trend, slope, level := p[:n], p[n:2*n], p[2*n:3*n]
	for j, x := range slope {
		trend[j] += t.drift * x
		slope[j] = t.slope * x
		level[j] *= t.level
	}
	for i := 0; i < len(p); i += n {
		t.advance(p[i : i+atSeason])
	}
}

func (t *turn) spreadT(p []float64, n int) {
	trend, slope, level := p[:n], p[n:2*n], p[2*n:3*n]
	for j, x := range trend {
		slope[j] = t.slope*slope[j] + t.drift*x
		level[j] *= t.level
	}
	for i := 0; i < len(p); i += n {
		t.advanceT(p[i : i+atSeason])
	}
}
