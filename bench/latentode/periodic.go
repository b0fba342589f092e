package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"tsgen/series"
)

// periodic returns the task of periodic trajectories of Rubanova et al. 2019,
// section 4.1: 1000 of them, of one amplitude, with frequencies and phases of
// their own, at 100 irregular times with little noise, 800 to learn from. Of
// each, half of the points are seen at random, and all are to be found.
func periodic() *task {
	const (
		points = 100
		length = 5.0
		noise  = 0.01
	)
	rng := rand.New(rand.NewPCG(2019, 41))
	t := &task{cut: math.Inf(1), horizon: points / 10, samples: 200, measure: againstTruth}
	panel := series.Panel{Channels: []string{"y"}, IDColumn: "series", TimeColumn: "time"}
	train, test := panel, panel
	for i := range 1000 {
		frequency, phase := 0.4+0.4*rng.Float64(), 2*math.Pi*rng.Float64()
		var times []float64
		for range points {
			times = append(times, length*rng.Float64())
		}
		slices.Sort(times)
		values := make([]float64, points)
		for k, at := range times {
			values[k] = math.Sin(2*math.Pi*frequency*at+phase) + noise*rng.NormFloat64()
		}
		s := &series.Series{ID: strconv.Itoa(i)}
		shown := rng.Perm(points)[:points/2]
		slices.Sort(shown)
		for _, k := range shown {
			s.Times, s.Values = append(s.Times, times[k]), append(s.Values, values[k])
		}
		if i < 800 {
			train.Series = append(train.Series, s)
			continue
		}
		test.Series = append(test.Series, s)
		from, _ := slices.BinarySearch(times, s.Times[0])
		t.times, t.truth = append(t.times, times[from:]), append(t.truth, values[from:])
	}
	t.train, t.test = &train, &test
	return t
}
