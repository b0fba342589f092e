package density

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/nn"
)

// bernoulli has a head of logits.
type bernoulli struct{ channels int }

func (b *bernoulli) Outputs() int { return b.channels }

func (b *bernoulli) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.BernoulliLogDensity(x, head)
}

func (b *bernoulli) Sample(_, dst, head []float64, rng *rand.Rand) {
	for j := range dst {
		dst[j] = flip(head[j], rng)
	}
}

// flip returns 1 with the probability whose logit is given, and else 0.
func flip(logit float64, rng *rand.Rand) float64 {
	if rng.Float64() < logistic(logit) {
		return 1
	}
	return 0
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func (b *bernoulli) Mean(_, dst, head []float64) {
	for j := range dst {
		dst[j] = logistic(head[j])
	}
}

// Start counts half a value of each kind more than there are.
func (b *bernoulli) Start(_, head, x []float64) {
	for j := range b.channels {
		mean, _, n := momentsOf(x, b.channels, j, moments.Identity)
		ones := float64(n) * mean
		head[j] = math.Log((ones + 0.5) / (float64(n) - ones + 0.5))
	}
}

// chainBernoulli has the head of a Bernoulli, and a square matrix of weights
// of which it uses what is above the diagonal: chainUnit times the weight in row
// i and column j is what channel i adds to the logit of channel j. A missing
// channel adds nothing.
type chainBernoulli struct {
	bernoulli
	chain nn.Param
}

// chainUnit is what a weight of 1 adds to a logit. Channels that exclude each
// other ask for weights of many nats, which Adam, whose steps have the size of the
// learning rate, would take long to reach one by one.
const chainUnit = 10

func (b *chainBernoulli) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	seen := p.Buffer(len(x.Val))
	for k, v := range x.Val {
		if !math.IsNaN(v) {
			seen[k] = v
		}
	}
	weights := p.Scale(chainUnit, p.StrictlyUpper(p.Param(b.chain)))
	return p.BernoulliLogDensity(x, p.Linear(p.Const(x.Rows, x.Cols, seen), weights, head))
}

// run sets dst to value(logit) of each channel, the logit being shifted by the
// values of those before it.
func (b *chainBernoulli) run(params, dst, head []float64, value func(logit float64) float64) {
	w := b.chain.In(params)
	for j := range dst {
		logit := head[j]
		for i, v := range dst[:j] {
			if v != 0 {
				logit += v * chainUnit * w[i*b.channels+j]
			}
		}
		dst[j] = value(logit)
	}
}

func (b *chainBernoulli) Sample(params, dst, head []float64, rng *rand.Rand) {
	b.run(params, dst, head, func(logit float64) float64 { return flip(logit, rng) })
}

// Mean gives each channel its mean given the means of those before it: the
// distribution's own means have no closed form.
func (b *chainBernoulli) Mean(params, dst, head []float64) { b.run(params, dst, head, logistic) }

// Start leaves the channels independent.
func (b *chainBernoulli) Start(params, head, x []float64) {
	b.bernoulli.Start(params, head, x)
	clear(b.chain.In(params))
}

// poisson has a head of the logarithms of the means.
type poisson struct{ channels int }

func (q *poisson) Outputs() int { return q.channels }

func (q *poisson) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.PoissonLogDensity(x, head)
}

func (q *poisson) Sample(_, dst, head []float64, rng *rand.Rand) {
	for j := range dst {
		dst[j] = count(math.Exp(head[j]), rng)
	}
}

// count returns a draw from the Poisson distribution. A mean whose deviation
// is below what a count of its size can show is returned itself.
func count(mean float64, rng *rand.Rand) float64 {
	switch {
	case !(mean > 0):
		return mean
	case mean > 1e15:
		return math.Trunc(mean)
	}
	return distuv.Poisson{Lambda: mean, Src: rng}.Rand()
}

func (q *poisson) Mean(_, dst, head []float64) {
	for j := range dst {
		dst[j] = math.Exp(head[j])
	}
}

// Start counts half a value more than there are.
func (q *poisson) Start(_, head, x []float64) { startCounts(head[:q.channels], x) }

func startCounts(logMean, x []float64) {
	for j := range logMean {
		mean, _, n := momentsOf(x, len(logMean), j, moments.Identity)
		logMean[j] = math.Log((float64(n)*mean + 0.5) / (float64(n) + 0.5))
	}
}

// leastShape keeps the shape of a negative binomial from zero.
const leastShape = 1e-3

// negativeBinomial has a head of the logarithms of the means of all channels,
// then their shapes.
type negativeBinomial struct{ channels int }

func (b *negativeBinomial) Outputs() int { return 2 * b.channels }

func (b *negativeBinomial) LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node {
	return p.NegativeBinomialLogDensity(x, p.Columns(head, 0, b.channels),
		p.SoftplusAbove(leastShape, p.Columns(head, b.channels, 2*b.channels)))
}

func (b *negativeBinomial) Sample(_, dst, head []float64, rng *rand.Rand) {
	for j := range dst {
		shape := above(leastShape, head[b.channels+j])
		factor := distuv.Gamma{Alpha: shape, Beta: shape, Src: rng}.Rand()
		dst[j] = count(math.Exp(head[j])*factor, rng)
	}
}

func (b *negativeBinomial) Mean(_, dst, head []float64) {
	for j := range dst {
		dst[j] = math.Exp(head[j])
	}
}

// Start takes the shape from the variance μ + μ²/r, between 0.1 and 100.
func (b *negativeBinomial) Start(_, head, x []float64) {
	startCounts(head[:b.channels], x)
	for j := range b.channels {
		mean, sd, _ := momentsOf(x, b.channels, j, moments.Identity)
		shape := 100.0
		if excess := sd*sd - mean; excess > 0 {
			shape = min(shape, max(0.1, mean*mean/excess))
		}
		head[b.channels+j] = below(leastShape, shape)
	}
}
