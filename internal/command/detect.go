package command

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/forecast/anomaly"
	"tsgen/models"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/outlier"
)

// detectFlags are what the command line says to look for.
type detectFlags struct {
	query
	season seasonFlag
	rate   float64
	seed   uint64
	plot   string

	pictures pictureFlags
}

func newDetect() *cobra.Command {
	f := &detectFlags{}
	cmd := &cobra.Command{
		Use: "detect [MODEL|FILE]",
		Long: `detect forecasts every value of the series of a model file, or of a FILE, from
those before it, and says how improbable it is. FILE is judged by the model file
that --model names or, without one, by a model in closed form: an autoregression, or
a state space model where times are irregular.

--rate is the share of values found anomalous where nothing is wrong: how large
deviations usually are is learned from their bulk. What is found is not seen by later
forecasts, unless the series goes on from it: of a level that moves, the first value is
found. Values far off that return are a habit, as demand among zeros, once they are
more than a twentieth of all. Values that are the same to all digits for a while where
others vary, as of a sensor that hangs, are anomalous too, all but the first. The first
two seasons, ten times at least, are not judged.
For each channel it writes what was expected, the bounds that all but that share
lie between, the p-value, and 1 for an anomaly:

  unique_id,ds,y,y-expected,y-lo,y-hi,y-p,y-anomaly`,
		Example: `  tsgen detect sensors.csv --plot anomalies.png -o anomalies.csv
  tsgen detect sales.tsgen --rate 0.0001
  tsgen detect new.csv --model sales.tsgen`,
		Args: modelAndFile,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.Float64Var(&f.rate, "rate", anomaly.DefaultRate, "`share` of values found where nothing is wrong")
	f.season.register(fl)
	fl.Uint64Var(&f.seed, "seed", 1, "seed of sample paths")
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	fl.StringVar(&f.plot, "plot", "", "picture of the anomalies to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// run checks the command line, detects and writes.
func (f *detectFlags) run(cmd *cobra.Command, args []string) error {
	if !(f.rate > 0 && f.rate < 0.5) {
		return usagef("--rate is %v, want a share such as 0.001", f.rate)
	}
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if err := f.pictures.check("plot", f.plot, f.model, f.path); err != nil {
		return err
	}
	x, err := f.subject(cmd.Context(), cmd.Flags().Changed("model"))
	if err != nil {
		return err
	}
	panel, model := x.panel, x.model
	found, err := anomaly.Detect(cmd.Context(), model, x.seen, anomaly.Options{
		Rate: f.rate, Season: x.season, Samples: 500, Seed: f.seed, Outliers: x.outliers, Keep: models.Keep,
	})
	if err != nil {
		return err
	}
	f.markStuck(panel, x.stuck, found)
	f.say(panel, found, model.Name())
	return f.write(cmd.OutOrStdout(), panel, func(w io.Writer) error {
		if err := writeFound(w, panel, found); err != nil || f.plot == "" {
			return err
		}
		figure, err := plots.Anomalies(panel, found, f.pictures.options("Anomalies by "+model.Name()))
		return writePicture(f.plot, figure, err, f.progress)
	})
}

// A judged panel is one with the model that judges it.
type judged struct {
	model  forecast.Model
	panel  *series.Panel
	season int
	stuck  []outlier.Finding // runs of values that series are stuck at, which no model is to learn from
	seen   *series.Panel     // the panel without them

	outliers forecast.Outliers
}

// judge returns the panel to be judged by a model, with the season and the runs that it is stuck at.
func (f *detectFlags) judge(model forecast.Model, p *series.Panel, season int, outliers forecast.Outliers) judged {
	x := judged{model: model, panel: p, season: season, seen: p, outliers: outliers}
	if isMusic(f.path) { // a note that is held is none
		x.outliers = forecast.KeepOutliers
	} else {
		x.stuck = slices.DeleteFunc(outlier.Find(p, max(season, 1)), func(o outlier.Finding) bool { return o.Values == 0 })
		x.seen = outlier.Limit(p, x.stuck)
	}
	return x
}

// subject returns the series and the model that judges them. named tells that the command line names the model.
func (f *detectFlags) subject(ctx context.Context, named bool) (judged, error) {
	if f.path == "" || named {
		file, model, err := heldModel(ctx, f.model)
		if errors.Is(err, fs.ErrNotExist) && f.path == "" && !named {
			return judged{}, usagef("there is no %s; name a model file or a FILE of series", f.model)
		}
		if err != nil {
			return judged{}, err
		}
		panel, err := f.history(file.History)
		if err != nil {
			return judged{}, err
		}
		return f.judge(model, panel, file.Season, file.Outliers), nil
	}
	panel, err := f.unfitted(f.season)
	if err != nil {
		return judged{}, err
	}
	kind := "ar"
	if !panel.Step.Regular() {
		kind = "lgssm"
	}
	k, err := models.Lookup(kind)
	if err != nil {
		return judged{}, err
	}
	x := f.judge(models.ByStep(panel, k.Default), panel, panel.Season(), forecast.LimitOutliers)
	return x, forecast.Fit(ctx, x.model, x.seen, forecast.FitOptions{Horizon: 1, Season: x.season, Seed: f.seed, Outliers: x.outliers})
}

// markStuck marks the values of runs, but for the first of each, as anomalous, and notes them.
func (f *detectFlags) markStuck(p *series.Panel, runs []outlier.Finding, found []anomaly.Found) {
	f.progress.notes(outlier.Describe(p, runs))
	for _, r := range runs {
		for row := r.Row + 1; row <= r.Last; row++ {
			if k := row*p.Width() + r.Channel; !math.IsNaN(p.Series[r.Series].Values[k]) {
				found[r.Series].Anomaly[k] = true
			}
		}
	}
}

// say notes how many anomalies there are, and the first of them.
func (f *detectFlags) say(p *series.Panel, found []anomaly.Found, model string) {
	const told = 5
	known, n, shown := 0, 0, 0
	var first []string
	width := p.Width()
	for i, s := range p.Series {
		for k, pv := range found[i].P {
			if !math.IsNaN(pv) {
				known++
			}
			if !found[i].Anomaly[k] {
				continue
			}
			n++
			if before := k - width; before >= 0 && found[i].Anomaly[before] && s.Values[before] == s.Values[k] {
				continue // told with the first of its run
			}
			if len(first) == told {
				continue
			}
			at, last := p.Axis.Stamp(s.Times[k/width]), k
			for next := k + width; next < len(s.Values) && found[i].Anomaly[next] && s.Values[next] == s.Values[k]; next += width {
				last = next
			}
			if last > k {
				at += " to " + p.Axis.Stamp(s.Times[last/width])
			}
			first = append(first, strings.TrimSpace(fmt.Sprintf("%s %s %s = %s", s.ID, at, p.Channels[k%width], series.FormatNumber(s.Values[k]))))
			shown += (last-k)/width + 1
		}
	}
	f.progress.notef("%s: %d of %d values are anomalous; %.3g would be found where nothing is wrong", model, n, known, f.rate*float64(known))
	if n > 0 {
		more := ""
		if n > shown {
			more = ", ..."
		}
		f.progress.notef("%s%s", strings.Join(first, ", "), more)
	}
}

// writeFound writes the series with what was found of them.
func writeFound(w io.Writer, p *series.Panel, found []anomaly.Found) error {
	out := csv.NewWriter(w)
	keys := p.Keys(p.IDColumn != "" || len(p.Series) > 1, "unique_id", "ds")
	header := keys.Header()
	for _, c := range p.Channels {
		header = append(header, c, c+"-expected", c+"-lo", c+"-hi", c+"-p", c+"-anomaly")
	}
	if err := out.Write(header); err != nil {
		return err
	}
	cell := func(v float64) string {
		if math.IsNaN(v) {
			return ""
		}
		return series.FormatNumber(v)
	}
	for i, s := range p.Series {
		f := found[i]
		for r, t := range s.Times {
			row := keys.Append(nil, s.ID, t)
			for c := range p.Channels {
				k := r*p.Width() + c
				mark := "0"
				if f.Anomaly[k] {
					mark = "1"
				}
				row = append(row, cell(s.Values[k]), cell(f.Expected[k]), cell(f.Lo[k]), cell(f.Hi[k]), cell(f.P[k]), mark)
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
