package judge

import (
	"context"
	"fmt"
	"math"

	"tsgen/forecast"
)

// Options are the choices of Compare.
type Options struct {
	// Train is what the generator was fitted to, by which copies are recognised unless the real windows are
	// the same; nil where it is not known.
	Train *Sample

	// Repeats is the number of trainings of each judge, of which scores are the mean:
	// 2 by default.
	Repeats int

	// Quick leaves the recurrent judges out, which take most of the time.
	Quick bool

	// Alone leaves out what real windows score against others of their own.
	Alone bool

	Seed uint64
}

// A Score is one measure of generated windows, and of real ones against others of their
// own. Less is better in all.
type Score struct {
	Name  string `json:"name"`
	About string `json:"about"`

	// Synthetic is that of the generated windows. Blocked and Random are those of real
	// windows against real ones in other blocks of time, and at random; nil where
	// there are too few.
	Synthetic float64  `json:"synthetic"`
	Blocked   *float64 `json:"realInBlocks"`
	Random    *float64 `json:"realAtRandom"`
}

// A Report is what Compare says.
type Report struct {
	Steps     int `json:"steps"`
	Channels  int `json:"channels"`
	Real      int `json:"realWindows"`
	Generated int `json:"generatedWindows"`
	// Trained is the number of training windows by which copies were looked for, 0 if they were not known, or
	// no new real ones beside them.
	Trained int     `json:"trainingWindows,omitempty"`
	Scores  []Score `json:"scores"`
	Copying Copying `json:"copying"`
}

// Score returns the score of the given name, or nil.
func (r *Report) Score(name string) *Score {
	for i := range r.Scores {
		if r.Scores[i].Name == name {
			return &r.Scores[i]
		}
	}
	return nil
}

// Names of the scores.
const (
	Recurrent        = "gru judge"
	ExtraTrees       = "extra-trees judge"
	BoostedTrees     = "boosted-trees judge"
	Predictive       = "predictive"
	Discrepancy      = "mmd"
	Marginals        = "marginals"
	Autocorrelations = "autocorrelations"
	Correlations     = "correlations"
	Spectra          = "spectra"
	Frechet          = "frechet"
)

// A measure is a score of b as a stand-in for a.
type measure struct {
	name, about string
	slow        bool // recurrent
	repeats     bool
	of          func(ctx context.Context, p *pair, repeat uint64) (float64, error)
}

// A pair is two samples in the units that the measures want.
type pair struct {
	ranged, deviation [2]*Sample
	seed              uint64
}

func newPair(a, b *Sample, seed uint64) *pair {
	r, d := common(rangeOf, a, b), common(deviationOf, a, b)
	return &pair{[2]*Sample{r.apply(a), r.apply(b)}, [2]*Sample{d.apply(a), d.apply(b)}, seed}
}

func (p *pair) contest(repeat uint64) *contest {
	return newContest(p.ranged[0], p.ranged[1], p.seed+repeat)
}

func measures() []measure {
	plain := func(f func(a, b *Sample) float64) func(context.Context, *pair, uint64) (float64, error) {
		return func(_ context.Context, p *pair, _ uint64) (float64, error) {
			return f(p.deviation[0], p.deviation[1]), nil
		}
	}
	return []measure{
		{Recurrent, "|accuracy - 1/2| of a recurrent network", true, true, func(ctx context.Context, p *pair, k uint64) (float64, error) {
			return p.contest(k).recurrent(ctx, p.seed+k)
		}},
		{ExtraTrees, "the same of extremely randomised trees", false, true, func(ctx context.Context, p *pair, k uint64) (float64, error) {
			return p.contest(k).extraTrees(ctx, p.seed+k)
		}},
		{BoostedTrees, "the same of boosted trees", false, true, func(ctx context.Context, p *pair, k uint64) (float64, error) {
			return p.contest(k).boostedTrees(ctx)
		}},
		{Predictive, "error on real windows of a network that learned from these", true, true, func(ctx context.Context, p *pair, k uint64) (float64, error) {
			return predictive(ctx, p.ranged[1], p.ranged[0], p.seed+k)
		}},
		{Discrepancy, "squared maximum mean discrepancy", false, false, func(_ context.Context, p *pair, _ uint64) (float64, error) {
			return discrepancy(p.deviation[0], p.deviation[1], p.seed), nil
		}},
		{Marginals, "distance of the values' distributions, in deviations", false, false, plain(marginals)},
		{Autocorrelations, "mean gap of the autocorrelations", false, false, plain(autocorrelations)},
		{Correlations, "mean gap of the correlations between channels", false, false, plain(correlations)},
		{Spectra, "part of the power at other frequencies", false, false, plain(spectra)},
		{Frechet, "Fréchet distance of features of random convolutions", false, false, plain(frechet)},
	}
}

