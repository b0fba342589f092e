package support

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
)

// references is the number of series by which it is known which draws stand for zeros.
const references = 32

// Of a series that is to stay about the range that was seen no more than a strayed-th of the values
// may leave it, to be brought to its end; else it is drawn again, up to tries times. What goes on rising
// from where another series was high would stay at that end, and one that began lower would not.
const strayed, tries = 100, 16

// Draw returns n series that one draws, rows of a value a channel, brought to the
// supports of their channels. It calls one on all processors, with the number of the series
// and a source of randomness for it alone, and with negative numbers for some more by which
// it is known which draws stand for zeros; near is as for Snap, and again says that what strays is drawn
// again, for which there is no need, and which would change their law, where series are drawn as wholes.
func Draw(ctx context.Context, all []Channel, n int, seed uint64, near, again bool, one func(ctx context.Context, i int, rng *rand.Rand) ([]float64, error)) ([][]float64, error) {
	thresholds := Thresholds(all, nil)
	if slices.ContainsFunc(all, func(c Channel) bool { return c.Zeros > 0 }) {
		hash := fnv.New64a()
		hash.Write([]byte("references"))
		drawn := make([][]float64, references)
		err := forecast.EachSeries(ctx, references, func(i int) (err error) {
			drawn[i], err = one(ctx, -1-i, rand.New(rand.NewPCG(hash.Sum64(), uint64(i))))
			return err
		})
		if err != nil {
			return nil, err
		}
		thresholds = Thresholds(all, slices.Concat(drawn...))
	}
	drawn := make([][]float64, n)
	err := forecast.EachSeries(ctx, n, func(i int) error {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		var values []float64
		for try, least := 0, math.MaxInt; try < tries; try++ {
			drawn, err := one(ctx, i, rng)
			if err != nil {
				return fmt.Errorf("generated series %d: %w", i+1, err)
			}
			n := 0
			if again {
				n = astray(all, drawn)
			}
			if n < least {
				values, least = drawn, n
			}
			if least <= len(values)/strayed {
				break
			}
		}
		Snap(all, thresholds, values, near)
		drawn[i] = values
		return nil
	})
	return drawn, err
}
