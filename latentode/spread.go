package latentode

import (
	"context"
	"math"

	"tsgen/internal/moments"
)

// The bands of a signal come from the draws of the latent state, the weights being taken for known and the
// dynamics for true. What that leaves out held-back observations tell, though they have noise: that of two of them
// is independent, so that the mean product of what the model misses of neighbours has none of it.

// spread sets the deviations of the signal that draws of the latent state do not have. Beyond the observations the mean
// product of neighbours' errors is the variance of the signal about its prediction; what is more than the draws' own
// variance is missing, a constant and a part that grows as the square of the lead time does, as where speeds are not
// quite what they should be. Within the observations the state follows the noise of the very
// observations that it is held against, by as much as the draws vary: what is missed of neighbours that their signal
// alone moves has the product 0 less the draws' variance. Shorter contexts, of earlier origins, say nothing of that.
func (o *objective) spread(ctx context.Context) error {
	if !o.config.closed() || o.network.process != nil || o.config.stochastic() {
		return nil
	}
	c := len(o.config.Channels)
	within, beyond := make([]moments.Moments, c), make([]growth, c)
	last, lastGiven, lastLead := make([]float64, c), -1, 0.0
	err := o.eachJudged(ctx, func(d decoded, v heldBack, w window) {
		if v.given != lastGiven || (v.lead > 0) != (lastLead > 0) {
			for j := range last {
				last[j] = math.NaN()
			}
		}
		lastGiven, lastLead = v.given, v.lead
		for j, x := range v.target {
			if math.IsNaN(x) {
				continue
			}
			var m moments.Moments
			for r := range o.draws {
				m.Add(d.mean.Val[(v.row+r*v.size)*c+j])
			}
			rest := x - m.Mean
			switch product := rest * last[j]; {
			case math.IsNaN(product):
			case v.lead > 0:
				beyond[j].add(v.lead*v.lead, product-m.Variance())
			case w.To-w.Origin <= o.config.Horizon:
				within[j].Add(product + m.Variance())
			}
			last[j] = rest
		}
	})
	o.config.Spread, o.config.Growth = make([][]float64, 2), make([]float64, c)
	for j := range c {
		n := within[j].N
		o.config.Spread[0] = append(o.config.Spread[0], math.Sqrt(max(0, within[j].Mean*n/(n+1))))
		constant, slope := beyond[j].fit()
		o.config.Spread[1] = append(o.config.Spread[1], math.Sqrt(constant))
		o.config.Growth[j] = slope
	}
	return err
}

// A growth is the sums of a regression of y on x and a constant.
type growth struct{ n, x, xx, y, xy float64 }

func (g *growth) add(x, y float64) {
	g.n++
	g.x += x
	g.xx += x * x
	g.y += y
	g.xy += x * y
}

// fit returns the constant and the slope of least squares, neither below 0, with one value's worth of doubt that both are 0.
func (g *growth) fit() (constant, slope float64) {
	n, xx := g.n+1, g.xx+1
	slope = (n*g.xy - g.x*g.y) / (n*xx - g.x*g.x)
	constant = (g.y - slope*g.x) / n
	switch {
	case slope < 0:
		return max(0, g.y/n), 0
	case constant < 0:
		return 0, max(0, g.xy/xx)
	}
	return constant, slope
}

// unjudged returns the deviation by which an observation of channel j misses more at a lead time than at those that were judged.
func (c *config) unjudged(j int, lead float64) float64 {
	if c.Growth == nil || c.Judged == 0 || lead <= c.Judged {
		return 0
	}
	here, there := c.missing(j, lead), c.missing(j, c.Judged)
	return math.Sqrt(max(0, here*here-there*there))
}

// mostSpread is the variance that a signal misses at most, in units of the window's.
const mostSpread = 1

// missing returns the deviation that the draws of the latent state do not have of the signal of channel j at a lead time.
func (c *config) missing(j int, lead float64) float64 {
	switch {
	case c.Spread == nil:
		return 0
	case lead == 0:
		return c.Spread[0][j]
	case c.Growth == nil:
		return c.Spread[1][j]
	}
	return math.Sqrt(min(mostSpread, c.Spread[1][j]*c.Spread[1][j]+c.Growth[j]*lead*lead))
}
