package command

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"tsgen/forecast"
)

// training makes n updates, with a validation score that is best at update
// best.
func training(n, best int) func(func(forecast.Progress)) error {
	return func(update func(forecast.Progress)) error {
		least := math.NaN()
		for i := 1; i <= n; i++ {
			score := 1 + math.Abs(float64(i-best))
			if !(score >= least) {
				least = score
			}
			update(forecast.Progress{Update: i, Updates: 200, Loss: 0.25, Valid: score, Best: least})
		}
		return nil
	}
}

// Every mode of progress reports notes, few lines of a fast training and its end in
// order, and none only the notes.
func TestProgress(t *testing.T) {
	for _, test := range []struct {
		mode string
		want []string // in this order
	}{
		{"plain", []string{"a note\n", "try: update 20 of 200, loss 0.250, validation 131, at most ", "try: 160 updates in ", "best validation 1 at update 150\n"}},
		{"none", []string{"a note\n"}},
		{"auto", []string{"a note\n", "try: update 20 of 200", "try: 160 updates in "}}, // no terminal
		{"json", []string{`{"note":"a note"}` + "\n", `{"phase":"try","update":1,"updates":200,"loss":0.25`, `"update":160,`, `"bestUpdate":150,`, `"done":true}` + "\n"}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			var b bytes.Buffer
			p, err := newProgress(test.mode, &b)
			if err != nil {
				t.Fatal(err)
			}
			p.notef("a %s", "note")
			if err := p.during("try", training(160, 150)); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if strings.Contains(got, "score") { // a word that the tables have for something else
				t.Errorf("progress is told of by a score:\n%s", got)
			}
			for _, w := range test.want {
				_, rest, ok := strings.Cut(got, w)
				if !ok {
					t.Fatalf("%q is missing or out of place in\n%s", w, b.String())
				}
				got = rest
			}
			// 160 updates within a second are reported in a few lines.
			if n := strings.Count(b.String(), "\n"); n > 10 {
				t.Errorf("%d lines:\n%s", n, b.String())
			}
			if test.mode == "none" && got != "" {
				t.Errorf("progress of the training: %q", got)
			}
		})
	}
}

// The bar shows loss and progress, ends in a summary, and fits
// into a terminal of 80 columns.
func TestBar(t *testing.T) {
	var b bytes.Buffer
	p := &progress{view: &bar{w: &b}}
	err := p.during("try", func(update func(forecast.Progress)) error {
		for i := 1; i <= 3; i++ {
			time.Sleep(110 * time.Millisecond) // longer than the bar's throttle
			update(forecast.Progress{Update: 50 * i, Updates: 200, Loss: 0.25, Valid: math.NaN(), Best: math.NaN()})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"try: loss 0.250, 0s left", "75%", "(150/200)", "\ntry: 150 updates in "} {
		if !strings.Contains("\n"+strings.ReplaceAll(b.String(), "\r", "\n"), want) {
			t.Errorf("%q is missing in %q", want, b.String())
		}
	}
	for line := range strings.FieldsFuncSeq(b.String(), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if n := len([]rune(strings.TrimRight(line, " "))); n > 79 {
			t.Errorf("a line of %d characters, too long for a terminal of 80: %q", n, line)
		}
	}
}

// Numbers that JSON cannot write become null, and the others stay as they are.
func TestNumberJSON(t *testing.T) {
	for x, want := range map[float64]string{0.1: "0.1", math.Inf(1): "null", math.Inf(-1): "null"} {
		if got, err := json.Marshal(number(x)); string(got) != want || err != nil {
			t.Errorf("%v: %s, %v, want %s", x, got, err, want)
		}
	}
	if got, err := json.Marshal(number(math.NaN())); string(got) != "null" || err != nil {
		t.Errorf("NaN: %s, %v, want null", got, err)
	}
}

// A resumed training estimates the time left by its own updates, of which it makes one in the time that it took.
func TestBarOfAResumedTraining(t *testing.T) {
	var b bytes.Buffer
	p := &progress{view: &bar{w: &b}}
	err := p.during("fit", func(update func(forecast.Progress)) error {
		p.started = p.started.Add(-time.Minute)
		update(forecast.Progress{Update: 901, Updates: 903, Loss: 0.25, Valid: math.NaN(), Best: math.NaN()})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "2m0s left") {
		t.Errorf("%q does not say that two updates of a minute are left", b.String())
	}
}
