package modal

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/mixture"
	"tsgen/internal/moments"
)

// mostExamined is the number of series whose ends are held back to examine a number of modes.
const mostExamined = 60

// An examination says how held-back ends of series are forecast: the mean absolute error, and by how much
// the deviations of observations, and of the signal alone, were too small in each channel, and the variance of
// the slopes that series had beside what was forecast.
type examination struct {
	wrong                     float64
	inflation, signal, slopes []float64
}

// examine forecasts the ends of some series by a number of modes.
func examine(ctx context.Context, all []*record, modes, channels int) (*examination, error) {
	some := spread(all, mostExamined)
	heads, seen := make([]*record, len(some)), make([]int, len(some))
	share, doubt := heldBack, doubt
	few := len(some) < fewSeries
	if few {
		share, doubt = heldBackOfFew, doubtOfFew
	}
	for i, r := range some {
		heads[i], seen[i] = r.head(share)
	}
	p, err := estimate(ctx, heads, modes, channels, rounds-1)
	if err != nil {
		return nil, err
	}
	said := make([][]mixture.Mixture, len(some))
	err = forecast.EachSeries(ctx, len(some), func(i int) error {
		said[i] = p.predict(heads[i], some[i].t[seen[i]:], true, source(i))
		return nil
	})
	if err != nil {
		return nil, err
	}
	errs, missed := moments.Moments{}, make([][]miss, channels)
	bySeries := make([][][]freedom.Miss, channels)
	for i, r := range some {
		middle := stat.Mean(heads[i].t, nil)
		for j := range bySeries {
			bySeries[j] = append(bySeries[j], nil)
		}
		for k := range said[i] {
			y := r.y[seen[i]*channels+k]
			if math.IsNaN(y) {
				continue
			}
			mean, between, within := said[i][k].Moments()
			errs.Add(math.Abs(y - mean))
			j, since := k%channels, r.t[seen[i]+k/channels]-middle
			missed[j] = append(missed[j], miss{(y - mean) * (y - mean), between + within})
			bySeries[j][i] = append(bySeries[j][i], freedom.Miss{Square: (y - mean) * (y - mean), Variance: between + within + p.Noise[j]*p.Noise[j], Since: since * since})
		}
	}
	e := &examination{wrong: errs.Mean}
	for j, m := range missed {
		observations, signal := inflations(m, p.Noise[j]*p.Noise[j], doubt)
		e.inflation, e.signal = append(e.inflation, observations), append(e.signal, signal)
		for _, own := range bySeries[j] {
			for i := range own {
				own[i].Variance *= observations * observations
				own[i].Square = min(own[i].Square, far*far*own[i].Variance)
			}
		}
		if few {
			e.inflation[j] *= freedom.Widening(values(some, j, channels), float64(1+2*modes))
		}
		e.slopes = append(e.slopes, freedom.Slopes(bySeries[j]))
	}
	return e, nil
}

// values returns the number of values of a channel.
func values(all []*record, j, channels int) float64 {
	n := 0.0
	for _, r := range all {
		for i := j; i < len(r.y); i += channels {
			if !math.IsNaN(r.y[i]) {
				n++
			}
		}
	}
	return n
}

// A miss is the square of an error, and the variance of the signal that was forecast.
type miss struct{ square, variance float64 }

// Errors of more than far deviations count as if of so many, and doubt values say that deviations are
// right. No signal's deviations are multiplied by more than mostInflation.
const doubt, far, mostInflation = 10.0, 4, 10

// Fewer than fewSeries series tell no prior apart from their own courses, which modes then follow too closely: more of them is
// held back, that counts for more, and so does the number of coefficients.
const fewSeries, heldBackOfFew, doubtOfFew = 5, 0.5, 2.0

// inflations returns the factors of the deviations at which the errors have the mean square, in units of
// their deviations, that they should have, some doubt given: of observations, noise of the given variance included, and of
// the signal alone, the noise being what it is. Neither is below 1: what is forecast from a part of a series
// is wider than what is from all of it.
func inflations(all []miss, noise, doubt float64) (observations, signal float64) {
	excess := func(factor float64) float64 { // of the squares, by a factor of the signal's variance
		sum := doubt / factor
		for _, m := range all {
			sum += min(m.square/(factor*m.variance+noise), far*far)
		}
		return sum - (float64(len(all)) + doubt)
	}
	observations = math.Sqrt(1 + excess(1)/(float64(len(all))+doubt))
	if observations <= 1 {
		return 1, 1
	}
	low, high := 1.0, float64(mostInflation*mostInflation)
	for range 40 {
		if middle := (low + high) / 2; excess(middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return observations, math.Sqrt(high)
}
