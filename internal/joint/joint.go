// Package joint draws values that depend on each other over time and between
// channels: the normal scores of sample paths.
package joint

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/dsp/fourier"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Source returns the source of what is drawn for a series: it depends on nothing
// but the seed and the identifier.
func Source(seed uint64, id string) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// A Course draws the normal scores of one channel: it fills z, a value for each time, with
// standard normal variables that depend on each other. It may not be called
// concurrently.
type Course func(rng *rand.Rand, z []float64)

// Walk returns the course of a process of independent increments that has the given
// variances at its times, none less than the one before, beside what the times have in
// common.
func Walk(variance []float64, common Common) Course {
	sd := common.deviations(variance)
	u := make([]float64, common.width())
	return func(rng *rand.Rand, z []float64) {
		common.draw(rng, u)
		at, before := 0.0, 0.0
		for k, v := range variance {
			at += math.Sqrt(math.Max(v-before, 0)) * rng.NormFloat64()
			before = math.Max(before, v)
			z[k] = at
		}
		common.finish(z, u, sd)
	}
}

// A Common is what the values at some times have in common: for each time what it adds for
// each of some standard normal variables. A line whose slope is not known has one. Nil is
// nothing.
type Common [][]float64

func (c Common) width() int {
	if len(c) == 0 {
		return 0
	}
	return len(c[0])
}

// deviations returns the standard deviations of what has these variances, the largest so
// far, and has c in common.
func (c Common) deviations(variance []float64) []float64 {
	sd := make([]float64, len(variance))
	most := 0.0
	for k, v := range variance {
		most = math.Max(most, v)
		sum := most
		if c != nil {
			sum += floats.Dot(c[k], c[k])
		}
		sd[k] = math.Sqrt(sum)
	}
	return sd
}

func (c Common) draw(rng *rand.Rand, u []float64) {
	for i := range u {
		u[i] = rng.NormFloat64()
	}
}

// finish adds to z what is in common, for the variables u, and makes scores of it.
func (c Common) finish(z, u, sd []float64) {
	for k := range z {
		if c != nil {
			z[k] += floats.Dot(c[k], u)
		}
		if z[k] /= sd[k]; sd[k] == 0 {
			z[k] = 0
		}
	}
}

// Moving returns the course, at the given numbers of steps ahead, of a sum of moving
// averages of independent shocks, of which response[j] is what a shock does j steps later:
// they reach as far as the last lead.
func Moving(leads []int, common Common, responses ...[]float64) Course {
	if len(leads) == 0 {
		return func(*rand.Rand, []float64) {}
	}
	n := leads[len(leads)-1]
	room := 1
	for room < 2*n {
		room *= 2
	}
	variance := make([]float64, len(leads))
	fft := fourier.NewFFT(room)
	var transforms [][]complex128
	padded := make([]float64, room)
	for _, r := range responses {
		clear(padded)
		copy(padded, r[:n])
		transforms = append(transforms, fft.Coefficients(nil, padded))
		sum, j := 0.0, 0
		for k, lead := range leads {
			for ; j < lead; j++ {
				sum += r[j] * r[j]
			}
			variance[k] += sum
		}
	}
	product := make([]complex128, room/2+1)
	sd := common.deviations(variance)
	u := make([]float64, common.width())
	return func(rng *rand.Rand, z []float64) {
		common.draw(rng, u)
		clear(z)
		for _, t := range transforms {
			clear(padded)
			for j := range n {
				padded[j] = rng.NormFloat64()
			}
			fft.Coefficients(product, padded)
			for i := range product {
				product[i] *= t[i]
			}
			fft.Sequence(padded, product)
			for k, lead := range leads {
				z[k] += padded[lead-1] / float64(room)
			}
		}
		common.finish(z, u, sd)
	}
}

// Draws returns n draws of the normal scores of some channels at so many times, rows of
// times × channels, each channel by its course. together, unless it is nil, is the lower
// Cholesky factor of the correlations of the channels at any time.
func Draws(n, times int, rng *rand.Rand, courses []Course, together *mat.TriDense) [][]float64 {
	width := len(courses)
	draws := make([][]float64, n)
	column, row := make([]float64, times), make([]float64, width)
	for i := range draws {
		z := make([]float64, times*width)
		for c, course := range courses {
			course(rng, column)
			for k, v := range column {
				z[k*width+c] = v
			}
		}
		if together != nil {
			for k := range times {
				Mix(row, z[k*width:(k+1)*width], together)
			}
		}
		draws[i] = z
	}
	return draws
}

// Mix replaces independent scores z by ones with the correlations whose lower Cholesky
// factor is l. row is room to work in, as long as z.
func Mix(row, z []float64, l *mat.TriDense) {
	for a := range z {
		row[a] = 0
		for b := range a + 1 {
			row[a] += l.At(a, b) * z[b]
		}
	}
	copy(z, row)
}

// Correlated returns the course of values whose correlations have the lower Cholesky
// factor l.
func Correlated(l *mat.TriDense) Course {
	n, _ := l.Dims()
	noise := make([]float64, n)
	rows := l.RawTriangular()
	return func(rng *rand.Rand, z []float64) {
		for i := range noise {
			noise[i] = rng.NormFloat64()
		}
		for i := range z {
			z[i] = floats.Dot(rows.Data[i*rows.Stride:i*rows.Stride+i+1], noise[:i+1])
		}
	}
}
