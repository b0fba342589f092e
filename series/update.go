package series

import (
	"fmt"
	"math"
	"slices"
)

// Changes count what an update changes in a panel.
type Changes struct {
	Series int // that the panel did not have
	Rows   int // of series that it had, at times that they did not have
	Values int // at times that they had, missing before or other than before
}

// Updated returns the panel with the rows of another, of the same channels and known
// covariates: series that p does not have come after its own, rows go where their times
// belong, and of two values at the same time the newer stays unless it is missing. p and its
// series stay as they are. The error says what does not go together: channels, a time that is
// off the grid of a regular panel.
func (p *Panel) Updated(by *Panel) (*Panel, Changes, error) {
	if events := p.Events; len(events) > 0 {
		u, c, err := p.BareOfEvents().Updated(by.BareOfEvents())
		if err == nil {
			u, err = u.WithEvents(events)
		}
		return u, c, err
	}
	if !slices.Equal(p.Static, by.Static) {
		return nil, Changes{}, fmt.Errorf("series: the static covariates %q, and new rows with %q", p.Static, by.Static)
	}
	if static := p.Static; len(static) > 0 {
		u, c, err := p.BareOfStatic().Updated(by.BareOfStatic())
		if err != nil {
			return nil, c, err
		}
		older, newer := p.staticByID(), by.staticByID()
		values := make([][]float64, len(u.Series))
		for i, s := range u.Series {
			if values[i] = newer[s.ID]; values[i] == nil {
				values[i] = older[s.ID]
			}
		}
		return u.WithStatic(static, values), c, nil
	}
	var c Changes
	switch {
	case !slices.Equal(p.Channels, by.Channels):
		return nil, c, fmt.Errorf("series: the channels %q, and new rows of %q", p.Channels, by.Channels)
	case !slices.Equal(p.Known, by.Known):
		return nil, c, fmt.Errorf("series: the known covariates %q, and new rows with %q", p.Known, by.Known)
	}
	all := slices.Clone(p.Series)
	place := make(map[string]int, len(all))
	for i, s := range all {
		place[s.ID] = i
	}
	for _, s := range by.Series {
		i, ok := place[s.ID]
		if !ok {
			all = append(all, s)
			c.Series++
			continue
		}
		old := all[i]
		u := &Series{ID: old.ID, Step: old.Step, Seasons: old.Seasons}
		var rows, values int
		u.Times, u.Values, rows, values = union(old.Times, old.Values, s.Times, s.Values, p.Width())
		u.Known.Times, u.Known.Values, _, _ = union(old.Known.Times, old.Known.Values, s.Known.Times, s.Known.Values, len(p.Known))
		all[i] = u
		c.Rows, c.Values = c.Rows+rows, c.Values+values
	}
	u := p.With(all)
	if err := u.Validate(); err != nil {
		return nil, c, err
	}
	for _, s := range u.Series {
		if !u.Step.Regular() {
			break
		}
		if _, _, err := u.For(s).Grid(s); err != nil {
			return nil, c, err
		}
	}
	return u, c, nil
}

// union returns the rows of both in the order of their times. A newer value at the same time
// takes the place of the older, unless it is missing. It counts the rows that are new and the
// values that are other than before.
func union(oldTimes, oldValues, newTimes, newValues []float64, width int) (times, values []float64, rows, changed int) {
	times, values = make([]float64, 0, len(oldTimes)), make([]float64, 0, len(oldValues))
	i := 0
	take := func() {
		times, values = append(times, oldTimes[i]), append(values, oldValues[i*width:(i+1)*width]...)
		i++
	}
	for k, t := range newTimes {
		for i < len(oldTimes) && oldTimes[i] < t {
			take()
		}
		row := newValues[k*width : (k+1)*width]
		if i == len(oldTimes) || oldTimes[i] != t {
			times, values = append(times, t), append(values, row...)
			rows++
			continue
		}
		take()
		latest := values[len(values)-width:]
		for j, v := range row {
			if !math.IsNaN(v) && v != latest[j] {
				latest[j] = v
				changed++
			}
		}
	}
	for i < len(oldTimes) {
		take()
	}
	return times, values, rows, changed
}
