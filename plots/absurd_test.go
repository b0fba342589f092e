package plots

import (
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// An absurd value flattens no picture: it is left out, and the subtitle says so, unless it is to be kept.
func TestAbsurdIsLeftOut(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}}
	s := &series.Series{}
	for k := range 40 {
		s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, float64(200+7*(k%5)))
	}
	s.Values[39] = 35000
	p.Series = []*series.Series{s}
	f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{{Times: []float64{40, 41}, Mean: []float64{210, 210}, SD: []float64{5, 5}}}}
	for how, want := range map[forecast.Outliers]bool{forecast.LimitOutliers: true, forecast.KeepOutliers: false} {
		fig, err := Fan(p, f, FanOptions{Outliers: how})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(fig.subtitle, "1 absurd value is left out"); got != want {
			t.Errorf("outliers %q: subtitle %q", how, fig.subtitle)
		}
	}
	if s.Values[39] != 35000 {
		t.Error("the series itself has changed")
	}
}
