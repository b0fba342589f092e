package doctor

import (
	"fmt"
	"math"
	"slices"

	"tsgen/series"
)

const (
	// fewest is the number of stamps from which on their distances are judged.
	fewest = 8

	// mostStray is the number of stamps at an end of a series that may be wrong ones, if
	// they are also at most a twentieth of all.
	mostStray = 3

	// A gap is beyond the sense of a step if it is longer than both of these: so many
	// steps, and so many for each observation.
	gapSteps, gapPerObservation = 10_000, 20

	// How many times the length of what is observed may lie between two parts of a series:
	// of one with a step, and of ones without, whose distances differ by nature, most where
	// they are plain numbers.
	partsApart, irregularApart, numbersApart = 10, 20, 100
)

// examineTimes looks at the stamps of one series; span is the longest of another of
// the panel, which shows what is usual.
func examineTimes(p *series.Panel, s *series.Series, span float64, opt Options) (Finding, bool) {
	n := s.Len()
	if n < fewest || opt.MaxGap > 0 && math.IsInf(opt.MaxGap, 1) {
		return Finding{}, false
	}
	widest := 1 // the gap before s.Times[widest] is the widest
	distances := make([]float64, n-1)
	for i := 1; i < n; i++ {
		distances[i-1] = s.Times[i] - s.Times[i-1]
		if distances[i-1] > distances[widest-1] {
			widest = i
		}
	}
	gap := distances[widest-1]
	slices.Sort(distances)
	g := timeGap{p: p, s: s, at: widest, gap: gap, rest: s.Times[n-1] - s.Times[0] - gap, usual: distances[(n-2)/2]}
	switch steps := g.steps(); {
	case opt.MaxGap > 0:
		if steps > opt.MaxGap+1 {
			return g.tooLong(fmt.Sprintf("more than --max-gap %s", series.FormatNumber(opt.MaxGap))), true
		}
	case gap <= span && p.Step.Regular() && steps <= gapSteps || gap <= span && !p.Step.Regular():
		// Another series is as long, so that such distances occur.
	case g.isStray():
		return g.stray(), true
	case gap > g.apart()*g.rest:
		return g.tooLong(fmt.Sprintf("%s times as long as all that is observed", round(gap/g.rest))), true
	case p.Step.Regular() && steps > gapSteps && steps > gapPerObservation*float64(n):
		return g.tooLong(fmt.Sprintf("%s steps without a value, of %d observations", round(steps-1), n)), true
	}
	return g.misplaced()
}

// A timeGap is the widest gap of a series.
type timeGap struct {
	p                *series.Panel
	s                *series.Series
	at               int // the observation after the gap
	gap, rest, usual float64
}

// steps returns the number of steps, or of usual distances, over the gap.
func (g *timeGap) steps() float64 {
	if g.p.Step.Regular() {
		return g.p.Coordinate(g.s.Times[g.at]) - g.p.Coordinate(g.s.Times[g.at-1])
	}
	return g.gap / g.usual
}

// outside returns the observations on the shorter side of the gap.
func (g *timeGap) outside() (from, to int) {
	if n := g.s.Len(); g.at > n-g.at {
		return g.at, n
	}
	return 0, g.at
}

// isStray reports whether the gap cuts off a few stamps by more than the span of the
// others.
func (g *timeGap) isStray() bool {
	from, to := g.outside()
	if to-from > max(1, min(mostStray, g.s.Len()/20)) {
		return false
	}
	if !g.p.Step.Regular() {
		return g.gap > g.apart()*g.rest
	}
	return g.gap > g.rest
}

// apart returns how many times the length of what is observed a gap may be.
func (g *timeGap) apart() float64 {
	switch {
	case g.p.Step.Regular():
		return partsApart
	case g.p.Axis.Calendar():
		return irregularApart
	}
	return numbersApart
}

func (g *timeGap) stray() Finding {
	from, to := g.outside()
	f := Finding{Code: StrayTime, Stop: true, Series: g.s.ID, Value: g.stamp(from)}
	for i := from; i < to; i++ {
		if l := g.s.Line(i); l > 0 {
			f.Lines = append(f.Lines, l)
		}
	}
	side, neighbour := "before", to
	if from > 0 {
		side, neighbour, f.Value = "after", from-1, g.stamp(from)
	}
	f.Message = fmt.Sprintf("the stamp lies far %s all others, the next being %s: %s times the span of the other %d stamps",
		side, g.stamp(neighbour), round(g.gap/g.rest), g.s.Len()-(to-from))
	f.Remedy = "correct it, or take the gap as it is with --max-gap none"
	return f
}

func (g *timeGap) tooLong(why string) Finding {
	f := Finding{Code: LongGap, Stop: true, Series: g.s.ID, Value: g.stamp(g.at)}
	if l := g.s.Line(g.at); l > 0 {
		f.Lines = []int{l}
	}
	f.Message = fmt.Sprintf("nothing was observed from %s to %s, %s", g.stamp(g.at-1), g.stamp(g.at), why)
	f.Remedy = "leave out the part before or after it, or take the gap as it is with --max-gap none"
	return f
}

// misplaced finds a single stamp outside the range of the others that does not
// stand in the file where it should: the others are in order, and it is neither the first
// nor the last row of the series.
func (g *timeGap) misplaced() (Finding, bool) {
	s, n := g.s, g.s.Len()
	if s.Line(0) == 0 {
		return Finding{}, false
	}
	for _, end := range [2]struct{ at, next, from, to int }{{0, 1, 1, n}, {n - 1, n - 2, 0, n - 1}} {
		apart := math.Abs(s.Times[end.at] - s.Times[end.next])
		line, up, down := s.Line(end.at), true, true
		first, last := math.MaxInt, 0
		for i := end.from; i < end.to; i++ {
			first, last = min(first, s.Line(i)), max(last, s.Line(i))
			if i > end.from {
				up = up && s.Line(i) > s.Line(i-1)
				down = down && s.Line(i) < s.Line(i-1)
			}
		}
		if apart < 1.5*g.usual || !up && !down || line < first || line > last {
			continue
		}
		side := "before"
		if end.at > 0 {
			side = "after"
		}
		return Finding{Code: StrayTime, Stop: true, Series: s.ID, Lines: []int{line}, Value: g.stamp(end.at),
			Message: fmt.Sprintf("the stamp lies %s all others, though its row stands between theirs, which are in the order of time", side),
			Remedy:  "correct it, or take it as it is with --max-gap none"}, true
	}
	return Finding{}, false
}

func (g *timeGap) stamp(i int) string { return g.p.Axis.Stamp(g.s.Times[i]) }

// round writes a ratio or a count as one reads it.
func round(x float64) string {
	if x >= 10 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}
