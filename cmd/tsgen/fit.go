package main

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// fitFlags are what the command line says to fit.
type fitFlags struct {
	data         dataFlags
	kind         string
	set          map[string]string
	updates      int
	horizon      int
	season       seasonFlag
	seed         uint64
	timeLimit    time.Duration
	checkpoint   time.Duration // between two checkpoints; zero for none
	effort       string
	work         float64 // that the effort stands for
	unexamined   bool
	refit        bool
	calibrate    bool
	outliers     string
	holidays     holidayFlag
	bounds       boundFlags
	out, plot    string
	resume       string // model file whose training goes on
	progressMode string
	json         bool
}

func newFit() *cobra.Command {
	f := &fitFlags{}
	cmd := &cobra.Command{
		Use:   "fit [FILE]",
		Short: "Fit a model to the series of a file",
		Long: `fit trains a model on the series of a file (CSV, Parquet, Arrow or JSON lines; standard input if
FILE is - or absent) and writes it, with the series, to a model file for forecast.
Which model that is the past of the series decides: all that suit them forecast it, and
the best, or a blend of the best, is fitted ('tsgen help scores' explains the table).
--effort says how much work that may take. -m NAME fits one model instead: it forecasts
the last horizon, held out, beside closed-form models, and is fitted again to everything. -m zeroshot was
trained once, on simulated series, and forecasts without a fit.

  tsgen models NAME    what a model is, and its options for --set
  tsgen help data      the files that are read
  tsgen help values    counts, shares and bounds, --min and --max
  tsgen help training  the choice, examination, calibration, interruption, --resume`,
		Example: `  tsgen fit sales.csv --horizon 12 -o sales.tsgen
  tsgen fit pbc.csv.gz --id patient --time days --target bilirubin,albumin
  tsgen fit sales.csv -m vrnn --set hidden=32,likelihood=poisson --plot training.png`,
		Args: cobra.MaximumNArgs(1),
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.kind, "model", "m", autoKind, "`kind` of model, see 'tsgen models', or auto: chosen by the past")
	fl.StringVarP(&f.out, "output", "o", "model.tsgen", "model `file` to write")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` ahead to fit for and to hold out (default two seasons, a quarter of a long one, or a tenth of the length)")
	f.season.register(fl)
	fl.Uint64Var(&f.seed, "seed", 1, "seed of all that is random")
	fl.IntVar(&f.updates, "updates", 0, "parameter `updates` at most; short for --set updates=N")
	fl.StringToStringVar(&f.set, "set", nil, "options of the model, `name=value,...`; see 'tsgen models NAME'")
	fl.Lookup("set").DefValue = ""
	fl.StringVar(&f.effort, "effort", "normal", "`work` of -m auto: low, normal (about a minute on two cores) or high")
	fl.BoolVar(&f.unexamined, "no-examine", false, "hold nothing out and compare with nothing: fit to everything, without scores")
	fl.BoolVar(&f.refit, "refit", true, "fit again to everything after the examination")
	fl.BoolVar(&f.calibrate, "calibrate", true, "correct the intervals by past forecasts")
	registerOutliers(fl, &f.outliers)
	f.bounds.register(fl)
	f.holidays.register(cmd)
	fl.DurationVar(&f.timeLimit, "time-limit", 0, "`time` that the choice, or each of the two trainings, may take, such as 90s or 5m (default no limit; with one, runs differ)")
	fl.DurationVar(&f.checkpoint, "checkpoint", 30*time.Second, "`time` between two checkpoints of a training in OUTPUT.partial; 0 for none")
	fl.StringVar(&f.resume, "resume", "", "model `file` whose training goes on where it stopped")
	fl.StringVar(&f.plot, "plot", "", "picture of the training to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.progressMode, "progress", "auto", "`mode`: auto (a bar on a terminal, else plain), none, plain or json")
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of a table")
	f.data.register(cmd)
	fl.SortFlags = false
	completeWords(cmd, "model", append(models.Names(), autoKind)...)
	completeWords(cmd, "effort", "low", "normal", "high")
	completeWords(cmd, "outliers", "limit", "keep")
	completeWords(cmd, "progress", "auto", "none", "plain", "json")
	return cmd
}

// job checks the command line, and that the files can be written.
func (f *fitFlags) job(cmd *cobra.Command, args []string) (j *fitJob, err error) {
	fl := cmd.Flags()
	var begun *modelfile.File
	if f.resume != "" {
		if begun, err = f.takeUp(cmd, args); err != nil {
			return nil, err
		}
	}
	j = &fitJob{fitFlags: *f, path: "-", stdin: cmd.InOrStdin(), begun: begun}
	if len(args) > 0 {
		j.path = args[0]
	}
	if err := checkSteps(fl, "horizon"); err != nil {
		return nil, err
	}
	switch {
	case fl.Changed("updates") && f.updates < 1:
		return nil, usagef("--updates is %d, want 1 or more", f.updates)
	case f.checkpoint < 0:
		return nil, usagef("--checkpoint is %v, want a time such as 30s, or 0 for no checkpoints", f.checkpoint)
	case fl.Changed("time-limit") && f.timeLimit < leastLimit:
		return nil, usagef("--time-limit is %v, want a time such as 90s or 5m, at least %v", f.timeLimit, leastLimit)
	case len(args) == 0 && f.resume == "" && isTerminal(j.stdin):
		return nil, usagef("no FILE to read, and standard input is a terminal")
	case f.out == "-":
		return nil, usagef("--output is -, but a model cannot go to standard output; name a file")
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	if _, err := f.bounds.parse(); err != nil {
		return nil, err
	}
	if err := f.holidays.check(); err != nil {
		return nil, err
	}
	if begun != nil {
		j.limit = begun.Outliers
	} else if j.limit, err = outliers(f.outliers); err != nil {
		return nil, err
	}
	if j.work, err = effort(f.effort); err != nil {
		return nil, err
	}
	if f.kind == autoKind {
		err = f.checkAuto()
	} else if fl.Changed("effort") {
		err = usagef("--effort is of -m auto, which tries several models; --model is %s", f.kind)
	} else {
		err = j.take()
	}
	if err != nil {
		return nil, err
	}
	if j.progress, err = newProgress(f.progressMode, noteWriter(cmd)); err != nil {
		return nil, err
	}
	if f.plot != "" {
		if _, ok := j.model.(models.Trained); !ok && f.kind != autoKind {
			return nil, usagef("--plot: %s is not trained step by step, there is nothing to draw", f.kind)
		}
		if err := checkPicture("plot", f.plot, j.path); err != nil {
			return nil, err
		}
	}
	return j, checkOutput(f.out, j.path)
}

// take makes the model that the flags describe the one to fit.
func (j *fitJob) take() (err error) {
	if j.model, err = j.newModel(); err != nil {
		return err
	}
	if j.calibrate && !models.IsTrained(j.model) {
		flags := j.fitFlags
		j.calibrated = &forecast.Calibrated{New: func() forecast.Model {
			m, err := flags.newModel()
			if err != nil {
				panic(err) // it has been built before
			}
			return m
		}}
	}
	return nil
}

// newModel returns the model that the flags describe.
func (f *fitFlags) newModel() (forecast.Model, error) {
	if _, err := models.Lookup(f.kind); err != nil {
		return nil, usagef("--model is %q, want %s", f.kind, strings.Join(append(models.Names(), autoKind), ", "))
	}
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	return newModel(f.kind, options)
}

// options returns the model's options that the flags name, as text.
func (f *fitFlags) options() (map[string]string, error) {
	options := maps.Clone(f.set)
	if f.updates > 0 {
		if _, twice := options["updates"]; twice {
			return nil, usagef("--updates and --set updates= say the same thing; give one of them")
		}
		if options == nil {
			options = make(map[string]string)
		}
		options["updates"] = strconv.Itoa(f.updates)
	}
	return options, nil
}
