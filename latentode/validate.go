package latentode

import (
	"context"
	"math"

	"tsgen/forecast"
	"tsgen/internal/moments"
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
		err = o.predictValid(ctx, values, func(_ int, x, mean, sd float64) {
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
	if !o.config.gaussian() {
		return nil
	}
	plain, err := o.Validate(ctx, o.Params.Values)
	if err != nil {
		return err
	}
	o.config.Refine = true
	refined, err := o.Validate(ctx, o.Params.Values)
	o.config.Refine = refined < plain
	return err
}

// calibrate sets the inflation of Gaussian noise to the root of the mean square of
// the held-back values' standardised errors, drawn towards 1 by ten values'
// worth of doubt.
func (o *objective) calibrate(ctx context.Context) error {
	if !o.config.gaussian() {
		return nil
	}
	const doubt = 10
	c := len(o.config.Channels)
	sum, n := make([]float64, c), make([]float64, c)
	err := o.predictValid(ctx, o.Params.Values, func(channel int, x, mean, sd float64) {
		z := (x - mean) / sd
		sum[channel] += z * z
		n[channel]++
	})
	for j := range c {
		o.config.Inflation[j] = math.Sqrt((sum[j] + doubt) / (n[j] + doubt))
	}
	return err
}

// predictValid calls f with every held-back value, its channel and the mean and
// standard deviation of a Gaussian distribution's prediction.
func (o *objective) predictValid(ctx context.Context, values []float64, f func(channel int, x, mean, sd float64)) error {
	c := len(o.config.Channels)
	return o.eachValid(ctx, values, func(d decoded, target []float64, row, size int) {
		for j, x := range target {
			if math.IsNaN(x) {
				continue
			}
			var m, noise moments.Moments
			for r := range validDraws {
				k := (row+r*size)*c + j
				m.Add(d.mean.Val[k])
				noise.Add(d.sd.Val[k] * d.sd.Val[k])
			}
			f(j, x, m.Mean, math.Sqrt(noise.Mean+m.Variance()))
		}
	})
}

// drawValid calls f with every held-back value and draws of its prediction, whose
// memory is used again.
func (o *objective) drawValid(ctx context.Context, values []float64, f func(x float64, draws []float64)) error {
	c := len(o.config.Channels)
	const n = validDraws * noiseDraws
	draws := make([]float64, c*n)
	x := make([]float64, c)
	return o.eachValid(ctx, values, func(d decoded, target []float64, row, size int) {
		for r := range n {
			o.network.draw(x, values, d, row+r/noiseDraws*size, func(int) float64 { return 1 }, o.judge.rng)
			for j := range x {
				draws[j*n+r] = x[j]
			}
		}
		for j, v := range target {
			if !math.IsNaN(v) {
				f(v, draws[j*n:(j+1)*n])
			}
		}
	})
}

// eachValid calls f with every observation that is held back: what was decoded,
// the values, the row of the first draw and how many rows later each of the
// others comes.
func (o *objective) eachValid(ctx context.Context, values []float64, f func(d decoded, target []float64, row, size int)) error {
	s := o.judge
	s.drawn = append(s.drawn[:0], o.valid...)
	for i := range s.drawn {
		s.drawn[i].From = max(0, s.drawn[i].Origin-o.config.reach())
	}
	s.fill(s.drawn)
	o.pass.Reset()
	o.pass.Values = values
	s.source.Seed(o.seed, 0)
	drawn, err := o.proposals(ctx, &o.pass, s, validDraws, s.rng)
	if err != nil {
		return err
	}
	d, err := o.network.decode(ctx, &o.pass, s, drawn.z0)
	if err != nil {
		return err
	}
	c, at := len(o.config.Channels), 0
	for w := 0; w < len(s.times); w += validDraws {
		size := len(s.times[w])
		for i := at; i < at+size; i++ {
			if s.lead[i] > 0 {
				f(d, s.target[i*c:(i+1)*c], i, size)
			}
		}
		at += validDraws * size
	}
	return nil
}
