package pooled

import "math"

// A kernel holds the parameters of what a series has beside the mean: variances in units of
// the channel's scale, and times in units of the panel's.
type kernel struct {
	Level   float64 `json:"level"`   // variance of the level of a series
	Process float64 `json:"process"` // of the Ornstein-Uhlenbeck process
	Range   float64 `json:"range"`   // time in which the process forgets all but 1/e
	Noise   float64 `json:"noise"`
}

type (
	vector [2]float64 // of the state: level and process
	matrix [2]vector
)

// A filter is the Kalman filter of a series of one or more columns, such as the values and
// the regressors, that have the covariances in common.
type filter struct {
	kernel
	at float64
	p  matrix
	m  []vector // by column
}

// newFilter returns a filter that begins at a time.
func newFilter(k kernel, at float64, columns int) *filter {
	return &filter{kernel: k, at: at, p: matrix{{k.Level, 0}, {0, k.Process}}, m: make([]vector, columns)}
}

// decay returns what the process keeps over a time d.
func (k kernel) decay(d float64) float64 { return math.Exp(-d / k.Range) }

// advance moves the state on to time t.
func (f *filter) advance(t float64) {
	a := f.decay(t - f.at)
	f.at = t
	for i := range f.m {
		f.m[i][1] *= a
	}
	f.p[0][1] *= a
	f.p[1][0] *= a
	f.p[1][1] = a*a*f.p[1][1] + f.Process*(1-a*a)
}

// signal returns the covariances of the state with what is observed but for the noise, the
// sum of its parts, and the variance of that.
func (f *filter) signal() (covariances vector, variance float64) {
	covariances = vector{f.p[0].sum(), f.p[1].sum()}
	return covariances, covariances.sum()
}

// observe updates the state by an observation of all columns, with so much variance beside the
// noise. It returns the variance of the errors of its prediction, which it puts into values.
func (f *filter) observe(values []float64, beside float64) (variance float64) {
	cov, variance := f.signal()
	variance += f.Noise + beside
	for c := range f.m {
		e := values[c] - f.m[c].sum()
		values[c] = e
		f.m[c][0] += cov[0] * e / variance
		f.m[c][1] += cov[1] * e / variance
	}
	for i := range cov {
		for j := range cov {
			f.p[i][j] -= cov[i] * cov[j] / variance
		}
	}
	return variance
}

func (v vector) sum() float64 { return v[0] + v[1] }

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] }

func (m matrix) times(v vector) vector { return vector{m[0].dot(v), m[1].dot(v)} }

// A course is one channel of a series: times and values without the missing ones, in the units
// of the panel and of the channel.
type course struct {
	start float64 // of the series
	t, y  []float64
}

// A deviation is a course with the mean taken out, and the variance that the values have
// because the mean is not known there.
type deviation struct {
	course
	beside []float64
}

// from returns what a course deviates from the mean by.
func (c course) from(m *mean) deviation {
	d := deviation{course{c.start, c.t, make([]float64, len(c.y))}, make([]float64, len(c.y))}
	for i, t := range c.t {
		center, variance := m.at(t, c.start)
		d.y[i], d.beside[i] = c.y[i]-center, variance
	}
	return d
}

// filter calls seen with the error of each prediction from the values before, and its
// variance.
func (k kernel) filter(d deviation, seen func(i int, e, variance float64)) {
	if len(d.t) == 0 {
		return
	}
	f := newFilter(k, d.t[0], 1)
	value := make([]float64, 1)
	for i, t := range d.t {
		f.advance(t)
		value[0] = d.y[i]
		variance := f.observe(value, d.beside[i])
		seen(i, value[0], variance)
	}
}

// A stage is what the filter knew at one time, for the smoother.
type stage struct {
	asked          int // which of the times asked for it is, -1 for none
	decay          float64
	mean, variance float64 // of the signal, predicted
	cov            vector  // of the state with the signal

	seen        bool
	err, spread float64 // of the observation, and its variance
}

// smooth returns the means and the variances of the signal at times in increasing order, given
// the whole course, by the smoother of Bryson and Frazier, which
// inverts nothing.
func (k kernel) smooth(c deviation, at []float64) (mean, variance []float64) {
	var stages []stage
	f := newFilter(k, 0, 1)
	for i, q := 0, 0; i < len(c.t) || q < len(at); {
		g := stage{asked: -1}
		t := math.Inf(1)
		if i < len(c.t) {
			t = c.t[i]
		}
		if q < len(at) && at[q] <= t {
			t, g.asked = at[q], q
			q++
		}
		if len(stages) == 0 {
			f.at = t
		}
		g.decay = k.decay(t - f.at)
		f.advance(t)
		g.mean = f.m[0].sum()
		if g.cov, g.variance = f.signal(); i < len(c.t) && c.t[i] == t {
			value := []float64{c.y[i]}
			g.spread, g.seen = f.observe(value, c.beside[i]), true
			g.err = value[0]
			i++
		}
		stages = append(stages, g)
	}
	mean, variance = make([]float64, len(at)), make([]float64, len(at))
	var l vector // what the later observations say of the state, and how surely
	var sure matrix
	for n := len(stages) - 1; n >= 0; n-- {
		g := &stages[n]
		if g.seen {
			l, sure = g.learn(l, sure)
		}
		if g.asked >= 0 {
			mean[g.asked] = g.mean - g.cov.dot(l)
			variance[g.asked] = math.Max(0, g.variance-g.cov.dot(sure.times(g.cov)))
		}
		l[1] *= g.decay
		sure[0][1] *= g.decay
		sure[1][0] *= g.decay
		sure[1][1] *= g.decay * g.decay
	}
	return mean, variance
}

// learn adds the observation of the stage to what the later ones say.
func (g *stage) learn(l vector, sure matrix) (vector, matrix) {
	gain := vector{g.cov[0] / g.spread, g.cov[1] / g.spread}
	b := gain.dot(l) + g.err/g.spread
	kept := sure.times(gain)
	left := gain.dot(kept) + 1/g.spread
	var next matrix
	for i := range next {
		l[i] -= b
		for j := range next {
			next[i][j] = sure[i][j] - kept[i] - kept[j] + left
		}
	}
	return l, next
}
