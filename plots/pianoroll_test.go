package plots_test

import (
	"log"
	"math"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"

	"tsgen/internal/seriestest"
	"tsgen/plots"
	"tsgen/series"
)

// The piano roll is the one that was looked at.
func TestPianoRollGolden(t *testing.T) {
	seriestest.Long(t)
	cmpimg.CheckPlotApprox(ExamplePianoRoll, t, 0.01, "pianoroll.png")
}

// cadence returns two series of four chords, each held for three steps, of the
// notes 36 to 84; in the second a value is missing and the bass is soft.
func cadence() *series.Panel {
	p := &series.Panel{IDColumn: "piece", TimeColumn: "beat", Step: series.Step{Width: 1}}
	for note := 36; note <= 84; note++ {
		p.Channels = append(p.Channels, strconv.Itoa(note))
	}
	for k, id := range []string{"1", "2"} {
		s := &series.Series{ID: id}
		for i := range 12 {
			frame := make([]float64, len(p.Channels))
			for j, note := range [][]int{{48, 64, 67, 72}, {53, 65, 69, 72}, {55, 62, 67, 71}, {48, 64, 67, 72}}[i/3] {
				frame[note-36] = 1
				if k == 1 && j == 0 {
					frame[note-36] = 0.4
				}
			}
			if k == 1 && i == 7 {
				frame[67-36] = math.NaN()
			}
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, frame...)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Chords as a piano roll.
func ExamplePianoRoll() {
	fig, err := plots.PianoRoll(cadence(), plots.Options{})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "pianoroll.png")
}

// Values outside 0 to 1 and broken panels are refused; silence is drawn.
func TestPianoRollErrors(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(p *series.Panel)
		opt    plots.Options
		want   string
	}{
		"no series": {func(p *series.Panel) { p.Series = nil }, plots.Options{}, "no series"},
		"no values": {func(p *series.Panel) { p.Series[1] = &series.Series{ID: "2"} }, plots.Options{}, `series "2" has no values`},
		"loud":      {func(p *series.Panel) { p.Series[0].Values[3] = 2 }, plots.Options{}, "channel 39"},
		"negative":  {func(p *series.Panel) { p.Series[0].Values[3] = -1 }, plots.Options{}, "channel 39"},
		"unequal":   {func(p *series.Panel) { p.Series[0].Values = p.Series[0].Values[1:] }, plots.Options{}, "values"},
		"size":      {func(p *series.Panel) {}, plots.Options{Width: 1}, "picture of 1 by"},
	} {
		p := cadence()
		c.damage(p)
		if _, err := plots.PianoRoll(p, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	silent := cadence()
	for _, s := range silent.Series {
		clear(s.Values)
	}
	if _, err := plots.PianoRoll(silent, plots.Options{}); err != nil {
		t.Errorf("silence: %v", err)
	}
}
