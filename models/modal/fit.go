package modal

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
)

const (
	rounds        = 3  // of fitting all series and measuring what was found
	mostSeries    = 60 // by which the prior is estimated
	leastLoading  = 0.02
	leastNoise    = 0.01
	leastFreedom  = 0.05 // deviation of a logarithm of a frequency at least
	leastDecays   = 0.3  // of a damping
	heldBack      = 0.75 // of a series' times, after which its values judge the predictions
	activeLoading = 0.1  // of the usual amplitude, from which on a mode of a series is there
)

// begin returns the prior before anything is known but the times: modes of all frequencies that the records
// can tell.
func begin(all []*record, modes, channels int) *prior {
	var spans, gaps []float64
	for _, r := range all {
		n := len(r.t)
		if n > 1 {
			spans = append(spans, r.t[n-1])
			gaps = append(gaps, r.t[n-1]/float64(n-1))
		}
	}
	slices.Sort(spans)
	slices.Sort(gaps)
	span, gap := spans[len(spans)/2], gaps[len(gaps)/2]
	low, high := math.Log(math.Pi/span), math.Log(math.Pi/(2*gap))
	p := &prior{}
	for k := range modes {
		// Their means are spread a little, so that they are not all the same.
		place := (float64(k) + 0.5) / float64(modes)
		p.Frequency = append(p.Frequency, low+(high-low)*(0.3+0.4*place))
		p.FrequencySD = append(p.FrequencySD, max(0.5, (high-low)/4))
		p.Damping = append(p.Damping, -math.Log(span))
		p.DampingSD = append(p.DampingSD, 1.5)
	}
	for range channels {
		p.Loading = append(p.Loading, slices.Repeat([]float64{1}, 1+modes))
		p.Noise = append(p.Noise, 0.3)
	}
	return p
}

// A finding is what was found of one series.
type finding struct {
	best   optimum
	coef   []float64 // channels x width
	square []float64 // expected squares of the coefficients
	rest   []float64 // absolute residuals in units of the channel, corrected for what the fit took, channel by channel
	counts []int     // of residuals in each channel
}

// estimate returns the prior of the records by a number of rounds.
func estimate(ctx context.Context, some []*record, modes, channels, rounds int) (*prior, error) {
	p := begin(some, modes, channels)
	for round := range rounds {
		found := make([]finding, len(some))
		err := forecast.EachSeries(ctx, len(some), func(i int) error {
			s := newProjection(p, some[i])
			found[i] = s.find(rand.New(rand.NewPCG(uint64(round), uint64(i))))
			return nil
		})
		if err != nil {
			return nil, err
		}
		p = p.learn(found, round == 0)
	}
	return p, nil
}

// spread returns at most n of all records, evenly spread.
func spread(all []*record, n int) []*record {
	if len(all) <= n {
		return all
	}
	some := make([]*record, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// find returns what the best optimum says of the series.
func (s *projection) find(rng *rand.Rand) finding {
	f := finding{best: s.optima(rng)[0]}
	s.solve(f.best.params)
	q, c := s.width(), len(s.Noise)
	f.coef, f.square, f.counts = slices.Clone(s.coef), make([]float64, len(s.coef)), make([]int, c)
	work := make([]float64, q)
	for k, b := range s.coef {
		f.square[k] = b*b + s.variance(k/q, k%q, work)
	}
	for j := range c {
		var rest []float64
		for i := range s.t {
			if y := s.y[i*c+j]; !math.IsNaN(y) {
				rest = append(rest, math.Abs(y-dot(s.x[i*q:(i+1)*q], s.coef[j*q:(j+1)*q])))
			}
		}
		if n := float64(len(rest)); n > float64(q)+1 {
			for i := range rest {
				rest[i] *= math.Sqrt(n / (n - float64(q)))
			}
			f.rest, f.counts[j] = append(f.rest, rest...), len(rest)
		}
	}
	return f
}

// learn returns the prior that the findings suggest. by has modes named by the order of their frequencies,
// which is how they are told apart as long as nothing else does.
func (p *prior) learn(found []finding, order bool) *prior {
	n, q, c := p.modes(), p.width(), len(p.Noise)
	next := &prior{
		Frequency: slices.Clone(p.Frequency), FrequencySD: slices.Clone(p.FrequencySD),
		Damping: slices.Clone(p.Damping), DampingSD: slices.Clone(p.DampingSD),
	}
	names := make([][]int, len(found)) // by series and place the mode's own
	for i, f := range found {
		names[i] = make([]int, n)
		for k := range names[i] {
			names[i][k] = k
		}
		if order {
			slices.SortStableFunc(names[i], func(a, b int) int {
				if f.best.params[2*a] < f.best.params[2*b] {
					return -1
				}
				return 1
			})
		}
	}
	// The deviations of the coefficients.
	amplitude := make([]float64, n) // mean square over series and channels
	for j := range c {
		square := make([]float64, 1+n)
		for i, f := range found {
			square[0] += f.square[j*q] / float64(len(found))
			for place, k := range names[i] {
				s := f.square[j*q+1+2*k] + f.square[j*q+2+2*k]
				square[1+place] += s / float64(2*len(found))
				amplitude[place] += s / float64(2*len(found)*c)
			}
		}
		loading := make([]float64, 1+n)
		for k, s := range square {
			loading[k] = math.Sqrt(s) + leastLoading
		}
		next.Loading = append(next.Loading, loading)
	}
	// Frequencies and dampings, of the series in which the mode is there.
	for place := range n {
		var frequency, damping moments.Moments
		for i, f := range found {
			k := names[i][place]
			own := 0.0
			for j := range c {
				for _, b := range f.coef[j*q+1+2*k : j*q+3+2*k] {
					own += b * b / float64(2*c)
				}
			}
			if own > activeLoading*amplitude[place] {
				frequency.Add(f.best.params[2*k])
				damping.Add(f.best.params[2*k+1])
			}
		}
		if frequency.N > 2 {
			next.Frequency[place], next.FrequencySD[place] = frequency.Mean, max(leastFreedom, math.Sqrt(frequency.Variance()))
			next.Damping[place], next.DampingSD[place] = damping.Mean, max(leastDecays, math.Sqrt(damping.Variance()))
		}
	}
	// The noise, by the median of the residuals: series that are not fitted at all do not count.
	for j := range c {
		var rest []float64
		for _, f := range found {
			at := 0
			for _, n := range f.counts[:j] {
				at += n
			}
			rest = append(rest, f.rest[at:at+f.counts[j]]...)
		}
		noise := p.Noise[j]
		if len(rest) > 0 {
			slices.Sort(rest)
			noise = 1.4826 * rest[len(rest)/2]
		}
		next.Noise = append(next.Noise, max(leastNoise, noise))
	}
	return next
}
