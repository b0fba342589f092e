package forecast

import (
	"math"

	"tsgen/series"
)

const (
	// mostCorrected is the number of past origins that paths are corrected by.
	mostCorrected = 12

	// recordsOfPaths is the number of records, a record being a channel of a series from
	// one origin, of which half of what they say is believed.
	recordsOfPaths = 6
)

// togetherness returns the mean correlation of the values of a row with each other, the rows being
// normal scores with NaN for missing ones, and the number of rows that tell.
func togetherness(rows [][]float64) (r, n float64) {
	pairs, square := 0.0, 0.0
	for _, row := range rows {
		sum, own, k := 0.0, 0.0, 0.0
		for _, z := range row {
			if !math.IsNaN(z) {
				sum, own, k = sum+z, own+z*z, k+1
			}
		}
		if k > 1 {
			pairs += sum*sum - own
			square += (k - 1) * own
			n++
		}
	}
	if square == 0 {
		return 0, 0
	}
	return pairs / square, n
}

// gathered returns sample paths with the marginals of d whose steps have the mean correlation
// that the scores of past errors have, in as far as these are believed: each channel of a path
// is mixed with a level of its own, where the steps went together more than those of d
// do, or step by step with others, where less. Levels and others are taken from other
// paths, so that channels depend on each other as before.
func (d *Distribution) gathered(records [][]float64, p *series.Panel, s *series.Series) *Distribution {
	n := len(d.Paths)
	if len(records) == 0 || n < 3 || len(d.Times) < 2 {
		return d
	}
	width := d.Width()
	var own [][]float64 // the steps as far as the past tells of them
	scores := d.Scores()
	leads := stepsTo(p, s, d.Times)
	for _, z := range scores {
		for c := range width {
			var row []float64
			for k, lead := range leads {
				if lead <= float64(len(records[0])) {
					row = append(row, z[k*width+c])
				}
			}
			own = append(own, row)
		}
	}
	model, told := togetherness(own)
	past, count := togetherness(records)
	if told == 0 || count == 0 {
		return d
	}
	target := model + count/(count+recordsOfPaths)*(past-model)
	share, level := 0.0, target > model // of what is mixed in
	switch {
	case level:
		share = (target - model) / math.Max(1-model, 1e-9)
	case model > 0:
		share = 1 - math.Max(target, 0)/model
	}
	share = min(max(share, 0), 1)
	mixed := make([][]float64, n)
	for i, z := range scores {
		mixed[i] = make([]float64, len(z))
		for k := range leads {
			from, at := (i+1)%n, len(leads)/2
			if !level {
				from, at = (i+1+k%(n-1))%n, k
			}
			for c := range width {
				mixed[i][k*width+c] = math.Sqrt(1-share)*z[k*width+c] + math.Sqrt(share)*scores[from][at*width+c]
			}
		}
	}
	return Join(d, mixed)
}
