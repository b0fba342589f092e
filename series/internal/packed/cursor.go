package packed

// A Cursor reads a column whose rows are mostly asked for in their order: a block at a time.
type Cursor struct {
	column *Column
	block  int // that is unpacked, -1 for none
	last   int // row
	rows   *unpacked
}

type unpacked struct {
	codes  [blockRows]int32
	digits [blockRows]uint64
}

// Cursor returns a cursor before the first row.
func (c *Column) Cursor() *Cursor { return &Cursor{column: c, block: -1, last: -1} }

// At is Column.At.
func (c *Cursor) At(row int) (shape int, digits uint64) {
	if row/blockRows != c.block {
		if row != c.last+1 {
			c.last = row
			return c.column.At(row)
		}
		c.unpack(row / blockRows)
	}
	c.last = row
	i := uint(row) % blockRows
	return int(c.rows.codes[i]), c.rows.digits[i]
}

// unpack unpacks a block, or the rows behind the last.
func (c *Cursor) unpack(block int) {
	if c.rows == nil {
		c.rows = new(unpacked)
	}
	c.block = block
	column, rows := c.column, c.rows
	switch {
	case block < len(column.blocks):
		column.blocks[block].unpack(rows)
	case len(column.raw) > 0:
		fill(rows.codes[:], Raw)
	default:
		copy(rows.codes[:], column.codes)
		copy(rows.digits[:], column.digits)
	}
}
