package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// fitFlags are what the command line says to fit.
type fitFlags struct {
	data            dataFlags
	kind            string
	set             map[string]string
	updates         int
	horizon, season int
	seed            uint64
	timeLimit       time.Duration
	refit           bool
	calibrate       bool
	out, plot       string
	resume          string // model file whose training goes on
	progressMode    string
	json            bool
}

func newFit() *cobra.Command {
	f := &fitFlags{}
	cmd := &cobra.Command{
		Use:   "fit [FILE]",
		Short: "Fit a model to the series of a CSV file",
		Long: `fit trains a model on the series of a CSV file, plain or gzip, or of standard
input if FILE is - or absent, and writes it to a model file together with the
series, which forecast continues.

The file is long (a column that names the series, a column of times, columns of
values) or wide (a column of times and a column for each channel). What was
found is said on standard error. Cells may be empty where a value is missing,
and times may be unequally spaced.

The last horizon of every series is held out at first: the model learns from
what comes before, forecasts it, and is scored beside the seasonal naive
forecast, an autoregression and (of at most 20000 observations) the median of
several models in closed form. The table of scores is written to standard
output. Then the model is fitted again, to everything. Series too short to hold
anything out are fitted without a table.

Intervals are corrected by how far past values lay from what would have been
forecast of them: models in closed form look back from several earlier moments,
before they are examined and again at the end; of models that are trained, the
held-out forecast tells. --calibrate=false leaves the intervals as the model has
them.

With -m auto the models are compared on the past of the series, and a blend of
the best of them is fitted, or one that is clearly better than the blend, or the
ensemble where the blend is no better. Models that are trained take part if
there are enough observations; since each has a part of the time, the outcome
may then differ between machines. --time-limit is that of the whole
run (default 10m).

Scores (less is better for all but the coverages, which should be 0.80 and 0.95):
  MASE, SQL, MSIS  error of the mean, of the quantiles and of the 95 % interval,
                   in units of the seasonal naive error within the history
  sMAPE            error of the mean in percent, 0 to 200
  CRPS             error of the whole distribution, in the unit of the data
  WQL              error of the quantiles as a part of the values' magnitude
  cov 80, cov 95   share of the values within the 80 % and the 95 % interval

An interrupted fit keeps the best model so far in OUTPUT.partial, from which
forecast can read it. If its training stopped in the middle, because of that or
of --time-limit, --resume goes on with it, and ends with the model that the fit
would have ended with; series and options are those in the file, and so is the
output unless -o says another.

` + setHelp(),
		Example: `  tsgen fit sales.csv
  tsgen fit sales.csv --horizon 12 -o sales.tsgen --plot training.png
  tsgen fit pbc.csv.gz --id patient --time days --target bilirubin,albumin
  tsgen fit sales.csv --time-limit 10m && tsgen fit --resume model.tsgen
  tsgen fit sales.csv -m ar --set order=13
  mlr --icsv --ocsv filter '$shop == 7' sales.csv | tsgen fit --json > scores.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := f.job(cmd, args)
			if err != nil {
				return err
			}
			return job.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.kind, "model", "m", latentode.Kind, "`kind` of model: "+strings.Join(append(models.Names(), autoKind), ", "))
	fl.StringVarP(&f.out, "output", "o", "model.tsgen", "model `file` to write")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` ahead to fit for and to hold out (default two seasons, or a tenth of the length)")
	fl.IntVar(&f.season, "season", 0, "`steps` in a season, 1 for none (default the usual of the time step: 12 for months)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of all that is random")
	fl.IntVar(&f.updates, "updates", 0, "parameter `updates` at most; short for --set updates=N")
	fl.StringToStringVar(&f.set, "set", nil, "options of the model, `name=value,...`; see above")
	fl.Lookup("set").DefValue = ""
	fl.BoolVar(&f.refit, "refit", true, "fit again to everything after the examination")
	fl.BoolVar(&f.calibrate, "calibrate", true, "correct the intervals by past forecasts")
	fl.DurationVar(&f.timeLimit, "time-limit", 0, "`time` that a training may take, such as 90s or 5m; there are two, and scores come on top (default no limit; with one, runs differ)")
	fl.StringVar(&f.resume, "resume", "", "model `file` whose training goes on where it stopped")
	fl.StringVar(&f.plot, "plot", "", "picture of the training to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.progressMode, "progress", "auto", "`mode`: auto (a bar on a terminal, else plain), none, plain or json")
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of a table")
	f.data.register(cmd)
	fl.SortFlags = false
	completeWords(cmd, "model", append(models.Names(), autoKind)...)
	completeWords(cmd, "progress", "auto", "none", "plain", "json")
	return cmd
}

// setHelp lists the options of the models.
func setHelp() string {
	var b strings.Builder
	b.WriteString("Options of the models (--set name=value,...), and what they are by default:")
	for _, k := range models.Kinds() {
		fmt.Fprintf(&b, "\n  %s", k.Name)
		for _, line := range k.Help {
			fmt.Fprintf(&b, "\n    %s", line)
		}
	}
	return b.String()
}

// completeWords has the shell complete a flag with the given words.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag has no such name, or is completed already
	}
}

// maxSteps bounds the numbers of steps that the flags may ask for.
const maxSteps = 1 << 17

// maxSamples bounds the numbers of sample paths.
const maxSamples = 1 << 17

// leastLimit is the least time limit, in which a training makes an update.
const leastLimit = time.Millisecond

func inRange(steps int) bool { return 1 <= steps && steps <= maxSteps }

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
	switch {
	case fl.Changed("horizon") && !inRange(f.horizon):
		return nil, usagef("--horizon is %d, want 1 to %d", f.horizon, maxSteps)
	case fl.Changed("season") && !inRange(f.season):
		return nil, usagef("--season is %d, want 1 to %d", f.season, maxSteps)
	case fl.Changed("updates") && f.updates < 1:
		return nil, usagef("--updates is %d, want 1 or more", f.updates)
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
	if f.kind == autoKind {
		err = f.checkAuto()
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
		if err := checkPicture(f.plot, j.path); err != nil {
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
