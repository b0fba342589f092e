package modelfile

import (
	"bytes"
	"reflect"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// A calibration comes back to the bit from a model file, an impossible one is
// not written, and none stays none.
func TestCalibration(t *testing.T) {
	f := &File{
		State: forecast.State{Kind: "ar"}, Season: 1, Horizon: 4,
		History:     &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{1}, Values: []float64{2}}}},
		Calibration: &forecast.Calibration{Leads: []int{2, 4}, Levels: []float64{80}, Factors: [][]float64{{1.25}, {0.1 + 0.2}}},
	}
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Calibration, f.Calibration) {
		t.Errorf("calibration %+v, want %+v", got.Calibration, f.Calibration)
	}
	f.Calibration.Factors[0][0] = -1
	if err := Write(&b, f); err == nil {
		t.Error("a negative factor: no error")
	}
	f.Calibration = nil
	b.Reset()
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(&b); err != nil || got.Calibration != nil {
		t.Errorf("without a calibration: %v, %v", got.Calibration, err)
	}
}
