package series

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// setZones sets the zones of the axis to those of stamps at the given times,
// and returns a remark if that cannot be done because they do not follow from
// the time: then only the zone of the last row is kept.
func (a *Axis) setZones(times []float64, offsets []int32) string {
	last := len(offsets) - 1
	a.Offset = int(offsets[last])
	if !slices.ContainsFunc(offsets, func(o int32) bool { return o != offsets[0] }) {
		return ""
	}
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case times[i] < times[j]:
			return -1
		case times[i] > times[j]:
			return 1
		}
		return 0
	})
	const mixed = "the stamps are in several zones at a time; they are written in that of the last row"
	years := (times[order[last]] - times[order[0]]) / (365 * day)
	var earlier []Zone
	for k := 1; k <= last; k++ {
		i, j := order[k-1], order[k]
		if offsets[i] == offsets[j] {
			continue
		}
		// Clocks change twice a year, at times four times; more are places.
		if times[i] == times[j] || float64(len(earlier)) > 2+4*years {
			return mixed
		}
		earlier = append(earlier, Zone{Until: times[j], Offset: int(offsets[i])})
	}
	a.Earlier, a.Offset = earlier, int(offsets[order[last]])
	return ""
}

// beyond is how far the changes of a location's clocks are followed past the last
// stamp: thirty years.
const beyond = 30 * 366 * day

// follow gives the axis the clock of a location from one time to some time after
// the other.
func (a *Axis) follow(loc *time.Location, from, to float64) {
	a.Location, a.Earlier = loc.String(), nil
	t := time.Unix(int64(math.Floor(from)), 0).In(loc)
	for {
		_, offset := t.Zone()
		a.Offset = offset
		_, end := t.ZoneBounds()
		if !end.IsZero() && !end.After(t) { // as on 31 December of leap years in Go 1.26
			end = t.AddDate(0, 0, 1)
		}
		if end.IsZero() || float64(end.Unix()) > to+beyond {
			return
		}
		if _, next := end.Zone(); next != offset {
			a.Earlier = append(a.Earlier, Zone{Until: float64(end.Unix()), Offset: offset})
		}
		t = end
	}
}

// toZone makes instants of what clocks of another axis show.
func (col *timeColumn) toZone(like *Axis) {
	col.axis.Offset, col.axis.Earlier, col.axis.Location = like.Offset, like.Earlier, like.Location
	for row, c := range col.times {
		t := like.instant(c)
		col.times[row] = t
		i := sort.Search(len(like.Earlier), func(i int) bool { return t < like.Earlier[i].Until })
		if i == 0 {
			continue
		}
		// Whether the clock showed c before its last change, too.
		z := like.Earlier[i-1]
		if e := c - float64(z.Offset); e < z.Until && e < t && like.offset(e) == z.Offset {
			if col.doubled == nil {
				col.doubled = make(map[int]float64)
			}
			col.doubled[row] = e
		}
	}
}

// inLocation gives the column the clock of a location: stamps that tell civil time
// are of that clock, others keep their instants and how they are written; if they have
// the zones of that clock, they go on by it.
func (t *table) inLocation(c int, col *timeColumn, loc *time.Location, civil bool) error {
	if err := t.checkRange(c, col); err != nil { // before the changes of clocks are followed so far
		return err
	}
	from, to := slices.Min(col.times), slices.Max(col.times)
	if !civil {
		if col.axis.Offset != 0 || len(col.axis.Earlier) > 0 {
			var clock Axis
			clock.follow(loc, from, to)
			if !slices.ContainsFunc(col.times, func(t float64) bool { return clock.offset(t) != col.axis.offset(t) }) {
				col.axis.follow(loc, from, to) // whose clock it is
				return nil
			}
			col.remarks = append(col.remarks, fmt.Sprintf("the times %q have zones of their own; %s is not heeded", t.names[c], loc))
			return nil
		}
		col.axis.Universal = true
		col.axis.follow(loc, from, to)
		return nil
	}
	var clock Axis
	clock.follow(loc, from-2*day, to)
	shown := slices.Clone(col.times)
	col.toZone(&clock)
	for row, x := range col.times {
		if clock.civil(x) != shown[row] {
			return t.cellError(c, row, fmt.Errorf("%w of %s: the clocks skipped it", ErrTime, loc))
		}
	}
	return nil
}

// settle decides, for rows of one series in the order of the file, which of the
// two instants of an hour that the clocks had twice is meant: where a stamp occurs
// twice, the first is the earlier one, or the later if the file goes back in time.
func (col *timeColumn) settle(rows []int32) {
	if len(col.doubled) == 0 {
		return
	}
	back := len(rows) > 1 && col.times[rows[0]] > col.times[rows[len(rows)-1]]
	seen := make(map[float64]bool)
	for i := range rows {
		row := int(rows[i])
		if back {
			row = int(rows[len(rows)-1-i])
		}
		earlier, twice := col.doubled[row]
		if twice && !seen[earlier] {
			seen[earlier] = true
			col.times[row] = earlier
		}
	}
}
