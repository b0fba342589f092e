package command

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"tsgen/forecast"
)

// good is a series that can be fitted.
func good() string {
	return months(30, func(i int) string { return "1" + "0123456789"[i%10:][:1] })
}

// Whatever is wrong with the data or flags of fit, the status and message say so, and the
// files that were there stay as they were.
func TestFitBadInput(t *testing.T) {
	line := func(text string) string { return strings.Replace(good(), "2001-02,13\n", text, 1) } // line 15
	if line("") == good() {
		t.Fatal("line 15 is not what the cases below replace")
	}
	for _, test := range []struct {
		name   string
		data   string   // of in.csv
		args   []string // after fit; with in.csv unless the first is a file
		status int
		want   []string // parts of the message
	}{
		{"missing file", "", []string{"absent.csv"}, exitFailed, []string{"absent.csv", "no such file"}},
		{"empty file", "", nil, exitData, []string{"in.csv", "empty"}},
		{"header only", "ds,y\n", nil, exitData, []string{"in.csv", "no rows"}},
		{"one row", "ds,y\n2000-01,1\n", nil, exitData, []string{"in.csv:2", "at least 2"}},
		{"text among numbers", line("2001-02,12a\n"), nil, exitData, []string{"in.csv:15", `"y"`, `"12a"`, "not a number"}},
		{"bad time", line("2001-13,13\n"), nil, exitData, []string{"in.csv:15", `"ds"`, `"2001-13"`}},
		{"no time", line(",13\n"), nil, exitData, []string{"in.csv:15", `"ds"`}},
		{"duplicate time", line("2001-02,13\n2001-02,14\n"), nil, exitData, []string{"in.csv:16", "15", `"2001-02"`, "twice"}},
		{"infinite", line("2001-02,Inf\n"), nil, exitData, []string{"in.csv:15", `"y"`, `"Inf"`, "finite"}},
		{"ragged row", line("2001-02,13,14\n"), nil, exitData, []string{"in.csv:15", "3", "2"}},
		{"binary", "PK\x03\x04\x00\x00\x00", nil, exitData, []string{"in.csv", "binary"}},
		{"no such column", good(), []string{"--target", "z"}, exitData, []string{"in.csv", `"z"`, "no such column"}},
		{"too short", "ds,y\n2000-01,1\n2000-02,2\n", nil, exitMismatch, []string{"too few observations"}},
		{"two values of each series", "shop,ds,y\na,2000-01,1\na,2000-02,2\nb,2000-01,3\nb,2000-02,4\n", nil, exitMismatch, []string{"no series has more than 2 values, and 4 are needed", "-m ets"}},
		{"one row of each series", "shop,ds,y\na,2000-01,1\nb,2000-01,3\nc,2000-01,4\n", nil, exitData, []string{"in.csv:3", `"shop" has another text in every row: series of a single row are too short`}},
		{"one row of each series that is named", "shop,ds,y\na,2000-01,1\nb,2000-01,3\nc,2000-01,4\n", []string{"--id", "shop"}, exitData, []string{"the longest series of 3 that \"shop\" names has 1, at least 2 are needed"}},
		{"irregular for ar", "t,y\n1,1\n2,2\n4.5,1\n5,3\n9,1\n", []string{"-m", "ar"}, exitMismatch, []string{"ar", "irregular"}},

		{"horizon 0", good(), []string{"--horizon", "0"}, exitUsage, []string{"--horizon is 0"}},
		{"horizon negative", good(), []string{"--horizon", "-3"}, exitUsage, []string{"--horizon is -3"}},
		{"horizon in words", good(), []string{"--horizon", "ten"}, exitUsage, []string{"--horizon", `"ten"`}},
		{"horizon huge", good(), []string{"--horizon", "99999999"}, exitUsage, []string{"--horizon is 99999999"}},
		{"season 0", good(), []string{"--season", "0"}, exitUsage, []string{"--season is 0"}},
		{"updates 0", good(), []string{"--updates", "0"}, exitUsage, []string{"--updates is 0"}},
		{"updates twice", good(), []string{"--updates", "5", "--set", "updates=6"}, exitUsage, []string{"--updates"}},
		{"unknown model", good(), []string{"-m", "prophet"}, exitUsage, []string{`"prophet"`, "latent-ode"}},
		{"unknown option", good(), []string{"-m", "latent-ode", "--set", "depth=3"}, exitUsage, []string{"depth", "hidden"}},
		{"option of a wrong type", good(), []string{"-m", "latent-ode", "--set", "hidden=wide"}, exitUsage, []string{"hidden"}},
		{"option of a wrong type, in capitals inside", good(), []string{"-m", "ar", "--set", "order=abc"}, exitUsage, []string{`option order is "abc"`, "a whole number"}},
		{"option that is no number", good(), []string{"-m", "latent-ode", "--set", "rate=nan"}, exitUsage, []string{`option rate is "nan"`, "a number"}},
		{"text option that looks like a number", good(), []string{"-m", "ensemble", "--set", "members=ar+ets,weights=0.5"}, exitUsage, []string{"the weights 0.5 of 2 members"}},
		{"more updates than are taken", good(), []string{"-m", "vrnn", "--updates", "1048577"}, exitUsage, []string{"vrnn: option updates", "1 to 1048576"}},
		{"option out of range", good(), []string{"-m", "latent-ode", "--set", "hidden=-5"}, exitUsage, []string{"hidden", "-5"}},
		{"option of another model", good(), []string{"-m", "ar", "--updates", "5"}, exitUsage, []string{"updates", "ar"}},
		{"delimiter", good(), []string{"--delimiter", "ab"}, exitUsage, []string{"--delimiter", `"ab"`}},
		{"progress", good(), []string{"--progress", "loud"}, exitUsage, []string{"--progress", `"loud"`}},
		{"model on stdout", good(), []string{"-o", "-"}, exitUsage, []string{"--output"}},
		{"picture of an unknown kind", good(), []string{"--plot", "a.bmp"}, exitUsage, []string{"--plot", "a.bmp", ".png"}},
		{"picture of no training", good(), []string{"-m", "ar", "--plot", "a.png"}, exitUsage, []string{"--plot", "ar"}},
		{"two files", good(), []string{"in.csv", "in.csv"}, exitUsage, []string{"at most 1 arg"}},
		{"unknown flag", good(), []string{"--forecast"}, exitUsage, []string{"--forecast"}},

		{"time limit too short", good(), []string{"--time-limit", "1ns"}, exitUsage, []string{"--time-limit is 1ns", "1ms"}},
		{"two outputs in one file", good(), []string{"-o", "a.png", "--plot", "./a.png"}, exitUsage, []string{"--output", "--plot", "a.png", "two files"}},
		{"output is the input", good(), []string{"-o", "./in.csv"}, exitUsage, []string{"in.csv"}},
		{"output in no directory", good(), []string{"-o", "absent/model.tsgen"}, exitFailed, []string{"absent/model.tsgen", "no such file"}},
		{"output is a directory", good(), []string{"-o", "."}, exitFailed, []string{"directory"}},
		{"picture in no directory", good(), []string{"--plot", "absent/a.png"}, exitFailed, []string{"absent/a.png"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			write(t, "in.csv", test.data)
			write(t, "model.tsgen", "what was there")
			args := append([]string{"fit", "--progress", "none"}, test.args...)
			if len(test.args) == 0 || strings.HasPrefix(test.args[0], "-") {
				args = append(args, "in.csv")
			}
			r := tsgen(args...)
			check(t, r, test.status, test.want)
			if got := list(t, dir); got != "in.csv model.tsgen" {
				t.Errorf("files left: %s", got)
			}
			if got := string(read(t, "model.tsgen")); got != "what was there" {
				t.Errorf("the old model file is now %q", got)
			}
		})
	}
}

