package main

import (
	"flag"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	beamtsgen "tsgen/beam"
	"tsgen/internal/command"
	"tsgen/series/formats"
)

const usage = `tsgen-beam VERB --input GLOB --output DIR [flags]

VERB is forecast, fit, backtest, score, impute, or another verb of tsgen that asks a model file: detect,
likelihood, future. All files have the same columns; rows of a series may stand in any of them. The
tables go to DIR, one a shard of the series, what cannot be used to DIR/dead.csv, a model that is fitted
to DIR/model.tsgen, and scores to DIR/scores.json.

One model is fitted to a sample of the series (--sample) on one worker and goes to all; --per-series
fits one to each series by itself. The flags of 'tsgen fit' and of 'tsgen VERB' are flags here too.

Exit status: 0 done, 1 failed, 2 the command line is wrong, 3 done, but some rows or series could
not be used.

Flags (--verbose --help: those of tsgen and of Beam, too):
`

// A usageError is a mistake in the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

type options struct {
	verb, input, output, table, model, runner, id, time, forecasts string
	sample, shards, mostRows                                       int
	perSeries, verbose                                             bool
	format                                                         string

	fit, flags []string // of tsgen fit, and of the verb
}

// in returns the path of a file in the folder of the output.
func (o *options) in(name string) string { return beamtsgen.InFolder(o.output, name) }

// own are the flags of tsgen that mean something else here, or nothing.
var own = []string{
	"model", "models", "output", "format", "id", "time", "delimiter", "help", "quiet", "json", "plot", "progress", "resume", "from", "checkpoint",
	"compare", "actual", "history", "calibration", "series", "size", "at", "max-bytes", "max-cell", "max-ratio", "encoding", "by", "roll", "grid", "title",
}

// A passed is a flag of tsgen, as it was written.
type passed struct {
	name, kind string
	texts      []string
}

// String implements pflag.Value.
func (p *passed) String() string { return "" }

// Set implements pflag.Value.
func (p *passed) Set(text string) error {
	p.texts = append(p.texts, text)
	return nil
}

// Type implements pflag.Value.
func (p *passed) Type() string { return p.kind }

// parse reads the command line.
func parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.verb, args = args[0], args[1:]
	}
	fl := pflag.NewFlagSet("tsgen-beam", pflag.ContinueOnError)
	fl.SortFlags = false
	fl.SetOutput(w)
	fl.StringVar(&o.input, "input", "", "CSV or Parquet `files`, such as 'sales-*.csv.gz', of this machine, gs:// or s3://, or a table of BigQuery, bq://PROJECT.DATASET.TABLE")
	fl.StringVar(&o.output, "output", "", "`folder` to write to")
	fl.StringVar(&o.table, "table", "", "`table` of BigQuery, bq://PROJECT.DATASET.TABLE, whose rows the tables of the folder replace in the end, all or nothing")
	fl.StringVarP(&o.model, "model", "m", "auto", "`kind` of model to fit, or a model file to use, which ends with .tsgen; of backtest several kinds")
	fl.IntVar(&o.sample, "sample", 10000, "`series` that the model is fitted to, on one worker; 0: all")
	fl.BoolVar(&o.perSeries, "per-series", false, "fit a model to each series by itself, with --effort 1 if -m auto is told no other")
	fl.StringVar(&o.forecasts, "forecasts", "", "`files` of forecasts to score")
	fl.IntVar(&o.shards, "shards", 0, "`number` of parts that the series are cut into, and of tables (default by the size of the files)")
	fl.IntVar(&o.mostRows, "most-rows", 1_000_000, "`rows` that a series may have")
	fl.StringVar(&o.id, "id", "", "`columns` that name the series, with commas between (default detected)")
	fl.StringVar(&o.time, "time", "", "`columns` of time stamps (default detected)")
	fl.StringVar(&o.format, "format", "csv", "`format` of the tables: csv, parquet, arrow or jsonl")
	fl.StringVar(&o.runner, "runner", "prism", "`runner`: prism, within this process, flink, spark or dataflow")
	fl.BoolVar(&o.verbose, "verbose", false, "let Beam say what it does")
	ours := fl.FlagUsages()
	before := []string{}
	fl.VisitAll(func(f *pflag.Flag) { before = append(before, f.Name) })
	all := make(map[string]*passed)
	fit, verb := take(fl, "fit", all), take(fl, o.verb, all)
	flag.CommandLine.VisitAll(func(f *flag.Flag) {
		if fl.Lookup(f.Name) == nil && !slices.Contains([]string{"worker", "id", "options"}, f.Name) {
			fl.AddGoFlag(f)
		}
	})
	fl.Usage = func() {
		fmt.Fprint(w, usage, ours)
		if e := fl.Lookup("endpoint"); e != nil {
			fmt.Fprintf(w, "      --endpoint string     of a job service, such as localhost:8099, for the other runners\n")
		}
		if o.verbose {
			fl.VisitAll(func(f *pflag.Flag) { f.Hidden = f.Hidden || slices.Contains(before, f.Name) })
			fmt.Fprint(w, "\nFlags of tsgen and of Beam:\n", fl.FlagUsages())
		}
	}
	o.verbose = slices.Contains(args, "--verbose") // before --help
	if err := fl.Parse(args); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		names []string
		to    *[]string
	}{{fit, &o.fit}, {verb, &o.flags}} {
		for _, name := range f.names {
			for _, text := range all[name].texts {
				*f.to = append(*f.to, "--"+name+"="+text)
			}
		}
	}
	if o.perSeries && o.model == "auto" && !fl.Changed("effort") {
		o.fit = append(o.fit, "--effort=1")
	}
	return o, o.check(fl.Args())
}

