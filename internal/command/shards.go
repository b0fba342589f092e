package command

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/internal/panics"
	"tsgen/internal/shards"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// sharded reports whether the forecasts of the series can be made and written some at a time:
// each depends on its series alone, and what is asked for is no picture and nothing of several series.
func (f *forecastFlags) sharded(model forecast.Model, history *series.Panel) bool {
	if len(history.Series) <= forecast.PartSeries || f.plot != "" || f.joined() || f.columns != nil {
		return false
	}
	return models.Alone(model, history)
}

// A rate tells now and then how many series are done, and how many it is a second.
type rate struct {
	progress    *progress
	what        string
	first       int       // series that were done when it was first told
	told, shown time.Time // first and last
}

// newRate returns the rate of work that is to come, which what says.
func newRate(p *progress, what string) *rate { return &rate{progress: p, what: what} }

// done tells that some of all series are done, unless it has told of others two seconds ago or less, or a
// tenth of the time that the work has taken.
func (r *rate) done(some, all int) {
	now := time.Now()
	if r.told.IsZero() {
		r.first, r.told, r.shown = some, now, now
		return
	}
	taken := now.Sub(r.told)
	if some < all && now.Sub(r.shown) >= max(2*time.Second, taken/10) {
		r.shown = now
		r.progress.notef("%s: %d of %d series, %.0f a second", r.what, some, all, float64(some-r.first)/taken.Seconds())
	}
}

// A behind is work that goes on behind other work, one piece at a time.
type behind struct {
	done chan error // nil if there is none
}

// begin begins a piece, the one before which has been waited for.
func (b *behind) begin(work func() error) {
	b.done = make(chan error, 1)
	go func() {
		b.done <- func() (err error) {
			defer panics.Catch(&err)
			return work()
		}()
	}()
}

// wait returns the error of the piece under way, once that is done, nil if there is none.
func (b *behind) wait() error {
	if b.done == nil {
		return nil
	}
	err := <-b.done
	b.done = nil
	return err
}

// runSharded makes the forecast a shard after the other, and writes it, at the horizon's times of each
// unless the options say others. odd are the series with outliers.
func (f *forecastFlags) runSharded(cmd *cobra.Command, file *modelfile.File, model forecast.Model, history *series.Panel, opt forecast.Options, odd map[string]bool) error {
	var notes forecast.PartNotes
	n := len(history.Series)
	r := newRate(f.progress, "forecasts")
	err := f.writeTable(cmd.OutOrStdout(), history, func(w io.Writer) (err error) {
		var writing behind // while the next shard is forecast
		document := forecast.JSONWriter{W: w, Options: forecast.JSONOptions{Levels: f.levels}}
		defer func() { err = errors.Join(err, writing.wait()) }()
		for from, to := range shards.Runs(n) {
			shard, own := history.With(history.Series[from:to]), opt
			if opt.At != nil {
				own.At = opt.At[from:to]
			} else if shard, own.At, _, err = f.times(shard, file.Horizon); err != nil {
				return err
			}
			of := *file
			if !slices.ContainsFunc(shard.Series, func(s *series.Series) bool { return odd[s.ID] }) {
				of.Outliers = forecast.KeepOutliers // there are none to look for again
			}
			made, err := continuation(cmd.Context(), &of, model, shard, own, false, f.calibrate)
			if err != nil {
				return err
			}
			notes.Add(made.Notes, to-from, n)
			if err := writing.wait(); err != nil {
				return err
			}
			writing.begin(func() error {
				if f.json {
					return document.Write(shard, made)
				}
				return forecast.CSVOptions{Levels: f.levels, Mean: f.mean, Headless: from > 0}.Write(w, shard, made)
			})
			r.done(to, n)
		}
		if err := writing.wait(); err != nil || !f.json {
			return err
		}
		return document.Close(notes.All())
	})
	if err == nil {
		f.progress.notes(notes.All())
	}
	return err
}
