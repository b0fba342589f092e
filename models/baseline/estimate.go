package baseline

import (
	"math"

	"tsgen/internal/fits"
)

// An estimate is what was estimated of one channel of one series. It continues the values
// that it was made from, and such as begin with them.
type estimate interface {
	// continued returns what continues x; ok is false if the estimate does not hold for
	// as many steps ahead, or for the values that came since.
	continued(x channel) (p prospect, r remark, ok bool)

	// write writes the estimate, and nothing if there is nothing worth being kept.
	write(w *fits.Writer)
}

// A continuation continues one channel of one series.
type continuation struct {
	estimate func(x channel) estimate

	// read reads what the estimate wrote; nil if nothing is ever written.
	read func(r *fits.Reader) estimate
}

// check says what is wrong with an estimate's numbers.
func (c continuation) check(numbers []float64) error {
	numbers, _ = unlogged(numbers)
	r := fits.NewReader(numbers)
	c.read(r)
	return r.End()
}

// made is a continuation that needs no estimate worth being kept.
type made struct {
	prospect prospect
	remark   remark
}

func (m made) continued(channel) (prospect, remark, bool) { return m.prospect, m.remark, true }

func (made) write(*fits.Writer) {}

// simply returns the continuation of a model that keeps nothing.
func simply(next func(x channel) (prospect, remark)) continuation {
	return continuation{estimate: func(x channel) estimate {
		p, r := next(x)
		return made{p, r}
	}}
}

// A core is what was estimated of values that begin and end with an observation, are two
// at least, and have NaN for gaps. It is otherwise as an estimate.
type core interface {
	continued(y []float64, lead int) (p prospect, r remark, ok bool)
	write(w *fits.Writer)
}

// A fitter estimates a core for a forecast of so many steps, and reads what one wrote.
type fitter struct {
	fit  func(y []float64, lead int) core
	read func(r *fits.Reader) core
}

// continuation continues a channel on its grid, as a random walk if it has fewer than
// two observations.
func (f fitter) continuation() continuation {
	c := continuation{estimate: func(x channel) estimate {
		if observed(x.grid) < 2 {
			return made{prospect{marginals: x.walk, draw: x.walk.Draw}, "were observed fewer than twice; the last value stands in, or the mean of the others"}
		}
		y, after := trim(x.grid)
		return trimmed{f.fit(y, x.lead+after)}
	}}
	if f.read != nil {
		c.read = func(r *fits.Reader) estimate { return trimmed{f.read(r)} }
	}
	return c
}

// trimmed is the estimate of a channel without the missing values before and after it.
type trimmed struct{ core }

func (t trimmed) continued(x channel) (prospect, remark, bool) {
	y, after := trim(x.grid)
	p, r, ok := t.core.continued(y, x.lead+after)
	if !ok {
		return p, r, false
	}
	return p.later(after), r, true
}

// plainly is the core of values that have nothing worth being kept.
type plainly func(y []float64, lead int) (prospect, remark)

func (f plainly) continued(y []float64, lead int) (prospect, remark, bool) {
	p, r := f(y, lead)
	return p, r, true
}

func (plainly) write(*fits.Writer) {}

// kept writes what write writes after a mark of its own, or nothing if that writes nothing.
func kept(w *fits.Writer, mark int, write func(w *fits.Writer)) {
	var inner fits.Writer
	if write(&inner); len(inner.Numbers) > 0 {
		w.Int(mark)
		w.Numbers = append(w.Numbers, inner.Numbers...)
	}
}

// marked is an estimate of one of several models, by its number.
type marked struct {
	number int
	estimate
}

func (m marked) write(w *fits.Writer) { kept(w, m.number, m.estimate.write) }

// maxSteps bounds the numbers of steps that are kept.
const maxSteps = 1 << 40

// span reads the number of steps that are left out before the values of an estimate.
func span(r *fits.Reader) int { return r.Int(0, maxSteps) }

// rests returns y from a step on; nil if it is too short for an estimate.
func rests(y []float64, from int) []float64 {
	if from > len(y)-2 || math.IsNaN(y[from]) {
		return nil
	}
	return y[from:]
}
