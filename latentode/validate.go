package latentode

import (
	"context"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
)

// noiseDraws is the number of draws of the noise for each of the latent state in
// validation, where the distribution has no closed form.
const noiseDraws = 8

// Validate implements nn.Objective: the mean continuous ranked probability
// score of the held-back values, in units of their window's scale, each
// predicted by a Gaussian with the mean and variance of the model's or, under
// distributions that are not Gaussian, by draws.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	sum, n := 0.0, 0
	var err error
	if o.config.gaussian() {
		err = o.predictValid(ctx, values, o.valid, func(_ int, _, x, mean, sd float64) {
			sum += forecast.GaussianCRPS(x, mean, sd)
			n++
		})
	} else {
		err = o.drawValid(ctx, values, func(x float64, draws []float64) {
			sum += forecast.SampleCRPS(x, draws)
			n++
		})
	}
	return sum / float64(n), err
}

// chooseInference has posteriors refined if held-back values are forecast better
// so. Modes are sought under Gaussian distributions alone.
func (o *objective) chooseInference(ctx context.Context) error {
	if !o.config.gaussian() || o.config.stochastic() {
		return nil
	}
	plain, err := o.Validate(ctx, o.Params.Values)
	if err != nil {
		return err
	}
	o.config.Refine, o.modes = true, map[span]mode{}
	refined, err := o.Validate(ctx, o.Params.Values)
	o.config.Refine = refined < plain
	return err
}

// calibrate sets the inflation of Gaussian noise to the root of the mean square of
// the held-back values' standardised errors, drawn towards 1 by ten values'
// worth of doubt, and the lead time up to which nine of ten of them come, a horizon at least: as far as the network
// was trained on.
func (o *objective) calibrate(ctx context.Context) error {
	switch {
	case !o.config.gaussian():
		return nil
	case o.config.stochastic():
		return o.calibratePaths(ctx)
	}
	const doubt = 10
	c := len(o.config.Channels)
	sum, n := make([]float64, c), make([]float64, c)
	var leads []float64
	err := o.predictValid(ctx, o.Params.Values, o.unseen(), func(channel int, lead, x, mean, sd float64) {
		z := (x - mean) / sd
		sum[channel] += z * z
		n[channel]++
		leads = append(leads, lead)
	})
	if slices.Sort(leads); len(leads) > 0 {
		o.config.Judged = max(1, leads[len(leads)*9/10])
	}
	for j := range c {
		o.config.Inflation[j] = math.Sqrt((sum[j] + doubt) / (n[j] + doubt))
	}
	return err
}

// predictValid calls f with every held-back value of windows, its channel and lead time and the mean and
// standard deviation of a Gaussian distribution's prediction.
func (o *objective) predictValid(ctx context.Context, values []float64, windows []window, f func(channel int, lead, x, mean, sd float64)) error {
	c := len(o.config.Channels)
	return o.eachValid(ctx, values, windows, func(d decoded, v heldBack) {
		for j, x := range v.target {
			if math.IsNaN(x) {
				continue
			}
			var m, noise moments.Moments
			for r := range o.draws {
				k := (v.row+r*v.size)*c + j
				m.Add(d.mean.Val[k])
				noise.Add(d.sd.Val[k] * d.sd.Val[k])
			}
			f(j, v.lead, x, m.Mean, math.Sqrt(noise.Mean+m.Variance()))
		}
	})
}

// drawValid calls f with every held-back value and draws of its prediction, whose
// memory is used again.
func (o *objective) drawValid(ctx context.Context, values []float64, f func(x float64, draws []float64)) error {
	c := len(o.config.Channels)
	n := o.draws * noiseDraws
	draws := make([]float64, c*n)
	x := make([]float64, c)
	return o.eachValid(ctx, values, o.valid, func(d decoded, v heldBack) {
		for r := range n {
			o.network.draw(x, values, d, v.row+r/noiseDraws*v.size, asNoise, o.judge.rng)
			for j := range x {
				draws[j*n+r] = x[j]
			}
		}
		for j, target := range v.target {
			if !math.IsNaN(target) {
				f(target, draws[j*n:(j+1)*n])
			}
		}
	})
}

// A heldBack is an observation that is held back.
type heldBack struct {
	target    []float64 // a value a channel, in units of the window
	row, size int       // of the first draw in what was decoded, and how many rows later each of the others comes
	lead      float64
	given     int // the window's place among all
	place     int // the observation's place in the window's future, 0 before it
}

