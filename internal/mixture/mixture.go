// Package mixture has mixtures of Gaussians and their quantiles.
package mixture

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Probabilities returns those of the quantiles of Quantiles, in increasing order.
func Probabilities() []float64 {
	return []float64{0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.995}
}

// Levels are probabilities and their standard normal quantiles.
type Levels struct {
	probs, scores []float64
	normal        *normal
}

// NewLevels returns the levels of Probabilities.
func NewLevels() Levels {
	l := Levels{probs: Probabilities(), normal: newNormal()}
	for _, p := range l.probs {
		z := 0.0 // of the median, exactly
		if p != 0.5 {
			z = mathext.NormalQuantile(p)
		}
		l.scores = append(l.scores, z)
	}
	return l
}

// A Mixture is one of Gaussians with weights that need not add up to 1. The zero value has no
// components.
type Mixture struct{ weight, mean, sd []float64 }

// Reset takes the components out.
func (x *Mixture) Reset() { x.weight, x.mean, x.sd = x.weight[:0], x.mean[:0], x.sd[:0] }

// Add adds a component; a standard deviation of 0 is a point.
func (x *Mixture) Add(weight, mean, sd float64) {
	x.weight, x.mean, x.sd = append(x.weight, weight), append(x.mean, mean), append(x.sd, sd)
}

// Moments returns the mean, the variance of the components' means, and the mean of their variances.
func (x *Mixture) Moments() (mean, between, within float64) {
	total := 0.0
	for k, w := range x.weight {
		total += w
		d := x.mean[k] - mean
		mean += d * w / total
		between += w * d * (x.mean[k] - mean)
		within += w * x.sd[k] * x.sd[k]
	}
	return mean, between / total, within / total
}

// smoothing is the part of the deviation of the components' means by which Smooth widens them.
const smoothing = 0.4

// Smooth gives every component a part of the spread of their means and moves these together, so
// that the mean and the variance stay: draws become a smooth distribution.
func (x *Mixture) Smooth() {
	mean, between, _ := x.Moments()
	for k := range x.mean {
		x.mean[k] = mean + math.Sqrt(1-smoothing*smoothing)*(x.mean[k]-mean)
		x.sd[k] = math.Sqrt(x.sd[k]*x.sd[k] + smoothing*smoothing*between)
	}
}

// at returns the distribution function and the density at v.
func (x *Mixture) at(v float64, n *normal) (p, density float64) {
	total := 0.0
	for k, w := range x.weight {
		below, d := n.at((v - x.mean[k]) / x.sd[k])
		p += w * below
		density += w * d / x.sd[k]
		total += w
	}
	return p / total, density / total
}

// Components that Quantiles tells apart at most: of more, neighbours are taken together as Gaussians of
// their mean and variance, which moves no quantile by a part of the deviation that draws would not.
const mostApart = 16

// merged returns the mixture with neighbouring components taken together, none narrower than smallest, in the
// memory of into.
func (x *Mixture) merged(into *Mixture, smallest float64) *Mixture {
	n := len(x.mean)
	if n <= mostApart {
		return x
	}
	order := make([]int, n)
	total := 0.0
	for k := range order {
		order[k] = k
		total += x.weight[k]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x.mean[a], x.mean[b]) })
	into.Reset()
	var weight, mean, square, done float64
	for i, k := range order {
		w := x.weight[k]
		weight += w
		mean += w * x.mean[k]
		square += w * (x.sd[k]*x.sd[k] + x.mean[k]*x.mean[k])
		if done+weight < total*float64(len(into.mean)+1)/mostApart && i < n-1 {
			continue
		}
		done += weight
		center := mean / weight
		into.Add(weight, center, math.Sqrt(max(square/weight-center*center, smallest*smallest)))
		weight, mean, square = 0, 0, 0
	}
	return into
}

