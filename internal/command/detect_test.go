package command

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/series/doctor"
)

// The command finds one value far off, in a file as in a model file, and says so; rows of
// the table are those of the data.
func TestDetectVerb(t *testing.T) {
	t.Chdir(t.TempDir())
	rng := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	b.WriteString("ds,y\n")
	for k := range 80 {
		v := 10 + 3*math.Sin(float64(k)) + rng.NormFloat64()
		if k == 60 {
			v += 12
		}
		fmt.Fprintf(&b, "%d,%.3f\n", k, v)
	}
	write(t, "a.csv", b.String())
	mustRun(t, "fit", "a.csv", "-m", "ar", "--set", "order=3", "--season", "none", "--horizon", "4", "-o", "a.tsgen")
	for _, args := range [][]string{{"a.csv", "--season", "none", "--plot", "a.png"}, {"a.tsgen"}, {"a.csv", "--model", "a.tsgen"}} {
		r := mustRun(t, append([]string{"detect"}, args...)...)
		header, rows := parse(t, r.stdout)
		if strings.Join(header, ",") != "ds,y,y-expected,y-lo,y-hi,y-p,y-anomaly" || len(rows) != 80 || rows[0][5] != "" {
			t.Fatalf("%v: header %v, %d rows, the first %v", args, header, len(rows), rows[0])
		}
		if rows[60][6] != "1" || rows[40][6] != "0" || numbers(t, rows[60][5:6])[0] > 1e-3 || !strings.Contains(r.stderr, "60 y = ") {
			t.Errorf("%v: %v, %s", args, rows[60], r.stderr)
		}
	}
	wantExit(t, exitUsage, "detect", "a.csv", "--rate", "2")
	wantExit(t, exitUsage, "detect", "a.tsgen", "--model", "a.tsgen")
	wantExit(t, exitUsage, "detect")
}

// A panel of which a channel is too short for the model is said to be so, and not that its series are.
func TestDetectSaysWhatIsShort(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("t,y,once\n")
	for i := range 40 {
		once := ""
		if i == 0 {
			once = "3"
		}
		fmt.Fprintf(&b, "%d,%d,%s\n", i*i+i, i*i%7, once)
	}
	write(t, "a.csv", b.String())
	check(t, tsgen("detect", "a.csv", "--target", "y,once"), exitMismatch, []string{"two observations of once"})
	if r := mustRun(t, "detect", "a.csv"); !strings.Contains(r.stderr, `"once" has 1 value in 40 rows`) {
		t.Errorf("a channel of one value: %s", r.stderr)
	}
}

// A value that stays the same to all digits is told of with its lines by each verb, in the JSON document of a fit, too; the
// forecast goes on as what was before, and detect marks all but the first.
func TestStuckSensor(t *testing.T) {
	t.Chdir(t.TempDir())
	rng := rand.New(rand.NewPCG(4, 3))
	var b strings.Builder
	b.WriteString("ds,y\n")
	last := 0.0
	for k := range 150 {
		if k <= 130 {
			last = 30 + rng.NormFloat64()
		}
		fmt.Fprintf(&b, "%d,%.3f\n", k, last)
	}
	write(t, "a.csv", b.String())
	where := "at 130 (line 132) to 149 (line 151), 20 times"
	r := mustRun(t, "fit", "a.csv", "-m", "ets", "--horizon", "5", "--json", "-o", "a.tsgen")
	var document struct {
		Findings []doctor.Finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(r.stdout), &document); err != nil {
		t.Fatal(err)
	}
	if f := document.Findings; len(f) != 1 || f[0].Code != "stuck-value" || !slices.Equal(f[0].Lines, []int{132, 151}) || !strings.Contains(r.stderr, where) {
		t.Errorf("findings %+v, said: %s", f, r.stderr)
	}
	_, rows := parse(t, mustRun(t, "forecast", "a.tsgen").stdout)
	if x := numbers(t, rows[0][1:]); math.Abs(x[0]-30) > 0.5 || x[2]-x[1] < 1.5 {
		t.Errorf("forecast %v, want 30 with 80 %% of a deviation of 1", x)
	}
	if r := mustRun(t, "describe", "a.csv"); !strings.Contains(r.stdout, where) {
		t.Errorf("described: %s", r.stdout)
	}
	r = mustRun(t, "detect", "a.csv")
	_, rows = parse(t, r.stdout)
	if marked := rows[130][6] + rows[131][6] + rows[149][6]; marked != "011" || !strings.Contains(r.stderr, where) {
		t.Errorf("marked %s, said: %s", marked, r.stderr)
	}
}