// check compares a run that failed with what is documented.
func check(t *testing.T, r result, status int, want []string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.stderr)
	}
	if r.stdout != "" {
		t.Errorf("standard output: %q", r.stdout)
	}
	lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
	message := lines[len(lines)-1]
	if status == exitUsage && len(lines) > 1 {
		message = lines[len(lines)-2]
		if !strings.Contains(lines[len(lines)-1], "--help") {
			t.Errorf("no hint to --help: %q", r.stderr)
		}
	}
	if !strings.HasPrefix(message, "tsgen: ") {
		t.Errorf("message %q, want it to begin with tsgen:", message)
	}
	for _, w := range want {
		if !strings.Contains(message, w) {
			t.Errorf("message %q lacks %q", message, w)
		}
	}
}

// Whatever is wrong with the model, data or flags of forecast, the status and message say
// so, and the files that were there stay as they were.
func TestForecastBadInput(t *testing.T) {
	valid := read(t, small(t, t.TempDir()))
	hugeHeader := binary.LittleEndian.AppendUint64(nil, 1<<60)
	for _, test := range []struct {
		name   string
		model  string
		extra  string // of extra.csv
		args   []string
		status int
		want   []string
	}{
		{"no model file", "", "", []string{"-m", "absent.tsgen"}, exitFailed, []string{"absent.tsgen", "tsgen fit"}},
		{"empty model file", "", "", nil, exitMismatch, []string{"model.tsgen"}},
		{"CSV for a model", good(), "", nil, exitMismatch, []string{"model.tsgen"}},
		{"model cut in the length", string(valid[:5]), "", nil, exitMismatch, []string{"model.tsgen"}},
		{"model cut in the header", string(valid[:100]), "", nil, exitMismatch, []string{"model.tsgen", "cut short"}},
		{"model cut in the data", string(valid[:len(valid)-1]), "", nil, exitMismatch, []string{"model.tsgen", "cut short"}},
		{"huge declared length", string(hugeHeader) + string(valid[8:]), "", nil, exitMismatch, []string{"model.tsgen"}},

		{"horizon 0", string(valid), "", []string{"--horizon", "0"}, exitUsage, []string{"--horizon is 0"}},
		{"horizon negative", string(valid), "", []string{"--horizon=-1"}, exitUsage, []string{"--horizon is -1"}},
		{"horizon and times", string(valid), "", []string{"--horizon", "3", "--at", "extra.csv"}, exitUsage, []string{"--horizon", "--at"}},
		{"level 0", string(valid), "", []string{"--level", "0"}, exitUsage, []string{"--level is 0"}},
		{"level as a part", string(valid), "", []string{"--level", "0.8"}, exitUsage, []string{"--level is in percent", "give 80 for 80 %"}},
		{"level 100", string(valid), "", []string{"--level", "80,100"}, exitUsage, []string{"--level is 100"}},
		{"level NaN", string(valid), "", []string{"--level", "NaN"}, exitUsage, []string{"--level is NaN"}},
		{"level twice", string(valid), "", []string{"--level", "80,80"}, exitUsage, []string{"--level 80"}},
		{"level in words", string(valid), "", []string{"--level", "high"}, exitUsage, []string{"--level"}},
		{"samples huge", string(valid), "", []string{"--samples", "1000000000"}, exitUsage, []string{"--samples is 1000000000"}},
		{"two outputs in one file", string(valid), "", []string{"-o", "a.png", "--plot", "a.png"}, exitUsage, []string{"--output", "--plot", "a.png"}},
		{"samples 0", string(valid), "", []string{"--samples", "0"}, exitUsage, []string{"--samples is 0"}},
		{"seed negative", string(valid), "", []string{"--seed", "-1"}, exitUsage, []string{"--seed"}},
		{"picture of an unknown kind", string(valid), "", []string{"--plot", "a.bmp"}, exitUsage, []string{"a.bmp", ".png"}},
		{"stdin twice", string(valid), "", []string{"-", "--at", "-"}, exitUsage, []string{"standard input"}},

		{"output is the model", string(valid), "", []string{"-o", "model.tsgen"}, exitUsage, []string{"model.tsgen"}},
		{"unwritable output", string(valid), "", []string{"-o", "absent/f.csv"}, exitFailed, []string{"absent/f.csv"}},
		{"unwritable picture", string(valid), "", []string{"--plot", "absent/f.png"}, exitFailed, []string{"absent/f.png"}},

		{"missing history", string(valid), "", []string{"absent.csv"}, exitFailed, []string{"absent.csv"}},
		{"history of another channel", string(valid), strings.Replace(good(), "ds,y", "ds,load", 1), []string{"extra.csv"}, exitMismatch, []string{"extra.csv", `learned the channels ["y"]`, `"load"`}},
		{"history of another step", string(valid), "ds,y\n2000-01-01,1\n2000-01-02,2\n2000-01-03,3\n2000-01-04,2\n", []string{"extra.csv"}, exitMismatch, []string{"extra.csv", "daily", "monthly"}},
		{"missing times", string(valid), "", []string{"--at", "absent.csv"}, exitFailed, []string{"absent.csv"}},
		{"times before the history", string(valid), "ds\n1901-01\n", []string{"--at", "extra.csv"}, exitMismatch, []string{"no time of --at has enough before it"}},
		{"times twice", string(valid), "ds\n1961-01\n1961-01\n", []string{"--at", "extra.csv"}, exitData, []string{"extra.csv:3", "1961-01"}},
		{"no times", string(valid), "ds\n", []string{"--at", "extra.csv"}, exitData, []string{"extra.csv", "no rows"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			write(t, "model.tsgen", test.model)
			write(t, "extra.csv", test.extra)
			write(t, "f.csv", "what was there")
			r := tsgen(append([]string{"forecast", "-o", "f.csv"}, test.args...)...)
			check(t, r, test.status, test.want)
			if got := list(t, dir); got != "extra.csv f.csv model.tsgen" {
				t.Errorf("files left: %s", got)
			}
			if got := string(read(t, "f.csv")); got != "what was there" {
				t.Errorf("the old forecast is now %q", got)
			}
		})
	}
}

