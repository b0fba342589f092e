package baseline

import (
	"fmt"
	"math"

	"tsgen/internal/fits"
	"tsgen/series"
)

// seasons returns the periods of the seasons that a model takes, the shortest first:
// own alone if it is set, else those of the panel beside that of the options; none if
// the panel is irregular.
func seasons(own, asked int, p *series.Panel) []float64 {
	switch {
	case !p.Step.Regular() || own == 1:
		return nil
	case own > 1:
		return []float64{float64(own)}
	}
	return p.SeasonsBeside(asked)
}

// whole returns the whole number of steps next to a period.
func whole(period float64) int { return int(math.Round(period)) }

// isPlain reports whether there is one season of whole steps at most.
func isPlain(periods []float64) bool {
	return len(periods) == 0 || len(periods) == 1 && periods[0] == math.Trunc(periods[0])
}

// single returns what continues channels by a model that takes one season: of several
// each channel has the one whose repetition would have forecast its past best.
func single(periods []float64, model func(season int) continuation) continuation {
	switch len(periods) {
	case 0:
		return model(1)
	case 1:
		return model(whole(periods[0]))
	}
	models := make([]continuation, len(periods))
	for i, m := range periods {
		models[i] = model(whole(m))
	}
	c := continuation{estimate: func(x channel) estimate {
		best := bestSeason(x.grid, periods, x.lead)
		return ofSeason{best, whole(periods[best]), models[best].estimate(x)}
	}}
	if models[0].read != nil {
		c.read = func(r *fits.Reader) estimate {
			best := r.Int(0, len(models)-1)
			return ofSeason{best, whole(periods[best]), models[best].read(r)}
		}
	}
	return c
}

// ofSeason is the estimate of a model of one of several seasons, of so many steps.
type ofSeason struct {
	number, steps int
	estimate
}

func (s ofSeason) continued(x channel) (prospect, remark, bool) {
	p, why, ok := s.estimate.continued(x)
	if why == "" {
		why = remark(fmt.Sprintf("take the season of %d steps, the one of several that would have forecast their past best", s.steps))
	}
	return p, why, ok
}

func (s ofSeason) write(w *fits.Writer) { kept(w, s.number, s.estimate.write) }

// bestSeason returns which of the periods would have forecast y with the least mean
// absolute error, had the season before been repeated from each step for so many steps
// ahead, in as far as two of its seasons are there; the first if none would have forecast anything.
func bestSeason(y []float64, periods []float64, lead int) int {
	longest := 0
	for _, m := range periods {
		if p := whole(m); 2*p <= len(y) {
			longest = p
		}
	}
	lead = min(max(lead, 1), max(1, len(y)-longest))
	every := max(1, lead/16)
	best, least := 0, math.Inf(1)
	for i, m := range periods {
		p := whole(m)
		if p > longest {
			continue
		}
		sum, n := 0.0, 0
		for h := 1; h <= lead; h += every {
			back := (h + p - 1) / p * p
			for t := max(longest, back); t < len(y); t++ {
				if e := math.Abs(y[t] - y[t-back]); isObserved(e) {
					sum += e
					n++
				}
			}
		}
		if n > 0 && sum/float64(n) < least {
			best, least = i, sum/float64(n)
		}
	}
	return best
}

// shortest returns the whole number of steps in the shortest of the periods, 1 if
// there is none.
func shortest(periods []float64) int {
	if len(periods) == 0 {
		return 1
	}
	return whole(periods[0])
}
