package command

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// plan is a table of sales that are higher where a promotion is, which is known
// for another six days.
func plan() string {
	var b strings.Builder
	b.WriteString("day,sales,promotion\n")
	for i := range 66 {
		promotion := i * i * i % 67 % 2 // of no season
		sales := fmt.Sprint(20 + 5*promotion + int(3*math.Sin(float64(i))))
		if i >= 60 {
			sales = ""
		}
		fmt.Fprintf(&b, "%d,%s,%d\n", i, sales, promotion)
	}
	return b.String()
}

// Known covariates are stored with the model and replaced by --at, and messages say where
// they are of no use, end or are missing.
func TestKnownCovariates(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "plan.csv", plan())
	r := mustRun(t, "fit", "plan.csv", "--known", "promotion", "-m", "naive", "--horizon", "4")
	for _, want := range []string{"60 observations", "known ahead promotion", "naive makes nothing of the known covariates; latent-ode, latent-sde, vrnn, srnn, mdn, flow, mixer, ets,"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("message %q lacks %q", r.stderr, want)
		}
	}
	r = mustRun(t, "fit", "plan.csv", "--known", "promotion", "-m", "vrnn", "--horizon", "4", "--updates", "20")
	if strings.Contains(r.stderr, "makes nothing") {
		t.Errorf("vrnn uses them, but: %s", r.stderr)
	}

	r = mustRun(t, "future", "--horizon", "8")
	if want := "day,promotion\n60,1\n61,0\n62,1\n63,1\n64,0\n65,1\n66,\n67,\n"; r.stdout != want {
		t.Errorf("future: %q, want %q", r.stdout, want)
	}
	check(t, tsgen("forecast", "--horizon", "8"), exitData, []string{"known covariates do not reach to 66", "end at 65"})
	if r = mustRun(t, "forecast", "--horizon", "6"); strings.Count(r.stdout, "\n") != 7 {
		t.Errorf("forecast: %q", r.stdout)
	}

	write(t, "future.csv", "day,promotion\n60,0\n61,1\n62,0\n")
	other := mustRun(t, "forecast", "--at", "future.csv")
	if strings.Count(other.stdout, "\n") != 4 || strings.HasPrefix(r.stdout, other.stdout) {
		t.Errorf("forecast with other promotions: %q", other.stdout)
	}
	write(t, "future.csv", "day,promotion\n60,1\n61,\n")
	check(t, tsgen("forecast", "--at", "future.csv"), exitData, []string{"future.csv:3", `"promotion"`, "missing"})
	write(t, "future.csv", "day\n60\n")
	check(t, tsgen("forecast", "--at", "future.csv"), exitData, []string{"future.csv", `"promotion"`, "no such column"})
	write(t, "bare.csv", "day,sales\n1,2\n2,3\n3,4\n")
	check(t, tsgen("forecast", "bare.csv"), exitData, []string{"bare.csv", `"promotion"`, "known covariate"})
	check(t, tsgen("fit", "plan.csv", "--known", "weather"), exitData, []string{"plan.csv", `"weather"`, "no such column"})
	check(t, tsgen("future", "--horizon", "0"), exitUsage, []string{"--horizon is 0"})
}

// A covariate that does nothing but repeat with the season is said, since its effect cannot be told
// from the season's; one that does not is no matter.
func TestSeasonalCovariates(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("day,sales,promotion,weekend\n")
	for i := range 70 {
		fmt.Fprintf(&b, "%d,%d,%d,%d\n", i, 20+5*(i%7/5)+i*i%11, i*i*i%67%2, i%7/5)
	}
	write(t, "plan.csv", b.String())
	r := mustRun(t, "fit", "plan.csv", "--known", "promotion,weekend", "--season", "7", "-m", "regression", "--horizon", "4", "--no-examine")
	if !strings.Contains(r.stderr, "the same in every season of 7 steps: weekend;") {
		t.Errorf("%s", r.stderr)
	}
	if r := mustRun(t, "fit", "plan.csv", "--known", "promotion,weekend", "--season", "5", "-m", "regression", "--horizon", "4", "--no-examine"); strings.Contains(r.stderr, "in every season") {
		t.Errorf("with a season of 5: %s", r.stderr)
	}
}
