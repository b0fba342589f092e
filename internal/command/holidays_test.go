package command

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"tsgen/internal/seriestest"
)

// A planted effect of holidays, and another of the days before them, comes back in the forecast
// without any file of the future, from a code as from a file of dates.
func TestHolidays(t *testing.T) {
	seriestest.Long(t)
	t.Chdir(t.TempDir())
	first := time.Date(2022, 1, 3, 0, 0, 0, 0, time.UTC)
	effect := func(d time.Time) float64 {
		switch d.Format("01-02") {
		case "12-25", "07-04", "01-01":
			return -30
		case "12-24", "07-03", "12-31":
			return 12
		}
		return 0
	}
	plain := func(i int) float64 { return 100 + 5*math.Sin(2*math.Pi*float64(i)/7) }
	var table, dates strings.Builder
	table.WriteString("ds,y\n")
	dates.WriteString("date,holiday\n")
	const n = 710 // to 13 December
	for i := range 2 * n {
		d := first.AddDate(0, 0, i)
		if i < n {
			fmt.Fprintf(&table, "%s,%.3f\n", d.Format(time.DateOnly), plain(i)+effect(d)+math.Mod(float64(i)*0.618, 1))
		}
		if effect(d) < 0 {
			fmt.Fprintf(&dates, "%s,%s\n", d.Format(time.DateOnly), d.Format("Jan 2"))
		}
	}
	write(t, "y.csv", table.String())
	write(t, "dates.csv", dates.String())
	for _, code := range []string{"US", "dates.csv"} {
		r := mustRun(t, "fit", "y.csv", "-m", "regression", "--horizon", "20", "--season", "7", "--no-examine", "--holidays", code)
		if !strings.Contains(r.stderr, "holidays "+code+": ") || !strings.Contains(r.stderr, "known to 2063") {
			t.Errorf("%s: nothing is said: %s", code, r.stderr)
		}
		rows, err := csv.NewReader(strings.NewReader(mustRun(t, "forecast", "--horizon", "20").stdout)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[1:] {
			got, err := strconv.ParseFloat(row[1], 64)
			d := first.AddDate(0, 0, n+i)
			if want := plain(n+i) + effect(d) + 0.5; err != nil || math.Abs(got-want) > 4 {
				t.Errorf("%s: %s is forecast as %v, want %.1f", code, row[0], got, want)
			}
		}
	}
	if r := mustRun(t, "future", "--horizon", "1"); r.stdout != "ds\n2023-12-14\n" {
		t.Errorf("future asks for holidays: %q", r.stdout)
	}
	check(t, tsgen("fit", "y.csv", "--holidays", "USA"), exitUsage, []string{`"USA"`, "US", "near"})
	check(t, tsgen("fit", "y.csv", "--holidays", "none.csv"), exitFailed, []string{"none.csv"})
	write(t, "plan.csv", plan())
	check(t, tsgen("fit", "plan.csv", "--holidays", "US"), exitData, []string{"--holidays", "no dates"})
}

// TestMonthDays protects that a pay-day is found with no flag, forecast far beyond the data, and left out where that is said.
func TestMonthDays(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("date,sales\n")
	first := time.Date(2022, 3, 5, 0, 0, 0, 0, time.UTC)
	for k := range 420 {
		d := first.AddDate(0, 0, k)
		y := 100 + 10*float64(d.Weekday()) + 3*math.Sin(float64(k*k))
		if d.Day() == 1 {
			y *= 2
		}
		fmt.Fprintf(&b, "%s,%.2f\n", d.Format(time.DateOnly), y)
	}
	write(t, "y.csv", b.String())
	onFirst := func(flags ...string) (sales float64, said string) {
		r := mustRun(t, append([]string{"fit", "y.csv", "-m", "ets", "--horizon", "40", "--no-examine"}, flags...)...)
		for _, line := range strings.Split(mustRun(t, "forecast", "--horizon", "40").stdout, "\n") {
			if strings.HasPrefix(line, "2023-05-01,") {
				sales = numbers(t, strings.Split(line, ",")[1:2])[0]
			}
		}
		return sales, r.stderr
	}
	if sales, said := onFirst(); sales < 190 || !strings.Contains(said, "stand out, known ahead as covariates: day 1 of the month") {
		t.Errorf("sales of %v on the first; said\n%s", sales, said)
	}
	if sales, said := onFirst("--holidays", "none"); sales > 150 || strings.Contains(said, "stand out") {
		t.Errorf("sales of %v on the first with none; said\n%s", sales, said)
	}
	wantExit(t, exitUsage, "fit", "y.csv", "--holidays", "none,DE")
}
