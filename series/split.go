package series

import "fmt"

// A ShortError says that a series has too few observations for what was asked.
type ShortError struct {
	ID   string // the series; empty for the only series of a panel without identifiers
	Len  int    // observation times that it has
	Need int    // observation times that it would need
}

// Error implements error.
func (e *ShortError) Error() string {
	name := "the series"
	if e.ID != "" {
		name = fmt.Sprintf("series %q", e.ID)
	}
	return fmt.Sprintf("%s has %d observation times, at least %d are needed", name, e.Len, e.Need)
}

// SplitLast holds out the last n observation times of every series: tail has
// those and head what comes before, at least one observation of each series.
// Both share the memory of p.
//
// The error is a *ShortError if a series has not more than n observation
// times. SplitLast panics if n is not positive.
func (p *Panel) SplitLast(n int) (head, tail *Panel, err error) {
	if n <= 0 {
		panic("series: SplitLast of no times")
	}
	hs, ts := make([]*Series, len(p.Series)), make([]*Series, len(p.Series))
	for i, s := range p.Series {
		if s.Len() <= n {
			return nil, nil, &ShortError{ID: s.ID, Len: s.Len(), Need: n + 1}
		}
		cut := s.Len() - n
		hs[i], ts[i] = s.Slice(0, cut), s.Slice(cut, s.Len())
	}
	return p.With(hs), p.With(ts), nil
}
