// Package fits holds what models have estimated of the series of a panel, as numbers, and
// finds it again for series that begin with what was estimated from.
package fits

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/magnitude"
	"tsgen/internal/scratch"
	"tsgen/series"
)

// A Table holds the estimates of the channels of some series. It is not changed once it is
// made but by Move and Model.Extend, and may be read concurrently.
type Table struct {
	width   int
	room    *series.Scratch // for numbers, nil for memory
	entries []entry
	byID    map[float64]int // places in entries, by hash of the identifier
}

// An entry holds the estimates of a series.
type entry struct {
	id, hash float64     // of the identifier, and of times and values
	times    int         // of the series
	channels [][]float64 // numbers of each channel, none if nothing was estimated
}

// New returns the table of the series of p; numbers holds those of each channel of each
// series, row by row, or nothing for a series whose estimates are those of another table.
func New(p *series.Panel, numbers [][]float64, old *Table) *Table {
	t := &Table{width: p.Width(), byID: make(map[float64]int, len(p.Series))}
	for i, s := range p.Series {
		own := numbers[i*t.width : (i+1)*t.width]
		if e := old.find(s); e != nil && !slices.ContainsFunc(own, func(n []float64) bool { return len(n) > 0 }) {
			t.add(*e)
			continue
		}
		t.add(entry{id: textHash(s.ID), hash: hash(s, s.Len(), t.width), times: s.Len(), channels: own})
	}
	return t
}

// Move takes the numbers of the table to the room given, unless that is nil. No one else may use the
// table by then.
func (t *Table) Move(room *series.Scratch) {
	if t.room = room; room == nil {
		return
	}
	for _, e := range t.entries {
		for i, c := range e.channels {
			e.channels[i] = scratch.Copy(room, c)
		}
	}
}

func (t *Table) add(e entry) {
	t.byID[e.id] = len(t.entries)
	t.entries = append(t.entries, e)
}

// Find returns the estimates of the channels of s, if there are some and s begins with the
// times and the values that they were made from; else nil. A nil table has none.
func (t *Table) Find(s *series.Series) [][]float64 {
	if e := t.find(s); e != nil {
		return e.channels
	}
	return nil
}

// unknown returns how many series of p there are no estimates of.
func (t *Table) unknown(p *series.Panel) int {
	scaled, _ := magnitude.Rescale(p)
	n := 0
	for _, s := range scaled.Series {
		if t.find(s) == nil {
			n++
		}
	}
	return n
}

func (t *Table) find(s *series.Series) *entry {
	if t == nil {
		return nil
	}
	i, ok := t.byID[textHash(s.ID)]
	if !ok {
		return nil
	}
	e := &t.entries[i]
	if s.Len() < e.times || len(s.Values) != s.Len()*t.width || hash(s, e.times, t.width) != e.hash {
		return nil
	}
	return e
}

// hashBits is the number of bits of a hash, few enough for float64 to hold it.
const hashBits = 53

func truncated(sum []byte) float64 {
	return float64(binary.LittleEndian.Uint64(sum) >> (64 - hashBits))
}

func textHash(s string) float64 {
	sum := sha256.Sum256([]byte(s))
	return truncated(sum[:])
}

// hash returns that of the first n times and values of s.
func hash(s *series.Series, n, width int) float64 {
	h := sha256.New()
	buf := make([]byte, 0, 1024)
	for _, part := range [][]float64{s.Times[:n], s.Values[:n*width]} {
		for _, v := range part {
			bits := math.Float64bits(v)
			if math.IsNaN(v) {
				bits = math.Float64bits(math.NaN())
			}
			if buf = binary.LittleEndian.AppendUint64(buf, bits); len(buf) == cap(buf) {
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	h.Write(buf)
	return truncated(h.Sum(nil))
}

// The tensors of a table. Of each series the first has the hashes and the number of times,
// then the count of numbers of each channel.
const (
	tensorSeries  = "fits.series"
	tensorNumbers = "fits.numbers"
)

// Tensors returns the table as a model's state has it.
func (t *Table) Tensors() []forecast.Tensor {
	columns := 3 + t.width
	n := 0
	for _, e := range t.entries {
		for _, c := range e.channels {
			n += len(c)
		}
	}
	rows, numbers := scratch.Make[float64](t.room, len(t.entries)*columns)[:0], scratch.Make[float64](t.room, n)[:0]
	for _, e := range t.entries {
		rows = append(rows, e.id, e.hash, float64(e.times))
		for _, c := range e.channels {
			rows = append(rows, float64(len(c)))
			numbers = append(numbers, c...)
		}
	}
	return []forecast.Tensor{
		{Name: tensorSeries, Shape: []int{len(t.entries), columns}, Data: rows},
		{Name: tensorNumbers, Shape: []int{len(numbers)}, Data: numbers},
	}
}

// FromTensors returns the table that Tensors returned the tensors of, and shares their
// memory. check is given the numbers of every channel of which there are some, and says
// what is wrong with them.
func FromTensors(tensors []forecast.Tensor, check func(numbers []float64) error) (*Table, error) {
	var rows, numbers forecast.Tensor
	for _, x := range tensors {
		switch x.Name {
		case tensorSeries:
			rows = x
		case tensorNumbers:
			numbers = x
		default:
			return nil, fmt.Errorf("a tensor %s, which is not one of estimates", x.Name)
		}
	}
	if len(rows.Shape) != 2 || rows.Shape[1] < 4 || len(rows.Data) != rows.Shape[0]*rows.Shape[1] {
		return nil, fmt.Errorf("estimates: %s has the shape %v", tensorSeries, rows.Shape)
	}
	columns, left := rows.Shape[1], numbers.Data
	t := &Table{width: columns - 3, byID: make(map[float64]int, rows.Shape[0])}
	for row := range slices.Chunk(rows.Data, columns) {
		e := entry{id: row[0], hash: row[1]}
		counts := make([]int, columns-2) // times, then numbers of each channel
		for k, v := range row[2:] {
			if !(v >= 0 && v <= 1<<40 && v == math.Trunc(v)) {
				return nil, fmt.Errorf("estimates: a count of %v", v)
			}
			counts[k] = int(v)
		}
		e.times = counts[0]
		for _, n := range counts[1:] {
			if n > len(left) {
				return nil, errors.New("estimates: fewer numbers than are counted")
			}
			var own []float64
			if own, left = left[:n:n], left[n:]; n > 0 {
				if err := check(own); err != nil {
					return nil, fmt.Errorf("estimates of series %d: %w", len(t.entries)+1, err)
				}
			}
			e.channels = append(e.channels, own)
		}
		t.add(e)
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("estimates: %d numbers belong to no series", len(left))
	}
	return t, nil
}