// take adds the flags of a verb of tsgen and returns their names.
func take(fl *pflag.FlagSet, verb string, all map[string]*passed) (names []string) {
	from := command.Flags(verb)
	if from == nil {
		return nil
	}
	from.VisitAll(func(f *pflag.Flag) {
		if slices.Contains(own, f.Name) {
			return
		}
		names = append(names, f.Name)
		if all[f.Name] == nil {
			all[f.Name] = &passed{name: f.Name, kind: f.Value.Type()}
			added := fl.VarPF(all[f.Name], f.Name, "", f.Usage)
			added.NoOptDefVal = f.NoOptDefVal
		}
	})
	return names
}

// check says what is wrong with the command line.
func (o *options) check(more []string) error {
	_, err := formats.Named(o.format)
	switch {
	case o.verb == "":
		return usagef("a verb is needed, as in tsgen-beam forecast --input 'sales-*.csv' --output out; see tsgen-beam --help")
	case command.Flags(o.verb) == nil || o.verb != "score" && o.verb != "fit" && o.verb != "backtest" && command.Flags(o.verb).Lookup("model") == nil:
		return usagef("tsgen-beam has no verb %s, want fit, forecast, backtest, score, impute, detect, likelihood or future", o.verb)
	case len(more) > 0:
		return usagef("%s is no flag; the files are those of --input, within quotes if it has a star", more[0])
	case o.input == "" || o.output == "":
		return usagef("--input and --output are needed")
	case strings.HasPrefix(o.output, "bq://"):
		return usagef("--output is a folder; --table %s takes its tables to BigQuery", o.output)
	case o.table != "" && !strings.HasPrefix(o.table, "bq://"):
		return usagef("--table is %s, want bq://PROJECT.DATASET.TABLE", o.table)
	case o.table != "" && o.verb == "fit":
		return usagef("--table is of verbs that write tables; fit does not")
	case o.table != "" && o.format != "csv":
		return usagef("--table takes tables of --format csv, not %s", o.format)
	case o.sample < 0 || o.shards < 0 || o.mostRows < 1:
		return usagef("--sample and --shards cannot be negative, and --most-rows is 1 at least")
	case (o.verb == "score") != (o.forecasts != ""):
		return usagef("--forecasts is of score, which asks for it")
	case o.perSeries && (o.verb == "fit" || o.verb == "score"):
		return usagef("--per-series is of verbs that write tables; %s does not", o.verb)
	case o.perSeries && path.Ext(o.model) == ".tsgen":
		return usagef("--per-series fits models, and --model is a model file")
	case err != nil:
		return usagef("--format: %v", err)
	}
	for _, name := range []string{o.input, o.forecasts, o.table} {
		if err := beamtsgen.CheckTable(name); err != nil {
			return &usageError{err}
		}
	}
	return nil
}
