package moments

import (
	"math"
	"testing"
)

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
