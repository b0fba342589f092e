package pooled

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/freedom"
	"tsgen/series"
)

const (
	// mostObservations is the number of observations by which the parameters are
	// estimated, of series spread over the panel, and mostOfSeries the number of the last ones
	// of a series that count among them.
	mostObservations, mostOfSeries = 4000, 400

	// leastNoise is the variance of the noise at least, of a channel of variance 1.
	leastNoise = 1e-6

	// precision is that of the prior of the logarithms of the parameters.
	precision = 0.1
)

// A channelFit is what was learned of a channel.
type channelFit struct {
	Log    bool    `json:"log,omitempty"` // whether its logarithm is modelled
	Center float64 `json:"center"`
	Scale  float64 `json:"scale"`
	Kernel kernel  `json:"kernel"`
	Mean   mean    `json:"mean"`

	// Shape holds the quantiles of the standardised errors for the probabilities.
	Shape []float64 `json:"shape"`

	Slopes float64 `json:"slopes,omitempty"` // variance of the slopes that series have of their own, per squared unit of time

	// Drift is the mean square of the slopes that few series had, which may go on.
	Drift float64 `json:"drift,omitempty"`

	Values int `json:"values,omitempty"` // that the parameters were estimated from
}

// probabilities are those of the quantiles of distributions.
var probabilities = []float64{0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.995}

// fitChannel learns a channel from its courses, whose times are in the panel's unit and whose
// values are as they came. plain leaves positive values as they are.
func fitChannel(ctx context.Context, all []course, plain bool) (*channelFit, error) {
	best, logL, err := fitScaled(ctx, all, false)
	if err != nil || plain || !positive(all) {
		return best, err
	}
	logged, logLogL, err := fitScaled(ctx, all, true)
	if err != nil {
		return nil, err
	}
	if logLogL > logL {
		best = logged
	}
	return best, nil
}

func positive(all []course) bool {
	return !slices.ContainsFunc(all, func(c course) bool {
		return slices.ContainsFunc(c.y, func(v float64) bool { return !(v > 0) })
	})
}

// fitScaled learns a channel, or its logarithm, and returns the penalised log-likelihood of the
// values that the estimation saw, as they came.
func fitScaled(ctx context.Context, all []course, log bool) (*channelFit, float64, error) {
	f := &channelFit{Log: log, Center: 0, Scale: 1}
	var values []float64
	for _, c := range all {
		for _, v := range c.y {
			values = append(values, f.transform(v))
		}
	}
	scaling := series.FitScaling(values, 1, 0)
	f.Center, f.Scale = scaling.Center[0], scaling.Scale[0]
	scaled := make([]course, len(all))
	for i, c := range all {
		scaled[i] = f.scaled(c)
	}
	some := sample(scaled)
	e := &estimate{courses: some}
	if err := e.choose(ctx); err != nil {
		return nil, 0, err
	}
	f.Kernel, f.Mean = e.kernel, e.mean
	if b, _, ok := whiten(scaled, f.Kernel, &f.Mean).solve(); ok {
		f.Mean.Coefficients = b
	}
	f.Mean.settle(scaled)
	f.Shape = f.shape(scaled)
	f.Slopes = f.slopes(scaled)
	f.Drift = f.drift(scaled)
	f.Values = len(values)
	// The density of a value is that of what is modelled times what that changes by the value.
	n, jacobian := 0, 0.0
	for _, c := range some {
		n += len(c.y)
		for _, y := range c.y {
			if log {
				jacobian += f.Center + f.Scale*y
			}
		}
	}
	return f, -e.criterion/2 - float64(n)*math.Log(f.Scale) - jacobian, nil
}

// transform returns what is modelled of a value.
func (f *channelFit) transform(v float64) float64 {
	if f.Log {
		v = math.Log(v)
	}
	return (v - f.Center) / f.Scale
}

// restore is the inverse of transform.
func (f *channelFit) restore(x float64) float64 {
	x = f.Center + f.Scale*x
	if f.Log {
		x = math.Exp(x)
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, x))
}

func (f *channelFit) scaled(c course) course {
	y := make([]float64, len(c.y))
	for i, v := range c.y {
		y[i] = f.transform(v)
	}
	return course{c.start, c.t, y}
}

