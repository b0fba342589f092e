package gauss

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"context"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/support"
	"tsgen/series"
)

// conditional returns means and covariance of the places ask of a window, given
// those that z, a window, has values at.
func (f *fitted) conditional(z []float64, ask []int) (mean []float64, cov *mat.SymDense, err error) {
	var seen []int
	var values []float64
	for k, v := range z {
		if !math.IsNaN(v) {
			seen, values = append(seen, k), append(values, v)
		}
	}
	mean = make([]float64, len(ask))
	if !slices.ContainsFunc(ask, func(k int) bool { return math.IsNaN(z[k]) }) {
		for i, k := range ask {
			mean[i] = z[k]
		}
		return mean, mat.NewSymDense(len(ask), nil), nil
	}
	cov = part(f.cov, ask)
	if len(seen) == 0 {
		return mean, cov, nil
	}
	between := mat.NewDense(len(seen), len(ask), nil)
	for i, a := range seen {
		for j, b := range ask {
			between.Set(i, j, f.cov.At(a, b))
		}
	}
	var chol mat.Cholesky
	var gain, explained mat.Dense
	if !chol.Factorize(part(f.cov, seen)) {
		return nil, nil, errors.New("the covariance of a window is not positive definite")
	}
	if err := chol.SolveTo(&gain, between); err != nil {
		return nil, nil, fmt.Errorf("the covariance of a window: %w", err)
	}
	mat.NewVecDense(len(ask), mean).MulVec(gain.T(), mat.NewVecDense(len(values), values))
	explained.Mul(gain.T(), between)
	for i := range ask {
		for j := i; j < len(ask); j++ {
			cov.SetSym(i, j, cov.At(i, j)-(explained.At(i, j)+explained.At(j, i))/2)
		}
	}
	return mean, cov, nil
}

// places returns the places from to to of a window.
func places(from, to int) []int {
	all := make([]int, to-from)
	for i := range all {
		all[i] = from + i
	}
	return all
}

// window returns the steps from on of z as those of a window, missing where z has
// none.
func (f *fitted) window(z []float64, from, steps int) []float64 {
	width := f.width()
	w := make([]float64, f.values())
	for k := range w {
		w[k] = math.NaN()
		if at := from*width + k; k < steps*width && at >= 0 && at < len(z) {
			w[k] = z[at]
		}
	}
	return w
}

// ahead reads the distribution of steps after the end of z: that of the horizon given the last
// lookback, and beyond it of one horizon after the other as steady says.
func (f *fitted) ahead(z []float64, steps []int) (mean, sd []float64, err error) {
	width, past, block := f.width(), f.past(), f.values()-f.past()
	end := len(z) / width
	if len(steps) > 0 && steps[0] < end {
		return nil, nil, errors.New("a time to forecast is not after the last observation")
	}
	seen, p, err := f.conditional(f.window(z, end-f.Lookback, f.Lookback), places(0, past))
	if err != nil {
		return nil, nil, err
	}
	var m mat.VecDense
	m.MulVec(f.gain, mat.NewVecDense(past, seen))
	cross, spread := mat.NewDense(block, past, nil), mat.DenseCopyOf(f.after)
	if mat.Trace(p) > 0 { // else all was observed
		cross = times(f.gain, mat.DenseCopyOf(p))
		spread.Add(spread, timesTransposed(cross, f.gain))
	}
	read := func(begin int, middle, variance func(k int) float64) {
		for ; len(steps) > 0 && steps[0] < begin+f.Horizon; steps = steps[1:] {
			for j := range width {
				k := (steps[0]-begin)*width + j
				mean, sd = append(mean, middle(k)), append(sd, math.Sqrt(math.Max(0, variance(k))))
			}
		}
	}
	read(end, m.AtVec, func(k int) float64 { return spread.At(k, k) })
	if len(steps) == 0 {
		return mean, sd, nil
	}
	continued, err := f.continuation()
	if err != nil {
		return nil, nil, err
	}
	// The last lookback of what is known by now.
	covariance := mat.NewDense(past, past, nil)
	kept := past - block
	for i := range past {
		for j := i; j < past; j++ {
			c := 0.0
			switch {
			case j < kept:
				c = p.At(block+i, block+j)
			case i < kept:
				c = cross.At(j-kept, block+i)
			default:
				c = (spread.At(i-kept, j-kept) + spread.At(j-kept, i-kept)) / 2
			}
			covariance.Set(i, j, c)
			covariance.Set(j, i, c)
		}
	}
	state := mat.NewVecDense(past, append(seen[block:], m.RawVector().Data...))
	for begin := end + f.Horizon; len(steps) > 0; begin += f.Horizon {
		var next mat.VecDense
		next.MulVec(continued.gain, state)
		both := timesTransposed(times(continued.gain, covariance), continued.gain)
		for i := range past {
			for j := i; j < past; j++ {
				c := (both.At(i, j)+both.At(j, i))/2 + continued.after.At(i, j)
				covariance.Set(i, j, c)
				covariance.Set(j, i, c)
			}
		}
		state = &next
		read(begin, func(k int) float64 { return state.AtVec(kept + k) }, func(k int) float64 { return covariance.At(kept+k, kept+k) })
	}
	return mean, sd, nil
}

