package judge

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"
	"gonum.org/v1/gonum/mat"
)

// some returns at most n windows of s, at random.
func (s *Sample) some(n int, seed uint64) [][]float64 {
	if len(s.Windows) <= n {
		return s.Windows
	}
	order := rand.New(rand.NewPCG(seed, 4)).Perm(len(s.Windows))[:n]
	slices.Sort(order)
	w := make([][]float64, n)
	for i, k := range order {
		w[i] = s.Windows[k]
	}
	return w
}

func squareDistance(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		d := x - b[i]
		sum += d * d
	}
	return sum
}

// mostCompared bounds the windows that are compared pair by pair.
const mostCompared = 500

// discrepancy returns the squared maximum mean discrepancy, without bias, for a Gaussian
// kernel as wide as the median distance of windows of a.
func discrepancy(a, b *Sample, seed uint64) float64 {
	x, y := a.some(mostCompared, seed), b.some(mostCompared, seed+1)
	distances := func(x, y [][]float64, same bool) []float64 {
		var d []float64
		for i, v := range x {
			for j, w := range y {
				if !same || i != j {
					d = append(d, squareDistance(v, w))
				}
			}
		}
		return d
	}
	xx := distances(x, x, true)
	sorted := slices.Clone(xx)
	slices.Sort(sorted)
	width := math.Max(sorted[len(sorted)/2], 1e-300)
	mean := func(d []float64) float64 {
		sum := 0.0
		for _, v := range d {
			sum += math.Exp(-v / width)
		}
		return sum / float64(len(d))
	}
	return mean(xx) + mean(distances(y, y, true)) - 2*mean(distances(x, y, false))
}

// channel returns the values of channel j, rising.
func (s *Sample) channel(j int) []float64 {
	var v []float64
	for _, w := range s.Windows {
		for k := j; k < len(w); k += s.Channels {
			v = append(v, w[k])
		}
	}
	slices.Sort(v)
	return v
}

// marginals returns the distance of the distributions of values, Wasserstein's of first
// order in deviations, on average over the channels.
func marginals(a, b *Sample) float64 {
	const levels = 200
	sum := 0.0
	for j := range a.Channels {
		x, y := a.channel(j), b.channel(j)
		for i := range levels {
			p := (float64(i) + 0.5) / levels
			sum += math.Abs(x[int(p*float64(len(x)))]-y[int(p*float64(len(y)))]) / levels
		}
	}
	return sum / float64(a.Channels)
}

// Autocorrelations returns those of channel j at the lags 1 to n, about the mean of all
// windows.
func (s *Sample) Autocorrelations(j, n int) []float64 {
	mean, count := 0.0, 0.0
	for _, w := range s.Windows {
		for k := j; k < len(w); k += s.Channels {
			count++
			mean += (w[k] - mean) / count
		}
	}
	r := make([]float64, n+1)
	for lag := range r {
		sum, pairs := 0.0, 0.0
		for _, w := range s.Windows {
			for k := j; k+lag*s.Channels < len(w); k += s.Channels {
				sum += (w[k] - mean) * (w[k+lag*s.Channels] - mean)
				pairs++
			}
		}
		r[lag] = sum / math.Max(1, pairs)
	}
	if r[0] <= 0 {
		return make([]float64, n)
	}
	for lag := range r[1:] {
		r[lag+1] /= r[0]
	}
	return r[1:]
}

// autocorrelations returns the mean distance of autocorrelations.
func autocorrelations(a, b *Sample) float64 {
	n := min(a.Steps-1, max(8, a.Steps/2))
	sum := 0.0
	for j := range a.Channels {
		x, y := a.Autocorrelations(j, n), b.Autocorrelations(j, n)
		for lag := range x {
			sum += math.Abs(x[lag]-y[lag]) / float64(n*a.Channels)
		}
	}
	return sum
}

// correlations returns the mean distance of the correlations between channels, of values
// and of their differences.
func correlations(a, b *Sample) float64 {
	if a.Channels < 2 {
		return 0
	}
	sum, n := 0.0, 0.0
	for _, of := range []func(*Sample) *mat.SymDense{
		func(s *Sample) *mat.SymDense { return s.correlation(0) },
		func(s *Sample) *mat.SymDense { return s.correlation(1) },
	} {
		x, y := of(a), of(b)
		for i := range a.Channels {
			for j := range i {
				sum += math.Abs(x.At(i, j) - y.At(i, j))
				n++
			}
		}
	}
	return sum / n
}

