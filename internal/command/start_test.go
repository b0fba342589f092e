package command

import (
	"strconv"
	"strings"
	"testing"

	"tsgen/models"
)

// A training that begins with the weights of a model has its options, its horizon and its
// weights: before the rate has risen it forecasts as that model does, and one that begins
// with chance does not.
func TestFitFrom(t *testing.T) {
	t.Chdir(t.TempDir())
	row := func(i int) string { return strconv.Itoa(20 + i%12 + i%5) }
	write(t, "old.csv", months(60, row))
	write(t, "new.csv", months(72, row))
	once := []string{"--no-examine", "--progress", "none"}
	mustRun(t, append([]string{"fit", "old.csv", "-m", "mixer", "--season", "12", "--set", "hidden=6,updates=150", "--horizon", "7", "-o", "old.tsgen"}, once...)...)
	mustRun(t, append([]string{"fit", "new.csv", "-m", "mixer", "--season", "12", "--set", "hidden=6,updates=1", "--horizon", "7", "-o", "chance.tsgen"}, once...)...)
	r := mustRun(t, append([]string{"fit", "new.csv", "--from", "old.tsgen", "--updates", "1", "-o", "begun.tsgen"}, once...)...)
	if !strings.Contains(r.stderr, "begins with the weights of old.tsgen") || strings.Contains(r.stderr, "flatter") {
		t.Errorf("it says %q", r.stderr)
	}
	old, from, chance := tensorsOf(t, "old.tsgen"), tensorsOf(t, "begun.tsgen"), tensorsOf(t, "chance.tsgen")
	if near, far := distance(old, from), distance(old, chance); !(near < far/20) || near == 0 {
		t.Errorf("one update from the weights of a model leads %v away, chance lies %v away", near, far)
	}
	if r := mustRun(t, "fit", "new.csv", "--from", "begun.tsgen", "--updates", "1", "-o", "again.tsgen"); !strings.Contains(r.stderr, "flatter") {
		t.Errorf("no word of scores by values that the weights know: %q", r.stderr)
	}
}

// Weights of other sizes, of another kind, or of what has none are refused, with what differs.
func TestFitFromRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "y.csv", months(60, func(i int) string { return strconv.Itoa(20 + i%12 + i%5) }))
	mustRun(t, "fit", "y.csv", "-m", "mixer", "--set", "hidden=6,updates=5", "--horizon", "6", "--no-examine", "-o", "mixer.tsgen")
	mustRun(t, "fit", "y.csv", "-m", "ar", "--no-examine", "-o", "ar.tsgen")
	check(t, tsgen("fit", "y.csv", "--from", "mixer.tsgen", "--set", "hidden=5"), exitMismatch, []string{"weights", "×6, here they are", "×5"})
	check(t, tsgen("fit", "y.csv", "--from", "mixer.tsgen", "-m", "vae"), exitUsage, []string{"kind mixer", "--model is vae"})
	check(t, tsgen("fit", "y.csv", "--from", "ar.tsgen"), exitUsage, []string{"not trained", "tsgen update"})
	check(t, tsgen("fit", "--resume", "mixer.tsgen", "--from", "mixer.tsgen"), exitUsage, []string{"--from cannot be given"})
}

// tensorsOf returns the tensors of a model file.
func tensorsOf(t *testing.T, path string) []float64 {
	t.Helper()
	_, file, err := models.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, x := range file.Tensors {
		all = append(all, x.Data...)
	}
	return all
}

// distance returns the mean square of differences.
func distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return -1
	}
	sum := 0.0
	for i, x := range a {
		sum += (x - b[i]) * (x - b[i]) / float64(len(a))
	}
	return sum
}