// Quantiles sets dst to the quantiles of the levels: where the distribution function, which
// increases, passes them, by Newton's steps within bounds from Cornish and Fisher's expansion on, or that
// alone where the mixture is almost a Gaussian. Of a mixture that has a component without
// deviation they are those of the Gaussian of the same mean and variance.
func (x *Mixture) Quantiles(dst []float64, l Levels) {
	mean, between, within := x.Moments()
	sd := math.Sqrt(between + within)
	smallest := math.Inf(1)
	for _, s := range x.sd {
		smallest = min(smallest, s)
	}
	skewness, excess := 0.0, 0.0
	if smallest > 0 {
		skewness, excess = x.shape(mean, sd)
	}
	exact := smallest > 0 && (between > mostBetween*within || max(math.Abs(skewness), math.Abs(excess)) > almostGaussian)
	m := x
	if exact {
		m = x.merged(&Mixture{}, smallest)
	}
	before := math.Inf(-1)
	for i, p := range l.probs {
		z := l.scores[i]
		v := mean + expanded(z, skewness, excess)*sd
		if exact {
			v = m.quantile(p, z, v, l.normal)
		}
		before = max(before, v)
		dst[i] = before
	}
}

// A mixture is so near a Gaussian that the expansion suffices if the skewness and the excess of its kurtosis
// are at most almostGaussian and the variance between components is that part of the variance within.
const almostGaussian, mostBetween = 0.1, 0.2

// shape returns the skewness and the excess of the kurtosis.
func (x *Mixture) shape(mean, sd float64) (skewness, excess float64) {
	total, third, fourth := 0.0, 0.0, 0.0
	for k, w := range x.weight {
		d, s := (x.mean[k]-mean)/sd, x.sd[k]/sd
		d, s = d*d, s*s
		total += w
		third += w * (x.mean[k] - mean) / sd * (d + 3*s)
		fourth += w * (d*d + 6*d*s + 3*s*s)
	}
	return third / total, fourth/total - 3
}

// expanded returns the quantile whose normal score is z in units of the deviation, by the skewness and the
// excess of the kurtosis (Cornish & Fisher 1938); where these are large, z.
func expanded(z, skewness, excess float64) float64 {
	const large = 1
	if max(math.Abs(skewness), math.Abs(excess)) > large {
		return z
	}
	return z + (z*z-1)*skewness/6 + z*(z*z-3)*excess/24 - z*(2*z*z-5)*skewness*skewness/36
}

// quantile returns that of the probability p, whose score is z, sought from v on by Newton's steps of the normal score.
func (x *Mixture) quantile(p, z, v float64, n *normal) float64 {
	const (
		near   = 1e-4 // of the probability on the nearer side
		close  = 0.02 // of it: one step of second order from there is near,
		narrow = 0.2  // if it is no longer than this part of the least deviation
	)
	side := min(p, 1-p)
	low, high, narrowest := math.Inf(1), math.Inf(-1), math.Inf(1)
	for k, m := range x.mean {
		q := m + z*x.sd[k]
		low, high, narrowest = min(low, q), max(high, q), min(narrowest, x.sd[k])
	}
	for range 60 {
		if !(v > low && v < high) {
			v = (low + high) / 2
		}
		below, density := x.at(v, n)
		miss := p - below
		if math.Abs(miss) < near*side || !(high > low) {
			break
		}
		if miss > 0 {
			low = v
		} else {
			high = v
		}
		if unit := miss * math.Sqrt(2*math.Pi) * math.Exp(z*z/2); math.Abs(miss) < close*side {
			step := miss / density * (1 - z*unit/2)
			if v += step; math.Abs(step) < narrow*narrowest {
				break
			}
			continue
		}
		score := z
		if below > 0 && below < 1 {
			score = mathext.NormalQuantile(below)
		}
		v += (z - score) * math.Exp(-score*score/2) / (math.Sqrt(2*math.Pi) * density)
	}
	return v
}
