package command

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSimulate makes series that other verbs read, the same for the same seed, the first
// ones however many follow, with parts that add up to what is seen but for noise.
func TestSimulate(t *testing.T) {
	five := mustRun(t, "simulate", "-n", "5", "--length", "30", "--step", "day", "--seed", "4").stdout
	two := mustRun(t, "simulate", "-n", "2", "--length", "30", "--step", "day", "--seed", "4").stdout
	if !strings.HasPrefix(five, two) {
		t.Error("the first series depend on how many are made")
	}
	if other := mustRun(t, "simulate", "-n", "2", "--length", "30", "--step", "day", "--seed", "5").stdout; other == two {
		t.Error("another seed makes the same")
	}
	header, rows := parse(t, five)
	if strings.Join(header, ",") != "unique_id,ds,y" || len(rows) != 150 || rows[31][1] != "2000-01-04" {
		t.Errorf("header %v, %d rows, the second of the second series at %s", header, len(rows), rows[31][1])
	}
	header, rows = parse(t, mustRun(t, "simulate", "-n", "3", "--length", "200", "--kinds", "smoothing", "--season", "24,168",
		"--step", "hour", "--missing", "0.1", "--parts").stdout)
	if strings.Join(header, ",") != "unique_id,ds,y,level,season" {
		t.Errorf("header %v", header)
	}
	missing, apart, size := 0, 0.0, 0.0
	for _, r := range rows {
		if !strings.HasPrefix(r[0], "smoothing-") {
			t.Fatalf("a series is called %s", r[0])
		}
		if r[2] == "" {
			missing++
			continue
		}
		y, _ := strconv.ParseFloat(r[2], 64)
		level, _ := strconv.ParseFloat(r[3], 64)
		season, _ := strconv.ParseFloat(r[4], 64)
		apart, size = apart+math.Abs(y-level-season), size+math.Abs(y)
	}
	if missing < 30 || missing > 90 || apart > 0.5*size {
		t.Errorf("%d of 600 values missing, %v of %v is noise", missing, apart, size)
	}
	file := filepath.Join(t.TempDir(), "made.csv")
	mustRun(t, "simulate", "-n", "2", "--length", "60", "-o", file)
	if r := mustRun(t, "describe", file); !strings.Contains(r.stdout, "2 series") {
		t.Errorf("describe: %s", r.stdout)
	}
	for flags, want := range map[string]string{
		"-n 0": "--number", "--length 0": "--length", "--step fortnight": "quarter", "--kinds magic": "structural",
		"--missing 1": "--missing", "--season 7,30,365": "two seasons",
	} {
		check(t, tsgen(append([]string{"simulate"}, strings.Fields(flags)...)...), exitUsage, []string{want})
	}
}
