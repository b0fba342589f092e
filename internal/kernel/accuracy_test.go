package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// precision of the reference, in bits.
const precision = 256

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func newBig() *big.Float { return new(big.Float).SetPrec(precision) }

// bigLn2 returns ln 2 = 2·Σ 1/((2j+1)·3^(2j+1)).
func bigLn2() *big.Float {
	sum, power := newBig(), newBig().Quo(bigFloat(2), bigFloat(3))
	for j := range 90 {
		sum.Add(sum, newBig().Quo(power, bigFloat(float64(2*j+1))))
		power.Quo(power, bigFloat(9))
	}
	return sum
}

type reference struct{ ln2 *big.Float }

// exp returns e^x: the power of two is taken out, the rest halved eight times,
// summed as a Taylor series and squared back.
func (r reference) exp(x *big.Float) *big.Float {
	q, _ := newBig().Quo(x, r.ln2).Float64()
	k := math.RoundToEven(q)
	t := newBig().Sub(x, newBig().Mul(bigFloat(k), r.ln2))
	t.SetMantExp(t, -8)
	sum, term := bigFloat(1), bigFloat(1)
	for j := 1; j < 30; j++ {
		term.Mul(term, t)
		term.Quo(term, bigFloat(float64(j)))
		sum.Add(sum, term)
	}
	for range 8 {
		sum.Mul(sum, sum)
	}
	return newBig().SetMantExp(sum, int(k))
}

// log returns ln y: a float64 estimate and one step of Halley's method, which
// triples its digits twice over.
func (r reference) log(y *big.Float) *big.Float {
	e := y.MantExp(nil)
	m, _ := newBig().SetMantExp(y, -e).Float64()
	if e == 0 || e == 1 {
		// Near 1, where the exponent's share would cancel.
		near, _ := newBig().Sub(y, bigFloat(1)).Float64()
		return r.halley(bigFloat(math.Log1p(near)), y)
	}
	return r.halley(newBig().Add(bigFloat(math.Log(m)), newBig().Mul(bigFloat(float64(e)), r.ln2)), y)
}

func (r reference) halley(l, y *big.Float) *big.Float {
	for range 2 {
		e := r.exp(l)
		d := newBig().Sub(y, e)
		d.Quo(d, newBig().Add(y, e))
		l = newBig().Add(l, d.Add(d, d))
	}
	return l
}

func (r reference) tanh(x *big.Float) *big.Float {
	e := r.exp(newBig().Add(x, x))
	if d, _ := x.Float64(); math.Abs(d) < 1e-20 {
		return x // x - x³/3 + ..., which is x to 130 bits
	}
	return newBig().Quo(newBig().Sub(e, bigFloat(1)), newBig().Add(e, bigFloat(1)))
}

func (r reference) sigmoid(x *big.Float) *big.Float {
	e := r.exp(newBig().Neg(x))
	return newBig().Quo(bigFloat(1), e.Add(e, bigFloat(1)))
}

func (r reference) softplus(x *big.Float) *big.Float {
	e := r.exp(x)
	if d, _ := x.Float64(); d < -50 {
		// e - e²/2 + e³/3
		s := newBig().Mul(e, e)
		third := newBig().Mul(s, e)
		s.SetMantExp(s, -1)
		return newBig().Add(newBig().Sub(e, s), third.Quo(third, bigFloat(3)))
	}
	return r.log(e.Add(e, bigFloat(1)))
}

// ulps returns the distance of got from want in units of the last place of
// want rounded to float64.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	if math.IsInf(w, 0) || math.IsInf(got, 0) {
		if got == w {
			return 0
		}
		return math.Inf(1)
	}
	e := max(want.MantExp(nil)-53, -1074)
	d := newBig().Sub(bigFloat(got), want)
	d.SetMantExp(d, -e)
	u, _ := d.Float64()
	return math.Abs(u)
}

// points spreads n arguments over [lo, hi] and over the exponents of small
// numbers.
func points(lo, hi float64, n int) []float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := []float64{lo, hi, 0, 1, -1, 0x1p-1022, 0x1p-1074, -0x1p-1074, 0.5, -0.5, math.Ln2 / 2, -math.Ln2 / 2, 3 * math.Ln2 / 2}
	for len(x) < n {
		x = append(x, lo+(hi-lo)*rng.Float64(), 4*rng.Float64()-2, 16*rng.Float64()-8)
		x = append(x, math.Ldexp(2*rng.Float64()-1, -rng.IntN(60)))
	}
	kept := x[:0]
	for _, v := range x {
		if lo <= v && v <= hi {
			kept = append(kept, v)
		}
	}
	return kept
}