// within reads the distribution of steps of z given what is observed around them, and of
// those after its end as ahead does. Windows overlap by half, and a step belongs to
// the one in whose middle it is.
func (f *fitted) within(z []float64, steps []int) (mean, sd []float64, err error) {
	width, length := f.width(), f.length()
	end := len(z) / width
	inside := 0
	for inside < len(steps) && steps[inside] < end {
		inside++
	}
	for at := 0; at < inside; {
		half := max(1, length/2)
		from := max(0, min(steps[at]/half*half-length/4, end-length))
		var ask []int
		for at < inside && steps[at] < from+length && (steps[at]-from < 3*length/4 || from+length >= end) {
			for j := range width {
				ask = append(ask, (steps[at]-from)*width+j)
			}
			at++
		}
		w := f.window(z, from, length)
		for _, k := range ask {
			w[k] = math.NaN() // another measurement at its time
		}
		m, cov, err := f.conditional(w, ask)
		if err != nil {
			return nil, nil, err
		}
		for i := range m {
			mean, sd = append(mean, m[i]), append(sd, math.Sqrt(math.Max(0, cov.At(i, i))))
		}
	}
	m, s, err := f.ahead(z, steps[inside:])
	return append(mean, m...), append(sd, s...), err
}

// mostGenerated bounds the times of a generated series.
const mostGenerated = 100_000

// wholeWindows is how many windows a series that is drawn for its mean is long at most.
const wholeWindows = 16