// Help and answers go to standard output with status 0, and a mistyped command line
// leaves it empty and points out the mistake.
func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		args   []string
		status int
		stdout string // a part of it
		stderr string
	}{
		{nil, exitDone, "tsgen fit sales.csv", ""},
		{[]string{"--help"}, exitDone, "Exit status:", ""},
		{[]string{"fit", "--help"}, exitDone, "tsgen fit sales.csv", ""},
		{[]string{"forecast", "--help"}, exitDone, "unique_id,ds", ""},
		{[]string{"version"}, exitDone, "built with go", ""},
		{[]string{"--version"}, exitDone, "built with go", ""},
		{[]string{"models"}, exitDone, "latent-ode", ""},
		{[]string{"completion", "bash"}, exitDone, "bash completion", ""},
		{[]string{"__complete", "fit", "--model", "la"}, exitDone, "latent-ode\n", ""},
		{[]string{"fti"}, exitUsage, "", "fit"},
		{[]string{"fit", "--hroizon", "3"}, exitUsage, "", "tsgen fit --help"},
		{[]string{"models", "extra"}, exitUsage, "", "extra"},
		{[]string{"completion", "bash", "extra"}, exitUsage, "", "extra"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			r := tsgen(test.args...)
			if r.status != test.status {
				t.Errorf("status %d, want %d: %s", r.status, test.status, r.stderr)
			}
			if !strings.Contains(r.stdout, test.stdout) || test.stdout == "" && r.stdout != "" {
				t.Errorf("standard output %q, want %q in it", r.stdout, test.stdout)
			}
			if !strings.Contains(r.stderr, test.stderr) {
				t.Errorf("standard error %q, want %q in it", r.stderr, test.stderr)
			}
		})
	}
}

