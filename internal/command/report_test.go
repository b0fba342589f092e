package command

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReport holds the report to its parts, to needing nothing beside its file, to the digest
// of the model file, to the same bytes of the same input, and to refusing what is not there.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	model, out := small(t, dir), filepath.Join(dir, "r.html")
	args := []string{"report", model, "--horizon", "6", "--title", "Air <travel>", "-o", out}
	mustRun(t, args...)
	page := string(read(t, out))
	sum := sha256.Sum256(read(t, model))
	for _, want := range []string{
		"<title>Air &lt;travel&gt;</title>", "prefers-color-scheme: dark", "@media print", hex.EncodeToString(sum[:]),
		"The data", "The forecast", "The models compared", "What the series are made of", "How far the intervals can be trusted",
		"Residuals and anomalies", "seasonal-naive", "--horizon=6", "1961-01-01", "Ljung-Box",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 6 {
		t.Errorf("%d pictures, want 6", n)
	}
	if found := regexp.MustCompile(`(src|href)="[^#"][^"]*"|url\(|@import|<script`).FindString(page); found != "" {
		t.Errorf("the report needs %s", found)
	}
	mustRun(t, args...)
	if string(read(t, out)) != page {
		t.Error("the same input gives another report")
	}
	if r := tsgen("report", model, "--series", "nobody", "-o", out); r.status != exitUsage {
		t.Errorf("status %d of a series that is not there: %s", r.status, r.stderr)
	}
}
