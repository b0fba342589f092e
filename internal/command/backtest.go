package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/seasons"
)

// backtestFlags are what the command line says to backtest.
type backtestFlags struct {
	output
	data                   dataFlags
	models                 []string
	horizon, windows, step int
	season                 seasonFlag
	samples                int
	seed                   uint64
	refit                  bool
	outliers               string
	holidays               holidayFlag
	bounds                 boundFlags
	timeLimit              time.Duration
	levels                 []float64
	plot, calibration      string
	pictures               pictureFlags
	by                     string
	json                   bool
}

func newBacktest() *cobra.Command {
	f := &backtestFlags{}
	cmd := &cobra.Command{
		Use: "backtest [FILE]",
		Long: `backtest has models forecast the series of a file from several moments of
their past, called origins, and scores the forecasts against what came. The last
origin lies one horizon before the end of each series, the others --step apart
before it.

Models that are trained are fitted once, to what comes before the first origin,
or with --refit again at each origin. The table of scores goes to standard
output, best model first ('tsgen help scores' says what they mean), and
below it the SQL of each step of the horizon; the forecasts beside the actual
values go to the file named by -o, one row for each origin, series and time:

  unique_id,ds,cutoff,y,ar,ar-lo-80,ar-hi-80,...`,
		Example: `  tsgen backtest sales.csv --horizon 12 --windows 4
  tsgen backtest sales.csv --models ar,latent-ode --refit --plot leads.png -o forecasts.csv
  tsgen backtest sensors.csv --models ar,ets --by channel
  tsgen backtest sales.csv --calibration calibration.png --json > scores.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringSliceVarP(&f.models, "models", "m", nil, "`kinds` of models (default those in closed form: "+strings.Join(closedFormNames(), ", ")+")")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` ahead to forecast (default two seasons, a quarter of a long one, or a tenth of the length)")
	fl.IntVar(&f.windows, "windows", 3, "number of origins")
	fl.IntVar(&f.step, "step", 0, "`steps` from one origin to the next (default the horizon)")
	fl.BoolVar(&f.refit, "refit", false, "fit the models again at each origin")
	f.season.register(fl)
	registerOutliers(fl, &f.outliers)
	f.bounds.register(fl)
	f.holidays.register(cmd)
	fl.IntVar(&f.samples, "samples", 1000, "number of sample paths")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of all that is random")
	fl.DurationVar(&f.timeLimit, "time-limit", 0, "`time` that each training may take, such as 90s or 5m (default no limit; with one, runs differ)")
	registerLevels(fl, &f.levels, 80, 95)
	f.registerTable(cmd, "", "`file` of forecasts and actual values to write, such as f.csv or f.parquet")
	fl.StringVar(&f.plot, "plot", "", "picture of the scores by step to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.calibration, "calibration", "", "picture of the calibration to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySize)
	registerBy(cmd, &f.by)
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of tables")
	f.data.register(cmd)
	fl.SortFlags = false
	completeWords(cmd, "outliers", "limit", "keep")
	completeWords(cmd, "models", models.Names()...)
	return cmd
}

// A backtestJob is a command line of backtest that has been checked.
type backtestJob struct {
	backtestFlags
	path     string // "-" for stdin
	stdin    io.Reader
	read     series.ReadOptions
	progress *progress
	kinds    []models.Kind
	limit    forecast.Outliers
	split    forecast.Split
	seasons  seasons.Parts // nil if the command line says them
}

// job checks the command line, and that the files can be written.
func (f *backtestFlags) job(cmd *cobra.Command, args []string) (j *backtestJob, err error) {
	fl := cmd.Flags()
	j = &backtestJob{backtestFlags: *f, path: "-", stdin: cmd.InOrStdin()}
	if len(args) > 0 {
		j.path = args[0]
	}
	if err := checkSteps(fl, "horizon", "windows", "step", "samples"); err != nil {
		return nil, err
	}
	if len(args) == 0 && isTerminal(j.stdin) {
		return nil, usagef("no FILE to read, and standard input is a terminal")
	}
	if fl.Changed("time-limit") && f.timeLimit < leastLimit {
		return nil, usagef("--time-limit is %v, want a time such as 90s or 5m, at least %v", f.timeLimit, leastLimit)
	}
	if err := checkLevels(f.levels); err != nil {
		return nil, err
	}
	if j.kinds, err = candidates(f.models); err != nil {
		return nil, err
	}
	if _, err = f.bounds.parse(); err != nil {
		return nil, err
	}
	if err := f.holidays.check(); err != nil {
		return nil, err
	}
	if j.split, err = splitBy(f.by); err != nil {
		return nil, err
	}
	if j.limit, err = outliers(f.outliers); err != nil {
		return nil, err
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	if err := j.pictures.check("plot", f.plot, j.path); err != nil {
		return nil, err
	}
	if err := checkPicture("calibration", f.calibration, j.path); err != nil {
		return nil, err
	}
	if err := j.settle(); err != nil {
		return nil, err
	}
	if f.out != "" {
		return j, checkOutput(f.out, j.path)
	}
	return j, nil
}

// candidates returns the kinds with the given names; without any, those in closed form.
func candidates(names []string) ([]models.Kind, error) {
	if len(names) == 0 {
		names = closedFormNames()
	}
	var all []models.Kind
	for i, name := range names {
		k, err := models.Lookup(name)
		if err != nil {
			return nil, usagef("--models has %q, want some of %s", name, strings.Join(models.Names(), ", "))
		}
		if slices.Contains(names[:i], name) {
			return nil, usagef("--models has %s twice", name)
		}
		all = append(all, k)
	}
	return all, nil
}

// run reads the series, examines the models and writes what came of it.
func (j *backtestJob) run(ctx context.Context, stdout io.Writer) error {
	panel, err := readPanel(j.path, j.stdin, j.read, j.progress)
	if err != nil {
		return err
	}
	if j.season.periods == nil && j.read.Step == "" {
		panel = condensed(j.path, panel, j.progress)
	}
	if _, err := j.data.doctor.examine(j.path, panel, j.progress); err != nil {
		return err
	}
	if panel, err = j.holidays.add(panel, j.progress); err != nil {
		return err
	}
	j.horizon, j.seasons = j.season.settle(panel, j.horizon, func(h int) *series.Panel {
		origins, err := forecast.RollingOrigins(panel, h, j.windows, cmp.Or(j.step, h))
		if err != nil {
			return panel // too short, as the backtest will say
		}
		return origins[0].History
	}, j.progress)
	noteOutliers(j.progress, j.limit, panel, 0)
	var domains []forecast.Domain // seen from each origin, unless said
	if j.bounds.min != nil || j.bounds.max != nil {
		if domains, err = j.bounds.domains(j.path, panel, nil); err != nil {
			return err
		}
		noteDomains(j.progress, panel, domains)
	}
	begun, windows := forecast.Begun(panel, j.horizon, j.windows, cmp.Or(j.step, j.horizon), panel.Season())
	if late := panel.Without(begun); len(late) > 0 {
		j.progress.notef("%s: begun too late for forecasts of the past; the scores are those of the other channels", strings.Join(late, ", "))
	}
	panel, domains = panel.WithChannels(begun), forecast.SomeDomains(domains, begun)
	var examined []forecast.Candidate
	for _, k := range j.kinds {
		examined = append(examined, k.Candidate(panel))
	}
	report, err := forecast.Backtest(ctx, panel, examined, forecast.BacktestOptions{
		Horizon: j.horizon, Windows: windows, Step: j.step, Refit: j.refit,
		Outliers: j.limit, Domains: domains, Samples: j.samples, Seed: j.seed, TimeLimit: j.timeLimit,
	})
	if err != nil {
		return err
	}
	if n := len(report.Origins); n < j.windows {
		j.progress.notef("the series are long enough for %s, not %d", count(n, "origin"), j.windows)
	}
	if err := refused(report); err != nil {
		return err
	}
	for _, m := range report.Models {
		j.progress.notes(notes(m.Forecasts))
	}
	if err := j.draw(report); err != nil {
		return err
	}
	if j.out != "" {
		err := j.writeTable(stdout, panel, func(w io.Writer) error { return report.WriteCSV(w, panel, j.levels) })
		if err != nil {
			return err
		}
		j.progress.notef("wrote %s", j.out)
	}
	if j.json {
		return j.showJSON(stdout, report)
	}
	return j.show(stdout, report)
}

// refused returns the reasons of the models if none could forecast the data.
func refused(r *forecast.Report) error {
	var all []error
	for _, m := range r.Models {
		if m.Err == nil {
			return nil
		}
		all = append(all, m.Err)
	}
	return errors.Join(all...)
}

// notes returns what the forecasts have to say, each thing once.
func notes(forecasts []*forecast.Forecast) []string {
	var all []string
	for _, f := range forecasts {
		for _, n := range f.Notes {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

func (j *backtestJob) draw(report *forecast.Report) error {
	title := j.pictures.options("")
	if j.path != "-" {
		title.Title = "Backtest of " + filepath.Base(j.path)
	}
	if j.plot != "" {
		figure, err := plots.Leads(report, title)
		if err := writePicture(j.plot, figure, err, j.progress); err != nil {
			return err
		}
	}
	if j.calibration != "" {
		figure, err := plots.Calibration(report, title)
		return writePicture(j.calibration, figure, err, j.progress)
	}
	return nil
}

// show writes the tables of scores.
func (j *backtestJob) show(w io.Writer, report *forecast.Report) error {
	fmt.Fprintf(w, "forecasts of %s from %s:\n", count(j.horizon, "step"), count(len(report.Origins), "origin"))
	if err := forecast.WriteTable(w, report.Results()); err != nil {
		return err
	}
	if j.split != "" {
		parts, err := report.Parts(j.split)
		if err != nil {
			return err
		}
		fmt.Fprintln(w)
		return report.WriteParts(w, j.split, parts)
	}
	if j.horizon == 1 {
		return nil
	}
	fmt.Fprintln(w)
	return report.WriteSteps(w)
}

// A backtestReport is the JSON document of backtest.
type backtestReport struct {
	Series   int           `json:"series"`
	Channels []string      `json:"channels"`
	Horizon  int           `json:"horizon"`
	Origins  int           `json:"origins"`
	Step     int           `json:"step"`
	Season   int           `json:"season"`            // the shortest
	Seasons  seasons.Found `json:"seasons,omitempty"` // that were looked for

	OwnSteps []seasons.StepReport `json:"ownSteps,omitempty"` // of series that have another step
	Seed     uint64               `json:"seed"`
	Refit    bool                 `json:"refit"`
	Models   []backtestModel      `json:"models"`
	By       *partsReport         `json:"by,omitempty"`
}

type backtestModel struct {
	modelScores
	Weights *scoreWeights       `json:"weights,omitempty"`
	Steps   []map[string]number `json:"steps,omitempty"` // scores of each step of the horizon
}

func (j *backtestJob) showJSON(w io.Writer, report *forecast.Report) error {
	last := report.Origins[len(report.Origins)-1]
	r := backtestReport{
		Series: len(last.Actual.Series), Channels: last.Actual.Channels, Horizon: j.horizon, Origins: len(report.Origins),
		Step: cmp.Or(j.step, j.horizon), Season: report.Season, Seasons: j.seasons.Own(), OwnSteps: j.seasons.Others(), Seed: j.seed, Refit: j.refit,
	}
	for i, result := range report.Results() {
		m := backtestModel{modelScores: scoresOf(result)}
		if result.Err == nil {
			m.Weights = weightsOf(result.Scores)
		}
		for _, s := range report.Models[i].Steps {
			m.Steps = append(m.Steps, measures(s))
		}
		r.Models = append(r.Models, m)
	}
	var err error
	if r.By, err = newPartsReport(report, j.split); err != nil {
		return err
	}
	return writeJSON(w, r)
}
