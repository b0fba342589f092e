package command

import (
	"fmt"
	"strings"
	"testing"
)

// A fit to irregular times says how far ahead it looks, and a forecast says where it goes far beyond that; neither is told of
// what lies near, nor the horizon where it is given.
func TestForecastFar(t *testing.T) {
	t.Chdir(t.TempDir())
	var doses, near, far strings.Builder
	doses.WriteString("patient,hour,conc\n")
	near.WriteString("patient,hour\n")
	far.WriteString("patient,hour\n")
	for i := range 6 {
		for k, hour := range []float64{0, 0.25, 0.5, 1, 2, 4, 8} {
			fmt.Fprintf(&doses, "p%d,%g,%d\n", i, hour, 90-10*k+i*k%5)
		}
		fmt.Fprintf(&near, "p%d,14\n", i)
		fmt.Fprintf(&far, "p%d,14\np%d,24\n", i, i)
	}
	write(t, "doses.csv", doses.String())
	write(t, "near.csv", near.String())
	write(t, "far.csv", far.String())
	const horizon, beyond = "horizon: 2 observations, as far as 6", "examined up to 2 observations, or 6, ahead"
	if r := mustRun(t, "fit", "doses.csv", "-m", "naive", "--horizon", "2"); strings.Contains(r.stderr, "horizon:") {
		t.Errorf("a given horizon is told of: %s", r.stderr)
	}
	if r := mustRun(t, "fit", "doses.csv", "-m", "naive"); !strings.Contains(r.stderr, horizon) {
		t.Errorf("the horizon is not told of: %s", r.stderr)
	}
	if r := mustRun(t, "forecast", "--at", "near.csv"); strings.Contains(r.stderr, beyond) {
		t.Errorf("of 6 hours ahead: %s", r.stderr)
	}
	if r := mustRun(t, "forecast", "--at", "far.csv"); !strings.Contains(r.stderr, beyond) {
		t.Errorf("of 16 hours ahead: %s", r.stderr)
	}

	write(t, "y.csv", months(60, func(i int) string { return fmt.Sprint(50 + i*i%7) }))
	mustRun(t, "fit", "y.csv", "-m", "naive", "--no-examine", "--horizon", "3")
	for steps, want := range map[string]bool{"6": false, "7": true} {
		const beyond = "fitted for 3 steps ahead and not examined"
		if r := mustRun(t, "forecast", "--horizon", steps); strings.Contains(r.stderr, beyond) != want {
			t.Errorf("of %s steps: %s", steps, r.stderr)
		}
	}
}
