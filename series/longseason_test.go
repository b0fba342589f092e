package series

import (
	"math"
	"testing"
)

// The longer season, weeks of hours or years of days, is found if the data show
// it and span it often enough.
func TestLongSeason(t *testing.T) {
	const hour = 3600
	weekly := func(i int) float64 { return float64(i/24%7) + float64(i%24) }
	daily := func(i int) float64 { return float64(i%24) + float64(i*i%11) }
	yearly := func(i int) float64 { return math.Sin(2*math.Pi*float64(i)/364) + float64(i%7) }
	for _, c := range []struct {
		name   string
		value  func(i int) float64
		length int
		step   Step
		season int
		want   int
	}{
		{"hours with weeks", weekly, 24 * 7 * 5, Step{Width: hour}, 24, 168},
		{"hours without", daily, 24 * 7 * 5, Step{Width: hour}, 24, 0},
		{"two weeks are too few", weekly, 24*7*2 - 1, Step{Width: hour}, 24, 0},
		{"another season", weekly, 24 * 7 * 5, Step{Width: hour}, 12, 0},
		{"days with years", yearly, 3 * 364, Step{Width: day}, 7, 364},
		{"days by the calendar", yearly, 3 * 364, Step{Days: 1}, 7, 364},
		{"months", yearly, 200, Step{Months: 1}, 12, 0},
		{"minutes", weekly, 5000, Step{Width: 60}, 60, 0},
	} {
		s := &Series{}
		p := &Panel{Channels: []string{"y"}, Axis: Axis{Layout: "2006-01-02 15:04"}, Step: c.step, Series: []*Series{s}}
		for i := range c.length {
			s.Times, s.Values = append(s.Times, p.TimeAt(float64(i))), append(s.Values, c.value(i))
		}
		if got := p.LongSeason(c.season); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	plain := &Panel{Channels: []string{"y"}, Step: Step{Width: 1}, Series: []*Series{{Times: []float64{1, 2}, Values: []float64{1, 2}}}}
	if got := plain.LongSeason(24); got != 0 {
		t.Errorf("plain numbers: %d", got)
	}
}
