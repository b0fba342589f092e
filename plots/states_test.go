package plots_test

import (
	"log"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/plots"
)

// The picture of latent states is the one that was looked at.
func TestStatesGolden(t *testing.T) {
	seriestest.Long(t)
	cmpimg.CheckPlotApprox(ExampleStates, t, 0.01, "states.png")
}

// States that a model sees behind spirals, and how they go on.
func ExampleStates() {
	history, f := spirals()
	f.Channels = []string{"z1", "z2"}
	fig, err := plots.States(history, f, plots.Options{})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "states.png")
}

// States that do not belong to the series of the history are refused.
func TestStatesErrors(t *testing.T) {
	history, f := spirals()
	for name, damage := range map[string]struct {
		edit func(f *forecast.Forecast)
		opt  plots.Options
		want string
	}{
		"no series":      {func(f *forecast.Forecast) { f.Series = nil }, plots.Options{}, "no states"},
		"other series":   {func(f *forecast.Forecast) { f.Series = f.Series[:1] }, plots.Options{}, "states of 1 series"},
		"another series": {func(f *forecast.Forecast) { d := *f.Series[0]; d.ID = "x"; f.Series[0] = &d }, plots.Options{}, "no states or no history"},
		"size":           {func(f *forecast.Forecast) {}, plots.Options{Width: 1}, "picture of 1 by"},
	} {
		g := *f
		g.Series = append([]*forecast.Distribution(nil), f.Series...)
		damage.edit(&g)
		if _, err := plots.States(history, &g, damage.opt); err == nil || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, damage.want)
		}
	}
}
