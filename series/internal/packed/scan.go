package packed

import "encoding/binary"

// Separators are those of lines that Scan takes.
const Separators = ",;\t|"

// MostScanned is the number of bytes of a cell beyond which Scan does not find it.
const MostScanned = 64

// Scan finds the text of a cell at the beginning of a line of separated cells: how many bytes
// it has, its shape and its number, which Push appends. The line goes on at least to its
// end. Only what is certain is found, in ASCII without quotation marks and blanks about it;
// ok is false for all else.
func (c *Column) Scan(line []byte, separator byte) (n int, code int32, digits uint64, ok bool) {
	if len(c.raw) > 0 {
		return 0, 0, 0, false // a block is of one kind
	}
	if m := &c.model; m.of == c.last && m.n > 0 {
		if digits, ok := m.match(line); ok && ends(line[m.n], separator) {
			return m.n, m.of, digits, true
		}
	}
	if n, code, digits, ok := c.scanDecimal(line); ok && ends(line[n], separator) {
		return n, code, digits, true
	}
	return c.scanAny(line, separator)
}

// ends reports whether a byte ends a cell.
func ends(b, separator byte) bool { return b == separator || b == '\n' || b == '\r' }

// scanDecimal finds a decimal number of a shape that the column has.
func (c *Column) scanDecimal(line []byte) (n int, code int32, digits uint64, ok bool) {
	i, sign := 0, 0
	if line[0] == '-' {
		i, sign = 1, 1
	}
	first := i
	for i < len(line) && line[i]-'0' <= 9 {
		digits = 10*digits + uint64(line[i]-'0')
		i++
	}
	before, after := i-first, 0
	if i < len(line) && line[i] == '.' {
		point := i
		i++
		for c.long && i+8 <= len(line) {
			eight, ok := eightDigits(line[i:])
			if !ok {
				break
			}
			digits = 1e8*digits + eight
			i += 8
		}
		for ; i < len(line) && line[i]-'0' <= 9; i++ {
			digits = 10*digits + uint64(line[i]-'0')
		}
		if after = i - point - 1; after == 0 {
			return 0, 0, 0, false
		}
		c.long = after >= 8
	}
	if i == len(line) || before == 0 || before+after > mostDigits {
		return 0, 0, 0, false
	}
	code = c.plain[sign][before][after] - 1
	return i, code, digits, code >= 0
}

// scanAny finds any text, and makes those like it the ones that are found first.
func (c *Column) scanAny(line []byte, separator byte) (n int, code int32, digits uint64, ok bool) {
	for n < len(line) && !ends(line[n], separator) {
		if n == MostScanned {
			return 0, 0, 0, false
		}
		if b := line[n]; b < ' ' || b > '~' || b == '"' {
			return 0, 0, 0, false
		}
		n++
	}
	if n == len(line) || n > 0 && (line[0] == ' ' || line[n-1] == ' ') {
		return 0, 0, 0, false
	}
	if code, digits = c.pack(line[:n]); code == Raw {
		return 0, 0, 0, false
	}
	if code == c.last && (code != c.model.of || c.model.n == 0) {
		if _, _, _, decimal := c.shapes[code].Decimal(); !decimal {
			c.model.set(code, &c.shapes[code])
		}
	}
	return n, code, digits, true
}

// A template finds texts of one shape by eight bytes at a time, of which those that are as
// the last time need no work.
type template struct {
	of    int32
	n     int // bytes of the texts, 0 for no template
	words [mostWords]word
}

// A word is eight bytes of a template.
type word struct {
	mask, literal uint64 // what is no digit
	vary, used    uint64 // digits; all bytes
	weights       [8]uint64
	last, sum     uint64 // the last bytes, and the sum of their digits by weight
}

// mostWords bounds the texts of templates.
const mostWords = 5

// set makes the template of a shape.
func (t *template) set(of int32, s *Shape) {
	t.of, t.n = of, 0
	if len(s.Text) == 0 || len(s.Text) > 8*mostWords {
		return
	}
	t.n = len(s.Text)
	weight := uint64(1)
	for range s.count - 1 {
		weight *= 10
	}
	for k := range t.words {
		w := word{}
		for i := 8 * k; i < min(8*k+8, t.n); i++ {
			shift := 8 * (i % 8)
			w.used |= 0xff << shift
			if b := s.Text[i]; b != Digit {
				w.mask |= 0xff << shift
				w.literal |= uint64(b) << shift
				continue
			}
			w.vary |= 0xff << shift
			w.weights[i%8] = weight
			weight /= 10
		}
		w.last = w.literal | zeros&w.vary // as of all zeros, whose sum is 0
		t.words[k] = w
	}
}

const (
	zeros    = 0x3030303030303030
	overNine = 0x7676767676767676 // brings what is no digit to its highest bit
	highest  = 0x8080808080808080
)

// match returns the number of the text of the shape that a line begins with.
func (t *template) match(line []byte) (digits uint64, ok bool) {
	if len(line) < 8*mostWords+1 {
		return 0, false
	}
	for k := 0; 8*k < t.n; k++ {
		w := &t.words[k]
		x := binary.LittleEndian.Uint64(line[8*k:]) & w.used
		if x != w.last {
			d := (x ^ zeros) & w.vary
			if (x^w.literal)&w.mask != 0 || (d+overNine&w.vary|d)&highest != 0 {
				return 0, false
			}
			w.last, w.sum = x, w.number(d)
		}
		digits += w.sum
	}
	return digits, true
}

// number returns the sum of the digits in the bytes of d by their weights.
func (w *word) number(d uint64) uint64 {
	x := &w.weights
	return x[0]*(d&15) + x[1]*(d>>8&15) + x[2]*(d>>16&15) + x[3]*(d>>24&15) +
		x[4]*(d>>32&15) + x[5]*(d>>40&15) + x[6]*(d>>48&15) + x[7]*(d>>56)
}

// eightDigits returns the number that eight bytes of digits make.
func eightDigits(b []byte) (digits uint64, ok bool) {
	d := binary.LittleEndian.Uint64(b) ^ zeros
	if (d+overNine|d)&highest != 0 {
		return 0, false
	}
	d = d*10 + d>>8 // pairs in every second byte
	return (d&0xff000000ff*(100+1000000<<32) + d>>16&0xff000000ff*(1+10000<<32)) >> 32, true
}
