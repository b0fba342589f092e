package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// exact returns a forecast of one path that is the truth with by added.
func exact(t *task, by float64) *forecast.Forecast {
	f := &forecast.Forecast{Channels: t.train.Channels}
	for i, s := range t.test.Series {
		path := make([]float64, len(t.truth[i]))
		for k, x := range t.truth[i] {
			path[k] = x + by
		}
		f.Series = append(f.Series, &forecast.Distribution{ID: s.ID, Times: t.times[i], Paths: [][]float64{path}})
	}
	return f
}

// TestSpirals reads a task of three series: which observations are seen, which
// series are the test, and where the truth is divided.
func TestSpirals(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"spirals_meta.csv":  "series,split\na,train\nb,val\nc,test\n",
		"spirals.csv":       "series,time,x,y,rank\na,0,1,2,1\na,1,3,4,0\nb,0,5,6,0\nc,0,7,8,2\nc,1,9,10,0\nc,2,11,12,1\n",
		"spirals_truth.csv": "series,time,x,y\nc,0,7,8\nc,1,9,10\nc,2,11,12\nc,4,13,14\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k, err := loadTask("spirals", folder, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.train.Series) != 1 || k.train.Series[0].ID != "a" || len(k.test.Series) != 1 || k.test.Series[0].Len() != 2 {
		t.Fatalf("%d series to learn from, %d to test", len(k.train.Series), len(k.test.Series))
	}
	if len(k.times[0]) != 3 || k.times[0][0] != 1 {
		t.Errorf("truth at %v, want that from the first observation seen on", k.times[0])
	}
	f := exact(k, 0.5)
	f.Series[0].Paths[0][4]++ // one coordinate beyond the cut
	inside, beyond := k.score(f)
	if math.Abs(inside.rmse-0.5) > 1e-12 || math.Abs(beyond.rmse-math.Sqrt((1.5*1.5+0.25)/2)) > 1e-12 {
		t.Errorf("inside %+v, beyond %+v", inside, beyond)
	}
	if _, err := loadTask("circles", folder, 2); err == nil {
		t.Error("a task that is none is read")
	}
}

// TestPhysionet holds the published measure of a forecast that is off by 0.1
// everywhere against what it must be: 0.01 for each channel of a stay that has a
// value, and 0 for the others.
func TestPhysionet(t *testing.T) {
	folder := t.TempDir()
	var rows strings.Builder
	rows.WriteString("record,minute,var,value\n")
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		rows.WriteString(id + ",0,0," + id + "\n" + id + ",61,1,7\n" + id + ",62,1,9\n" + id + ",1800,0,3\n")
	}
	for _, name := range []string{"p12_a.csv.gz", "p12_b.csv.gz"} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(rows.String())); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		beyond   bool
		seen     int
		channels float64 // of 41 with a value to find
	}{{false, 3, 2}, {true, 2, 1}} {
		k, err := physionet(folder, c.beyond)
		if err != nil {
			t.Fatal(err)
		}
		if len(k.train.Series) != 8 || len(k.test.Series) != 2 || k.test.Series[0].Len() != c.seen {
			t.Fatalf("%d stays to learn from, %d to test, %d times seen", len(k.train.Series), len(k.test.Series), k.test.Series[0].Len())
		}
		if x := k.test.Series[0].Values[0]; x != 1 {
			t.Errorf("the greatest value is %v in units of the range", x)
		}
		got := published.of(k, exact(k, 0.1))
		if want := 10 * c.channels / stayChannels; math.Abs(got[0]-want) > 1e-9 || math.Abs(got[1]-10) > 1e-9 || math.Abs(got[2]-want) > 1e-9 || math.Abs(got[3]-10) > 1e-9 {
			t.Errorf("%v, want %v and 10", got, want)
		}
	}
}