// eachValid calls f with every observation that is held back in windows and what was decoded.
func (o *objective) eachValid(ctx context.Context, values []float64, windows []window, f func(d decoded, v heldBack)) error {
	return o.eachRow(ctx, values, windows, func(d decoded, v heldBack) {
		if v.lead > 0 {
			f(d, v)
		}
	})
}

// judged returns the windows by which predictions are judged after training: those of earlier origins too, from which more
// comes than a horizon.
func (o *objective) judged() []window {
	held := make([]neural.Window, len(o.valid))
	for i, w := range o.valid {
		held[i] = w.Window
	}
	var all []window
	for _, w := range o.config.split().Earlier(held) {
		all = append(all, window{Window: w})
	}
	return all
}

// mostUnseen is the number of windows that judge forecasts after training at most.
const mostUnseen = 4 * maxValid

// unseen returns the windows by which what is forecast is judged after training as far as a horizon goes. Those of the ends chose
// the weights, and forecasts of them are better than others: of series that are held back as wholes there are others.
func (o *objective) unseen() []window {
	all := o.judged()
	ahead := all[:0]
	for _, w := range all {
		if w.To = min(w.To, w.Origin+o.config.Horizon); w.To > w.Limit && w.Observed(w.Origin, w.To) {
			ahead = append(ahead, w)
		}
	}
	return neural.Spread(ahead, mostUnseen)
}

// eachJudged calls f with every observation of the windows by which predictions are judged but those of the future that are learned,
// what was decoded and the window.
func (o *objective) eachJudged(ctx context.Context, f func(d decoded, v heldBack, w window)) error {
	windows := o.judged()
	return o.eachRow(ctx, o.Params.Values, windows, func(d decoded, v heldBack) {
		if w := windows[v.given]; v.lead == 0 || w.Origin+v.place >= w.Limit {
			f(d, v, w)
		}
	})
}

// eachRow calls f with every observation of windows, those of their contexts too, and what was decoded.
func (o *objective) eachRow(ctx context.Context, values []float64, windows []window, f func(d decoded, v heldBack)) error {
	o.pass.Values = values
	o.judge.source.Seed(o.seed, 0)
	windows = slices.Clone(windows)
	for i := range windows {
		windows[i].From = max(0, windows[i].Origin-o.config.reach())
	}
	for first := 0; first < len(windows); {
		n := o.config.together(windows[first:], o.draws)
		if err := o.eachRowOf(ctx, windows[first:first+n], first, f); err != nil {
			return err
		}
		first += n
	}
	return nil
}

// eachRowOf is eachRow of some windows, the first of which is the first-th of all.
func (o *objective) eachRowOf(ctx context.Context, windows []window, first int, f func(d decoded, v heldBack)) error {
	s := o.judge
	if err := o.seek(ctx, windows); err != nil {
		return err
	}
	s.drawn = append(s.drawn[:0], windows...)
	s.fill(s.drawn)
	o.pass.Reset()
	var modes []mode
	if o.config.Refine {
		for _, w := range s.windows {
			modes = append(modes, o.modes[w.span()])
		}
	}
	drawn := o.proposals(&o.pass, s, modes, o.draws, s.rng.NormFloat64)
	d, err := o.network.decode(ctx, &o.pass, s, drawn.z0)
	if err != nil {
		return err
	}
	c, at := len(o.config.Channels), 0
	for w := 0; w < len(s.times); w += o.draws {
		size, window := len(s.times[w]), w/o.draws
		o.config.stretch(d, s.lead, at, size, o.draws)
		place := 0
		for i := at; i < at+size; i++ {
			f(d, heldBack{s.target[i*c : (i+1)*c], i, size, s.lead[i], first + s.windows[window].given, place})
			if s.lead[i] > 0 {
				place++
			}
		}
		at += o.draws * size
	}
	return nil
}

// seek finds the modes of windows that are not known yet.
func (o *objective) seek(ctx context.Context, windows []window) error {
	if !o.config.Refine {
		return nil
	}
	s := o.judge
	s.drawn = s.drawn[:0]
	for _, w := range windows {
		if _, ok := o.modes[w.span()]; !ok {
			s.drawn = append(s.drawn, w)
		}
	}
	if len(s.drawn) == 0 {
		return nil
	}
	s.fill(s.drawn)
	o.pass.Reset()
	modes, err := o.refined(ctx, &o.pass, s)
	for i := range modes {
		o.modes[s.windows[i].span()] = mode{mean: modes[i].mean, precision: modes[i].precision}
	}
	return err
}
