package forecast

import (
	"math"
	"testing"

	"tsgen/series"
)

// TestLogQuantilesOfRecords protects the rank of conformal prediction: values of a record err together,
// so that 20 of 21 records, whatever their length, do not tell where 95 % lie.
func TestLogQuantilesOfRecords(t *testing.T) {
	at := func(length int) float64 {
		seen := originResiduals{weight: 1}
		for r := range 21 {
			for lead := range length {
				seen.values = append(seen.values, calibrationResidual{lead: int32(lead), size: 1 + float64(r)})
			}
			seen.ends = append(seen.ends, len(seen.values))
		}
		q := logQuantiles(selection{origins: []originResiduals{seen}}, 0, size)
		return math.Exp(q[2])
	}
	if got := at(1); math.Abs(got-21) > 1e-9 {
		t.Errorf("of records of one value the quantile is %v, want the greatest", got)
	}
	if got := at(100); math.Abs(got-21) > 1e-9 {
		t.Errorf("of records of a hundred values the quantile is %v, want the greatest", got)
	}
}

// TestCalibrationWindowsOfShortSeries protects how far ahead a calibration of many short series looks: half
// the horizon if that leaves the series a season, rather than a few steps after two.
func TestCalibrationWindowsOfShortSeries(t *testing.T) {
	for _, c := range []struct{ n, windows, ahead int }{{16, 0, 12}, {18, 1, 5}, {24, 1, 11}, {30, 1, 12}, {32, 1, 7}, {120, 4, 12}} {
		p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Months: 1}}
		for range 150 {
			s := &series.Series{Values: make([]float64, c.n)}
			for k := range c.n {
				s.Times = append(s.Times, p.TimeAt(float64(k)))
			}
			p.Series = append(p.Series, s)
		}
		if windows, _, ahead := CalibrationWindows(p, 12, 12); windows != c.windows || ahead != c.ahead {
			t.Errorf("%d months: %d origins, %d steps ahead, want %d, %d", c.n, windows, ahead, c.windows, c.ahead)
		}
	}
}

// TestCalibrationAtTheSeason protects that a calibration for a horizon of a season looks back to origins at the step of the
// season at which the series ends, where it has as many of them then.
func TestCalibrationAtTheSeason(t *testing.T) {
	for _, c := range []struct{ n, horizon, season, windows, step int }{
		{1000, 24, 24, 10, 24}, {1000, 24, 1, 10, 12}, {1000, 18, 12, 10, 9}, {1000, 12, 24, 10, 6},
		{150, 24, 24, 5, 12}, // room for three a day apart
	} {
		p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 3600}}
		s := &series.Series{Values: make([]float64, c.n)}
		for k := range c.n {
			s.Times = append(s.Times, p.TimeAt(float64(k)))
		}
		p.Series = []*series.Series{s}
		if windows, step, _ := CalibrationWindows(p, c.horizon, c.season); windows != c.windows || step != c.step {
			t.Errorf("%+v: %d origins %d steps apart", c, windows, step)
		}
	}
}
