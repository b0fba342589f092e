package baseline

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/kernel"
)

// freedom returns the degrees of freedom of the part of a series of n values.
func (p part) freedom(n int) float64 {
	if p.harmonics {
		return 2 * float64(harmonicsOf(p.period))
	}
	return p.opt.freedom(n)
}

// harmonicsOf returns the most harmonics of a period that is a sum of them.
func harmonicsOf(period float64) int { return max(1, min(mostHarmonics, int((period-0.5)/2))) }

// An effect is a seasonal part: values by step, of which the last season of so many steps is
// repeated, or harmonics of a period.
type effect struct {
	period       float64
	length       int
	values       []float64 // nil for harmonics
	change       float64   // mean square of the changes of the values from one season to the next
	coefficients []float64 // of cosine and sine of each harmonic, in units of the scale
	scale        float64
	past         []float64 // the first of them by step, if they have been computed
}

// at returns the effect at a step.
func (e *effect) at(t int) float64 {
	if e.values != nil {
		return repeated(e.values, e.length, t)
	}
	if t < len(e.past) {
		return e.past[t]
	}
	sum := 0.0
	for k := 0; k < len(e.coefficients); k += 2 {
		cos, sin := waveAt(k/2+1, t, e.period)
		sum += cos * e.coefficients[k]
		sum += sin * e.coefficients[k+1]
	}
	return e.scale * sum
}

// waveAt returns a harmonic of a period at a step.
func waveAt(number, t int, period float64) (cos, sin float64) {
	x := float64(number) * float64(t) / period
	sin, cos = math.Sincos(2 * math.Pi * (x - math.Floor(x)))
	return cos, sin
}

// decomposeSeveral returns the seasonal part of y of each season:
// in turn, the shortest first, each is estimated from what the others leave (Bandara,
// Hyndman and Bergmeir 2021, MSTL: arXiv:2107.13462).
func decomposeSeveral(y []float64, parts []part) []*effect {
	effects := make([]*effect, len(parts))
	left := slices.Clone(y)
	turns := inTurn
	if len(parts) == 1 {
		turns = 1
	}
	for turn := range turns {
		for i, p := range parts {
			for t := 0; turn > 0 && t < len(left); t++ {
				left[t] += effects[i].at(t)
			}
			effects[i] = p.effect(left)
			for t := range left {
				left[t] -= effects[i].at(t)
			}
		}
	}
	return effects
}

// effect returns the seasonal part of y.
func (p part) effect(y []float64) *effect {
	e := &effect{period: p.period, length: p.opt.Period}
	if p.harmonics {
		e.coefficients, e.scale = harmonicEffect(y, p.period)
		past := make([]float64, len(y))
		for t := range past {
			past[t] = e.at(t)
		}
		e.past = past
	} else {
		e.values = decompose(y, p.opt).Seasonal
	}
	return e
}

// harmonicEffect returns the coefficients of the harmonics of a period in y, in units of a scale, beside a
// trend of waves longer than one and a half periods. A harmonic is held the more the higher
// it is: the variance of its coefficients is a share of that of y that falls with the square of its number.
func harmonicEffect(y []float64, period float64) (coefficients []float64, scale float64) {
	n := len(y)
	z := newStandard(y)
	harmonics := harmonicsOf(period)
	bends := min(int(2*float64(n)/(1.5*period)), mostBends)
	k := 2 + bends + 2*harmonics
	row := func(dst []float64, t int) {
		dst[0], dst[1] = 1, 2*float64(t)/float64(n)-1
		for b := 1; b <= bends; b++ {
			dst[1+b] = math.Cos(math.Pi * float64(b) * (float64(t) + 0.5) / float64(n))
		}
		for h := 1; h <= harmonics; h++ {
			dst[2+bends+2*h-2], dst[2+bends+2*h-1] = waveAt(h, t, period)
		}
	}
	gram, cross := make([]float64, k*k), make([]float64, k)
	rows, targets := make([]float64, chunk*k), make([]float64, 0, chunk)
	for t, v := range z.y {
		if isObserved(v) {
			row(rows[len(targets)*k:(len(targets)+1)*k], t)
			targets = append(targets, v)
		}
		if len(targets) == chunk || t == n-1 {
			kernel.MulTN(gram, rows[:len(targets)*k], rows[:len(targets)*k], k, len(targets), k, true)
			kernel.MulTN(cross, rows[:len(targets)*k], targets, k, len(targets), 1, true)
			targets = targets[:0]
		}
	}
	a := mat.NewSymDense(k, gram)
	for i := range k {
		held := 1e-3
		if h := (i - bends) / 2; i >= 2+bends {
			held = float64(h * h)
		}
		a.SetSym(i, i, a.At(i, i)+held)
	}
	var c mat.Cholesky
	b := mat.NewVecDense(k, nil)
	if z.scale == 0 || !c.Factorize(a) || c.SolveVecTo(b, mat.NewVecDense(k, cross)) != nil {
		return nil, 0
	}
	return b.RawVector().Data[2+bends:], z.scale
}
