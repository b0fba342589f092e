// Package odds tells generated windows from real ones, and draws by what it knows: of some windows that
// a generator drew one by the odds of being real (Azadi et al. 2019; the resampling of Rubin 1987), by
// which the law of what is drawn comes nearer to that of the real ones.
package odds

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/models/trees"
	"tsgen/series"
)

const (
	// Candidates is the number of windows of which one is drawn.
	Candidates = 4

	least = 400  // real windows, from which on odds are learned
	most  = 2048 // of them that are used
	held  = 5    // one of so many windows weighs the trees
	sure  = 3    // standard errors by which windows that are held back have to be likelier

	checked = 1024 // windows drawn by the odds that say whether these move levels
)

// Odds are those of windows of some values to be real.
type Odds struct {
	trees    *trees.Boosted
	part     float64 // of the logarithm that the trees say
	channels int
}

// Of returns the odds of the series of a regular panel, which generate is to be like, as many of so many steps
// as it is asked for, drawn by some odds or without; nil where these move levels or spreads away from those of the panel, where fewer than nine tenths of the series, or few, have this length and no gap and begin at
// the place of the season at which the first does, and where covariates are known of them.
func Of(ctx context.Context, p *series.Panel, steps, season int, generate func(number int, by *Odds) (*series.Panel, error)) (*Odds, error) {
	if len(p.Known) > 0 || !p.Step.Regular() {
		return nil, nil
	}
	first := math.Inf(1)
	for _, s := range p.Series {
		if s.Len() > 0 {
			first = min(first, p.Coordinate(s.Times[0]))
		}
	}
	var real [][]float64
	for _, s := range p.Series {
		if s.Len() != steps || slices.ContainsFunc(s.Values, math.IsNaN) {
			continue
		}
		from, to := p.Coordinate(s.Times[0]), p.Coordinate(s.Times[steps-1])
		if int(math.Round(to-from)) == steps-1 && int(math.Round(from-first))%season == 0 {
			real = append(real, s.Values)
		}
	}
	if len(real) < least || 10*len(real) < 9*len(p.Series) {
		return nil, nil
	}
	real = neural.Spread(real, most)
	draw := func(number int, by *Odds) (drawn [][]float64, err error) {
		made, err := generate(number, by)
		if err == nil {
			for _, s := range made.Series {
				drawn = append(drawn, s.Values)
			}
		}
		return drawn, err
	}
	made, err := draw(len(real), nil)
	if err != nil {
		return nil, err
	}
	o, err := learn(ctx, real, made, p.Width())
	if o == nil || err != nil {
		return nil, err
	}
	n := min(checked, len(real))
	drawn, err := draw(n, o)
	if err != nil {
		return nil, err
	}
	if moved(real, made[:n], drawn, p.Width()) {
		return nil, nil
	}
	return o, nil
}

// moved reports whether windows that are drawn by odds have other levels and spreads than real ones, surely and more than twice
// as much as those that are drawn without: trees tell some better than others, which they then draw less often.
func moved(real, without, with [][]float64, channels int) bool {
	terms := float64(2 * channels)
	return apart(real, with, channels) > max(2*apart(real, without, channels), terms+sure*math.Sqrt(2*terms))
}

// apart returns the sum of the squares by which means of levels and spreads of the channels of windows are apart, in units of
// their variances: about twice the number of channels where there is no difference.
func apart(a, b [][]float64, channels int) (sum float64) {
	for j := range channels {
		var of [2][2]moments.Moments // levels and spreads of either
		for i, windows := range [][][]float64{a, b} {
			for _, w := range windows {
				own := moments.OfChannel(w, channels, j, moments.Identity)
				of[i][0].Add(own.Mean)
				of[i][1].Add(math.Sqrt(own.Variance()))
			}
		}
		for k := range of[0] {
			x, y := of[0][k], of[1][k]
			if v := x.Variance()/x.N + y.Variance()/y.N; v > 0 {
				sum += (x.Mean - y.Mean) * (x.Mean - y.Mean) / v
			}
		}
	}
	return sum
}

