package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"tsgen/internal/scratch"
)

// ErrKnown is the error of covariates that are not known where they are needed.
var ErrKnown = errors.New("the known covariates do not reach")

// A Track is the course of the covariates of a series that are known ahead of
// time: holidays, prices, a plan. It goes on beyond the last observation, as far
// as they are known. A value holds until the next.
type Track struct {
	// Times holds the times of the values in strictly increasing order, in the
	// unit of the panel's Axis.
	Times []float64

	// Values holds len(Times) rows of one value for each of the panel's Known,
	// row-major, all finite.
	Values []float64
}

// KnownAt returns the known covariates of s, a series of p, at some times in
// increasing order: a row for each, row-major, without values if the panel has
// none. Before the first time of the track its first values hold. The error
// wraps ErrKnown if a time comes after the track's last, unless all are static.
func (p *Panel) KnownAt(s *Series, times []float64) ([]float64, error) {
	width := len(p.Known)
	out := make([]float64, 0, width*len(times))
	if width == 0 {
		return out, nil
	}
	track := s.Known
	n := len(track.Times)
	if n == 0 {
		return nil, fmt.Errorf("%w: there are none%s", ErrKnown, ofSeries(s))
	}
	for _, t := range times {
		if len(p.Static) < width && p.follows(t, track.Times[n-1]) {
			return nil, fmt.Errorf("%w to %s%s: they end at %s", ErrKnown, p.Axis.Stamp(t), ofSeries(s), p.Axis.Stamp(track.Times[n-1]))
		}
		i := sort.Search(n, func(i int) bool { return p.follows(track.Times[i], t) }) - 1
		i = max(i, 0)
		out = append(out, track.Values[i*width:(i+1)*width]...)
	}
	return out, nil
}

// follows reports whether a comes after b, which on the grid of a regular panel
// takes more than rounding.
func (p *Panel) follows(a, b float64) bool {
	if a <= b || !p.Step.Regular() {
		return a > b
	}
	return p.Coordinate(a)-p.Coordinate(b) > GridTolerance
}

// extend returns a panel whose tracks go on as the given ones say, one for each
// series.
func (p *Panel) extend(tracks []Track) *Panel {
	all := make([]*Series, len(p.Series))
	for i, s := range p.Series {
		x, more := *s, tracks[i]
		if len(more.Times) > 0 {
			// What is said anew replaces what was known from there on.
			keep := sort.SearchFloat64s(s.Known.Times, more.Times[0])
			x.Known = Track{
				Times:  slices.Concat(s.Known.Times[:keep], more.Times),
				Values: slices.Concat(s.Known.Values[:keep*len(p.Known)], more.Values),
			}
		}
		all[i] = &x
	}
	return p.With(all)
}

// validateTrack checks the track of s.
func (p *Panel) validateTrack(s *Series) error {
	k := s.Known
	if len(k.Values) != len(k.Times)*len(p.Known) {
		return fmt.Errorf("%d values of known covariates for %d times and %d covariates", len(k.Values), len(k.Times), len(p.Known))
	}
	if len(p.Known) > 0 && len(s.Times) > 0 && (len(k.Times) == 0 || k.Times[len(k.Times)-1] < s.Times[len(s.Times)-1]) {
		return fmt.Errorf("%w to the last observation", ErrKnown)
	}
	if err := p.validateTimes(k.Times); err != nil {
		return fmt.Errorf("known covariates: %w", err)
	}
	for i, v := range k.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("known covariate %q is %v at %s", p.Known[i%len(p.Known)], v, p.Axis.Stamp(k.Times[i/len(p.Known)]))
		}
	}
	return nil
}

var errKnownMissing = fmt.Errorf("%w: a covariate that is known ahead needs a value in every row", ErrMissing)

// knownOf returns readers of columns of covariates, in which no value may be missing.
func (t *table) knownOf(columns []int, na absence) ([]*numberReader, error) {
	known, err := t.valuesOf(columns, na, false)
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		for row := range t.rows() {
			if _, k := known[i].read(row); k == missing {
				return nil, t.cellError(c, row, errKnownMissing)
			}
		}
	}
	return known, nil
}

// track returns what the given rows, which are in the order of time, say of the
// covariates, in the room given.
func (r *roles) track(rows []int32, known []*numberReader, room *scratch.Store) Track {
	k := Track{Times: scratch.Make[float64](room, len(rows)), Values: scratch.Make[float64](room, len(rows)*len(known))[:0]}
	for i, row := range rows {
		k.Times[i] = r.times.times[row]
		for _, c := range known {
			v, _ := c.read(int(row))
			k.Values = append(k.Values, v)
		}
	}
	return k
}

// endWithOthers takes from every series without any value the rows after the last that has one in another series: what they
// say of covariates is of the future, as of the others. It returns their number.
func (p *Panel) endWithOthers() int {
	last, n := math.Inf(-1), 0
	for _, s := range p.Series {
		if s.Observed() > 0 {
			last = max(last, s.Times[s.Len()-1])
		}
	}
	for i, s := range p.Series {
		past := sort.Search(s.Len(), func(k int) bool { return s.Times[k] > last })
		if past > 0 && past < s.Len() && s.Observed() == 0 {
			p.Series[i] = s.Slice(0, past)
			n += s.Len() - past
		}
	}
	return n
}

// dropStillToCome takes from every series as many rows at its end as no series has a value in,
// such as those of a table that is prepared for values to come, and returns their number.
func (p *Panel) dropStillToCome() int {
	least := math.MaxInt
	for _, s := range p.Series {
		empty := 0
		for empty < s.Len() && !slices.ContainsFunc(s.Row(s.Len()-1-empty), func(v float64) bool { return !math.IsNaN(v) }) {
			empty++
		}
		if empty == s.Len() {
			return 0 // a series without any value
		}
		least = min(least, empty)
	}
	if len(p.Series) == 0 || least == 0 {
		return 0
	}
	for i, s := range p.Series {
		p.Series[i] = s.Slice(0, s.Len()-least)
	}
	return least
}

// pastRows returns the rows up to the last that has a value: those after it say
// only what is known of the future. Rows none of which has a value are all kept.
func pastRows(rows []int32, values []*numberReader) []int32 {
	for n := len(rows); n > 0; n-- {
		for _, v := range values {
			if _, k := v.read(int(rows[n-1])); k != missing {
				return rows[:n]
			}
		}
	}
	return rows
}
