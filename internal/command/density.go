package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A densityScore is how probable what was held out is to a model, in nats a value.
type densityScore struct {
	Model  string `json:"model"`
	Nats   number `json:"nats"`   // the mean negative log-likelihood, or the bound on it
	Values int    `json:"values"` // that were held out
}

// densitySamples is the number of draws by which likelihoods are bounded.
const densitySamples = 20

// byDensity reports whether the model is judged by how probable what is held out is: rows
// that are windows by themselves have no future, and of binary values the future is
// nothing but a probability.
func (j *fitJob) byDensity() (yes, binary bool) {
	if d, ok := j.model.(forecast.Density); ok {
		return d.ByDensity(j.panel)
	}
	return false, false
}

// examineDensity fits the model to all but the last fifth of the series, or of the rows of
// each where there are few, and says how probable these are to it, and to a distribution by
// which all values are independent.
func (j *fitJob) examineDensity(ctx context.Context, binary bool) error {
	head, tail := lastFifth(j.panel)
	if head == nil {
		j.progress.notef("nothing is held out and there are no scores: there is too little")
		return j.train(ctx, phaseOnly, j.panel, nil)
	}
	if err := j.train(ctx, phaseExamination, head, nil); err != nil {
		return err
	}
	all, err := j.model.(forecast.Density).LogLikelihood(ctx, tail, forecast.LikelihoodOptions{Samples: densitySamples, Seed: j.seed})
	if errors.Is(err, forecast.ErrMismatch) {
		j.progress.notef("there are no scores: %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	sum, n := 0.0, 0
	for _, l := range all {
		sum, n = sum-l.Value, n+l.Values
	}
	if n == 0 {
		return nil
	}
	j.densities = []densityScore{{j.kind, number(sum / float64(n)), n}, {"independent", number(independent(head, tail, binary)), n}}
	return nil
}

// lastFifth returns the panel without its last fifth, and that: of series if there are
// many, else of the rows of each. They are nil if there is too little.
func lastFifth(p *series.Panel) (head, tail *series.Panel) {
	const part, many = 5, 20
	if n := len(p.Series); n >= many {
		return p.With(p.Series[:n-n/part]), p.With(p.Series[n-n/part:])
	}
	var before, after []*series.Series
	for _, s := range p.Series {
		n, c := s.Len(), p.Width()
		k := n - n/part
		if k < leastHead || k == n {
			continue
		}
		before = append(before, &series.Series{ID: s.ID, Times: s.Times[:k], Values: s.Values[:k*c], Known: s.Known})
		after = append(after, &series.Series{ID: s.ID, Times: s.Times[k:], Values: s.Values[k*c:], Known: s.Known})
	}
	if len(before) == 0 {
		return nil, nil
	}
	return p.With(before), p.With(after)
}

// independent returns the mean negative log-likelihood of the values of tail under
// independent variables with the moments of each channel in head: Gaussians, or of binary
// values and shades of the greatest one Bernoulli variables.
func independent(head, tail *series.Panel, binary bool) float64 {
	c := head.Width()
	all := make([]moments.Moments, c)
	top := 0.0
	for _, s := range head.Series {
		for k, x := range s.Values {
			all[k%c].Add(x)
			if x > top {
				top = x
			}
		}
	}
	var nats moments.Moments
	for _, s := range tail.Series {
		for k, x := range s.Values {
			m := all[k%c]
			if !binary {
				v := math.Max(m.Variance(), 1e-12)
				nats.Add(0.5*(x-m.Mean)*(x-m.Mean)/v + 0.5*math.Log(2*math.Pi*v))
				continue
			}
			p := (m.N*m.Mean/math.Max(top, 1e-300) + 0.5) / (m.N + 1) // never 0 or 1
			x = math.Min(1, x/top)
			nats.Add(-x*math.Log(p) - (1-x)*math.Log1p(-p))
		}
	}
	return nats.Mean
}

// showDensities writes the table of likelihoods.
func (j *fitJob) showDensities(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	c := len(j.panel.Channels)
	fmt.Fprintf(t, "negative log-likelihood of the last fifth, held out, %d values; less is better:\nmodel\tnats a value\tnats a row\n", j.densities[0].Values)
	for _, s := range j.densities {
		fmt.Fprintf(t, "%s\t%.4f\t%.2f\n", s.Model, float64(s.Nats), float64(s.Nats)*float64(c))
	}
	return t.Flush()
}
