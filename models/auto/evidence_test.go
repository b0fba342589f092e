package auto

import "testing"

// TestBelieved protects how far differences are believed: the more, the more values were forecast, of one series or of several
// beside each other, but less for as many of several.
func TestBelieved(t *testing.T) {
	ratio := func(series, values int) float64 { // of the scores of a candidate that errs by two to one that errs by one
		e := &evidence{origins: 1, quantiles: make([][]float64, 2)}
		for s := range series {
			e.origin, e.series, e.known = append(e.origin, 0), append(e.series, s), append(e.known, 1)
			for range values {
				e.y, e.record = append(e.y, 0), append(e.record, s)
				e.weight = append(e.weight, 1/float64(series*values))
				for range deciles {
					e.quantiles[0], e.quantiles[1] = append(e.quantiles[0], 1), append(e.quantiles[1], 2)
				}
			}
		}
		scores := e.scores(func(int) bool { return true })
		return scores[1] / scores[0]
	}
	one, longer, six := ratio(1, 4), ratio(1, 24), ratio(6, 4)
	if !(1 < one && one < six && six < longer && longer < 2) {
		t.Errorf("of one series %.3f, of six %.3f, of as many values of one %.3f; want them to rise, below 2", one, six, longer)
	}
}
