package series

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// Fingerprint returns the SHA-256 sum, in hexadecimal, of what the panel holds:
// identifiers, channels, times, values and known covariates, not their layout in a file. Panels
// with the same fingerprint are the same data.
func (p *Panel) Fingerprint() string {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	flush := func(always bool) {
		if always || len(buf) >= 4000 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	number := func(n int) {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(n))
		flush(false)
	}
	text := func(s string) {
		number(len(s))
		flush(true)
		h.Write([]byte(s))
	}
	floats := func(x []float64) {
		number(len(x))
		for _, v := range x {
			bits := math.Float64bits(v)
			if math.IsNaN(v) {
				bits = math.Float64bits(math.NaN())
			}
			buf = binary.LittleEndian.AppendUint64(buf, bits)
			flush(false)
		}
	}
	number(len(p.Channels))
	for _, c := range p.Channels {
		text(c)
	}
	number(len(p.Series))
	for _, s := range p.Series {
		text(s.ID)
		floats(s.Times)
		floats(s.Values)
	}
	if len(p.Known) > 0 {
		number(len(p.Known))
		for _, k := range p.Known {
			text(k)
		}
		for _, s := range p.Series {
			floats(s.Known.Times)
			floats(s.Known.Values)
		}
	}
	flush(true)
	return hex.EncodeToString(h.Sum(nil))
}
