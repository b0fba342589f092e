package support

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
)

// references is the number of series by which it is known which draws stand for zeros and ties.
const references = 32

// Of a series that is to stay about the range that was seen no more than a strayed-th of the values
// may leave it, to be brought to its end; else it is drawn again, up to tries times. What goes on rising
// from where another series was high would stay at that end, and one that began lower would not.
const strayed, tries = 100, 16

// Draw returns n series that one draws, rows of a value a channel, brought to the
// supports of their channels. It calls one on all processors, with the number of the series
// and a source of randomness for it alone, and with negative numbers for some more by which
// it is known which draws stand for zeros and ties; near is as for Snap, and again says that what strays is drawn
// again, for which there is no need, and which would change their law, where series are drawn as wholes.
func Draw(ctx context.Context, all []Channel, n int, seed uint64, near, again bool, one func(ctx context.Context, i int, rng *rand.Rand) ([]float64, error)) ([][]float64, error) {
	return DrawTogether(ctx, all, n, seed, near, again, 1, func(ctx context.Context, which []int, rngs []*rand.Rand) ([][]float64, error) {
		values, err := one(ctx, which[0], rngs[0])
		return [][]float64{values}, err
	})
}

// DrawTogether is Draw of series that many draws so many at a time, at most. What it draws of each must depend on the
// number and the source of this one alone.
func DrawTogether(ctx context.Context, all []Channel, n int, seed uint64, near, again bool, together int, many func(ctx context.Context, which []int, rngs []*rand.Rand) ([][]float64, error)) ([][]float64, error) {
	cuts := Cuts(all, nil)
	if slices.ContainsFunc(all, func(c Channel) bool { return c.Zeros > 0 || c.Ties != nil }) {
		hash := fnv.New64a()
		hash.Write([]byte("references"))
		drawn := make([][]float64, references)
		err := parts(ctx, references, together, func(which []int) error {
			numbers := make([]int, len(which))
			for k, i := range which {
				numbers[k] = -1 - i
			}
			values, err := many(ctx, numbers, sources(hash.Sum64(), which))
			if err == nil {
				copy(drawn[which[0]:], values)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		cuts = Cuts(all, slices.Concat(drawn...))
	}
	drawn, least := make([][]float64, n), make([]int, n)
	err := parts(ctx, n, together, func(which []int) error {
		some, rngs := slices.Clone(which), sources(seed, which)
		for try := 0; try < tries && len(some) > 0; try++ {
			values, err := many(ctx, some, rngs)
			if err != nil && together == 1 {
				err = fmt.Errorf("generated series %d: %w", some[0]+1, err)
			}
			if err != nil {
				return err
			}
			left := 0
			for k, i := range some {
				away := 0
				if again {
					away = astray(all, values[k])
				}
				if try == 0 || away < least[i] {
					drawn[i], least[i] = values[k], away
				}
				if least[i] > len(values[k])/strayed {
					some[left], rngs[left] = i, rngs[k]
					left++
				}
			}
			some, rngs = some[:left], rngs[:left]
		}
		for _, i := range which {
			Snap(all, cuts, drawn[i], near)
			tie(all, cuts, drawn[i], rand.New(rand.NewPCG(^seed, uint64(i))))
		}
		return nil
	})
	return drawn, err
}

// parts calls do with the numbers below n, so many at a time, on all processors.
func parts(ctx context.Context, n, together int, do func(which []int) error) error {
	return forecast.EachSeries(ctx, (n+together-1)/together, func(part int) error {
		var which []int
		for i := part * together; i < min(n, (part+1)*together); i++ {
			which = append(which, i)
		}
		return do(which)
	})
}

// sources returns a source of randomness for each of the numbers.
func sources(seed uint64, which []int) []*rand.Rand {
	all := make([]*rand.Rand, len(which))
	for k, i := range which {
		all[k] = rand.New(rand.NewPCG(seed, uint64(i)))
	}
	return all
}
