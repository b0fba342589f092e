// Package fits holds what models have estimated of the series of a panel, as numbers, and
// finds it again for series that begin with what was estimated from.
package fits

import (
	"cmp"
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
	batches []batch
	n       int               // series
	byID    map[float64]int32 // places of series, by hash of the identifier
}

// A batch holds the estimates of series that follow one another, as a model's state has them: there
// may be millions, of which no more is in memory than where they are.
type batch struct {
	first   int       // place of the first series
	rows    []float64 // of each series: hashes of the identifier and of times and values, number of times, counts of numbers of each channel
	starts  []int     // of the numbers of each series
	numbers []float64 // of each channel, none if nothing was estimated
}

// add adds a series.
func (b *batch) add(id, hash float64, times int, channels [][]float64) {
	b.rows = append(b.rows, id, hash, float64(times))
	b.starts = append(b.starts, len(b.numbers))
	for _, c := range channels {
		b.rows, b.numbers = append(b.rows, float64(len(c))), append(b.numbers, c...)
	}
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
	t := &Table{width: p.Width(), byID: make(map[float64]int32, len(p.Series))}
	var b batch
	for i, s := range p.Series {
		own := numbers[i*t.width : (i+1)*t.width]
		if e, ok := old.find(s); ok && !slices.ContainsFunc(own, func(n []float64) bool { return len(n) > 0 }) {
			b.add(e.id, e.hash, e.times, e.channels)
			continue
		}
		b.add(textHash(s.ID), hash(s, s.Len(), t.width), s.Len(), own)
	}
	t.extend(b)
	return t
}

// Move takes the numbers of the table to the room given, unless that is nil. No one else may use the
// table by then.
func (t *Table) Move(room *series.Scratch) {
	if t.room = room; room == nil {
		return
	}
	for i := range t.batches {
		b := &t.batches[i]
		b.rows, b.starts, b.numbers = scratch.Copy(room, b.rows), scratch.Copy(room, b.starts), scratch.Copy(room, b.numbers)
	}
}

// extend adds further series.
func (t *Table) extend(more ...batch) {
	for _, b := range more {
		b.first = t.n
		for k := range b.starts {
			t.byID[b.rows[k*t.columns()]] = int32(t.n + k)
		}
		t.batches = append(t.batches, b)
		t.n += len(b.starts)
	}
}

// columns returns the length of the rows of batches.
func (t *Table) columns() int { return 3 + t.width }

// at returns the estimates of the series at a place.
func (t *Table) at(place int) entry {
	i, found := slices.BinarySearchFunc(t.batches, place, func(b batch, place int) int { return cmp.Compare(b.first, place) })
	if !found {
		i--
	}
	b := &t.batches[i]
	k := place - b.first
	row, from := b.rows[k*t.columns():(k+1)*t.columns()], b.starts[k]
	e := entry{id: row[0], hash: row[1], times: int(row[2]), channels: make([][]float64, t.width)}
	for c := range e.channels {
		to := from + int(row[3+c])
		e.channels[c] = b.numbers[from:to:to]
		from = to
	}
	return e
}

// Find returns the estimates of the channels of s, if there are some and s begins with the
// times and the values that they were made from; else nil. A nil table has none.
func (t *Table) Find(s *series.Series) [][]float64 {
	e, _ := t.find(s)
	return e.channels
}

// Known returns the estimates of the channels of a series by its place in a panel, nil if there are none.
type Known func(place int) [][]float64

// In returns what Find finds of the series of p.
func (t *Table) In(p *series.Panel) Known {
	return func(place int) [][]float64 { return t.Find(p.Series[place]) }
}

// unknown returns how many series of p there are no estimates of.
func (t *Table) unknown(p *series.Panel) int {
	scaled, _ := magnitude.Rescale(p)
	n := 0
	for _, s := range scaled.Series {
		if _, ok := t.find(s); !ok {
			n++
		}
	}
	return n
}

func (t *Table) find(s *series.Series) (e entry, ok bool) {
	if t == nil {
		return e, false
	}
	place, ok := t.byID[textHash(s.ID)]
	if !ok {
		return e, false
	}
	e = t.at(int(place))
	if s.Len() < e.times || len(s.Values) != s.Len()*t.width || hash(s, e.times, t.width) != e.hash {
		return entry{}, false
	}
	return e, true
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
	n := 0
	for _, b := range t.batches {
		n += len(b.numbers)
	}
	rows, numbers := scratch.Make[float64](t.room, t.n*t.columns())[:0], scratch.Make[float64](t.room, n)[:0]
	for _, b := range t.batches {
		rows, numbers = append(rows, b.rows...), append(numbers, b.numbers...)
	}
	return []forecast.Tensor{
		{Name: tensorSeries, Shape: []int{t.n, t.columns()}, Data: rows},
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
	t := &Table{width: rows.Shape[1] - 3, byID: make(map[float64]int32, rows.Shape[0])}
	b := batch{rows: rows.Data, starts: make([]int, 0, rows.Shape[0]), numbers: numbers.Data}
	from := 0
	for row := range slices.Chunk(rows.Data, t.columns()) {
		b.starts = append(b.starts, from)
		for k, v := range row[2:] { // times, then numbers of each channel
			if !(v >= 0 && v <= 1<<40 && v == math.Trunc(v)) {
				return nil, fmt.Errorf("estimates: a count of %v", v)
			}
			n := int(v)
			if k == 0 || n == 0 {
				continue
			}
			if n > len(b.numbers)-from {
				return nil, errors.New("estimates: fewer numbers than are counted")
			}
			if err := check(b.numbers[from : from+n]); err != nil {
				return nil, fmt.Errorf("estimates of series %d: %w", len(b.starts), err)
			}
			from += n
		}
	}
	if left := len(b.numbers) - from; left > 0 {
		return nil, fmt.Errorf("estimates: %d numbers belong to no series", left)
	}
	t.extend(b)
	return t, nil
}