// logPoints spreads n arguments over all positive float64s and densely about 1.
func logPoints(n int) []float64 {
	rng := rand.New(rand.NewPCG(3, 4))
	x := []float64{0x1p-1074, 0x1p-1022, math.MaxFloat64, 1, math.Nextafter(1, 0), math.Nextafter(1, 2), math.Sqrt2, math.Sqrt(0.5)}
	for len(x) < n {
		x = append(x, math.Float64frombits(rng.Uint64N(0x7ff0000000000000)), 0.5+1.5*rng.Float64(),
			1+math.Ldexp(2*rng.Float64()-1, -rng.IntN(50)))
	}
	return x
}

// Each function is within its bound, in units of the last place, of
// values computed in high precision.
func TestAccuracy(t *testing.T) {
	r := reference{bigLn2()}
	n := 12000
	if testing.Short() || raceEnabled {
		n = 2000
	}
	for _, c := range []struct {
		name  string
		apply func(dst, x []float64)
		exact func(*big.Float) *big.Float
		args  []float64
		bound float64
	}{
		{"exp", Exp[float64], r.exp, points(-745.2, 709.8, n), 1},
		{"tanh", Tanh[float64], r.tanh, points(-25, 25, n), 1.9},
		{"sigmoid", Sigmoid[float64], r.sigmoid, points(-745.2, 745.2, n), 2},
		{"softplus", Softplus[float64], r.softplus, points(-745.2, 745.2, n), 1.6},
		{"log", Log[float64], r.log, logPoints(n), 0.8},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]float64, len(c.args))
			c.apply(got, c.args)
			worst, at := 0.0, 0.0
			for i, x := range c.args {
				want := newBig()
				if x != 0 || c.name != "tanh" {
					want = c.exact(bigFloat(x))
				}
				if u := ulps(got[i], want); !(u <= worst) {
					worst, at = u, x
				}
			}
			if !(worst <= c.bound) {
				t.Errorf("%g ulp at x = %v, want at most %g", worst, at, c.bound)
			}
			t.Logf("largest error %.3f ulp, at x = %v, of %d points", worst, at, len(c.args))
		})
	}
}

// Each function of float32 is within its bound, in units of the last place, of Go's math,
// over float32s of all sizes, denormal ones too.
func TestAccuracySingle(t *testing.T) {
	for _, c := range []struct {
		name  string
		apply func(dst, x []float32)
		exact func(float64) float64
		bound float64
	}{
		{"exp", Exp[float32], math.Exp, 1},
		{"tanh", Tanh[float32], math.Tanh, 1.9},
		{"sigmoid", Sigmoid[float32], logistic, 2},
		{"softplus", Softplus[float32], func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 1.6},
		{"log", Log[float32], math.Log, 0.8},
	} {
		t.Run(c.name, func(t *testing.T) {
			var x []float32
			const step = 9973 // between the bits of neighbours
			for b := uint64(0); b < 1<<32; b += step {
				x = append(x, math.Float32frombits(uint32(b)))
			}
			got := make([]float32, len(x))
			c.apply(got, x)
			worst, at := 0.0, float32(0)
			for i, v := range x {
				want := c.exact(float64(v))
				if u := ulpsSingle(got[i], want); !(u <= worst) {
					worst, at = u, v
				}
			}
			if !(worst <= c.bound) {
				t.Errorf("%g ulp at x = %v, want at most %g", worst, at, c.bound)
			}
			t.Logf("largest error %.3f ulp, at x = %v, of %d points", worst, at, len(x))
		})
	}
}

// ulpsSingle returns the distance of got from want in units of the last place of
// want rounded to float32.
func ulpsSingle(got float32, want float64) float64 {
	if float64(got) == want || got != got && want != want || got == float32(want) && math.IsInf(float64(got), 0) {
		return 0
	}
	_, e := math.Frexp(want)
	return math.Abs(math.Ldexp(float64(got)-want, -max(e-24, -149)))
}
