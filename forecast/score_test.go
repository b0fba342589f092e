package forecast_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

var nan = math.NaN()

// upTo10 returns the distribution whose paths are 0, 1 ... 10 at each time, so
// that its p-quantile is 10p and its mean 5.
func upTo10(times ...float64) *forecast.Distribution {
	d := &forecast.Distribution{Times: times}
	for i := 0; i <= 10; i++ {
		p := make([]float64, len(times))
		for k := range p {
			p[k] = float64(i)
		}
		d.Paths = append(d.Paths, p)
	}
	return d
}

// panel returns a panel of one regular series of width channels from time 0.
func panel(start float64, channels []string, values ...float64) *series.Panel {
	s := &series.Series{Values: values}
	for i := range len(values) / len(channels) {
		s.Times = append(s.Times, start+float64(i))
	}
	return &series.Panel{Channels: channels, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// Of the forecast upTo10, by hand:
//
//	y = 4: pinball losses of the deciles .3 .4 .3 0 .5 .8 .9 .8 .5, twice their
//	       mean 1; CRPS 31/11 - 2; MASE error 1; interval score 9.75-0.25
//	y = 12: twice the mean of p(12-10p) 51/9; CRPS 7 - 2; error 7; interval
//	       score 9.5 + 40*(12-9.75)
func TestScoreByHand(t *testing.T) {
	history := panel(0, []string{"y"}, 1, 5, 3, 6, nan, 10) // season 2: |3-1|, |6-5|, |10-6|: 7/3
	scale := 7. / 3
	f := &forecast.Forecast{Model: "m", Channels: []string{"y"}, Series: []*forecast.Distribution{upTo10(6, 7, 8)}}
	got, err := forecast.Score(history, panel(6, []string{"y"}, 4, nan, 12), f, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := forecast.Scores{
		MASE:       (1 + 7) / 2. / scale,
		SMAPE:      (200*1/9. + 200*7/17.) / 2,
		CRPS:       (31./11 - 2 + 5) / 2,
		SQL:        (1 + 51./9) / 2 / scale,
		SQLError:   nan,
		WQL:        (1 + 51./9) / 16,
		MSIS:       (9.5 + 9.5 + 90) / 2 / scale,
		Coverage80: 0.5,
		Coverage95: 0.5,
		Width80:    8 / scale,
		MAE:        4,
		RMSE:       5,
		Values:     2,
		Series:     1,
		Magnitude:  16,
	}
	compare(t, got, want)
}

// Channels are series of their own: the second is a point forecast, for which
// quantile losses and CRPS are absolute errors, and the third has a constant
// history.
func TestScoreChannels(t *testing.T) {
	channels := []string{"a", "b", "c"}
	history := panel(0, channels,
		0, 1, 7,
		2, 1, 7,
		6, 2, 7)
	f := &forecast.Forecast{Channels: channels, Series: []*forecast.Distribution{{
		Times: []float64{3, 4},
		Mean:  []float64{1, 4, 7, 1, -4, 8},
		SD:    []float64{0, 0, 0, 0, 0, 0},
	}}}
	got, err := forecast.Score(history, panel(3, channels,
		1, 3, 7,
		nan, -4, 8.5), f, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := forecast.Scores{ // scales 3, 0.5, none
		MASE:       (0. + 1) / 2,
		SMAPE:      (0 + 200/7./2 + 200*0.5/16.5/2) / 3,
		CRPS:       1.5 / 5,
		SQL:        (0. + 1) / 2,
		SQLError:   0.5, // of 0 and 1
		WQL:        1.5 / (1 + 3 + 7 + 4 + 8.5),
		MSIS:       (0 + 40/0.5/2) / 2,
		Coverage80: 3. / 5,
		Coverage95: 3. / 5,
		Width80:    0,
		MAE:        1.5 / 5,
		RMSE:       math.Sqrt((1 + 0.25) / 5),
		Values:     5,
		Series:     3,
		Unscaled:   1,
		Magnitude:  1 + 3 + 7 + 4 + 8.5,
	}
	compare(t, got, want)
}

// An irregular series is scaled by the differences of neighbouring
// observations, whatever the season.
func TestScoreIrregular(t *testing.T) {
	history := panel(0, []string{"y"}, 1, nan, 4, 0)
	history.Step = series.Step{}
	history.Series[0].Times = []float64{0, 0.1, 5, 5.5}
	actual := panel(7.25, []string{"y"}, 4)
	actual.Step = series.Step{}
	f := &forecast.Forecast{Channels: []string{"y"}, Series: []*forecast.Distribution{upTo10(7.25, 9)}}
	got, err := forecast.Score(history, actual, f, 12)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 / 3.5; math.Abs(got.MASE-want) > 1e-15 {
		t.Errorf("MASE %v, want %v", got.MASE, want)
	}
}

// Where nothing is left to average there is no score, rather than a good one.
func TestScoreUndefined(t *testing.T) {
	f := &forecast.Forecast{Channels: []string{"y"}, Series: []*forecast.Distribution{upTo10(2)}}
	got, err := forecast.Score(panel(0, []string{"y"}, 3, 3), panel(2, []string{"y"}, 0), f, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]float64{"MASE": got.MASE, "SQL": got.SQL, "MSIS": got.MSIS, "Width80": got.Width80, "WQL": got.WQL} {
		if !math.IsNaN(v) {
			t.Errorf("%s: %v, want NaN", name, v)
		}
	}
	if got.Unscaled != 1 || got.Series != 1 || got.SMAPE != 200 || got.Coverage95 != 0 {
		t.Errorf("scores %+v", got)
	}
}

// compare holds every field of the scores against those wanted.
func compare(t *testing.T, got, want forecast.Scores) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		name := g.Type().Field(i).Name
		if g.Field(i).CanInt() {
			if g.Field(i).Int() != w.Field(i).Int() {
				t.Errorf("%s: %v, want %v", name, g.Field(i), w.Field(i))
			}
			continue
		}
		if a, b := g.Field(i).Float(), w.Field(i).Float(); math.IsNaN(a) != math.IsNaN(b) || math.Abs(a-b) > 1e-12*math.Max(1, math.Abs(b)) {
			t.Errorf("%s: %v, want %v", name, a, b)
		}
	}
}

// Forecast, history and actual values that do not belong together are not
// scored.
func TestScoreErrors(t *testing.T) {
	y := []string{"y"}
	history, actual := panel(0, y, 1, 2, 3), panel(3, y, 4)
	f := func() *forecast.Forecast {
		return &forecast.Forecast{Channels: y, Series: []*forecast.Distribution{upTo10(3)}}
	}
	tests := []struct {
		name            string
		history, actual *series.Panel
		change          func(*forecast.Forecast)
		season          int
		want            string
	}{
		{"season", history, actual, nil, -1, "season of -1"},
		{"NaN", history, actual, func(f *forecast.Forecast) { f.Series[0].Paths[3][0] = nan }, 1, "path 3 is NaN"},
		{"channels of history", panel(0, []string{"x"}, 1, 2), actual, nil, 1, "the history: channels [x]"},
		{"channels of actual", history, panel(3, []string{"x"}, 1), nil, 1, "the actual values: channels [x]"},
		{"identifier", history, actual, func(f *forecast.Forecast) { f.Series[0].ID = "b" }, 1, `series 0 is "", the one forecast is "b"`},
		{"number", history, actual.With(nil), nil, 1, "0 series, 1 were forecast"},
		{"time", history, panel(3, y, 4, 5), nil, 1, "value at 4, for which there is no forecast"},
		{"nothing", history, panel(3, y, nan), nil, 1, "no actual value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := f()
			if tt.change != nil {
				tt.change(f)
			}
			_, err := forecast.Score(tt.history, tt.actual, f, tt.season)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
