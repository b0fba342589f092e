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
	cursor *Cursor
	raw    map[string]uint64
	text   []byte
}

// Keys returns what gives the keys.
func (c *Column) Keys() *Keys { return &Keys{column: c, cursor: c.Cursor()} }

// At returns the key of the text in a row.
func (k *Keys) At(row int) Key {
	shape, digits := k.cursor.At(row)
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

// Runs returns the first rows of runs of rows with the same text, and their keys.
func (k *Keys) Runs() iter.Seq2[int, Key] {
	return func(yield func(int, Key) bool) {
		var last Key
		next := func(row int) bool {
			key := k.At(row)
			if row > 0 && key == last {
				return true
			}
			last = key
			return yield(row, key)
		}
		for at := 0; at < k.column.n; at += blockRows {
			end := min(at+blockRows, k.column.n)
			if i := at / blockRows; i < len(k.column.blocks) {
				switch b := &k.column.blocks[i]; {
				case b.starts != nil:
					for _, s := range b.starts {
						if !next(at + int(s)) {
							return
						}
					}
					continue
				case b.ends == nil && b.constant():
					end = at + 1
				}
			}
			for row := at; row < end; row++ {
				if !next(row) {
					return
				}
			}
		}
	}
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
