package command

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// sharded reports whether the forecasts of the series can be made and written some at a time:
// each depends on its series alone, and what is asked for is a table.
func (f *forecastFlags) sharded(model forecast.Model, history *series.Panel) bool {
	if len(history.Series) <= forecast.PartSeries || f.json || f.plot != "" || f.joined() || f.columns != nil {
		return false
	}
	return models.Alone(model, history)
}

// A rate tells now and then how many series are done, and how many it is a second.
type rate struct {
	progress       *progress
	what           string
	started, shown time.Time
}

// newRate returns the rate of work that begins, which what says.
func newRate(p *progress, what string) *rate {
	now := time.Now()
	return &rate{p, what, now, now}
}

// done tells that some of all series are done, unless it has told of others two seconds ago or less.
func (r *rate) done(some, all int) {
	if some < all && time.Since(r.shown) >= 2*time.Second {
		r.shown = time.Now()
		r.progress.notef("%s: %d of %d series, %.0f a second", r.what, some, all, float64(some)/time.Since(r.started).Seconds())
	}
}

// runSharded makes the forecast a shard after the other, and writes it. odd are the series with
// outliers.
func (f *forecastFlags) runSharded(cmd *cobra.Command, file *modelfile.File, model forecast.Model, history *series.Panel, opt forecast.Options, odd map[string]bool) error {
	var notes shardNotes
	n := len(history.Series)
	r := newRate(f.progress, "forecasts")
	err := f.writeTable(cmd.OutOrStdout(), history, func(w io.Writer) error {
		for from := 0; from < n; from += forecast.PartSeries {
			to := min(from+forecast.PartSeries, n)
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
			r.done(to, n)
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
