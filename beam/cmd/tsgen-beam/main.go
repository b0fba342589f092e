// Command tsgen-beam does what tsgen does for as many series as there are, on Apache Beam.
//
//	tsgen-beam forecast --input 'sales-*.csv.gz' --output out --horizon 24 -m auto
//	tsgen-beam forecast --input 'sales-*.csv.gz' --output out --horizon 24 -m sales.tsgen --runner flink --endpoint localhost:8099
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"

	beamtsgen "tsgen/beam"
)

const usage = `tsgen-beam VERB --input GLOB --output DIR [flags] [-- flags of tsgen VERB]

VERB is fit, forecast, or another verb of tsgen that asks a model file: impute, detect, likelihood,
future. All files have the same columns; rows of a series may stand in any of them. The tables go to
DIR, one a shard of the series, what cannot be used to DIR/dead.csv, and a model that is fitted to
DIR/model.tsgen.

Exit status: 0 done, 1 failed, 2 the command line is wrong, 3 done, but some rows or series could
not be used.

Flags (and those of Beam's runners):
`

// statuses of exit
const (
	failed   = 1
	misused  = 2
	someDead = 3
)

type options struct {
	verb, input, output, model, runner, id, time string
	horizon, sample, shards, mostRows            int
	season, effort, level                        string
	more                                         []string
	verbose                                      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	o, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(os.Stderr, "tsgen-beam: %v\n", err)
			os.Exit(misused)
		}
		return
	}
	beam.Init()
	dead, err := run(ctx, o)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "tsgen-beam: %v\n", err)
		os.Exit(failed)
	case dead > 0:
		fmt.Fprintf(os.Stderr, "tsgen-beam: %d rows or series could not be used: %s\n", dead, path.Join(o.output, "dead.csv"))
		os.Exit(someDead)
	}
}

// parse reads the command line. The flags of Beam's runners are among those of package flag.
func parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	fl := flag.CommandLine
	fl.Init("tsgen-beam", flag.ContinueOnError)
	fl.SetOutput(w)
	fl.Usage = func() {
		fmt.Fprint(w, usage)
		for _, name := range []string{"input", "output", "m", "horizon", "sample", "shards", "most-rows", "key", "time", "season", "effort", "level", "runner", "endpoint", "verbose"} {
			if f := fl.Lookup(name); f != nil {
				kind, about := flag.UnquoteUsage(f)
				fmt.Fprintf(w, "  --%-18s %s\n", strings.TrimSpace(f.Name+" "+kind), strings.ReplaceAll(about, "\n", " "))
			}
		}
	}
	fl.StringVar(&o.input, "input", "", "CSV `files`, such as 'sales-*.csv.gz', of this machine or of a file system that Beam knows")
	fl.StringVar(&o.output, "output", "", "`folder` to write to")
	fl.StringVar(&o.model, "m", "auto", "`kind` of the model to fit to a sample of the series, or a model file to use, which ends with .tsgen")
	fl.IntVar(&o.horizon, "horizon", 0, "`steps` to forecast (default that of the fit)")
	fl.IntVar(&o.sample, "sample", 10000, "number of `series` that the model is fitted to, on one worker; 0: all")
	fl.IntVar(&o.shards, "shards", 100, "`number` of parts that the series are cut into, and of tables")
	fl.IntVar(&o.mostRows, "most-rows", 10_000_000, "`rows` that a series may have")
	fl.StringVar(&o.id, "key", "", "`columns` of the series' names, with commas between (default found)")
	fl.StringVar(&o.time, "time", "", "`columns` of the times (default found)")
	fl.StringVar(&o.season, "season", "", "`season` of the fit, as tsgen fit takes it")
	fl.StringVar(&o.effort, "effort", "", "`effort` of the fit: low, normal or high")
	fl.StringVar(&o.level, "level", "", "`levels` of the intervals in percent")
	fl.StringVar(&o.runner, "runner", "prism", "`runner`: prism, within this process, flink or spark")
	fl.BoolVar(&o.verbose, "verbose", false, "let Beam say what it does")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.verb, args = args[0], args[1:]
	}
	if err := fl.Parse(args); err != nil {
		return nil, err
	}
	o.more = fl.Args()
	switch {
	case o.verb == "":
		return nil, errors.New("a verb is needed, as in tsgen-beam forecast --input 'sales-*.csv' --output out; see tsgen-beam --help")
	case o.input == "" || o.output == "":
		return nil, errors.New("--input and --output are needed")
	case o.horizon < 0 || o.sample < 0 || o.shards < 1 || o.mostRows < 1:
		return nil, errors.New("--horizon and --sample cannot be negative, --shards and --most-rows not below 1")
	}
	return o, nil
}

// run runs the job and returns how many rows and series were not used.
func run(ctx context.Context, o *options) (dead int64, err error) {
	if !o.verbose {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
		beamlog.SetLogger(quiet{})
	}
	table, err := beamtsgen.Sniff(ctx, o.input, o.id, o.time)
	if err != nil {
		return 0, err
	}
	if !strings.Contains(o.output, "://") {
		if err := os.MkdirAll(o.output, 0o777); err != nil {
			return 0, err
		}
	}
	p, s := beam.NewPipelineWithRoot()
	rows, unread := beamtsgen.Read(s, o.input, table)
	lost := []beam.PCollection{unread}
	var model beam.PCollection
	if filepath.Ext(o.model) == ".tsgen" {
		bytes, err := os.ReadFile(o.model)
		if err != nil {
			return 0, err
		}
		model = beam.Create(s, bytes)
	} else {
		var unfit beam.PCollection
		model, unfit = beamtsgen.Fit(s, rows, table, beamtsgen.FitOptions{Kind: o.model, Series: o.sample, Flags: o.fitFlags()})
		if o.verb == "fit" {
			lost = append(lost, unfit)
		}
		beamtsgen.WriteModel(s, path.Join(o.output, "model.tsgen"), model)
	}
	if o.verb != "fit" {
		_, failed := beamtsgen.Each(s, rows, model, table, beamtsgen.Job{
			Verb: o.verb, Flags: o.verbFlags(), Output: o.output, Shards: o.shards, MostRows: o.mostRows,
		})
		lost = append(lost, failed)
	}
	beamtsgen.WriteDead(s, path.Join(o.output, "dead.csv"), lost...)
	result, err := beam.Run(ctx, o.runner, p)
	if err != nil {
		return 0, err
	}
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if name := c.Name(); name == "dead_rows" || name == "dead_series" {
			dead += c.Result()
		}
	}
	return dead, nil
}

func (o *options) fitFlags() []string {
	var flags []string
	if o.horizon > 0 {
		flags = append(flags, "--horizon", strconv.Itoa(o.horizon))
	}
	if o.season != "" {
		flags = append(flags, "--season", o.season)
	}
	if o.effort != "" {
		flags = append(flags, "--effort", o.effort)
	}
	if o.verb == "fit" {
		flags = append(flags, o.more...)
	}
	return flags
}

func (o *options) verbFlags() []string {
	var flags []string
	if o.horizon > 0 && (o.verb == "forecast" || o.verb == "future") {
		flags = append(flags, "--horizon", strconv.Itoa(o.horizon))
	}
	if o.level != "" {
		flags = append(flags, "--level", o.level)
	}
	return append(flags, o.more...)
}

// quiet passes on Beam's errors alone.
type quiet struct{}

// Log implements Beam's logger.
func (quiet) Log(_ context.Context, severity beamlog.Severity, _ int, message string) {
	if severity >= beamlog.SevError {
		fmt.Fprintln(os.Stderr, message)
	}
}
