package baseline

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/internal/joint"
)

// TestTails protects the tails of what was estimated from few values: those of Student's distribution about the
// same intervals of 80 %, of paths too, and Gaussian ones of a channel beside it that many values tell.
func TestTails(t *testing.T) {
	const degrees, sd = 5, 2
	outs := []prospect{{marginals: table{[]float64{0, 7}, []float64{0, sd}}, degrees: degrees}, {marginals: table{[]float64{0, 7}, []float64{0, sd}}}}
	d := &forecast.Distribution{Times: []float64{1}}
	setMarginals(d, outs, []float64{1})
	student := distuv.StudentsT{Sigma: 1, Nu: degrees}
	for _, p := range []float64{0.025, 0.1, 0.5, 0.9, 0.975} {
		gaussian := distuv.UnitNormal.Quantile(p)
		want := []float64{7 + sd*student.Quantile(p)/student.Quantile(0.9)*distuv.UnitNormal.Quantile(0.9), 7 + sd*gaussian}
		for c, q := range d.Quantiles(p)[0] {
			if math.Abs(q-want[c]) > 0.02 {
				t.Errorf("channel %d: the %v-quantile is %v, want %v", c, p, q, want[c])
			}
		}
	}
	paths := &forecast.Distribution{Times: d.Times, Paths: drawPaths(outs[0], []float64{1}, 20000, joint.Source(1, ""))}
	if got, want := paths.Quantiles(0.975)[0][0], d.Quantiles(0.975)[0][0]; math.Abs(got-want) > 0.15 {
		t.Errorf("the 0.975-quantile of paths is %v, want %v", got, want)
	}
}
