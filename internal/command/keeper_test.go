package command

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tsgen/internal/seriestest"
	"tsgen/models/modelfile"
)

// checkpointed returns a job that fits a small model and keeps checkpoints all the time.
func checkpointed(t *testing.T, in, kind, set string) *fitJob {
	t.Helper()
	f := fitFlags{
		kind: kind, out: "model.tsgen", seed: 1, refit: true, calibrate: true, horizon: 6, progressMode: "none", effort: "normal", seeds: 1,
		checkpoint: time.Nanosecond, set: map[string]string{},
	}
	for _, pair := range strings.Split(set, ",") {
		name, value, _ := strings.Cut(pair, "=")
		f.set[name] = value
	}
	cmd := newFit()
	if err := cmd.ParseFlags([]string{"-m", kind, "--horizon", "6"}); err != nil {
		t.Fatal(err)
	}
	job, err := f.job(cmd, []string{in})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// A copier is a view that copies the checkpoint as it is when a training is at an
// update, as a process that is killed there leaves it.
type copier struct {
	silent
	phase string
	at    int
	k     **keeper
	t     *testing.T
}

func (v copier) update(p *progress) {
	if p.phase != v.phase || p.last.Update != v.at {
		return
	}
	k := *v.k
	k.mu.Lock() // until the update has been handed over
	path := k.path
	k.mu.Unlock()
	k.writing.Wait()
	file, err := os.ReadFile(path)
	if err != nil {
		v.t.Errorf("%s, update %d: no checkpoint: %v", v.phase, v.at, err)
	}
	if err := os.WriteFile("killed.tsgen.partial", file, 0o644); err != nil {
		v.t.Error(err)
	}
}

// Whatever moment of a training a process is killed at, its last checkpoint ends with
// the bytes and the scores of a fit in one part.
func TestCheckpoints(t *testing.T) {
	seriestest.Long(t)
	in, err := filepath.Abs(airpassengers)
	if err != nil {
		t.Fatal(err)
	}
	for kind, set := range map[string]string{
		"vae": "hidden=16,updates=200", "mixer": "hidden=8,updates=200",
		"latent-ode": "hidden=8,batch=8,updates=120", "vrnn": "hidden=6,latent=2,updates=120",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Chdir(t.TempDir())
			whole := mustRun(t, "fit", in, "-m", kind, "--set", set, "--horizon", "6", "-o", "whole.tsgen")
			want := read(t, "whole.tsgen")
			for _, phase := range []string{phaseExamination, phaseFinal} {
				job := checkpointed(t, in, kind, set)
				job.progress = &progress{view: copier{silent{io.Discard}, phase, 110, &job.keeper, t}}
				if err := job.run(t.Context(), io.Discard); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(read(t, "model.tsgen"), want) {
					t.Errorf("%s: checkpoints change the model", phase)
				}
				if _, err := os.Stat("model.tsgen.partial"); err == nil {
					t.Errorf("%s: the checkpoint is left beside the model", phase)
				}
				killed, err := modelfile.Load("killed.tsgen.partial")
				if err != nil || killed.Training == nil {
					t.Fatalf("%s: %v", phase, err)
				}
				r := mustRun(t, "fit", "--resume", "killed.tsgen.partial")
				if !bytes.Equal(read(t, "killed.tsgen"), want) || r.stdout != whole.stdout {
					t.Errorf("%s: another model or other scores than in one part: %s", phase, r.stdout)
				}
			}
		})
	}
}

// A fit that is interrupted after the training of the examination, and before the first
// update of the final fit, goes on, and ends as one in one part.
func TestInterruptBetween(t *testing.T) {
	in, err := filepath.Abs(airpassengers)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const kind, set = "mixer", "hidden=8,updates=120"
	whole := mustRun(t, "fit", in, "-m", kind, "--set", set, "--horizon", "6", "-o", "whole.tsgen")
	for _, at := range []int{0, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		var stderr, stdout bytes.Buffer
		job := checkpointed(t, in, kind, set)
		job.checkpoint = 0
		phase := []string{phaseExamination, phaseFinal}[at]
		job.progress = &progress{view: interrupter{silent{&stderr}, phase, []int{120, 1}[at], cancel}}
		if err := job.run(ctx, &stdout); exitStatus(err) != exitInterrupted {
			t.Fatalf("%s: %v", phase, err)
		}
		if !strings.Contains(stderr.String(), "--resume model.tsgen.partial") {
			t.Errorf("%s: no word of how to go on: %s", phase, &stderr)
		}
		if at == 1 && stdout.String() != whole.stdout {
			t.Errorf("the scores that are known are not shown: %s", &stdout)
		}
		r := mustRun(t, "fit", "--resume", "model.tsgen.partial")
		if !bytes.Equal(read(t, "model.tsgen"), read(t, "whole.tsgen")) || r.stdout != whole.stdout {
			t.Errorf("%s: another model or other scores than in one part: %s", phase, r.stdout)
		}
	}
}

// A model that has no scores because it cannot forecast is not written.
func TestUselessModel(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	b.WriteString("t,y\n")
	for i := range 40 {
		b.WriteString(strings.ReplaceAll("2020-01-01T00:00:NN,1e308\n", "NN", []string{"0", "1", "2", "3"}[i/10]+string(rune('0'+i%10))))
	}
	write(t, "y.csv", b.String())
	r := tsgen("fit", "y.csv", "-m", "ar")
	if _, err := os.Stat("model.tsgen"); (err == nil) != (r.status == exitDone) {
		t.Errorf("status %d, and a file: %v", r.status, err)
	}
	if r.status == exitDone {
		mustRun(t, "forecast")
	}
}
