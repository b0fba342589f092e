package plots_test

import (
	"testing"

	"gonum.org/v1/plot/cmpimg"
)

// Golden pictures are drawn anew with -regen, and looked at.
func TestGolden(t *testing.T) {
	for name, draw := range map[string]func(){
		"fan.png":      ExampleFan,
		"channels.png": ExampleFan_channels,
		"series.png":   ExampleFan_series,
		"phase.png":    ExamplePhase,
		"training.png": ExampleTraining,
	} {
		t.Run(name, func(t *testing.T) {
			cmpimg.CheckPlotApprox(draw, t, 0.01, name)
		})
	}
}
