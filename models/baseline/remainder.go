package baseline

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/internal/fits"
	"tsgen/internal/freedom"
)

// What may continue a seasonally adjusted series.
const (
	RemainderETS = "ets" // exponential smoothing
	RemainderAR  = "ar"  // an autoregression
)

// mostLags is the highest order that is tried.
const mostLags = 100

// A rest continues a seasonally adjusted series without its values before a step, by one of
// the models or, if there is none, by its last value.
type rest struct {
	from    int
	ets     *etsModel
	process *Process
	ahead   int // steps for which the process stays within reach of the data
}

// newRest estimates what continues a series, if by an autoregression of at most the longest
// order (unless another was asked for).
func (m STL) newRest(y []float64, longest, lead int) *rest {
	late := recent(y, 1)
	r := &rest{from: len(y) - len(late), ahead: max(lead, len(late)/2)}
	y = late
	var e *etsModel
	if m.Remainder != RemainderAR {
		e = chooseETS(y, additiveForms(1), lead)
	}
	var q *Process
	if m.Remainder != RemainderETS {
		q = m.process(y, longest, lead)
	}
	switch {
	case q != nil && (e == nil || q.aicc(y) < e.perValue()):
		if !q.walk {
			q.Variance *= math.Pow(chosenAmong(float64(len(equations(y, len(q.Coef)))), q.unknowns()), 2)
		}
		r.process = q
	case e != nil:
		own := *e
		own.widening *= chosenAmong(float64(e.n), float64(e.form.unknowns()))
		r.ets = &own
	}
	return r
}

func (r *rest) isNone() bool { return r.process == nil && r.ets == nil }

func (r *rest) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, r.from); y == nil {
		return prospect{}, "", false
	}
	switch {
	case r.process != nil:
		if lead > r.ahead && !r.process.walk && !r.process.within(y, lead) {
			return prospect{}, "", false
		}
		p := r.process.prospect(y, lead)
		p.degrees = lessChosen(r.process.degrees(y))
		return p, "", true
	case r.ets != nil:
		e := r.ets.at(y)
		if e == nil {
			return prospect{}, "", false
		}
		responses := e.responses(lead)
		floats.Scale(math.Sqrt(e.variance)*e.scale, responses)
		return prospect{marginals: e.distribution(y[len(y)-1], lead), dependence: shocks(responses), degrees: lessChosen(e.degrees(y))}, "", true
	}
	return prospect{marginals: lastValue(y)}, "are too short for a model and keep their last value", true
}

// chosenAmong returns the factor by which deviations widen, beside that for k parameters estimated from
// n values, for what was chosen among several.
func chosenAmong(n, k float64) float64 {
	return freedom.Widening(n, k+freedom.Chosen(n)) / freedom.Widening(n, k)
}

// lessChosen returns degrees of freedom less those for what was chosen among several.
func lessChosen(degrees float64) float64 {
	if degrees == 0 {
		return 0
	}
	return math.Max(1, degrees-freedom.Chosen(degrees))
}

// What a rest is continued by, in numbers.
const (
	restLast = iota
	restETS
	restProcess
)

func (r *rest) write(w *fits.Writer) {
	switch {
	case r.process != nil:
		w.Int(restProcess)
		w.Int(r.from)
		w.Int(r.ahead)
		r.process.write(w)
	case r.ets != nil:
		w.Int(restETS)
		w.Int(r.from)
		r.ets.write(w)
	default:
		w.Int(restLast)
	}
}

// readRest reads what rest.write wrote.
func readRest(r *fits.Reader) *rest {
	switch r.Int(restLast, restProcess) {
	case restProcess:
		p := &rest{from: span(r), ahead: r.Int(0, maxSteps)}
		p.process = readProcess(r, 0)
		return p
	case restETS:
		e := &rest{from: span(r), ets: readETS(r)}
		if !e.ets.form.linear() {
			r.Failf("%v continues a rest", e.ets.form)
		}
		return e
	}
	return &rest{}
}

// process returns the autoregression of y of the order asked for, or else of
// that with the least AICc of a few up to the longest; nil if y is too short.
func (m STL) process(y []float64, longest, lead int) *Process {
	orders := []int{m.Order}
	if m.Order == 0 {
		longest = min(longest, mostLags)
		orders = []int{longest}
		for _, p := range []int{1, 2, 3, 5, 8, 13} {
			if p < longest {
				orders = append(orders, p)
			}
		}
		slices.Sort(orders)
	}
	var best *Process
	least := math.Inf(1)
	for _, p := range orders {
		q, err := Estimate(y, p, lead)
		if err != nil || q.Reason == Short && m.Order == 0 && best != nil {
			continue
		}
		if a := q.aicc(y); best == nil || a < least {
			best, least = q, a
		}
	}
	return best
}

// aicc returns the corrected information criterion (Hurvich and Tsai 1989) of
// the process for each value of y, from which it was estimated. Orders have
// different numbers of equations; what an equation counts on average makes them
// comparable, and comparable with models of all values.
func (q *Process) aicc(y []float64) float64 {
	n, k := float64(len(equations(y, len(q.Coef)))), float64(len(q.Coef)+1)
	if n-k-2 < 1 {
		return math.Inf(1)
	}
	variance := q.Variance * (n - k) / n // at the maximum of the likelihood
	return math.Log(2*math.Pi*variance) + (n+k)/(n-k-2)
}
