package command

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
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
	seeds        int
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
	from         string // model file whose weights the training begins with
	pictures     pictureFlags
	progressMode string
	json         bool
}

func newFit() *cobra.Command {
	f := &fitFlags{}
	cmd := &cobra.Command{
		Use: "fit [FILE | TUNE.mid ...]",
		Long: `fit trains a model on the series of a file (CSV, Parquet, Arrow or JSON lines; standard input if
FILE is - or absent) and writes it, with the series, to a model file for forecast.
Which model that is the past of the series decides: all that suit them forecast it, and
the best, or a blend of the best, is fitted ('tsgen help scores' explains the table).
--effort says how much work that may take. -m NAME fits one model instead: it forecasts
the last horizon, held out, beside closed-form models, and is fitted again to everything. -m zeroshot was
trained once, on simulated series; by --set tune=true it learns from those of the file, too.

  tsgen models NAME    what a model is, and its options for --set
  tsgen help data      the files that are read, and tunes in MIDI
  tsgen help values    counts, shares and bounds, --min and --max
  tsgen help training  the choice, examination, calibration, interruption, --resume, --from`,
		Example: `  tsgen fit sales.csv --horizon 12 -o sales.tsgen
  tsgen fit tunes/*.mid -m srnn
  tsgen fit sales.csv -m vrnn --set hidden=32,likelihood=poisson --plot training.png`,
		Args: fileOrTunes,
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.kind, "model", "m", autoKind, "`kind` of model, see 'tsgen models', or auto: chosen by the past")
	fl.StringVarP(&f.out, "output", "o", "model.tsgen", "model `file` to write")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` ahead to fit for and to hold out (default two seasons, a quarter of a long one, or a tenth of the length)")
	f.season.register(fl)
	fl.Uint64Var(&f.seed, "seed", 1, "seed of all that is random")
	fl.IntVar(&f.seeds, "seeds", 1, "`number` of trainings, each from a seed of its own, whose quantiles are averaged: a blend")
	fl.IntVar(&f.updates, "updates", 0, "parameter `updates` at most; short for --set updates=N")
	fl.StringToStringVar(&f.set, "set", nil, "options of the model, `name=value,...`; see 'tsgen models NAME'")
	fl.Lookup("set").DefValue = ""
	fl.StringVar(&f.effort, "effort", "normal", "`work` of -m auto: low, normal (about a minute on two cores), high, or a number: 10 is low, 100 normal")
	fl.BoolVar(&f.unexamined, "no-examine", false, "hold nothing out and compare with nothing: fit to everything, without scores")
	fl.BoolVar(&f.refit, "refit", true, "fit again to everything after the examination")
	fl.BoolVar(&f.calibrate, "calibrate", true, "correct the intervals by past forecasts")
	registerOutliers(fl, &f.outliers)
	f.bounds.register(fl)
	f.holidays.register(cmd)
	fl.DurationVar(&f.timeLimit, "time-limit", 0, "`time` that the choice, or each of the two trainings, may take, such as 90s or 5m (default no limit; with one, runs differ)")
	fl.DurationVar(&f.checkpoint, "checkpoint", 30*time.Second, "`time` between two checkpoints of a training in OUTPUT.partial; 0 for none")
	fl.StringVar(&f.resume, "resume", "", "model `file` whose training goes on where it stopped")
	fl.StringVar(&f.from, "from", "", "model `file` whose weights, options, seasons and horizon a training begins with")
	fl.StringVar(&f.plot, "plot", "", "picture of the training to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySize)
	fl.StringVar(&f.progressMode, "progress", "auto", "`mode`: auto (a bar on a terminal, else plain), none, plain or json")
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of a table")
	f.data.register(cmd)
	for _, name := range []string{"updates", "checkpoint"} { // told by 'tsgen models NAME' and 'tsgen help training'
		if err := fl.MarkHidden(name); err != nil {
			panic(err) // there is no such flag
		}
	}
	fl.SortFlags = false
	completeOptions(cmd)
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
	var start *modelfile.File
	switch {
	case f.from != "" && begun != nil:
		start, _, err = loadModel(cmd.Context(), f.from)
	case f.from != "":
		start, err = f.startFrom(cmd.Context(), fl)
	}
	if err != nil {
		return nil, err
	}
	j = &fitJob{fitFlags: *f, start: start, path: "-", stdin: cmd.InOrStdin(), begun: begun}
	if len(args) > 0 {
		j.path, j.more = args[0], args[1:]
	}
	if err := checkSteps(fl, "horizon"); err != nil {
		return nil, err
	}
	switch {
	case f.seeds < 1 || f.seeds > mostSeeds:
		return nil, usagef("--seeds is %d, want 1 to %d", f.seeds, mostSeeds)
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
	} else if isMusic(j.path) { // a note is no outlier
		j.limit = forecast.KeepOutliers
	}
	if j.work, err = effort(f.effort); err != nil {
		return nil, err
	}
	if f.seeds > 1 {
		if err := j.multiply(); err != nil {
			return nil, err
		}
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
		if err := j.pictures.check("plot", f.plot, j.path); err != nil {
			return nil, err
		}
	}
	return j, checkOutput(f.out, j.path)
}

// mostSeeds bounds --seeds.
const mostSeeds = 100

// multiply makes the model of the flags a blend of as many of its kind as there are seeds.
func (f *fitFlags) multiply() error {
	k, err := models.Lookup(f.kind)
	switch {
	case err != nil:
		return usagef("--seeds: --model is %q, want a kind that is trained, such as mixer", f.kind)
	case !k.Trained():
		return usagef("--seeds: %s is not trained, and is the same for any seed; mixer, vrnn, srnn, latent-ode and others are", f.kind)
	case len(f.set) > 0:
		return usagef("--seeds goes with --updates alone, not with --set")
	case f.resume != "":
		return usagef("--seeds: several trainings cannot be resumed")
	}
	f.kind, f.set, f.updates = models.BlendName, map[string]string{"members": models.Members(f.kind, f.seeds, f.updates)}, 0
	return nil
}

// take makes the model that the flags describe the one to fit.
func (j *fitJob) take() (err error) {
	j.ofSteps = nil
	if j.model, err = j.newModel(); err != nil {
		return err
	}
	if j.panel != nil {
		j.model = j.build()
	}
	if j.calibrate && !models.IsTrained(j.model) {
		j.calibrated = &forecast.Calibrated{New: j.build}
		j.calibrated.Alone = func(history *series.Panel) bool { return models.Alone(j.calibrated.New(), history) }
	}
	return nil
}

// build returns the model that the flags describe, which has been built before, for the
// steps of the panel once that is read.
func (j *fitJob) build() forecast.Model {
	build := func() forecast.Model {
		m, err := j.newModel()
		if err != nil {
			panic(err) // it has been built before
		}
		return m
	}
	if j.panel == nil {
		return build()
	}
	if j.ofSteps == nil {
		j.ofSteps = models.StepBuilder(j.panel, build)
	}
	return j.ofSteps()
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
