package command

import (
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"tsgen/internal/seriestest"
)

// Cells of a row add up to its value, of a file and of a model file; a model without components
// says which have some.
func TestComponentsVerb(t *testing.T) {
	seriestest.Long(t)
	t.Chdir(t.TempDir())
	write(t, "a.csv", shopsCSV(42, "north", "west"))
	mustRun(t, "fit", "a.csv", "-m", "stl", "--season", "7", "--horizon", "7", "-o", "a.tsgen")
	mustRun(t, "fit", "a.csv", "-m", "naive", "--horizon", "7", "-o", "n.tsgen")
	mustRun(t, "fit", "a.csv", "-m", "latent-ode", "--set", "updates=5,hidden=4", "--season", "7", "--horizon", "7", "-o", "l.tsgen")
	for _, args := range [][]string{{"a.csv", "--season", "7", "--plot", "a.png"}, {"a.tsgen"}, {"n.tsgen", "--by", "stl"}, {"l.tsgen"}, {"-m", "l.tsgen", "a.csv"}} {
		header, rows := parse(t, mustRun(t, append([]string{"components"}, args...)...).stdout)
		if strings.Join(header, ",") != "shop,ds,value,trend,trend-lo-80,trend-hi-80,season-7,season-7-lo-80,season-7-hi-80,remainder" || len(rows) != 84 {
			t.Fatalf("%v: header %v, %d rows", args, header, len(rows))
		}
		if x := numbers(t, rows[50][2:]); math.Abs(x[1]+x[4]+x[7]-x[0]) > 1e-9 || !(x[2] < x[1] && x[1] < x[3]) {
			t.Errorf("%v: %v", args, x)
		}
	}
	if r := tsgen("components", "n.tsgen"); r.status != exitMismatch || !strings.Contains(r.stderr, "--by stl") {
		t.Errorf("status %d: %s", r.status, r.stderr)
	}
	wantExit(t, exitUsage, "components", "a.csv", "--by", "ets")
}

// An absurd value is in the remainder alone, and is said; so it is in a model file.
func TestComponentsOfAbsurdValues(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i := range 150 {
		y := 50 + 5*(i%7) + i*i%3
		if i == 149 {
			y = 900
		}
		fmt.Fprintf(&b, "%s,%d\n", time.Date(2023, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), y)
	}
	write(t, "y.csv", b.String())
	mustRun(t, "fit", "y.csv", "-m", "stl", "--season", "7", "--horizon", "7", "-o", "y.tsgen")
	for _, of := range []string{"y.csv", "y.tsgen"} {
		r := mustRun(t, "components", of, "--season", "7")
		if !strings.Contains(r.stderr, "1 absurd value") {
			t.Errorf("%s: said: %s", of, r.stderr)
		}
		_, rows := parse(t, r.stdout)
		last := numbers(t, rows[149][1:])
		if math.Abs(last[1]-65) > 5 || math.Abs(last[1]+last[4]+last[7]-900) > 1e-9 {
			t.Errorf("%s: the last components are %v", of, last)
		}
	}
}

// Holidays are parts of the components of a file, and a code that has but the list of its country is
// said to.
func TestComponentsHolidays(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("ds,y\n")
	first := time.Date(2023, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range 90 {
		d := first.AddDate(0, 0, i)
		y := 50 + 5*(i%7) + i*i%3
		if d.Format("01-02") == "12-25" {
			y -= 30
		}
		fmt.Fprintf(&b, "%s,%d\n", d.Format(time.DateOnly), y)
	}
	write(t, "y.csv", b.String())
	r := mustRun(t, "components", "y.csv", "--season", "7", "--holidays", "US-OH")
	if !strings.Contains(r.stderr, "no holidays of its own are known here, those of US are taken") {
		t.Errorf("said: %s", r.stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(r.stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := slices.Index(rows[0], "Christmas Day")
	if c < 0 {
		t.Fatalf("columns %q", rows[0])
	}
	for _, row := range rows[1:] {
		effect, err := strconv.ParseFloat(row[c], 64)
		if want := map[bool]float64{true: -30}[row[0] == "2023-12-25"]; err != nil || math.Abs(effect-want) > 6 {
			t.Errorf("%s: %s, want %v", row[0], row[c], want)
		}
	}
	wantExit(t, exitUsage, "components", "--holidays", "US")
}

// Series that are too short to split are left out and said; the picture has the channels of the others for which there is
// room, and says so.
func TestComponentsOfShortSeries(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("unique_id,ds,a,b,c,d,e\n")
	for i := range 46 {
		id, day := "long", i
		if i >= 42 {
			id, day = "short", i-42
		}
		fmt.Fprintf(&b, "%s,%s", id, time.Date(2023, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		for c := range 5 {
			fmt.Fprintf(&b, ",%d", 50*c+5*(i%7)+i*i%3)
		}
		b.WriteString("\n")
	}
	write(t, "y.csv", b.String())
	r := mustRun(t, "components", "y.csv", "--by", "stl", "--season", "7", "--plot", "y.svg")
	if !strings.Contains(r.stderr, `1 series left out, too short to split, the first since stl: series "short"`) {
		t.Errorf("said: %s", r.stderr)
	}
	if _, rows := parse(t, r.stdout); len(rows) != 5*42 {
		t.Errorf("%d rows, want five for each of 42 days", len(rows))
	}
	if picture := string(read(t, "y.svg")); !strings.Contains(picture, "the first 3 of 5 channels") {
		t.Error("the picture does not say which channels it has")
	}
}
