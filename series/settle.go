package series

import (
	"slices"

	"tsgen/internal/scratch"
)

// Settled is the number of series that Settle moves together.
const Settled = 1 << 12

// Settle moves the panel's series whole to the file that is in room, if there is one, so that of each
// the memory holds a pointer only. They cannot be changed there, but for times and values: who changes
// a series puts a copy in its place. Series that are in the file stay where they are.
func (p *Panel) Settle(room *Scratch) {
	if room.Filed() == 0 {
		return
	}
	moved := make([]Series, 0, min(Settled, len(p.Series)))
	var places []int // of those
	for some := range slices.Chunk(p.Series, Settled) {
		moved, places = moved[:0], places[:0]
		for i, s := range some {
			if !scratch.Holds(room, s) {
				moved, places = append(moved, s.kept(room)), append(places, i)
			}
		}
		fixed := scratch.Fix(room, moved)
		for k := range fixed {
			some[places[k]] = &fixed[k]
		}
	}
}

// own returns the series at a place as a copy, put there, that may be changed.
func (p *Panel) own(i int) *Series {
	s := *p.Series[i]
	p.Series[i] = &s
	return &s
}

// kept returns the series with all that it points to in the file of room.
func (s *Series) kept(room *Scratch) Series {
	x := *s
	x.ID = scratch.Text(room, s.ID)
	x.Times, x.Values, x.Seasons = scratch.Keep(room, s.Times), scratch.Keep(room, s.Values), scratch.Keep(room, s.Seasons)
	x.Known = Track{scratch.Keep(room, s.Known.Times), scratch.Keep(room, s.Known.Values)}
	x.lines = scratch.Keep(room, s.lines)
	return x
}