// learn returns the odds by boosted trees that are shown the real and the generated windows, rows of a
// value a channel, as many of the ones as of the others. The part of what they say is kept that makes
// likeliest which windows that were held back are real; nil if these are not surely likelier for it.
func learn(ctx context.Context, real, made [][]float64, channels int) (*Odds, error) {
	n := min(len(real), len(made))
	if n < held {
		return nil, nil
	}
	var t trees.Table
	var row []float64
	for y, windows := range [][][]float64{made[:n], real[:n]} {
		for i, w := range windows {
			if row = Features(row, w, channels); i%held != held-1 {
				t.Columns = len(row)
				t.X, t.Y = append(t.X, row...), append(t.Y, float64(y))
			}
		}
	}
	b, err := trees.FitBoosted(ctx, t, trees.BoostOptions{Loss: trees.Logistic})
	if err != nil {
		return nil, err
	}
	o := &Odds{trees: b, channels: channels, part: 1}
	var logits []float64 // of those held back, with the sign that is right
	for i := held - 1; i < n; i += held {
		logits = append(logits, o.log(real[i]), -o.log(made[i]))
	}
	o.part = likeliest(logits)
	var gain moments.Moments // of the logarithm of the likelihood
	for _, l := range logits {
		gain.Add(math.Log(2 / (1 + math.Exp(-o.part*l))))
	}
	if !(gain.Mean > sure*math.Sqrt(gain.Variance()/gain.N)) {
		return nil, nil
	}
	return o, nil
}

// likeliest returns the part, from 0 to 1, of logits with the sign that is right by which what is right is
// likeliest: the likelihood is concave in it.
func likeliest(logits []float64) float64 {
	low, high := 0.0, 1.0
	for range 30 {
		part, slope := (low+high)/2, 0.0
		for _, l := range logits {
			slope += l / (1 + math.Exp(part*l))
		}
		if slope > 0 {
			low = part
		} else {
			high = part
		}
	}
	return (low + high) / 2
}

// Features returns what trees see of a window, in dst: its values and their differences.
func Features(dst, window []float64, channels int) []float64 {
	dst = append(dst[:0], window...)
	for k := channels; k < len(window); k++ {
		dst = append(dst, window[k]-window[k-channels])
	}
	return dst
}

// log returns the logarithm of the odds of a window.
func (o *Odds) log(window []float64) float64 {
	return o.part * o.trees.Predict(Features(nil, window, o.channels))
}

// Draw returns one of the windows by their odds.
func (o *Odds) Draw(windows [][]float64, rng *rand.Rand) []float64 {
	var drawn []float64
	best := math.Inf(-1)
	for _, w := range windows {
		if l := o.log(w) - math.Log(rng.ExpFloat64()); l > best || drawn == nil {
			drawn, best = w, l
		}
	}
	return drawn
}

const name = "odds" // of the tensor

// Tensor returns what is stored of the odds.
func (o *Odds) Tensor() forecast.Tensor {
	data := append([]float64{o.part}, o.trees.Flat()...)
	return forecast.Tensor{Name: name, Shape: []int{len(data)}, Data: data}
}

// Take returns the odds of windows of so many steps that are among some tensors, nil if there are none,
// and the others.
func Take(tensors []forecast.Tensor, steps, channels int) (o *Odds, others []forecast.Tensor, err error) {
	for _, t := range tensors {
		if t.Name != name || o != nil {
			others = append(others, t)
			continue
		}
		if len(t.Data) == 0 || !(t.Data[0] > 0 && t.Data[0] <= 1) {
			return nil, nil, errors.New("the odds of windows say nothing")
		}
		o = &Odds{part: t.Data[0], channels: channels}
		if o.trees, err = trees.FromFlat(t.Data[1:], (2*steps-1)*channels); err != nil {
			return nil, nil, fmt.Errorf("the odds of windows: %w", err)
		}
	}
	return o, others, nil
}