// correlation returns that of channels, of values or, for a lag of 1, of differences.
func (s *Sample) correlation(lag int) *mat.SymDense {
	c := s.Channels
	mean, square, n := make([]float64, c), mat.NewSymDense(c, nil), 0.0
	x := make([]float64, c)
	each := func(f func()) {
		for _, w := range s.Windows {
			for k := lag * c; k < len(w); k += c {
				for j := range c {
					if x[j] = w[k+j]; lag > 0 {
						x[j] -= w[k+j-c]
					}
				}
				f()
			}
		}
	}
	each(func() {
		n++
		for j, v := range x {
			mean[j] += (v - mean[j]) / n
		}
	})
	each(func() {
		for i := range c {
			for j := range i + 1 {
				square.SetSym(i, j, square.At(i, j)+(x[i]-mean[i])*(x[j]-mean[j]))
			}
		}
	})
	r := mat.NewSymDense(c, nil)
	for i := range c {
		for j := range i {
			if v := square.At(i, i) * square.At(j, j); v > 0 {
				r.SetSym(i, j, square.At(i, j)/math.Sqrt(v))
			}
		}
	}
	return r
}

// spectra returns the part of the power that lies at other frequencies, on average over
// the channels: half the distance of the mean periodograms of windows about their means,
// each of which sums to 1.
func spectra(a, b *Sample) float64 {
	if a.Steps < 2 {
		return 0
	}
	sum := 0.0
	for j := range a.Channels {
		x, y := a.spectrum(j), b.spectrum(j)
		for k := range x {
			sum += math.Abs(x[k]-y[k]) / 2 / float64(a.Channels)
		}
	}
	return sum
}

// spectrum returns the mean periodogram of channel j without its first value.
func (s *Sample) spectrum(j int) []float64 {
	fft := fourier.NewFFT(s.Steps)
	power, total := make([]float64, s.Steps/2), 0.0
	x := make([]float64, s.Steps)
	for _, w := range s.Windows {
		for t := range x {
			x[t] = w[t*s.Channels+j]
		}
		for k, c := range fft.Coefficients(nil, x)[1:] {
			v := real(c)*real(c) + imag(c)*imag(c)
			power[k] += v
			total += v
		}
	}
	for k := range power {
		power[k] /= math.Max(total, 1e-300)
	}
	return power
}

// neighbours returns the distance of each window of a from the nearest one of b.
func neighbours(a, b [][]float64) []float64 {
	d := make([]float64, len(a))
	for i, v := range a {
		least := math.Inf(1)
		for _, w := range b {
			sum := 0.0
			for k := 0; k < len(v) && sum < least; k++ {
				x := v[k] - w[k]
				sum += x * x
			}
			least = min(least, sum)
		}
		d[i] = math.Sqrt(least)
	}
	return d
}

// Copying says whether generated windows are copies of those that were trained on.
type Copying struct {
	// Ratio is the median distance of generated windows from the nearest one that was
	// trained on, over that of new real windows: about 1 for good series, far below 1
	// for copies.
	Ratio float64 `json:"ratio"`

	// Nearer is the share of generated windows that are nearer to the windows that were
	// trained on than to as many new real ones, about a half unless they are copies or
	// the times differ, and Z its distance from a half in standard errors. They are 0
	// where the windows that were trained on are not known.
	Nearer float64 `json:"nearer"`
	Z      float64 `json:"z"`

	// Copies says that they look like copies.
	Copies bool `json:"copies"`
}

// Marks of copies.
const (
	copyRatio  = 0.5 // ratio below which windows are copies
	copyNearer = 0.6 // share of the nearer ones above which they are, if that is
	copyZ      = 4   // so many errors from a half
)

// judged says whether they are copies.
func judged(c Copying) Copying {
	c.Copies = c.Ratio < copyRatio || c.Nearer > copyNearer && c.Z > copyZ
	return c
}

// copying compares generated windows with those that were trained on and new ones, of
// the same scale.
func copying(synthetic, train, fresh *Sample, seed uint64) Copying {
	new, real := synthetic.some(mostCompared, seed), fresh.some(mostCompared, seed)
	c := Copying{Ratio: median(neighbours(new, train.Windows)) / math.Max(median(neighbours(real, train.Windows)), 1e-12)}
	n := min(len(train.Windows), len(fresh.Windows))
	a, b := neighbours(new, train.some(n, seed+2)), neighbours(new, fresh.some(n, seed+3))
	for i := range a {
		switch {
		case a[i] < b[i]:
			c.Nearer++
		case a[i] == b[i]:
			c.Nearer += 0.5
		}
	}
	c.Nearer /= float64(len(a))
	c.Z = (c.Nearer - 0.5) / math.Sqrt(0.25/float64(len(a)))
	return judged(c)
}

func median(d []float64) float64 {
	sorted := slices.Clone(d)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
