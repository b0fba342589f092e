package stamp

import "slices"

// decide returns the candidate that the order of the rows or the distances between
// them speak for, or nil if they do not, or against each other.
func decide(rivals []*candidate) *candidate {
	order, evenness := make([]float64, len(rivals)), make([]float64, len(rivals))
	for i, c := range rivals {
		order[i], evenness[i] = disorder(c.all()), 1-regularity(c.all())
	}
	n := float64(len(rivals[0].all()))
	o, e := clearly(order, 0.02, 1.5/n), clearly(evenness, 0.2, 1.5/n)
	switch {
	case o >= 0 && (e < 0 || e == o):
		return rivals[o]
	case o < 0 && e >= 0:
		return rivals[e]
	}
	return nil
}

// clearly returns the index of the least of x, if it is at most half of the next
// and less than that by the margin, which is another where the least is zero; else
// -1.
func clearly(x []float64, margin, fromZero float64) int {
	best, next := 0, -1
	for i := 1; i < len(x); i++ {
		switch {
		case x[i] < x[best]:
			best, next = i, best
		case next < 0 || x[i] < x[next]:
			next = i
		}
	}
	if x[best] == 0 {
		margin = min(margin, fromZero)
	}
	if x[best]*2 > x[next] || x[next]-x[best] < margin {
		return -1
	}
	return best
}

// disorder returns the share of the steps from row to row that go against the
// direction of most. Rows in the order of time, or against it, have none but those
// from one series to the next.
func disorder(s []Stamp) float64 {
	up, down := 0, 0
	for i := 1; i < len(s); i++ {
		switch {
		case s[i].Seconds > s[i-1].Seconds:
			up++
		case s[i].Seconds < s[i-1].Seconds:
			down++
		}
	}
	if up+down == 0 {
		return 0
	}
	return float64(min(up, down)) / float64(up+down)
}

// regularity returns the share of the distances between neighbouring times that
// are the commonest: of days and seconds, or of months on the same day.
func regularity(s []Stamp) float64 {
	times := make([]int64, len(s))
	for i, x := range s {
		times[i] = x.Seconds
	}
	slices.Sort(times)
	times = slices.Compact(times)
	if len(times) < 3 {
		return 0
	}
	seconds, months := make([]int64, 0, len(times)), make([]int64, 0, len(times))
	for i := 1; i < len(times); i++ {
		seconds = append(seconds, times[i]-times[i-1])
		a, b := floorDiv(int(times[i-1]), 86400), floorDiv(int(times[i]), 86400)
		ya, ma, da := date(a)
		yb, mb, db := date(b)
		gap := int64(12*(yb-ya) + mb - ma)
		if da != db {
			gap = -int64(i) // none like another
		}
		months = append(months, gap)
	}
	return max(commonest(seconds), commonest(months))
}

// commonest returns the share of the value that occurs most.
func commonest(x []int64) float64 {
	slices.Sort(x)
	most, run := 0, 0
	for i := range x {
		if i > 0 && x[i] == x[i-1] {
			run++
		} else {
			run = 1
		}
		most = max(most, run)
	}
	return float64(most) / float64(len(x))
}
