package command

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"tsgen/series"
)

// mostNamed is the number of series that a note names at most.
const mostNamed = 3

// named says how many of so many series some are, and names the first of them.
func named(some []*series.Series, of int) string {
	var names []string
	for _, s := range some[:min(len(some), mostNamed)] {
		names = append(names, strconv.Quote(s.ID))
	}
	if len(some) > mostNamed {
		names = append(names, "...")
	}
	return strconv.Itoa(len(some)) + " of " + strconv.Itoa(of) + " series (" + strings.Join(names, ", ") + ")"
}

// noteValueless says which series have no value, of which a model knows but what the others tell.
func noteValueless(notes *progress, p *series.Panel) {
	var some []*series.Series
	for _, s := range p.Series {
		if s.Observed() == 0 {
			some = append(some, s)
		}
	}
	if len(some) > 0 && len(some) < len(p.Series) {
		notes.notef("%s without any value: what is forecast there is told by the other series alone", named(some, len(p.Series)))
	}
}

// noteEnds says which series end so early that all of so many steps after them lie before half of the series end, where these
// end together; and that of the series of a file of that name all do before the series of the calendar end that a model was fitted to.
func noteEnds(notes *progress, file string, p, fitted *series.Panel, steps int) {
	ends := make([]float64, 0, len(p.Series))
	for _, s := range p.Series {
		if n := s.Len(); n > 0 {
			ends = append(ends, s.Times[n-1])
		}
	}
	if len(ends) == 0 {
		return
	}
	slices.Sort(ends)
	usual, latest := ends[len(ends)/2], ends[len(ends)-1]
	var early []*series.Series
	last := math.Inf(-1) // of what is forecast of one that ends last
	for _, s := range p.Series {
		if s.Len() == 0 {
			continue
		}
		switch end := s.Times[s.Len()-1]; {
		case end < usual:
			if to := p.Future(s, steps)[steps-1]; to <= usual && latest-usual <= to-end {
				early = append(early, s)
			}
		case end == latest && math.IsInf(last, -1):
			last = p.Future(s, steps)[steps-1]
		}
	}
	stamp := p.Axis.Stamp
	if len(early) > 0 {
		notes.notef("%s end before the others: on %s at the latest, most others on %s; they are forecast from their own ends",
			named(early, len(p.Series)), stamp(latestEnd(p.With(early))), stamp(usual))
	}
	if learned := latestEnd(fitted); file != "" && p.Axis.Calendar() && last <= learned {
		notes.notef("%s ends on %s, long before the series that the model was fitted to, on %s; it is forecast from its own end", file, stamp(latest), stamp(learned))
	}
}

// latestEnd returns the last of all times, -Inf if there is none.
func latestEnd(p *series.Panel) float64 {
	end := math.Inf(-1)
	for _, s := range p.Series {
		if n := s.Len(); n > 0 {
			end = max(end, s.Times[n-1])
		}
	}
	return end
}
