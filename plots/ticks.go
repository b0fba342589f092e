package plots

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Room for a number at a tick, beside and above one another.
const numberWidth, numberHeight = vg.Length(36), vg.Length(20)

// newNumberTicks returns the ticks of an axis of numbers with room for so many,
// and the axis' label with the unit in which they are written.
func newNumberTicks(e extent, room vg.Length, label string) (plot.Ticker, string) {
	scale, unit := numberScale(e)
	if label != "" && unit != "" {
		label += ", "
	}
	return numberTicks{most: max(2, int(room)), scale: scale}, label + unit
}

// numberTicks marks an axis of numbers at multiples of 1, 2 or 5 times a power
// of ten.
type numberTicks struct {
	most  int     // number of ticks
	scale float64 // the labels are in units of scale
}

// Ticks implements plot.Ticker.
func (n numberTicks) Ticks(lo, hi float64) []plot.Tick {
	step := numberStep((hi - lo) / float64(n.most))
	if math.Floor(hi/step) <= math.Ceil(lo/step) { // one tick has no scale
		step = numberStep(step / 2.5)
	}
	decimals := max(0, -int(math.Floor(math.Log10(step/n.scale)+1e-9)))
	var ticks []plot.Tick
	for k := math.Ceil(lo / step); k*step <= hi && len(ticks) <= 2*n.most; k++ {
		v := k * step
		ticks = append(ticks, plot.Tick{Value: v, Label: formatTick(v/n.scale, decimals)})
	}
	return ticks
}

// numberStep returns the least of 1, 2 and 5 times a power of ten that is no
// less than x.
func numberStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// formatTick writes the number with the given decimals and, from 10,000 on,
// with commas between the thousands.
func formatTick(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole) > 4 {
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + "," + whole[at:]
		}
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return "-" + whole
	}
	return whole
}

// numberScale returns the unit in which numbers of this range are written, and
// what it adds to the label of the axis.
func numberScale(e extent) (scale float64, unit string) {
	size := max(math.Abs(e.lo), math.Abs(e.hi))
	exponent := 3 * int(math.Floor(math.Log10(size)/3))
	switch {
	case exponent == 6:
		return 1e6, "millions"
	case exponent == 9:
		return 1e9, "billions"
	case exponent > 9 || exponent < -3:
		return math.Pow(10, float64(exponent)), "× 1e" + strconv.Itoa(exponent)
	}
	return 1, ""
}

// scaled reports whether a text is a unit that numberScale returns.
func scaled(unit string) bool {
	return unit == "millions" || unit == "billions" || strings.HasPrefix(unit, "× 1e")
}

// logTicks marks a logarithmic axis at powers of ten and, where there are few
// of them, at 2 and 5 times these.
type logTicks struct{ most int }

// Ticks implements plot.Ticker.
func (l logTicks) Ticks(lo, hi float64) []plot.Tick {
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := 1 + (last-first)/l.most
	factors := []float64{1}
	if 3*(last-first) <= l.most {
		factors = []float64{1, 2, 5}
	}
	var ticks []plot.Tick
	for e := first; e <= last; e += every {
		for _, m := range factors {
			v := m * math.Pow(10, float64(e))
			if v < lo || v > hi {
				continue
			}
			label := strconv.FormatFloat(v, 'g', 6, 64)
			if e >= 0 && e < 7 {
				label = formatTick(v, 0)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	return ticks
}

// unlabelled marks the places of another Ticker, without numbers at them.
type unlabelled struct{ plot.Ticker }

// Ticks implements plot.Ticker. The label is not empty, which would make the
// tick a minor one, without a line of the grid.
func (u unlabelled) Ticks(lo, hi float64) []plot.Tick {
	ticks := slices.Clone(u.Ticker.Ticks(lo, hi))
	for i := range ticks {
		ticks[i].Label = " "
	}
	return ticks
}