// A bomb is an input that panics.
type bomb struct{}

func (bomb) Read([]byte) (int, error) { panic("boom") }

// TestPanicIsReported protects that the user sees what to report: the value of a
// panic and the stack, whether of the command itself or of a goroutine below it.
func TestPanicIsReported(t *testing.T) {
	t.Chdir(t.TempDir())
	own := tsgenWith(t.Context(), bomb{}, "fit", "-")
	err := forecast.EachSeries(t.Context(), 1, func(int) error { _, err := bomb{}.Read(nil); return err })
	var stderr strings.Builder
	status := report(&stderr, nil, fmt.Errorf("ar: %w", err))
	for _, r := range []result{own, {status, "", stderr.String()}} {
		if r.status != exitFailed || r.stdout != "" {
			t.Errorf("status %d, standard output %q", r.status, r.stdout)
		}
		for _, want := range []string{"tsgen: internal error, please report it", "panic: boom\n", "bomb.Read(", "bad_input_test.go:"} {
			if !strings.Contains(r.stderr, want) {
				t.Errorf("standard error lacks %q:\n%s", want, r.stderr)
			}
		}
	}
}

// A fault is an input that fails.
type fault struct{}

func (fault) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A standard input that cannot be read is a failure that names it and its cause.
func TestInputFails(t *testing.T) {
	t.Chdir(t.TempDir())
	r := tsgenWith(t.Context(), fault{}, "fit", "-")
	check(t, r, exitFailed, []string{"stdin", io.ErrClosedPipe.Error()})
}
