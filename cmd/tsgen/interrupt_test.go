package main

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

	"tsgen/latentode"
	"tsgen/modelfile"
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
			t.Chdir(t.TempDir())
			write(t, "model.tsgen", "what was there")
			ctx, cancel := context.WithCancel(t.Context())
			var stderr bytes.Buffer
			job := &fitJob{
				fitFlags: fitFlags{kind: latentode.Kind, out: "model.tsgen", seed: 1, refit: true},
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

func TestInterruptedStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := strings.NewReader(months(60, func(i int) string { return strconv.Itoa(i % 12) }))
	r := tsgenWith(ctx, in, "fit")
	check(t, r, exitInterrupted, []string{"interrupted"})
	if got := list(t, "."); got != "" {
		t.Errorf("files left: %s", got)
	}
}

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
