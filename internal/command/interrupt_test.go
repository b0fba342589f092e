package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
	"tsgen/latentode"
	"tsgen/models/modelfile"
)

// An interrupter is a view that interrupts a training.
type interrupter struct {
	silent
	phase  string
	at     int
	cancel context.CancelFunc
}

func (v interrupter) update(p *progress) {
	if p.phase == v.phase && p.last.Update == v.at {
		v.cancel()
	}
}

// A fit interrupted in either phase leaves the old model alone and keeps a partial one,
// with the scores so far, that forecasts.
func TestInterrupt(t *testing.T) {
	in, err := filepath.Abs(airpassengers)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		phase  string
		update int
		scores int // of models in the file that is kept
	}{
		{"examination", 10, 0}, // before the first validation
		{"examination", 30, 0},
		{"final fit", 10, 4},
	} {
		t.Run(fmt.Sprintf("%s, update %d", test.phase, test.update), func(t *testing.T) {
			if test.update != 10 || test.scores > 0 {
				seriestest.Long(t)
			}
			t.Chdir(t.TempDir())
			write(t, "model.tsgen", "what was there")
			ctx, cancel := context.WithCancel(t.Context())
			var stderr bytes.Buffer
			job := &fitJob{
				fitFlags: fitFlags{kind: latentode.Kind, out: "model.tsgen", seed: 1, seeds: 1, refit: true},
				path:     in,
				model:    &latentode.Model{Options: latentode.Options{Hidden: 8, Batch: 8, Updates: 50}},
				progress: &progress{view: interrupter{silent{&stderr}, test.phase, test.update, cancel}},
			}
			err := job.run(ctx, io.Discard)
			if got := exitStatus(err); got != exitInterrupted {
				t.Fatalf("%v: status %d, want %d", err, got, exitInterrupted)
			}
			if got := string(read(t, "model.tsgen")); got != "what was there" {
				t.Error("the old model file was touched")
			}
			if !strings.Contains(stderr.String(), "model.tsgen.partial") {
				t.Errorf("standard error does not name the partial model:\n%s", &stderr)
			}
			kept, err := modelfile.Load("model.tsgen.partial")
			if err != nil {
				t.Fatal(err)
			}
			if len(kept.Scores) != test.scores {
				t.Errorf("scores of %d models are kept, want %d", len(kept.Scores), test.scores)
			}
			f := mustRun(t, "forecast", "-m", "model.tsgen.partial", "--horizon", "2", "--samples", "10")
			if _, rows := parse(t, f.stdout); len(rows) != 2 {
				t.Errorf("%d rows from the partial model", len(rows))
			}
		})
	}
}

// TestResume demands that a fit in two parts ends with the file with which one
// in one part ends, wherever it was interrupted.
func TestResume(t *testing.T) {
	seriestest.Long(t)
	in, err := filepath.Abs(airpassengers)
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]string{
		"latent-ode": "hidden=8,batch=8,updates=60", "latent-sde": "hidden=8,batch=8,updates=60,step=1", "vrnn": "hidden=6,latent=2,updates=120", "vae": "hidden=16,updates=120",
		"mixer": "hidden=8,updates=120",
	}
	for kind, set := range options {
		t.Run(kind, func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := []string{"fit", in, "-m", kind, "--set", set, "--horizon", "6"}
			whole := mustRun(t, append(args, "-o", "whole.tsgen")...)
			want := read(t, "whole.tsgen")
			for _, phase := range []string{phaseExamination, phaseFinal} {
				ctx, cancel := context.WithCancel(t.Context())
				cmd := newFit()
				if err := cmd.ParseFlags(args[2:]); err != nil {
					t.Fatal(err)
				}
				f := fitFlags{
					kind: kind, out: "model.tsgen", seed: 1, refit: true, calibrate: true, horizon: 6, progressMode: "none", effort: "normal", seeds: 1,
					set: map[string]string{},
				}
				for _, pair := range strings.Split(set, ",") {
					name, value, _ := strings.Cut(pair, "=")
					f.set[name] = value
				}
				job, err := f.job(cmd, []string{in})
				if err != nil {
					t.Fatal(err)
				}
				var stderr bytes.Buffer
				job.progress = &progress{view: interrupter{silent{&stderr}, phase, 55, cancel}}
				if err := job.run(ctx, io.Discard); exitStatus(err) != exitInterrupted {
					t.Fatalf("%s: %v", phase, err)
				}
				if !strings.Contains(stderr.String(), "to go on: tsgen fit --resume model.tsgen.partial") {
					t.Errorf("%s: no word of how to go on: %s", phase, &stderr)
				}
				r := mustRun(t, "fit", "--resume", "model.tsgen.partial")
				if !bytes.Equal(read(t, "model.tsgen"), want) {
					t.Errorf("%s: another model than without an interruption", phase)
				}
				if got := list(t, "."); strings.Contains(got, partialSuffix) {
					t.Errorf("%s: files left: %s", phase, got)
				}
				if r.stdout != whole.stdout {
					t.Errorf("%s: got %s, want %s", phase, r.stdout, whole.stdout)
				}
			}
		})
	}
}