// Generate implements forecast.Generator: of many short series the first steps of one that
// is drawn as a whole, with a level like that of a training series, and else a window, and one horizon after another
// given the lookback before it, with slopes and the courses of its seasons at their places in the calendar. What is drawn is a series as long as the usual one at
// least, brought to mean 0 as training series were, and then to the mean and deviation of
// a training series, drawn for each; values are brought to the support of their channels.
func (m *Model) Generate(ctx context.Context, opt forecast.GenerateOptions) (*series.Panel, error) {
	f := m.fit
	if f == nil {
		return nil, fmt.Errorf("gauss: %w", forecast.ErrNotFitted)
	}
	if err := opt.Unknown(); err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	if n := max(opt.Length, len(opt.Times)); opt.Number < 0 || opt.Length < 0 || n > mostGenerated {
		return nil, fmt.Errorf("gauss: %d series of %d times asked for, want at most %d times", opt.Number, n, mostGenerated)
	}
	rest := f
	if f.rest != nil {
		rest = f.rest
	}
	var whole, after mat.Cholesky
	if !whole.Factorize(rest.cov) || !after.Factorize(rest.after) {
		return nil, errors.New("gauss: the covariance of a window is not positive definite")
	}
	panel := &series.Panel{Channels: f.Channels, Axis: f.Axis, Step: f.Step, IDColumn: f.ID, TimeColumn: f.Time}
	if panel.IDColumn == "" {
		panel.IDColumn = "unique_id"
	}
	times, err := f.Lengths.Times(panel, f.Start, f.Usual, opt)
	if err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	length := 0 // of the longest
	for _, t := range times {
		length = max(length, len(t))
	}
	width := f.width()
	first := panel.Coordinate(times[0][0])
	var begin *openings
	if f.shapes != nil && length <= f.Usual {
		if begin, err = f.shapes.levelsOf(f.bank); err != nil {
			return nil, fmt.Errorf("gauss: %w", err)
		}
	}
	all, err := support.Draw(ctx, f.Support, max(1, opt.Number), opt.Seed, length <= f.Usual, length <= f.Usual && begin == nil, func(ctx context.Context, i int, rng *rand.Rand) ([]float64, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := len(times[max(i, 0)])
		if begin != nil {
			return f.wholeSeries(begin, n, rng), nil
		}
		drawn := max(n, min(f.Usual, wholeWindows*f.length()))
		z := draw(&whole, rng)
		for len(z) < drawn*width {
			var next mat.VecDense
			next.MulVec(rest.gain, mat.NewVecDense(f.past(), z[len(z)-f.past():]))
			for i, e := range draw(&after, rng) {
				z = append(z, next.AtVec(i)+e)
			}
		}
		level := rest.bank[2*width*rng.IntN(len(rest.bank)/(2*width)):][:2*width]
		z = z[:drawn*width]
		f.incline(z, 1)
		for i := range z {
			for _, c := range f.courses {
				z[i] += c.at(int(math.Round(first))+i/width, i%width, width)
			}
		}
		if f.margins != nil {
			for i, v := range z {
				z[i] = f.margins[i%width].value(v)
			}
		}
		return f.unlogged(atLevel(z, level, f.beginning(drawn, n, rng.IntN), n)), nil
	})
	if err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	for i, values := range all {
		panel.Series = append(panel.Series, &series.Series{ID: strconv.Itoa(i + 1), Times: times[i], Values: values})
	}
	return panel, nil
}

// atLevel returns so many steps of z from one on, which is brought to mean 0 as a whole, at a level.
func atLevel(z, level []float64, from, length int) []float64 {
	width := len(level) / 2
	mean := make([]float64, width)
	for i, v := range z {
		mean[i%width] += v / float64(len(z)/width)
	}
	z = z[from*width : (from+length)*width]
	for i, v := range z {
		j := i % width
		z[i] = level[j] + level[width+j]*(v-mean[j])
	}
	return z
}

// wholeSeries returns the first steps of a series that is drawn as a whole, with a level like that
// of a training series.
func (f *fitted) wholeSeries(from *openings, length int, rng *rand.Rand) []float64 {
	width := f.width()
	l := from.draw(rng)
	z, level := f.shapes.draw(l, rng), f.shapes.level(l)
	if f.margins != nil {
		for i, v := range z {
			z[i] = f.margins[i%width].value(v)
		}
	}
	return atLevel(z, level, 0, length)
}

// draw returns a draw from the Gaussian with mean zero whose covariance chol is the
// factor of.
func draw(chol *mat.Cholesky, rng *rand.Rand) []float64 {
	n := chol.SymmetricDim()
	e := make([]float64, n)
	for i := range e {
		e[i] = rng.NormFloat64()
	}
	var l mat.TriDense
	chol.LTo(&l)
	var x mat.VecDense
	x.MulVec(&l, mat.NewVecDense(n, e))
	return x.RawVector().Data
}
