package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// writeHead writes the head of a table with a column for each model.
func writeHead(w io.Writer, first string, entrants []entrant) {
	fmt.Fprintf(w, "| %s |", first)
	for _, e := range entrants {
		fmt.Fprintf(w, " %s |", e.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(entrants)))
}

// A comparison is of the forecasts of disturbed series with those of the clean ones.
type comparison struct {
	off     float64 // most that medians are off on the average of a horizon, in deviations of the noise
	wide    float64 // most that the 80 % interval is wider, as a factor
	covered float64 // values within the 80 % interval
	values  float64
	loss    float64 // sum of the absolute errors in deviations of the noise
	usual   float64 // that of the forecasts of the clean series
}

// add adds a series.
func (c *comparison) add(x simulated, dirty, clean *sight) {
	off, width, usual := 0.0, 0.0, 0.0
	for k, y := range x.future {
		off += math.Abs(dirty.median[k]-clean.median[k]) / x.sd
		width += dirty.hi80[k] - dirty.lo80[k]
		usual += clean.hi80[k] - clean.lo80[k]
		c.loss += math.Abs(y-dirty.median[k]) / x.sd
		c.usual += math.Abs(y-clean.median[k]) / x.sd
		c.values++
		if y >= dirty.lo80[k] && y <= dirty.hi80[k] {
			c.covered++
		}
	}
	c.off = max(c.off, off/float64(len(x.future)))
	c.wide = max(c.wide, width/usual)
}

// String returns the figures for a table.
func (c comparison) String() string {
	if c.values == 0 {
		return "-"
	}
	return fmt.Sprintf("%s, × %s, %.2f, %.2f (%.2f)", short(c.off), short(c.wide), c.covered/c.values, c.loss/c.values, c.usual/c.values)
}

// short writes two digits of x.
func short(x float64) string {
	if x >= 1e4 {
		return fmt.Sprintf("%.0e", x)
	}
	if x >= 10 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// disturbed writes a row for each kind of disturbance whose name has only in it. Every series is
// a panel of its own.
func disturbed(w io.Writer, entrants []entrant, seeds []uint64, only string) error {
	writeHead(w, "what is disturbed", entrants)
	for _, k := range kinds() {
		if !strings.Contains(k.name, only) {
			continue
		}
		fmt.Fprintf(w, "| %s |", k.name)
		for _, e := range entrants {
			var c comparison
			for _, of := range courses() {
				for _, seed := range seeds {
					x, clean := k.make(of, seed)
					dirty, err := e.see(x)
					if err != nil {
						return err
					}
					usual, err := e.usually(clean)
					if err != nil {
						return err
					}
					if dirty != nil && usual != nil {
						c.add(x, dirty, usual)
					}
				}
			}
			fmt.Fprintf(w, " %v |", c)
		}
		fmt.Fprintln(w)
	}
	return nil
}

// shortNumber is the number of short series.
const shortNumber = 150

// shortLengths are the lengths of the series of which little is known.
func shortLengths() []int { return []int{3, 4, 6, 10, 13, 16, 24, 30} }

// writeShort writes a row for each length, with the coverage of the intervals of 80
// and 95 % and the mean absolute error of the medians, where models see the series as see has it.
func writeShort(w io.Writer, entrants []entrant, in world, seed uint64, see func(entrant, []simulated) ([]sight, error)) error {
	writeHead(w, in.name, entrants)
	for _, n := range shortLengths() {
		fmt.Fprintf(w, "| %d |", n)
		all := shortSeries(in, shortNumber, n, seed)
		for _, e := range entrants {
			sights, err := see(e, all)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, " %s |", coverage(all, sights))
		}
		fmt.Fprintln(w)
	}
	return nil
}

// coverage returns what is covered, and the errors, and marks forecasts whose
// intervals shrink.
func coverage(all []simulated, sights []sight) string {
	if sights == nil {
		return "-"
	}
	in80, in95, errors, n, shrink := 0.0, 0.0, 0.0, 0.0, 0
	for i, x := range all {
		s := sights[i]
		for k, y := range x.future {
			n++
			errors += math.Abs(y - s.median[k])
			if y >= s.lo80[k] && y <= s.hi80[k] {
				in80++
			}
			if y >= s.lo95[k] && y <= s.hi95[k] {
				in95++
			}
		}
		last := len(x.future) - 1
		if s.hi80[last]-s.lo80[last] < 0.9*(s.hi80[0]-s.lo80[0]) {
			shrink++
		}
	}
	text := fmt.Sprintf("%.2f, %.2f, %s", in80/n, in95/n, short(errors/n))
	if shrink > 0 {
		text += fmt.Sprintf(", %d shrink", shrink)
	}
	return text
}
