package command

import (
	"strconv"
	"strings"
	"testing"
)

// Times of --at in any order, within the series too, are written in order; those within are what
// the model says of them from what came before, the series that have none are named, and paths
// are of the future alone.
func TestForecastPast(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("id,t,y\n")
	for _, id := range []string{"a", "b", "c"} {
		for i := range 20 {
			b.WriteString(id + "," + strconv.Itoa(i) + "," + strconv.Itoa(i*i%7) + "\n")
		}
	}
	write(t, "x.csv", b.String())
	mustRun(t, "fit", "x.csv", "-m", "naive", "--season", "none", "--horizon", "2", "--calibrate=false")
	write(t, "at.csv", "id,t\nb,21\na,20\nb,1\nb,12\n")
	r := mustRun(t, "forecast", "--at", "at.csv", "--plot", "p.svg")
	var rows []string
	for _, line := range strings.Split(strings.TrimSpace(r.stdout), "\n")[1:] {
		rows = append(rows, strings.Join(strings.Split(line, ",")[:3], ","))
	}
	// A random walk keeps the value before: 11² mod 7 is 2, and 19² mod 7 is 4.
	if got, want := strings.Join(rows, " "), "a,20,4 b,12,2 b,21,4"; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
	for _, want := range []string{`at.csv has no row of 1 of 3 series, which are not forecast: "c"`, "2 times of --at within the series", "1 time of these with too little before"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("message %q lacks %q", r.stderr, want)
		}
	}
	check(t, tsgen("forecast", "--at", "at.csv", "--paths", "3"), exitUsage, []string{"--at has times within the series"})
	write(t, "at.csv", "id,t\nb,1\n")
	check(t, tsgen("forecast", "--at", "at.csv"), exitMismatch, []string{"no time of --at has enough before it"})
	write(t, "at.csv", "id,t\nb,12\nb,12\n")
	check(t, tsgen("forecast", "--at", "at.csv"), exitData, []string{"at.csv:3", "after the one before"})
}