// TestRun writes the table of a task that is generated, with a model that is
// hardly trained.
func TestRun(t *testing.T) {
	seriestest.Long(t)
	k := periodic()
	k.train.Series, k.test.Series = k.train.Series[:30], k.test.Series[:3]
	k.times, k.truth, k.samples = k.times[:3], k.truth[:3], 5
	b := bench{task: k, seeds: []uint64{1}, model: "latent-ode", options: map[string]string{"updates": "5", "hidden": "4", "level": "panel"}}
	var out strings.Builder
	if err := b.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || strings.Count(lines[0], "|") != strings.Count(lines[2], "|") || !strings.HasPrefix(lines[2], "| 1 | 0.") {
		t.Errorf("table:\n%s", out.String())
	}
	if err := (&series.Panel{Channels: k.train.Channels, IDColumn: "series", TimeColumn: "time", Series: k.train.Series}).Validate(); err != nil {
		t.Error(err)
	}
}

// TestIteration times the update of tsgen alone, and says what is wrong with an
// interpreter that is none.
func TestIteration(t *testing.T) {
	seriestest.Long(t)
	var out strings.Builder
	if err := (iteration{rounds: 1, size: 30, tolerance: 1e-5}).run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) != 4 || !strings.HasSuffix(lines[2], " ms (1.0) |") {
		t.Errorf("table:\n%s", out.String())
	}
	if err := (iteration{jax: filepath.Join(t.TempDir(), "python"), rounds: 1, size: 30, tolerance: 1e-5}).run(context.Background(), io.Discard); err == nil {
		t.Error("an interpreter that is none is run")
	}
}

// The document has a place for the table that the command writes there.
func TestDocument(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/latentode.md", "iteration", "iteration-contended"); err != nil {
		t.Error(err)
	}
}

// TestPublishedMeasure holds the error of single draws of quantiles against the square of the distance to
// the truth and the variance, and that of the mean against the former.
func TestPublishedMeasure(t *testing.T) {
	const mean, sd = 1.0, 2.0
	d := &forecast.Distribution{Times: []float64{0}}
	for i := 1; i < 1000; i++ {
		p := float64(i) / 1000
		d.Probs, d.Values = append(d.Probs, p), append(d.Values, []float64{mean + sd*math.Sqrt2*math.Erfinv(2*p-1)})
	}
	got := published.of(&task{truth: [][]float64{{0}}}, &forecast.Forecast{Channels: []string{"x"}, Series: []*forecast.Distribution{d}})
	for i, x := range got {
		want := 1000 * mean * mean
		if i < 2 {
			want += 1000 * sd * sd
		}
		if math.Abs(x-want) > 0.03*want {
			t.Errorf("%s: %v, want %v", published.names[i], x, want)
		}
	}
}

// Driven oscillators obey their equation of motion: the second derivative of the position, by differences, is what the
// spring, the damping and the drive make of it. Of each kind of panels the truth begins with what is seen of it but for the
// noise.
func TestOscillators(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		modes := driven(rng)
		s := modes[0].damping
		w := math.Hypot(modes[0].frequency, s)
		for _, u := range []float64{0.3, 5} {
			const h = 1e-4
			before, at, after := signal(modes, 3, u-h), signal(modes, 3, u), signal(modes, 3, u+h)
			speed := (after[0] - before[0]) / (2 * h)
			force := (after[0]-2*at[0]+before[0])/(h*h) + 2*s*speed + w*w*at[0]
			if math.Abs(force-at[2]) > 1e-5 || math.Abs(speed-w*at[1]) > 1e-5 {
				t.Fatalf("at %v a force of %v, want %v; a speed of %v, want %v", u, force, at[2], speed, w*at[1])
			}
		}
	}
	for _, o := range oscillators() {
		k, err := o.task(1)
		if err != nil {
			t.Fatal(err)
		}
		var rest moments.Moments
		for i, s := range k.test.Series {
			for l, x := range s.Values {
				if !math.IsNaN(x) {
					rest.Add((x - k.truth[i][l]) * (x - k.truth[i][l]))
				}
			}
		}
		if sd := math.Sqrt(rest.Mean); math.Abs(sd-oscillatingError) > 0.1*oscillatingError {
			t.Errorf("%s: the noise has a deviation of %v", o.name, sd)
		}
	}
}
