package stamp

import (
	"math"
	"strings"
	"testing"

	"tsgen/series/internal/packed"
)

// Elapsed times read back as they were written, whatever their digits and decimals, and a time that the layout cannot tell
// is written longer.
func TestElapsed(t *testing.T) {
	for _, test := range []struct {
		cells, layout string
		first         float64 // of the cells
		also          float64 // a time of no cell
		text          string
	}{
		{"01:11 47:59", "[hh]:mm", 71, 90.5, "01:30:30"},
		{"-0:30 0:00 120:05", "[h]:mm", -30, 1e4, "166:40"},
		{"00:01:30 00:02 25:00:00", "[hh]:mm:ss", 90, -1, "-00:00:01"},
		{"0:00:01.50 0:00:02.25", "[h]:mm:ss.00", 1.5, 3, "0:00:03.00"},
		{"0:00:01.5 0:00:02", "[h]:mm:ss.9", 1.5, 3.1234567, "0:00:03.123457"},
		{"0_days_01:30:00 1_days_00:00:00", "[d] days hh:mm:ss", 5400, -5400, "-1 days +22:30:00"},
		{"-1_days_+22:30:00 2_days_00:00:00.500000", "[d] days hh:mm:ss.999999", -5400, 200000.25, "2 days 07:33:20.25"},
		{"0:30:00 1_day,_1:30:00", "[d] days hh:mm:ss", 1800, 0, "0 days 00:00:00"},
	} {
		cells := strings.Fields(test.cells)
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "_", " ")
		}
		e, err := InferElapsed(packed.Of(cells...))
		if err != nil || e.String() != test.layout || *CompileElapsed(test.layout) != *e {
			t.Errorf("%s: layout %v, %v", test.cells, e, err)
			continue
		}
		if v, err := e.Value(cells[0]); err != nil || v != test.first {
			t.Errorf("%s is %v, %v", cells[0], v, err)
		}
		if got := e.Text(test.also); got != test.text {
			t.Errorf("%v is written %s, want %s", test.also, got, test.text)
		}
		if v, err := e.Value(e.Text(test.also)); err != nil || math.Abs(v-test.also) > 1e-6 {
			t.Errorf("%v reads back as %v, %v", test.also, v, err)
		}
	}
	laps := CompileElapsed("[m]:ss")
	for cell, want := range map[string]float64{"4:35": 275, "59:30": 3570, "1:00:30": 3630} {
		if v, err := laps.Value(cell); err != nil || v != want {
			t.Errorf("a lap of %s is %v, %v", cell, v, err)
		}
	}
	if got := laps.Text(3630); got != "60:30" {
		t.Errorf("a lap of %s", got)
	}
	for cell, want := range map[string]string{"1:75": "75 minutes or seconds", "1:00:60": "60 seconds", "1:5": "47:59", "x:10": "47:59", "1:10:": "47:59", "": "47:59", "x days 1:30:00": "47:59", "1 days": "47:59"} {
		if _, err := laps.Value(cell); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", cell, err)
		}
	}
	for _, layout := range []string{"", "hh:mm", "[hm]:mm", "[]:mm", "[h]:mm.0", "[h]:mm:ss.09", "[mm]:ss:ss", "[2006]", "[d]", "[d] days hh:mm", "[m] days hh:mm:ss"} {
		if e := CompileElapsed(layout); e != nil {
			t.Errorf("%q is %v", layout, e)
		}
	}
}