// sample returns courses spread over all, of no more than mostObservations together.
func sample(all []course) []course {
	total := 0
	for _, c := range all {
		total += min(len(c.t), mostOfSeries)
	}
	every := (total + mostObservations - 1) / mostObservations
	var some []course
	for i := 0; i < len(all); i += max(1, every) {
		c := all[i]
		from := max(0, len(c.t)-mostOfSeries)
		some = append(some, course{c.start, c.t[from:], c.y[from:]})
	}
	return some
}

// An estimate looks for the mean and the kernel under which some courses are likeliest.
type estimate struct {
	courses []course
	kernel
	mean
	criterion float64 // -2 log-likelihood, with the prior's and the criterion's penalties
}

// choose tries the means one by one.
func (e *estimate) choose(ctx context.Context) error {
	if len(e.courses) == 0 {
		return errors.New("there is no value")
	}
	start := kernel{Level: 0.4, Process: 0.4, Range: 5, Noise: 0.1}
	if len(e.courses) == 1 {
		start.Level = 0 // it and the mean are the same
	}
	e.criterion = math.Inf(1)
	for _, m := range newMeans(e.courses) {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.consider(start, m)
		start = e.kernel
	}
	return ctx.Err()
}

// consider estimates the kernel from a start and keeps it with the mean if it is better.
func (e *estimate) consider(start kernel, m mean) {
	free := []*float64{&start.Process, &start.Range, &start.Noise}
	if start.Level > 0 {
		free = append(free, &start.Level)
	}
	begin := make([]float64, len(free))
	for i, v := range free {
		begin[i] = math.Log(*v)
	}
	penalty := math.Log(float64(len(e.courses))) * float64(len(free)+m.columns())
	objective := func(x []float64) float64 {
		prior := 0.0
		for i, v := range x {
			d := v - begin[i]
			if math.Abs(d) > 12 {
				return math.Inf(1)
			}
			prior += precision * d * d
			*free[i] = math.Exp(v)
		}
		k := start
		k.Noise += leastNoise
		_, logL, ok := whiten(e.courses, k, &m).solve()
		if !ok {
			return math.Inf(1)
		}
		return prior - 2*logL
	}
	r, err := optimize.Minimize(optimize.Problem{Func: objective}, slices.Clone(begin),
		&optimize.Settings{FuncEvaluations: 60 * len(begin), Converger: &optimize.FunctionConverge{Absolute: 0.05, Iterations: 10 * len(begin)}},
		&optimize.NelderMead{SimplexSize: 0.7})
	if r == nil || err != nil && math.IsInf(r.F, 1) || !(r.F+penalty < e.criterion) {
		return
	}
	e.criterion = r.F + penalty
	objective(r.X)
	start.Noise += leastNoise
	e.kernel, e.mean = start, m
	e.mean.Coefficients, _, _ = whiten(e.courses, e.kernel, &e.mean).solve()
}

// leastErrors is the number of errors at which their quantiles count as much as those of
// the normal distribution do.
const leastErrors = 200

// shape returns the quantiles of the standardised errors of the filter, drawn towards those of
// the normal distribution the fewer there are.
func (f *channelFit) shape(all []course) []float64 {
	var z []float64
	for _, c := range all {
		f.Kernel.filter(c.from(&f.Mean), func(i int, e, variance float64) {
			if i > 0 || len(all) == 1 {
				z = append(z, e/math.Sqrt(variance))
			}
		})
	}
	slices.Sort(z)
	weight := float64(len(z)) / float64(len(z)+leastErrors)
	shape := make([]float64, len(probabilities))
	for i, p := range probabilities {
		shape[i] = distuv.UnitNormal.Quantile(p)
		if n := len(z); n > 0 {
			at := p * float64(n-1)
			k := min(int(at), n-1)
			q := z[k] + (at-float64(k))*(z[min(k+1, n-1)]-z[k])
			shape[i] = weight*q + (1-weight)*shape[i]
		}
	}
	return shape
}

// doubt returns the factor by which deviations are wider since their scale was estimated from few values, and the shape with
// the tails of Student's distribution that they then have.
func (f *channelFit) doubt() (wider float64, shape []float64) {
	if f.Values == 0 {
		return 1, f.Shape
	}
	n := float64(f.Values)
	shape = make([]float64, len(f.Shape))
	for i, z := range f.Shape {
		shape[i] = freedom.Score(z, n-1)
	}
	return freedom.Widening(n, 1), shape
}
