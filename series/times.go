package series

import (
	"cmp"
	"fmt"
	"io"
	"math"
)

// ReadTimes reads times to forecast from CSV text with a column of time
// stamps, and one of identifiers if the times differ between the series of p;
// other columns are ignored. Without identifiers the times apply to every
// series. The columns are those named in opt, else those named as in p, else
// those that ReadCSV would take; opt.Targets, opt.Axis and opt.MinRows have no
// effect.
//
// The result has one slice for each series of p, in its order and on its axis:
// stamps may come in another layout, but a panel on the calendar needs calendar
// stamps and one of plain numbers plain numbers. Series that the file does not
// mention get no times. The times of each series must be in strictly
// increasing order and after its last observation. Errors in the data are a
// *ParseError.
func ReadTimes(r io.Reader, p *Panel, opt ReadOptions) ([][]float64, error) {
	t, err := readTable(r, opt.Name, opt.Delimiter)
	if err != nil {
		return nil, err
	}
	role := &roles{id: -1, time: -1}
	if opt.ID != "" || p.IDColumn != "" {
		if role.id = t.column(cmp.Or(opt.ID, p.IDColumn)); role.id < 0 && opt.ID != "" {
			_, err := t.lookup(opt.ID, "identifier")
			return nil, err
		}
	}
	find := opt
	find.Axis = &p.Axis
	if find.Time == "" && t.column(p.TimeColumn) >= 0 {
		find.Time = p.TimeColumn
	}
	if find.Time == "" && len(t.names) == 1 {
		find.Time = t.names[0]
	}
	if err := t.assignTime(role, &find, absent(opt.NA), nil); err != nil {
		return nil, err
	}
	if role.time < 0 {
		_, err := t.lookup(p.timeColumn(), "time")
		return nil, err
	}
	if role.id < 0 && p.IDColumn != "" {
		for c, name := range t.names {
			if idName(name) && c != role.time {
				role.id = c
				break
			}
		}
	}
	out := make([][]float64, len(p.Series))
	if role.id < 0 {
		for i, s := range p.Series {
			if out[i], err = t.futureTimes(role, nil, s, p.Axis); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	groups, err := t.group(role.id)
	if err != nil {
		return nil, err
	}
	index := make(map[string]int, len(p.Series))
	for i, s := range p.Series {
		index[s.ID] = i
	}
	for _, rows := range groups {
		i, ok := index[t.cells[role.id][rows[0]]]
		if !ok {
			return nil, t.cellError(role.id, rows[0], fmt.Errorf("%w: the panel has no series of that name", ErrSeries))
		}
		if out[i], err = t.futureTimes(role, rows, p.Series[i], p.Axis); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// futureTimes returns the times in the given rows (nil: all), checked to be
// rising from the last observation of s.
func (t *table) futureTimes(r *roles, rows []int, s *Series, a Axis) ([]float64, error) {
	n := len(rows)
	if rows == nil {
		n = len(t.lines)
	}
	out := make([]float64, n)
	last := math.Inf(-1)
	if s.Len() > 0 {
		last = s.Times[s.Len()-1]
	}
	for i := range out {
		row := i
		if rows != nil {
			row = rows[i]
		}
		x := r.times.times[row]
		switch {
		case x > last:
		case i == 0:
			return nil, t.cellError(r.time, row, fmt.Errorf("%w: expected a time after the last observation%s, %s",
				ErrOrder, ofSeries(s), a.Stamp(last)))
		default:
			return nil, t.cellError(r.time, row, fmt.Errorf("%w: expected a time after the one before, %s", ErrOrder, a.Stamp(last)))
		}
		out[i], last = x, x
	}
	return out, nil
}

func ofSeries(s *Series) string {
	if s.ID == "" {
		return ""
	}
	return fmt.Sprintf(" of series %q", s.ID)
}
