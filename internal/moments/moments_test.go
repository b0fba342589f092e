package moments

import (
	"math"
	"testing"
)

// Moments that are joined are those of all values.
func TestJoin(t *testing.T) {
	var all, a, b, none Moments
	for i, x := range []float64{3, -1, 4, 1, -5, 9} {
		all.Add(x)
		if i < 2 {
			a.Add(x)
		} else {
			b.Add(x)
		}
	}
	none.Join(none)
	a.Join(none)
	a.Join(b)
	if none != (Moments{}) || a.N != all.N || math.Abs(a.Mean-all.Mean) > 1e-12 || math.Abs(a.Square-all.Square) > 1e-12 {
		t.Errorf("joined %v, of all %v", a, all)
	}
}

// Moments are right far from zero, skip NaN, and nothing has the variance 0.
func TestMoments(t *testing.T) {
	var m Moments
	if m.Variance() != 0 {
		t.Error("no values have a variance")
	}
	for _, x := range []float64{1e9 + 1, math.NaN(), 1e9 + 2, 1e9 + 6} {
		m.Add(x)
	}
	if m.N != 3 || m.Mean != 1e9+3 || math.Abs(m.Variance()-14.0/3) > 1e-6 {
		t.Errorf("moments %v, variance %v", m, m.Variance())
	}
}

// Slope and deviation are those of the least squares line,
// without the points that are NaN.
func TestLine(t *testing.T) {
	var l Line
	if l.Deviation() != 0 {
		t.Error("no points lie off their line")
	}
	// About 3 + 2u by ±1, so that the least squares are those of the line.
	for i, e := range []float64{1, -1, -1, 1} {
		l.Add(float64(i), 3+2*float64(i)+e)
		l.Add(float64(i), math.NaN())
	}
	if math.Abs(l.Deviation()-1) > 1e-12 || l.Cross/l.U.Square != 2 {
		t.Errorf("deviation %v, slope %v; want 1 and 2", l.Deviation(), l.Cross/l.U.Square)
	}
}

// The usual deviation is the median without zeros, and the least scale
// follows the level up to a part of it.
func TestLeastScale(t *testing.T) {
	usual := Usual([][]float64{{1, 7, 3, 7}, {10, math.NaN(), 30, 7}, {5, 7, 7, 7}, {2, 7}}, 2)
	if math.Abs(usual[0]-1) > 1e-12 || usual[1] != 0 {
		t.Errorf("usual deviations %v, want 1 and 0", usual)
	}
	for _, c := range []struct{ level, usual, want float64 }{
		{-300, 40, 0.3}, {300, 0, 0.3}, {101325, 12, 0.6}, {0, 12, 0},
	} {
		if got := LeastScale(c.level, c.usual); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("level %v, usual %v: %v, want %v", c.level, c.usual, got, c.want)
		}
	}
}

// The scale of a window ignores most of a trend, is a usual one for one or two
// values, and is not 0 for a constant.
func TestScale(t *testing.T) {
	line := func(x ...float64) (l Line) {
		for i, v := range x {
			l.Add(float64(i), v)
		}
		return l
	}
	for _, c := range []struct {
		l                Line
		usual, all, want float64
	}{
		{line(5), 0, 7, 7},
		{line(5), 2, 7, 2},
		{line(5, 5.1), 2, 7, 2},
		{line(1, -1, -1, 1), 2, 7, 1},
		{line(3, 3, 3), 0, 7, 3e-3},
		{line(0, 0, 0), 2, 7, 7e-6},
		{line(0, 10, 20), 2, 7, 0.05 * math.Sqrt(200.0/3)},
	} {
		if got := c.l.Scale(c.usual, c.all); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, usual %v, all %v: %v, want %v", c.l, c.usual, c.all, got, c.want)
		}
	}
}
