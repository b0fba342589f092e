package vae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/series"
)

// LogLikelihood implements forecast.Scorer: the sum of the bounds of the windows
// into which a series is cut from its beginning on, the last of which may be a
// part of one. Each row that is a window by itself has a bound of its own in the
// sum. Values of a Bernoulli distribution have the cross-entropy for their likelihood,
// with its sign turned.
//
// The error wraps forecast.ErrMismatch if windows have levels of their own,
// taken from the very values of which the density is asked.
func (m *Model) LogLikelihood(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions) ([]forecast.Likelihood, error) {
	records, err := m.read(panel)
	if err != nil {
		return nil, err
	}
	if m.config.Options.Level == LevelWindow {
		return nil, fmt.Errorf("vae: %w: windows have levels of their own, which leaves no density of their values; fit with the option level=%s",
			forecast.ErrMismatch, LevelPanel)
	}
	if opt.Samples < 0 {
		return nil, fmt.Errorf("vae: %d samples", opt.Samples)
	}
	all := make([]forecast.Likelihood, len(records))
	err = forecast.EachSeries(ctx, len(records), func(i int) error {
		r := records[i]
		b, err := m.bounds(ctx, m.windows(r), or(opt.Samples, 1), neural.Source(r.id, opt.Seed))
		if err != nil {
			return fmt.Errorf("vae: %s: %w", forecast.Describe(r.id), err)
		}
		all[i] = forecast.Likelihood{ID: r.id, Value: m.config.LogDensity(r.values), Values: countObserved(r.values)}
		for _, v := range b {
			all[i].Value += v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// windows returns the values of a record in units of the model, cut into
// windows of which the last is filled up with NaN.
func (f *fitted) windows(r record) []float64 {
	d := f.config.width()
	n := (len(r.values) + d - 1) / d
	x, level := make([]float64, n*d), make([]float64, 2*len(f.config.Channels))
	hide(x)
	copy(x, r.values)
	for i := range n {
		f.scaled(x[i*d:(i+1)*d], x[i*d:(i+1)*d], level)
	}
	return x
}

// bounds returns the bound of k draws on the log-likelihood of each of the
// windows, in units of the model.
func (f *fitted) bounds(ctx context.Context, x []float64, k int, rng *rand.Rand) ([]float64, error) {
	d := f.config.width()
	p := nn.Pass{Values: f.Params.Values}
	var all []float64
	rows := max(1, f.decodedAtOnce()/k)
	for from := 0; from < len(x); from += rows * d {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := x[from:min(len(x), from+rows*d)]
		p.Reset()
		_, weights := f.network.logWeights(&p, part, k, rng)
		all = append(all, variational.ImportanceBound(&p, weights, k).Val...)
	}
	for _, v := range all {
		if math.IsNaN(v - v) {
			return nil, fmt.Errorf("%w: the bound on a window's likelihood is %v", nn.ErrNonFinite, v)
		}
	}
	return all, nil
}

// A Report says how well a model explains the windows of a panel, in nats per
// window.
type Report struct {
	Windows int

	// Bound is the evidence lower bound: Fit, the mean log-likelihood under the
	// posterior, less Divergence, that of the posterior from the prior.
	Bound, Fit, Divergence float64

	// Active is the number of latent variables whose posterior means vary over
	// the windows with a variance above 0.01 (Burda et al. 2016, section 5.2).
	// With none the model has collapsed: it ignores its latent variables.
	Active int
}

// Examine reports on the windows into which the series of the panel are cut, as
// LogLikelihood does, with the mean of the given number of draws for each. The
// densities are those of values in units of the model.
func (m *Model) Examine(ctx context.Context, panel *series.Panel, draws int, seed uint64) (Report, error) {
	records, err := m.read(panel)
	if err != nil {
		return Report{}, err
	}
	if draws < 1 {
		return Report{}, fmt.Errorf("vae: %d draws, want 1 or more", draws)
	}
	var x []float64
	for _, r := range records {
		x = append(x, m.windows(r)...)
	}
	return m.report(ctx, x, draws, rand.New(rand.NewPCG(seed, 0)))
}

// report examines windows in units of the model.
func (f *fitted) report(ctx context.Context, x []float64, draws int, rng *rand.Rand) (Report, error) {
	d, latent := f.config.width(), f.config.Options.Latent
	rep := Report{Windows: len(x) / d}
	means := make([]float64, 0, rep.Windows*latent)
	p := nn.Pass{Values: f.Params.Values}
	rows := max(1, f.decodedAtOnce()/draws)
	for from := 0; from < len(x); from += rows * d {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		part := x[from:min(len(x), from+rows*d)]
		p.Reset()
		q := encode(f.network, &p, part)
		z, _ := q.SampleRatio(&p, rng.NormFloat64, draws)
		fit := logDensity(f.network, &p, &p, part, draws, decode(f.network, &p, z))
		rep.Fit += p.Sum(fit).Val[0] / float64(draws*rep.Windows)
		rep.Divergence += q.KL(&p).Val[0] / float64(rep.Windows)
		means = append(means, q.Mean.Val...)
	}
	rep.Bound = rep.Fit - rep.Divergence
	if math.IsNaN(rep.Bound - rep.Bound) {
		return rep, fmt.Errorf("vae: %w: the bound is %v", nn.ErrNonFinite, rep.Bound)
	}
	for j := range latent {
		if m := moments.OfChannel(means, latent, j, moments.Identity); math.Sqrt(m.Variance()) > 0.1 {
			rep.Active++
		}
	}
	return rep, nil
}
