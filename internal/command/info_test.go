package command

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// info says what a fit wrote, and refuses a file of which a bit is another.
func TestInfo(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(5 + i%12) }))
	mustRun(t, "fit", "y.csv", "-m", "linear-map", "--horizon", "6")
	var report fileReport
	if err := json.Unmarshal([]byte(mustRun(t, "info", "--json").stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Kind != "linear-map" || report.Format != 2 || report.Horizon != 6 || report.Season != 12 || report.Series != 1 ||
		report.Observations != 60 || report.Parameters == 0 || len(report.Verified) != 3 || len(report.Examined) == 0 {
		t.Errorf("%+v", report)
	}
	if r := mustRun(t, "info", "model.tsgen"); !strings.Contains(r.stdout, "digest of the whole file") {
		t.Errorf("not said to be verified:\n%s", r.stdout)
	}
	file := read(t, "model.tsgen")
	for _, at := range []int{150, len(file) / 2, len(file) - 1} {
		file[at] ^= 4
		write(t, "bad.tsgen", string(file))
		file[at] ^= 4
		check(t, tsgen("info", "bad.tsgen"), exitMismatch, []string{"bad.tsgen", "damaged", "digest"})
	}
}