// score returns the mean of m over the repeats.
func (m measure) score(ctx context.Context, p *pair, repeats int) (float64, error) {
	if !m.repeats {
		repeats = 1
	}
	sum := 0.0
	for k := range repeats {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		v, err := m.of(ctx, p, uint64(k))
		if err != nil {
			return 0, fmt.Errorf("judge: %s: %w", m.name, err)
		}
		sum += v / float64(repeats)
	}
	return sum, nil
}

// Compare judges generated windows by real ones, which the generator should not have
// been fitted to. The error wraps forecast.ErrTooShort if there are too few windows.
func Compare(ctx context.Context, real, synthetic *Sample, opt Options) (*Report, error) {
	if err := real.check(synthetic, "the generated series"); err != nil {
		return nil, err
	}
	if err := real.check(real, "the real series"); err != nil {
		return nil, err
	}
	if opt.Train != nil {
		if err := real.check(opt.Train, "the training series"); err != nil {
			return nil, err
		}
	}
	if opt.Repeats == 0 {
		opt.Repeats = 2
	}
	var chosen []measure
	for _, m := range measures() {
		if !opt.Quick || !m.slow {
			chosen = append(chosen, m)
		}
	}
	pairs := [3]*pair{newPair(real, synthetic, opt.Seed)}
	blockA, blockB := real.halves(false, opt.Seed)
	if blockA != nil && !opt.Alone {
		pairs[1] = newPair(blockA, blockB, opt.Seed)
	}
	if a, b := real.halves(true, opt.Seed); a != nil && !opt.Alone {
		pairs[2] = newPair(a, b, opt.Seed)
	}
	values := make([]float64, len(chosen)*len(pairs))
	err := forecast.EachSeries(ctx, len(values), func(i int) (err error) {
		values[i] = math.NaN()
		if p := pairs[i%len(pairs)]; p != nil {
			values[i], err = chosen[i/len(pairs)].score(ctx, p, opt.Repeats)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r := &Report{Steps: real.Steps, Channels: real.Channels, Real: len(real.Windows), Generated: len(synthetic.Windows)}
	known := func(x float64) *float64 {
		if math.IsNaN(x) {
			return nil
		}
		return &x
	}
	for i, m := range chosen {
		v := values[i*len(pairs):]
		r.Scores = append(r.Scores, Score{m.name, m.about, v[0], known(v[1]), known(v[2])})
	}
	r.Copying, r.Trained = copies(real, synthetic, blockA, blockB, opt)
	return r, nil
}

// copies judges copying: by the windows that were trained on and the real ones that were not, of which it returns
// the number of the former, or where there are none by the blocks of time of the real ones, from any of which windows
// may be copied.
func copies(real, synthetic, blockA, blockB *Sample, opt Options) (c Copying, trained int) {
	d := common(deviationOf, real, synthetic)
	if fresh := real.without(opt.Train); fresh != nil {
		return copying(d.apply(synthetic), d.apply(opt.Train), d.apply(fresh), opt.Seed), len(opt.Train.Windows)
	}
	if blockA == nil {
		blockA, blockB = real.halves(true, opt.Seed)
	}
	if blockA == nil {
		return Copying{Ratio: 1}, 0
	}
	// New windows are those of one half, as far as they are from the other: in form, since all are far where the level
	// changes from block to block.
	form := func(s *Sample) *Sample { return d.apply(s).forms() }
	new := neighbours(form(synthetic).some(mostCompared, opt.Seed), form(real).Windows)
	fresh := neighbours(form(blockB).some(mostCompared, opt.Seed), form(blockA).Windows)
	return judged(Copying{Ratio: median(new) / math.Max(median(fresh), 1e-12)}), 0
}
