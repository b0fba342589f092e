package command

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// quick keeps a latent ODE's training short.
var quick = []string{"-m", "latent-ode", "--updates", "25", "--set", "hidden=8,batch=8"}

// fit and forecast make of a CSV file a table, a verdict, pictures and ordered quantiles,
// and the same history and seed give the same forecast.
func TestFitAndForecast(t *testing.T) {
	seriestest.Long(t)
	in, err := filepath.Abs(airpassengers)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	r := mustRun(t, append([]string{"fit", in, "--plot", "training.png", "--progress", "plain"}, quick...)...)
	for _, want := range []string{"model", "MASE", "SQL", "cov 95", "\nlatent-ode ", "\nseasonal-naive ", "\nar ", "\nensemble "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the table lacks %q:\n%s", want, r.stdout)
		}
	}
	if !regexp.MustCompile(`latent-ode (is ahead of|does not beat) `).MatchString(r.stdout) {
		t.Errorf("no verdict:\n%s", r.stdout)
	}
	for _, want := range []string{"monthly", "144 observations", "24 steps ahead", "examination: 25 updates", "final fit: 25 updates"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("standard error lacks %q:\n%s", want, r.stderr)
		}
	}

	mustRun(t, "forecast", "--horizon", "24", "--plot", "forecast.png", "-o", "forecast.csv")
	header, rows := parse(t, string(read(t, "forecast.csv")))
	if got, want := strings.Join(header, ","), header[0]+",latent-ode,latent-ode-lo-80,latent-ode-hi-80,latent-ode-lo-95,latent-ode-hi-95"; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if len(rows) != 24 || rows[0][0] != "1961-01-01" || rows[23][0] != "1962-12-01" {
		t.Errorf("%d rows from %s to %s, want 24 from 1961-01-01 to 1962-12-01", len(rows), rows[0][0], rows[len(rows)-1][0])
	}
	for _, row := range rows {
		x := numbers(t, row[1:])
		if !(x[3] <= x[1] && x[1] <= x[0] && x[0] <= x[2] && x[2] <= x[4] && x[3] < x[4]) {
			t.Errorf("quantiles out of order: %v", row)
		}
	}
	for _, name := range []string{"training.png", "forecast.png"} {
		picture, err := png.Decode(bytes.NewReader(read(t, name)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if b := picture.Bounds(); b.Dx() < 300 || b.Dy() < 200 {
			t.Errorf("%s is %v", name, b)
		}
	}
	if got := list(t, "."); got != "forecast.csv forecast.png model.tsgen training.png" {
		t.Errorf("files left: %s", got)
	}

	// The default horizon is that of the fit, the default output is standard
	// output, and a new history that is the old one gives the same forecast.
	again := mustRun(t, "forecast", in)
	if again.stdout != string(read(t, "forecast.csv")) {
		t.Error("the forecast of the same history from a file differs")
	}
	other := mustRun(t, "forecast", "--seed", "2")
	if other.stdout == again.stdout {
		t.Error("another seed gives the same forecast")
	}
}

// TestSameBytes runs fit and forecast with the same seed at several
// GOMAXPROCS.
func TestSameBytes(t *testing.T) {
	seriestest.Long(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var model, table []byte
	for i, procs := range []int{1, 2, 2} {
		runtime.GOMAXPROCS(procs)
		dir := t.TempDir()
		path := filepath.Join(dir, "model.tsgen")
		mustRun(t, append([]string{"fit", airpassengers, "--progress", "none", "-o", path}, quick...)...)
		f := mustRun(t, "forecast", "-m", path, "--samples", "50")
		if i == 0 {
			model, table = read(t, path), []byte(f.stdout)
			continue
		}
		if !bytes.Equal(model, read(t, path)) {
			t.Errorf("run %d, GOMAXPROCS %d: another model file", i, procs)
		}
		if !bytes.Equal(table, []byte(f.stdout)) {
			t.Errorf("run %d, GOMAXPROCS %d: another forecast", i, procs)
		}
	}
}

// Irregular series of several channels are fitted and forecast, each over the horizon or
// at exactly the times of a file.
func TestIrregularChannels(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	model := filepath.Join(dir, "spirals.tsgen")
	r := mustRun(t, append([]string{"fit", spirals, "--progress", "none", "-o", model}, quick...)...)
	if !strings.Contains(r.stderr, "irregular") {
		t.Errorf("standard error does not say irregular:\n%s", r.stderr)
	}
	f := mustRun(t, "forecast", "-m", model, "--horizon", "3", "--samples", "20", "--plot", filepath.Join(dir, "f.png"))
	header, rows := parse(t, f.stdout)
	for _, want := range []string{"latent-ode-x", "latent-ode-x-lo-80", "latent-ode-y-hi-95"} {
		if !strings.Contains(","+strings.Join(header, ",")+",", ","+want+",") {
			t.Errorf("header %v lacks %s", header, want)
		}
	}
	ids := make(map[string]int)
	for _, row := range rows {
		ids[row[0]]++
		numbers(t, row[1:])
	}
	for id, n := range ids {
		if n != 3 {
			t.Errorf("series %s has %d rows, want 3", id, n)
		}
	}
	if len(ids) < 2 {
		t.Errorf("%d series", len(ids))
	}

	id := rows[0][0]
	last := numbers(t, rows[2][1:2])[0]
	at := write(t, filepath.Join(dir, "times.csv"), header[0]+","+header[1]+"\n"+
		id+","+jsonNumber(t, last+0.125)+"\n"+id+","+jsonNumber(t, last+0.5)+"\n")
	f = mustRun(t, "forecast", "-m", model, "--at", at, "--level", "50", "--samples", "20")
	_, rows = parse(t, f.stdout)
	if len(rows) != 2 || rows[0][0] != id || numbers(t, rows[0][1:2])[0] != last+0.125 || numbers(t, rows[1][1:2])[0] != last+0.5 {
		t.Errorf("forecast at the times of the file: %v", rows)
	}
}

func jsonNumber(t *testing.T, x float64) string {
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A model is the same whether the data come from a file or standard input, packed or not.
func TestInputs(t *testing.T) {
	text := read(t, airpassengers)
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	gz := write(t, filepath.Join(dir, "a.csv.gz"), packed.String())
	var models []string
	for i, in := range []struct {
		stdin []byte
		args  []string
	}{
		{nil, []string{airpassengers}},
		{text, []string{"-"}},
		{text, nil},
		{packed.Bytes(), nil},
		{nil, []string{gz}},
	} {
		out := filepath.Join(dir, "model.tsgen")
		args := append([]string{"fit", "-m", "ar", "-o", out}, in.args...)
		if r := tsgenWith(t.Context(), bytes.NewReader(in.stdin), args...); r.status != exitDone {
			t.Fatalf("input %d: status %d: %s", i, r.status, r.stderr)
		}
		models = append(models, string(read(t, out)))
		if models[i] != models[0] {
			t.Errorf("input %d gives another model", i)
		}
	}
}

// A series that is always the same is forecast near its value, by a learned model and by
// baselines, and drawn without a failure.
func TestConstantSeries(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	in := write(t, filepath.Join(dir, "in.csv"), months(60, func(int) string { return "5" }))
	for _, model := range []string{"latent-ode", "ar", "seasonal-naive"} {
		out := filepath.Join(dir, model)
		args := []string{"fit", in, "--progress", "none", "-m", model, "-o", out}
		if model == "latent-ode" {
			args = append(args, quick...)
		}
		mustRun(t, args...)
		_, rows := parse(t, mustRun(t, "forecast", "-m", out, "--horizon", "6", "--plot", filepath.Join(dir, "f.png")).stdout)
		if len(rows) != 6 {
			t.Errorf("%s: %d rows", model, len(rows))
		}
		for _, row := range rows {
			for _, x := range numbers(t, row[1:]) {
				if math.Abs(x-5) > 0.5 {
					t.Errorf("%s: forecast %v of a series that is always 5", model, row)
				}
			}
		}
	}
}

// Data whose end is too short or missing to be held out are fitted all the same, and
// the message says why none was.
func TestNothingHeldOut(t *testing.T) {
	value := func(i int) string { return strconv.Itoa(i%12 + i) }
	var endMissing strings.Builder // of one series; the other is too short, but ends with a value
	endMissing.WriteString("unique_id,ds,y\nb,1,5\nb,2,6\n")
	for i := range 40 {
		cell := value(i)
		if i >= 33 {
			cell = ""
		}
		fmt.Fprintf(&endMissing, "a,%d,%s\n", i, cell)
	}
	for _, test := range []struct {
		name, data, want string
		series           int
	}{
		{"short", months(9, value), "too few observations", 1},
		{"the end is missing", endMissing.String(), "last 7 times are missing", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			in := write(t, filepath.Join(dir, "in.csv"), test.data)
			out := filepath.Join(dir, "model.tsgen")
			r := mustRun(t, append([]string{"fit", in, "--horizon", "7", "-o", out}, quick...)...)
			if r.stdout != "" || !strings.Contains(r.stderr, "nothing is held out") || !strings.Contains(r.stderr, test.want) {
				t.Errorf("standard output %q, standard error %q", r.stdout, r.stderr)
			}
			if _, rows := parse(t, mustRun(t, "forecast", "-m", out).stdout); len(rows) != 7*test.series {
				t.Errorf("%d rows, want the horizon of the fit, 7, of %d series", len(rows), test.series)
			}
		})
	}
}

// A series too short to be held out does not keep the others from being
// scored, and is forecast like them.
func TestShortSeriesAmongOthers(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("id,ds,y\n")
	for id, n := range map[string]int{"a": 60, "b": 6, "c": 50} {
		_, rows, _ := strings.Cut(months(n, func(i int) string { return strconv.Itoa(i%12 + i) }), "\n")
		for line := range strings.Lines(rows) {
			b.WriteString(id + "," + line)
		}
	}
	in := write(t, filepath.Join(dir, "in.csv"), b.String())
	out := filepath.Join(dir, "model.tsgen")
	r := mustRun(t, append([]string{"fit", in, "--horizon", "3", "-o", out}, quick...)...)
	if !strings.Contains(r.stdout, "latent-ode") || !strings.Contains(r.stderr, "1 of 3 series") {
		t.Errorf("standard output %q, standard error %q", r.stdout, r.stderr)
	}
	if _, rows := parse(t, mustRun(t, "forecast", "-m", out).stdout); len(rows) != 9 {
		t.Errorf("%d rows, want 3 for each of 3 series", len(rows))
	}
}

// With --json standard output is one document, and progress on standard error is JSON
// line by line with one end for each training.
func TestJSON(t *testing.T) {
	seriestest.Long(t)
	out := filepath.Join(t.TempDir(), "model.tsgen")
	r := mustRun(t, append([]string{"fit", airpassengers, "--json", "--progress", "json", "-o", out}, quick...)...)
	var report fitReport
	d := json.NewDecoder(strings.NewReader(r.stdout))
	if err := d.Decode(&report); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("more than one document on standard output: %v", err)
	}
	if report.Model != "latent-ode" || report.Horizon != 24 || report.Season != 12 || report.Seed != 1 || len(report.Scores) != 4 || report.Verdict == "" {
		t.Errorf("report %+v", report)
	}
	for _, s := range report.Scores {
		if x := s.Scores["SQL"]; !(x > 0 && x < 10) {
			t.Errorf("%s: SQL %v", s.Model, x)
		}
	}
	done := 0
	for line := range strings.Lines(r.stderr) {
		var state trainingState
		if err := json.Unmarshal([]byte(line), &state); err != nil {
			t.Errorf("line %q of standard error: %v", line, err)
		}
		if state.Done {
			done++
			if state.Update != 25 || state.Seconds <= 0 {
				t.Errorf("last line of a training: %s", line)
			}
		}
	}
	if done != 2 {
		t.Errorf("%d trainings ended, want 2", done)
	}
}

// A score that a series does not have is null in JSON, and the others are numbers.
func TestUndefinedScoresAreNull(t *testing.T) {
	dir := t.TempDir()
	in := write(t, filepath.Join(dir, "in.csv"), months(60, func(int) string { return "5" }))
	r := mustRun(t, "fit", in, "-m", "ar", "--json", "-o", filepath.Join(dir, "model.tsgen"))
	var report struct {
		Scores []struct{ Scores map[string]*float64 }
	}
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if s := report.Scores[0].Scores; s["MASE"] != nil || s["CRPS"] == nil {
		t.Errorf("scores of a series without scale: MASE %v, CRPS %v; want null and a number", s["MASE"], s["CRPS"])
	}
}
