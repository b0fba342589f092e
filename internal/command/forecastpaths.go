package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// pathFlags are what the command line says of the joint distribution of a forecast.
type pathFlags struct {
	paths  int    // to write, 0 for none
	sum    string // period of aggregates, empty for none
	reduce forecast.Aggregation
}

func (f *pathFlags) register(fl *pflag.FlagSet) {
	fl.IntVar(&f.paths, "paths", 0, "write that `number` of sample paths instead of quantiles")
	fl.StringVar(&f.sum, "sum", "", "forecast the sums over a `period`: day, week, month, quarter, year or another step, or horizon")
}

// check checks the flags. aggregate is that of --aggregate, which every brings rows together
// by, too.
func (f *pathFlags) check(cmd *cobra.Command, every, aggregate string) error {
	fl := cmd.Flags()
	if fl.Changed("paths") && (f.paths < 1 || f.paths > maxSamples) {
		return usagef("--paths is %d, want 1 to %d", f.paths, maxSamples)
	}
	f.reduce = forecast.Sum
	if fl.Changed("aggregate") && (f.sum != "" || every == "") {
		if f.reduce = forecast.Aggregation(aggregate); !slices.Contains(forecast.Aggregations(), f.reduce) {
			return usagef("--aggregate is %q, want sum, mean, max or min", aggregate)
		}
		if f.sum == "" {
			f.sum = forecast.WholeHorizon
		}
	}
	if f.sum == "" || f.sum == forecast.WholeHorizon {
		return nil
	}
	if _, err := series.ParseStep(f.sum); err != nil {
		return usagef("--sum: %v, or horizon for all that is forecast", err)
	}
	return nil
}

// joined reports whether sample paths are needed.
func (f *pathFlags) joined() bool { return f.paths > 0 || f.sum != "" }

// aggregated returns the forecast of what --sum asks for, and if note is set says what is to
// be known of it.
func (f *pathFlags) aggregated(history *series.Panel, made *forecast.Forecast, note bool, p *progress) (*forecast.Forecast, error) {
	if f.sum == "" {
		return made, nil
	}
	noted := len(made.Notes)
	all, err := forecast.Aggregate(history, made, forecast.AggregateOptions{Period: f.sum, How: f.reduce})
	if err != nil {
		return nil, usagef("--sum: %v", err)
	}
	if note {
		p.notes(all.Notes[noted:])
	}
	return all, nil
}

// shown returns history and forecast as a picture shows them: of periods that are whole.
// joint is the forecast before it is aggregated.
func (f *pathFlags) shown(history *series.Panel, joint, made *forecast.Forecast) (*series.Panel, *forecast.Forecast, error) {
	if f.sum == "" {
		return history, made, nil
	}
	if f.sum == forecast.WholeHorizon {
		return nil, nil, usagef("--plot draws no aggregate over the whole horizon; give --sum a period")
	}
	past, err := forecast.AggregateHistory(history, f.sum, f.reduce)
	if err != nil {
		return nil, nil, err
	}
	whole, err := forecast.Aggregate(history, joint, forecast.AggregateOptions{Period: f.sum, How: f.reduce, Whole: true})
	if err != nil {
		return nil, nil, err
	}
	whole.Model = made.Model
	for i, d := range whole.Series {
		if len(d.Times) == 0 || past.Series[i].Len() == 0 {
			return nil, nil, fmt.Errorf("%w: --plot: %s has no whole %s to draw; ask for more steps", forecast.ErrTooShort, forecast.Describe(d.ID), f.sum)
		}
	}
	return past, whole, nil
}

// continuation returns what a model file forecasts of the history, with its calibration
// unless that is not wanted; joined as sample paths.
func continuation(ctx context.Context, file *modelfile.File, model forecast.Model, history *series.Panel, opt forecast.Options, joined, calibrate bool) (*forecast.Forecast, error) {
	opt.Season, opt.Outliers = file.Season, file.Outliers
	seen, found := file.Outliers.Seen(history, file.Season)
	if len(found) == 0 {
		opt.Outliers = forecast.KeepOutliers // there are none to look for again
	}
	one := forecast.Continue
	if joined {
		one = forecast.Paths
	}
	made, err := one(ctx, model, history, opt)
	if err != nil {
		return nil, err
	}
	if calibrate {
		made = file.Calibration.Apply(made, seen)
	}
	return noteFar(file, history, made), nil
}
