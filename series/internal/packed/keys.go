package packed

import "iter"

// A Key is equal for equal texts of a column, and for no others.
type Key struct {
	shape  int32
	digits uint64
}

// Keys give the keys of a column's texts.
type Keys struct {
	column *Column
	raw    map[string]uint64
	text   []byte
}

// Keys returns what gives the keys.
func (c *Column) Keys() *Keys { return &Keys{column: c} }

// At returns the key of the text in a row.
func (k *Keys) At(row int) Key {
	shape, digits := k.column.At(row)
	if shape != Raw {
		return Key{int32(shape), digits}
	}
	k.text = k.column.AppendText(k.text[:0], row)
	if s, d := k.column.find(k.text); s != Raw { // it has a shape in other rows
		return Key{s, d}
	}
	n, ok := k.raw[string(k.text)]
	if !ok {
		if k.raw == nil {
			k.raw = make(map[string]uint64)
		}
		n = uint64(len(k.raw))
		k.raw[string(k.text)] = n
	}
	return Key{Raw, n}
}

// All returns the keys of all rows.
func (k *Keys) All() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for row := range k.column.n {
			if !yield(k.At(row)) {
				return
			}
		}
	}
}
