package series

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"
)

// ReadFuture reads times to forecast from CSV text with a column of time
// stamps, one of identifiers if the times differ between the series of p, and
// the columns of the covariates that p knows ahead; others are ignored. Without
// identifiers the rows apply to every series. The columns of identifiers and of
// times are those named in opt, else those named as in p, else those that
// ReadCSV would take; opt.Targets, opt.Known, opt.Axis and opt.MinRows have no
// effect.
//
// The first result is p with what is known of its covariates at those times in
// place of what was known from the first of them on; it is p itself if it has
// none; events need no columns. The second has one slice of times for each series of p, in its order and
// on its axis: stamps may come in another layout, but a panel on the calendar
// needs calendar stamps and one of plain numbers plain numbers. Series that the
// file does not mention get no times. The rows may come in any order; the times of
// each series must differ and come after its last observation, unless opt.Past is set: what
// is known of its covariates at others stays as it is. Errors in the data are a *ParseError.
func ReadFuture(r io.Reader, p *Panel, opt ReadOptions) (*Panel, [][]float64, error) {
	t, err := readTable(r, &opt)
	if err != nil {
		return nil, nil, err
	}
	return t.future(p, opt)
}

// future returns what ReadFuture does.
func (t *table) future(p *Panel, opt ReadOptions) (*Panel, [][]float64, error) {
	events := p.Events
	p = p.BareOfEvents()
	static, own := p.Static, p.StaticValues()
	p = p.BareOfStatic()
	role, err := t.keysLike(p, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := t.assignKnown(role, p.Known); err != nil {
		return nil, nil, err
	}
	if err := t.spreadLevels(role, p.Known, absent(opt.NA)); err != nil {
		return nil, nil, err
	}
	known, err := t.knownOf(role.known, absent(opt.NA))
	if err != nil {
		return nil, nil, err
	}
	tracks := make([]Track, len(p.Series))
	at, err := t.eachTimes(role, p, func(i int, rows []int32) (last float64) {
		last = math.Inf(-1)
		if s := p.Series[i]; s.Len() > 0 {
			last = s.Times[s.Len()-1]
		}
		if opt.Past {
			ahead := sort.Search(len(rows), func(k int) bool { return role.times.times[rows[k]] > last })
			rows, last = rows[ahead:], math.Inf(-1)
		}
		tracks[i] = role.track(rows, known, nil)
		return last
	})
	if err != nil {
		return nil, nil, err
	}
	if len(p.Known) > 0 {
		p = p.extend(tracks)
	}
	p = p.WithStatic(static, own)
	if len(events) > 0 {
		if p, err = p.WithEvents(events); err != nil {
			return nil, nil, err
		}
		p = p.Foresee(at)
	}
	return p, at, nil
}

// ReadTimes reads times of the series of p, at which something is asked of them,
// as ReadFuture reads times to forecast, but without covariates; and they may lie
// before the last observations.
func ReadTimes(r io.Reader, p *Panel, opt ReadOptions) ([][]float64, error) {
	t, err := readTable(r, &opt)
	if err != nil {
		return nil, err
	}
	return t.timesOf(p, opt)
}

// timesOf returns what ReadTimes does.
func (t *table) timesOf(p *Panel, opt ReadOptions) ([][]float64, error) {
	role, err := t.keysLike(p, opt)
	if err != nil {
		return nil, err
	}
	return t.eachTimes(role, p, func(int, []int32) float64 { return math.Inf(-1) })
}

// keysLike finds the columns of identifiers and times of the series of p.
func (t *table) keysLike(p *Panel, opt ReadOptions) (*roles, error) {
	t.plainNumbers(&opt, absent(opt.NA))
	role := &roles{id: -1, time: -1, timed: -1}
	if opt.ID != "" || p.IDColumn != "" {
		var err error
		if role.id, err = t.idLike(role, p, opt.ID); err != nil {
			return nil, err
		}
	}
	find := opt
	find.Axis = &p.Axis
	if find.Time == "" && !slices.ContainsFunc(strings.Split(p.TimeColumn, "\t"), func(s string) bool { return t.column(s) < 0 }) {
		find.Time = p.TimeColumn
	}
	if find.Time == "" && len(t.names) == 1 {
		find.Time = t.names[0]
	}
	if err := t.assignTime(role, &find, nil); err != nil {
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
	if role.id >= 0 {
		t.asWritten(role.id)
	}
	return role, nil
}

// idLike finds the column of identifiers: the one asked for, or that of p, whose
// parts may stand in several, or -1.
func (t *table) idLike(r *roles, p *Panel, asked string) (int, error) {
	if parts := strings.Split(asked, ","); asked != "" && p.Joint != "" && strings.Join(parts, p.Joint) == p.IDColumn {
		asked = ""
	}
	if asked != "" {
		c, err := t.assignID(r, asked)
		if err == nil && r.joint != p.Joint && r.joint != "" {
			err = &ParseError{Name: t.name, Column: asked, Err: fmt.Errorf("%w: the panel's identifiers are those of %s", ErrColumns, p.IDColumn)}
		}
		return c, err
	}
	if c := t.column(p.IDColumn); c >= 0 || p.Joint == "" {
		return c, nil
	}
	var columns []int
	for _, name := range strings.Split(p.IDColumn, p.Joint) {
		c := t.column(name)
		if c < 0 {
			return -1, nil
		}
		columns = append(columns, c)
	}
	r.joint = p.Joint
	return t.join(columns, p.Joint), nil
}

// eachTimes returns the times of each series of p, which come after what after
// says of the series and its rows; nil for a series without any.
func (t *table) eachTimes(r *roles, p *Panel, after func(i int, rows []int32) float64) ([][]float64, error) {
	groups, err := t.seriesRows(r, p)
	if err != nil {
		return nil, err
	}
	at := make([][]float64, len(p.Series))
	for i, rows := range groups {
		if rows == nil {
			continue
		}
		r.times.settle(rows)
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(r.times.times[a], r.times.times[b]) })
		if at[i], err = t.risingTimes(r, rows, after(i, rows), p.Series[i], p.Axis); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// seriesRows returns the rows of each series of p, nil for one without any.
func (t *table) seriesRows(r *roles, p *Panel) ([][]int32, error) {
	groups, err := t.group(r.id)
	if err != nil {
		return nil, err
	}
	out := make([][]int32, len(p.Series))
	if r.id < 0 {
		rows := groups[0].rows(nil)
		for i := range out {
			out[i] = rows
		}
		return out, nil
	}
	index := make(map[string]int, len(p.Series))
	for i, s := range p.Series {
		index[s.ID] = i
	}
	for k := range groups {
		rows := groups[k].rows(nil)
		i, ok := index[t.text(r.id, int(rows[0]))]
		if !ok {
			return nil, t.cellError(r.id, int(rows[0]), fmt.Errorf("%w: the panel has no series of that name", ErrSeries))
		}
		out[i] = rows
	}
	return out, nil
}

// risingTimes returns the times in the given rows, checked to be rising from
// last, the last observation of s.
func (t *table) risingTimes(r *roles, rows []int32, last float64, s *Series, a Axis) ([]float64, error) {
	out := make([]float64, len(rows))
	for i, row := range rows {
		x := r.times.times[row]
		switch {
		case x > last:
		case i == 0:
			return nil, t.cellError(r.time, int(row), fmt.Errorf("%w: expected a time after the last observation%s, %s; what a model makes of times before it is told by 'tsgen impute --at'",
				ErrOrder, ofSeries(s), a.Stamp(last)))
		default:
			return nil, t.cellError(r.time, int(row), fmt.Errorf("%w: expected a time after the one before, %s", ErrOrder, a.Stamp(last)))
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
