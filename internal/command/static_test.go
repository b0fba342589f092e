package command

import (
	"fmt"
	"strings"
	"testing"
)

// Properties of the series are learned from, kept in the model file and asked of new series: two
// series alike but for their region are forecast apart, and those that the model knows need no
// column of it.
func TestStaticCovariates(t *testing.T) {
	t.Chdir(t.TempDir())
	table := func(n, days int, region func(i int) string) string {
		var b strings.Builder
		b.WriteString("shop,day,sales,region\n")
		for i := range n {
			for d := range days {
				level := 50
				if d >= 12 && i%2 == 0 { // the north grows
					level = 90
				}
				fmt.Fprintf(&b, "s%d,%d,%d,%s\n", i, d, level+(d*d*7+i*13)%11, region(i))
			}
		}
		return b.String()
	}
	compass := func(i int) string { return []string{"north", "south"}[i%2] }
	write(t, "shops.csv", table(8, 24, compass))
	r := mustRun(t, "fit", "shops.csv", "-m", "boost", "--horizon", "4", "--no-examine", "--season", "none")
	for _, want := range []string{"static region=north, region=south", `taken as static covariates: "region" (2 levels); --static none`} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("message %q lacks %q", r.stderr, want)
		}
	}
	if r := mustRun(t, "info", "model.tsgen"); !strings.Contains(r.stdout, "static") {
		t.Errorf("info: %s", r.stdout)
	}
	alike := func(region string) string {
		write(t, "new.csv", strings.ReplaceAll(table(1, 12, func(int) string { return region }), "s0,", "new,"))
		return mustRun(t, "forecast", "new.csv").stdout
	}
	if north, south := alike("north"), alike("south"); north == south {
		t.Error("the region makes no difference")
	}
	write(t, "new.csv", table(1, 12, func(int) string { return "west" }))
	check(t, tsgen("forecast", "new.csv"), exitData, []string{`new.csv:2: column "region": "west"`, "not one of the levels"})
	bare := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(table(2, 12, compass), ",region", ""), ",north", ""), ",south", "")
	write(t, "new.csv", bare)
	if r := mustRun(t, "forecast", "new.csv"); !strings.Contains(r.stderr, "those known of the series from before") {
		t.Errorf("without the column: %s", r.stderr)
	}
	write(t, "new.csv", strings.ReplaceAll(bare, "s1,", "s99,"))
	check(t, tsgen("forecast", "new.csv"), exitMismatch, []string{`series "s99"`, `"region=north"`})

	if r := mustRun(t, "fit", "shops.csv", "-m", "ets", "--horizon", "4"); !strings.Contains(r.stderr, "ets makes nothing of the static covariates; latent-ode, latent-sde, vrnn, srnn, mdn, mixer, boost do") {
		t.Errorf("ets: %s", r.stderr)
	}
	if r := mustRun(t, "fit", "shops.csv", "-m", "ets", "--horizon", "4", "--static", "none"); strings.Contains(r.stderr, "static") {
		t.Errorf("none: %s", r.stderr)
	}
}
