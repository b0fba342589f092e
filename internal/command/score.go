package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
)

// scoreFlags are what the command line says to score.
type scoreFlags struct {
	data        dataFlags
	history     string
	season      seasonFlag
	calibration string
	pictures    pictureFlags
	by          string
	json        bool
}

func newScore() *cobra.Command {
	f := &scoreFlags{}
	cmd := &cobra.Command{
		Use: "score FORECAST ACTUAL",
		Long: `score compares the forecasts in a file with the actual values in another.
The forecasts may come from any tool that writes a row for each series and time;
what their columns mean is recognized by the names and said on standard error:

  ar, ar-lo-80, ar-hi-80        intervals around the median (Nixtla, tsgen)
  mean, 0.1, 0.2 ... 0.9        quantiles (AutoGluon, Chronos)
  ar-q0.1, ar_q10 ...           quantiles of a model, as parts or percent
  yhat, yhat_lower, yhat_upper  an 80 % interval (Prophet)
  sample-1, ar_sample_2 ...     sample paths
  ar                            a point, where no other column belongs to it

Between the quantiles given, and beyond the outermost, the distribution is taken
to be piecewise Gaussian. The point forecast is its mean.

MASE, SQL and MSIS divide by the seasonal naive error within the history. That is
read from the file named by --history; without one it is what ACTUAL has before
the first forecast. 'tsgen help scores' says what the scores mean.`,
		Example: `  tsgen score forecast.csv actual.csv --history sales.csv
  tsgen score autogluon.csv all.csv --season 24 --json
  tsgen score panel.csv actual.csv --by series
  tsgen score chronos.csv actual.csv --calibration calibration.png`,
		Args: cobra.ExactArgs(2),
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringVar(&f.history, "history", "", "`file` of what came before the forecasts")
	f.season.register(fl)
	fl.StringVar(&f.calibration, "calibration", "", "picture of the calibration to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySize)
	registerBy(cmd, &f.by)
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of a table")
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// A scoreJob is a command line of score that has been checked.
type scoreJob struct {
	scoreFlags
	forecasts, actual string
	read              series.ReadOptions
	split             forecast.Split
	progress          *progress
}

func (f *scoreFlags) job(cmd *cobra.Command, args []string) (j *scoreJob, err error) {
	j = &scoreJob{scoreFlags: *f, forecasts: args[0], actual: args[1]}
	if slices.Contains(args, "-") || f.history == "-" {
		return nil, usagef("score reads files, not standard input")
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	j.read.MinRows = 1
	if j.split, err = splitBy(f.by); err != nil {
		return nil, err
	}
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	return j, j.pictures.check("calibration", f.calibration, args...)
}

func (j *scoreJob) run(_ context.Context, stdout io.Writer) error {
	actual, err := readPanel(j.actual, nil, j.read, j.progress)
	if err != nil {
		return err
	}
	var history *series.Panel
	if j.history != "" {
		opt := comparable(j.read, actual)
		opt.Targets = actual.Channels
		if history, err = readPanel(j.history, nil, opt, j.progress); err != nil {
			return err
		}
	}
	if history != nil {
		j.season.settle(history, 1, func(int) *series.Panel { return history }, j.progress)
	} else {
		j.season.apply(actual)
	}
	forecasts, err := readForecasts(j.forecasts, j.read, actual, j.progress)
	if err != nil {
		return err
	}
	report := &forecast.Report{}
	for i, f := range forecasts {
		origin, tested, err := j.score(f, history, actual)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", j.forecasts, f.Model, err)
		}
		// Models may be of different times: each has an origin of its own.
		tested.Forecasts = append(make([]*forecast.Forecast, i), tested.Forecasts...)
		report.Origins, report.Models = append(report.Origins, origin), append(report.Models, tested)
		for _, leads := range origin.Leads {
			if len(leads) > 0 {
				report.Horizon = max(report.Horizon, slices.Max(leads))
			}
		}
	}
	for m := range report.Models {
		t := &report.Models[m]
		t.Forecasts = append(t.Forecasts, make([]*forecast.Forecast, len(report.Origins)-len(t.Forecasts))...)
	}
	if j.calibration != "" {
		whole := forecast.Report{Origins: report.Origins[:1], Models: report.Models} // all are of one origin
		figure, err := plots.Calibration(&whole, j.pictures.options("Calibration of "+filepath.Base(j.forecasts)))
		if err := writePicture(j.calibration, figure, err, j.progress); err != nil {
			return err
		}
	}
	if j.json {
		return j.showJSON(stdout, report)
	}
	if err := forecast.WriteTable(stdout, report.Results()); err != nil || j.split == "" {
		return err
	}
	parts, err := report.Parts(j.split)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout)
	return report.WriteParts(stdout, j.split, parts)
}

// comparable returns options to read what is on the axis of a panel.
func comparable(opt series.ReadOptions, p *series.Panel) series.ReadOptions {
	opt.Targets = nil
	if p.Axis.Layout != series.LayoutNumber {
		opt.Axis = &p.Axis
	}
	return opt
}

// readForecasts reads forecasts of the channels of a panel, as any tool writes them. Where the
// file has actual values, too, they are what a reader of series takes it to be of; then the
// other columns are asked for.
func readForecasts(path string, opt series.ReadOptions, actual *series.Panel, p *progress) ([]*forecast.Forecast, error) {
	opt = comparable(opt, actual)
	table, found, err := readSource(path, nil, opt)
	if err != nil {
		return nil, err
	}
	forecasts, notes, err := forecast.FromColumns(table, actual.Channels)
	if errors.Is(err, forecast.ErrMismatch) && len(found.LeftOut) > 0 {
		for _, name := range found.LeftOut {
			if name != "cutoff" {
				opt.Targets = append(opt.Targets, name)
			}
		}
		if table, _, err = readSource(path, nil, opt); err != nil {
			return nil, err
		}
		forecasts, notes, err = forecast.FromColumns(table, actual.Channels)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, n := range notes {
		p.notef("%s: %s", path, n)
	}
	return forecasts, nil
}

// score compares one model's forecast with the actual values that it is of, and returns
// the origin that it was made from.
func (j *scoreJob) score(f *forecast.Forecast, history, actual *series.Panel) (forecast.Origin, forecast.Tested, error) {
	var before, after []*series.Series
	some := *f
	some.Series = nil
	pit := make([][]float64, 0, len(f.Series))
	unknown, uncovered := 0, 0
	came, known := actual.ByID(), map[string]*series.Series(nil)
	if history != nil {
		known = history.ByID()
	}
	for _, d := range f.Series {
		s := came[d.ID]
		if s == nil || len(d.Times) == 0 {
			unknown++
			continue
		}
		from, _ := slices.BinarySearch(s.Times, d.Times[0])
		to, last := slices.BinarySearch(s.Times, d.Times[len(d.Times)-1])
		if last {
			to++
		}
		past := s.Slice(0, from)
		if history != nil {
			if past = known[d.ID]; past == nil {
				return forecast.Origin{}, forecast.Tested{}, fmt.Errorf("%w: series %q is not in %s", forecast.ErrMismatch, d.ID, j.history)
			}
		}
		common := onlyAt(s.Slice(from, to), d.Times)
		uncovered += to - from - common.Len()
		before, after = append(before, past), append(after, common)
		some.Series = append(some.Series, d)
		pit = append(pit, transform(d, common))
	}
	if uncovered > 0 {
		j.progress.notef("%s: %s between the first and the last forecast one have no forecast and are left out", f.Model, count(uncovered, "time"))
	}
	if unknown > 0 {
		j.progress.notef("%s: %d of %d series have no actual values and are left out", f.Model, unknown, len(f.Series))
	}
	past := actual
	if history != nil {
		past = history // whose step is the surer one
	}
	if !slices.ContainsFunc(after, func(s *series.Series) bool { return s.Observed() > 0 }) {
		return forecast.Origin{}, forecast.Tested{}, fmt.Errorf("%w: there is no actual value in %s at any of its times", forecast.ErrMismatch, j.actual)
	}
	origin := forecast.Origin{History: past.With(before), Actual: actual.With(after)}
	for i, d := range some.Series {
		leads := make([]int, after[i].Len()) // the place of each time among those forecast
		for k, t := range after[i].Times {
			place, _ := slices.BinarySearch(d.Times, t)
			leads[k] = place + 1
		}
		origin.Leads = append(origin.Leads, leads)
	}
	scores, err := forecast.Score(origin.History, origin.Actual, &some, 0)
	return origin, forecast.Tested{Name: f.Model, Scores: scores, Forecasts: []*forecast.Forecast{&some}, PIT: [][][]float64{pit}}, err
}

// onlyAt returns the rows of s at the given times.
func onlyAt(s *series.Series, times []float64) *series.Series {
	only := &series.Series{ID: s.ID}
	for i, t := range s.Times {
		if _, found := slices.BinarySearch(times, t); found {
			only.Times, only.Values = append(only.Times, t), append(only.Values, s.Row(i)...)
		}
	}
	return only
}

// transform returns the probability integral transform of the values of s at
// the times of d.
func transform(d *forecast.Distribution, s *series.Series) []float64 {
	values := make([]float64, 0, len(d.Times)*d.Width())
	for _, t := range d.Times {
		if i, found := slices.BinarySearch(s.Times, t); found {
			values = append(values, s.Row(i)...)
			continue
		}
		for range d.Width() {
			values = append(values, math.NaN())
		}
	}
	return d.PIT(nil, values)
}

// A scoreReport is the JSON document of score.
type scoreReport struct {
	Forecasts string       `json:"forecasts"`
	Actual    string       `json:"actual"`
	Season    int          `json:"season,omitempty"`
	Models    []scoreModel `json:"models"`
	By        *partsReport `json:"by,omitempty"`
}

type scoreModel struct {
	modelScores
	Values  int           `json:"values"` // compared
	Weights *scoreWeights `json:"weights"`

	// PIT is the histogram of the probability integral transform: the shares of
	// the values in each tenth of the distribution, 0.1 each if it is calibrated.
	PIT []number `json:"pit"`
}

func (j *scoreJob) showJSON(w io.Writer, report *forecast.Report) error {
	r := scoreReport{Forecasts: j.forecasts, Actual: j.actual, Season: j.season.shortest()}
	for i, result := range report.Results() {
		m := scoreModel{modelScores: scoresOf(result), Values: result.Scores.Values, Weights: weightsOf(result.Scores), PIT: make([]number, 10)}
		for _, s := range report.Models[i].PIT[0] {
			for _, u := range s {
				if !math.IsNaN(u) {
					m.PIT[min(int(10*u), 9)] += number(1 / float64(m.Values))
				}
			}
		}
		r.Models = append(r.Models, m)
	}
	var err error
	if r.By, err = newPartsReport(report, j.split); err != nil {
		return err
	}
	return writeJSON(w, r)
}
