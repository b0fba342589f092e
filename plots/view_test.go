package plots

import (
	"bytes"
	"image/png"
	"math"
	"testing"

	"gonum.org/v1/plot/vg"

	"tsgen/forecast"
	"tsgen/series"
)

// Lines and bands break between times that are far apart: what lies between was not forecast.
func TestContinuedBreaks(t *testing.T) {
	const day = 86400.0
	s := &series.Series{Times: []float64{0, day, 2 * day}, Values: []float64{1, 2, 3}}
	p := &series.Panel{Channels: []string{"y"}, Axis: series.Axis{Layout: "2006-01-02"}, Step: series.Step{Width: day}, Series: []*series.Series{s}}
	weekly := &series.Series{Times: []float64{0, 7 * day, 14 * day}, Values: []float64{1, 2, 3}, Step: series.Step{Width: 7 * day}}
	for _, test := range []struct {
		s    *series.Series
		at   []float64
		want int // breaks
	}{
		{s, []float64{3 * day, 4 * day, 5 * day}, 0},
		{s, []float64{3 * day, 4 * day, 30 * day, 60 * day}, 2},
		{s, []float64{10 * day}, 1},
		{weekly, []float64{21 * day, 28 * day}, 0},
		{weekly, []float64{21 * day, 42 * day}, 1},
	} {
		v := &view{views: &views{panel: p, width: 1}, s: test.s, d: &forecast.Distribution{Times: test.at}}
		_, y := v.continued(0, make([]float64, len(test.at)))
		breaks := 0
		for _, value := range y {
			if math.IsNaN(value) {
				breaks++
			}
		}
		if breaks != test.want || len(y) != len(test.at)+1+breaks {
			t.Errorf("%v: %d breaks of %d points, want %d", test.at, breaks, len(y), test.want)
		}
	}
}

// What is pointed out lies within the picture, also before and after the observations and above them.
func TestMarksAreShown(t *testing.T) {
	s := &series.Series{ID: "a", Times: []float64{0, 1, 2}, Values: []float64{1, 5, 2, 6, 3, 7}}
	p := &series.Panel{Channels: []string{"x", "y"}, IDColumn: "id", TimeColumn: "t", Series: []*series.Series{s}}
	marks := []Mark{{Channel: 1, Time: -2, Value: 6}, {Time: 4, Value: 9}, {Channel: 1, Time: 1, Value: 0}}
	for c, want := range []extent{{1, 9}, {0, 7}} {
		one := &view{views: &views{panel: p, width: 2, all: 1}, s: s}
		drawn, err := one.course(c, "", vg.Point{X: 100, Y: 100}, marks)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := drawn.plot.X, drawn.plot.Y; x.Min > -2 || x.Max < 4 || y.Min > want.lo || y.Max < want.hi {
			t.Errorf("channel %d: times from %v to %v, values from %v to %v", c, x.Min, x.Max, y.Min, y.Max)
		}
	}
}

// Where marks with intervals stand close together the values that were observed between them are seen.
func TestMarksLeaveValues(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{{}}}
	s := p.Series[0]
	var marks []Mark
	for i := range 1500 {
		y := math.Sin(float64(i) / 100)
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, y)
		if i%5 > 1 {
			s.Values[i] = math.NaN()
			marks = append(marks, Mark{Time: float64(i), Value: y, Low: y - 0.5, High: y + 0.5})
		}
	}
	fig, err := History(p, HistoryOptions{Marks: marks})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := fig.Save(&b, "png"); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	dark, full, size := 0, 0, img.Bounds().Size()
	for y := size.Y / 4; y < size.Y*3/4; y++ { // within the axes
		for x := size.X / 5; x < size.X*4/5; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if r < 0x8000 && g < 0x8000 && b < 0x8000 {
				dark++
			}
			if r > 0xc000 && g < 0x7000 && b < 0x4000 {
				full++
			}
		}
	}
	if dark < 40 || full > size.X*size.Y/20 {
		t.Errorf("of %d pixels %d are of observed values, %d of marks", size.X*size.Y, dark, full)
	}
}
