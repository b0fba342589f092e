package command

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/magnitude"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// shardSeries is the number of series whose forecasts are held at a time, where those of each
// depend on it alone.
const shardSeries = 512

// leastOfShard is the number of values of every channel of a series from which on nothing is
// taken from the other series of its panel.
const leastOfShard = 8

// sharded reports whether the forecasts of the series can be made and written some at a time:
// the model is one that estimates each on its own, all have enough values for that, and what is
// asked for is a table.
func (f *forecastFlags) sharded(model forecast.Model, history *series.Panel) bool {
	if len(history.Series) <= shardSeries || f.json || f.plot != "" || f.joined() || f.columns != nil {
		return false
	}
	if _, ok := model.(*fits.Model); !ok {
		return false
	}
	if _, scales := magnitude.Rescale(history); scales != nil {
		return false
	}
	width := history.Width()
	seen := make([]int, width)
	for _, s := range history.Series {
		clear(seen)
		for k, v := range s.Values {
			if !math.IsNaN(v) {
				seen[k%width]++
			}
		}
		for _, n := range seen {
			if n < leastOfShard {
				return false
			}
		}
	}
	return true
}

// runSharded makes the forecast a shard after the other, and writes it. odd are the series with
// outliers.
func (f *forecastFlags) runSharded(cmd *cobra.Command, file *modelfile.File, model forecast.Model, history *series.Panel, opt forecast.Options, odd map[string]bool) error {
	var notes shardNotes
	n := len(history.Series)
	started, shown := time.Now(), time.Now()
	err := f.writeTable(cmd.OutOrStdout(), history, func(w io.Writer) error {
		for from := 0; from < n; from += shardSeries {
			to := min(from+shardSeries, n)
			shard, own := history.With(history.Series[from:to]), opt
			own.At = opt.At[from:to]
			of := *file
			if !slices.ContainsFunc(shard.Series, func(s *series.Series) bool { return odd[s.ID] }) {
				of.Outliers = forecast.KeepOutliers // there are none to look for again
			}
			made, err := continuation(cmd.Context(), &of, model, shard, own, false, f.calibrate)
			if err != nil {
				return err
			}
			notes.add(made.Notes, to-from, n)
			if err := (forecast.CSVOptions{Levels: f.levels, Mean: f.mean, Headless: from > 0}).Write(w, shard, made); err != nil {
				return err
			}
			if time.Since(shown) >= 2*time.Second && to < n {
				shown = time.Now()
				f.progress.notef("%d of %d series, %.0f a second", to, n, float64(to)/time.Since(started).Seconds())
			}
		}
		return nil
	})
	if err == nil {
		f.progress.notes(notes.all())
	}
	return err
}

// shardNotes are the notes of forecasts of shards, brought together.
type shardNotes struct {
	texts  []string // in which a mark stands for the number of series
	counts map[string]int
	totals map[string]int
}

// mark stands for a number of series in the text of a note.
const mark = "\x00"

// ofSeries finds what a note says of how many of the series of a panel.
var ofSeries = regexp.MustCompile(`\b(\d+) of (\d+) series\b`)

// add adds the notes on some of n series. What one says of m for each of these counts
// for all.
func (x *shardNotes) add(notes []string, some, n int) {
	if x.counts == nil {
		x.counts, x.totals = make(map[string]int), make(map[string]int)
	}
	for _, note := range notes {
		text, count, total := note, 0, 0
		if at := ofSeries.FindStringSubmatchIndex(note); at != nil {
			count, _ = strconv.Atoi(note[at[2]:at[3]])
			total, _ = strconv.Atoi(note[at[4]:at[5]])
			text = note[:at[0]] + mark + note[at[1]:]
			total = total / some * n
		}
		if _, met := x.counts[text]; !met {
			x.texts = append(x.texts, text)
		}
		x.counts[text] += count
		x.totals[text] = total
	}
}

// all returns the notes on all series.
func (x *shardNotes) all() []string {
	var all []string
	for _, text := range x.texts {
		if n := x.totals[text]; n > 0 {
			text = strings.Replace(text, mark, fmt.Sprintf("%d of %d series", x.counts[text], n), 1)
		}
		all = append(all, text)
	}
	return all
}
