package series

import "math"

// A Scaling maps every channel c to z = (x - Center[c]) / Scale[c].
type Scaling struct {
	Center []float64 `json:"center"`
	Scale  []float64 `json:"scale"` // positive
}

// FitScaling returns the scaling that gives each of the width channels of
// values (row-major, NaN = missing) mean zero and standard deviation one (the
// square root of the mean squared deviation).
//
// No scale is below floor. A channel that does not vary beyond rounding is
// only moved: its scale is floor or, if that is zero, the magnitude of the
// constant, or one for the constant zero. A channel without any value has
// center zero and scale one. Values near the ends of the float64 range neither
// overflow nor underflow.
//
// FitScaling panics if width is not positive, if len(values) is not a multiple
// of it, if a value is infinite, or if floor is negative or not finite.
func FitScaling(values []float64, width int, floor float64) Scaling {
	if width <= 0 || len(values)%width != 0 {
		panic("series: bad width")
	}
	if !(floor >= 0) || math.IsInf(floor, 1) {
		panic("series: bad floor")
	}
	f := Scaling{Center: make([]float64, width), Scale: make([]float64, width)}
	for c := range width {
		f.Center[c], f.Scale[c] = fitChannel(values, c, width, floor)
	}
	return f
}

// KnownScaling returns the scaling of the covariates that p knows ahead, or nil
// if it knows none.
func (p *Panel) KnownScaling() *Scaling {
	if len(p.Known) == 0 {
		return nil
	}
	var values []float64
	for _, s := range p.Series {
		values = append(values, s.Known.Values...)
	}
	f := FitScaling(values, len(p.Known), 0)
	return &f
}

func fitChannel(values []float64, c, width int, floor float64) (center, scale float64) {
	n, largest := 0, 0.0
	for i := c; i < len(values); i += width {
		if v := values[i]; !math.IsNaN(v) {
			n++
			largest = math.Max(largest, math.Abs(v))
		}
	}
	if n == 0 {
		return 0, 1
	}
	if math.IsInf(largest, 1) {
		panic("series: infinite value")
	}
	if largest == 0 {
		return 0, orOne(floor)
	}
	// Work in units of a power of two near the largest value: the sums then
	// stay in range, and ordinary data lose nothing.
	_, e := math.Frexp(largest)
	var sum float64
	for i := c; i < len(values); i += width {
		if v := values[i]; !math.IsNaN(v) {
			sum += math.Ldexp(v, -e)
		}
	}
	mean := sum / float64(n)
	var sq, rest float64
	for i := c; i < len(values); i += width {
		if v := values[i]; !math.IsNaN(v) {
			d := math.Ldexp(v, -e) - mean
			sq += d * d
			rest += d
		}
	}
	// The corrected two-pass formula (Chan, Golub & LeVeque 1983, eq. 1.7).
	variance := (sq - rest*rest/float64(n)) / float64(n)
	center = math.Ldexp(mean, e)
	sd := math.Sqrt(math.Max(variance, 0))
	const rounding = 1e-14 // spread of a constant, relative to the largest value
	if sd <= rounding {
		if floor > 0 {
			return center, floor
		}
		return center, orOne(math.Abs(center))
	}
	return center, math.Max(orOne(math.Ldexp(sd, e)), floor)
}

// orOne returns x, or one if x is zero.
func orOne(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// Apply sets dst to the scaled values and returns it. Missing values stay
// missing. dst may be values itself; a nil dst is allocated.
func (f Scaling) Apply(dst, values []float64) []float64 {
	dst = f.check(dst, values)
	for i, v := range values {
		c := i % len(f.Scale)
		z := (v - f.Center[c]) / f.Scale[c]
		if math.IsInf(z, 0) { // the difference overflowed
			z = v/f.Scale[c] - f.Center[c]/f.Scale[c]
		}
		dst[i] = z
	}
	return dst
}

// Invert sets dst to the values whose scaled form is z and returns it. Missing
// values stay missing. dst may be z itself; a nil dst is allocated.
func (f Scaling) Invert(dst, z []float64) []float64 {
	dst = f.check(dst, z)
	for i, v := range z {
		c := i % len(f.Scale)
		dst[i] = f.Center[c] + f.Scale[c]*v
	}
	return dst
}

// LogDensity returns what must be added to a log-density of the scaled form of
// values to make it one of the values themselves: the sum over the values that
// are not missing of -log Scale[c].
func (f Scaling) LogDensity(values []float64) float64 {
	f.check(values, values)
	var sum float64
	for c, s := range f.Scale {
		n := 0
		for i := c; i < len(values); i += len(f.Scale) {
			if !math.IsNaN(values[i]) {
				n++
			}
		}
		sum -= float64(n) * math.Log(s)
	}
	return sum
}

func (f Scaling) check(dst, src []float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(src))
	}
	if len(dst) != len(src) || len(f.Scale) == 0 || len(f.Scale) != len(f.Center) || len(src)%len(f.Scale) != 0 {
		panic("series: bad length")
	}
	return dst
}