// Only a model file of an unfinished training can be resumed, and no data or
// settings can be given with it.
func TestResumeErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(i % 12) }))
	mustRun(t, "fit", "y.csv", "-m", "ar", "-o", "done.tsgen")
	check(t, tsgen("fit", "--resume", "done.tsgen"), exitMismatch, []string{"done.tsgen", "came to its end"})
	check(t, tsgen("fit", "--resume", "absent.tsgen"), exitFailed, []string{"absent.tsgen"})
	check(t, tsgen("fit", "y.csv", "--resume", "done.tsgen"), exitUsage, []string{"FILE cannot be given"})
	check(t, tsgen("fit", "--resume", "done.tsgen", "--season", "3"), exitUsage, []string{"--season cannot be given"})
}

// TestTimeLimitAndResume goes on after a time limit, examined or not.
func TestTimeLimitAndResume(t *testing.T) {
	for i, more := range [][]string{{"--no-examine"}, nil} {
		if i > 0 && testing.Short() {
			break
		}
		t.Run(strings.Join(more, ""), func(t *testing.T) { resumesAfterLimit(t, more) })
	}
}

func resumesAfterLimit(t *testing.T, more []string) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(5 + i%12) }))
	args := append([]string{"fit", "y.csv", "-m", "vae", "--set", "hidden=16,updates=300", "--horizon", "6"}, append(more, "-o")...)
	r := mustRun(t, append(args, "model.tsgen", "--time-limit", "1ms")...)
	if !strings.Contains(r.stderr, "to go on: tsgen fit --resume model.tsgen") {
		t.Errorf("no word of how to go on: %s", r.stderr)
	}
	mustRun(t, "forecast")
	r = mustRun(t, "fit", "--resume", "model.tsgen")
	if strings.Contains(r.stderr, "to go on") {
		t.Errorf("the training has not come to its end: %s", r.stderr)
	}
	mustRun(t, append(args, "whole.tsgen")...)
	if !bytes.Equal(read(t, "model.tsgen"), read(t, "whole.tsgen")) {
		t.Error("another model than without a limit")
	}
	check(t, tsgen("fit", "--resume", "model.tsgen"), exitMismatch, []string{"came to its end"})
}

// An interrupt before training ends fit with its own status and leaves no file.
func TestInterruptedStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := strings.NewReader(months(60, func(i int) string { return strconv.Itoa(i % 12) }))
	r := tsgenWith(ctx, in, "fit")
	check(t, r, exitInterrupted, []string{"interrupted"})
	if !strings.Contains(r.stderr, nothingKept) {
		t.Errorf("no word of what is kept: %s", r.stderr)
	}
	if got := list(t, "."); got != "" {
		t.Errorf("files left: %s", got)
	}
}

// A choice that is interrupted while models are compared says that nothing is kept, and leaves no file. One that is
// while a blend of closed forms is fitted keeps what forecasts, and says nothing of going on.
func TestInterruptedChoice(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(50 + i + 9*(i%12) + i*i*i%31) }))
	for _, test := range []struct{ at, said, files string }{
		{"examining", nothingKept, "y.csv"},
		{"fitting blend", "the best model so far is in model.tsgen.partial", "model.tsgen.partial y.csv"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var stderr bytes.Buffer
		status := Run(ctx, []string{"fit", "y.csv", "--effort", "low"}, strings.NewReader(""), io.Discard, io.MultiWriter(&stderr, canceller{test.at, cancel}))
		cancel()
		if said := stderr.String(); status != exitInterrupted || !strings.Contains(said, test.said) || strings.Contains(said, "--resume") {
			t.Errorf("%s: status %d, %s", test.at, status, said)
		}
		if got := list(t, "."); got != test.files {
			t.Errorf("%s: files left: %s", test.at, got)
		}
	}
	if _, rows := parse(t, mustRun(t, "forecast", "-m", "model.tsgen.partial", "--horizon", "2").stdout); len(rows) != 2 {
		t.Errorf("%d rows from the partial model", len(rows))
	}
}

// A canceller is a writer that cancels once it is told of something.
type canceller struct {
	of     string
	cancel context.CancelFunc
}

func (c canceller) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(c.of)) {
		c.cancel()
	}
	return len(b), nil
}

// An interrupted forecast ends with its own status and writes nothing.
func TestInterruptForecast(t *testing.T) {
	dir := t.TempDir()
	model := small(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(dir, "f.csv")
	r := tsgenWith(ctx, strings.NewReader(""), "forecast", "-m", model, "-o", out)
	check(t, r, exitInterrupted, []string{"interrupted"})
	if _, err := os.Stat(out); err == nil {
		t.Error("a forecast was written")
	}
}
