// Command tsgen-beam does what tsgen does for as many series as there are, on Apache Beam.
//
//	tsgen-beam forecast --input 'sales-*.csv.gz' --output out --horizon 24 -m auto
//	tsgen-beam forecast --input 'sales-*.csv.gz' --output out --horizon 24 -m sales.tsgen --runner flink --endpoint localhost:8099
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs" // objects of Google's store
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"  // objects of Amazon's store
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"
	"github.com/spf13/pflag"
)

// statuses of exit
const (
	failed   = 1
	misused  = 2
	someDead = 3
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	say := func(status int, err error) int {
		fmt.Fprintf(os.Stderr, "tsgen-beam: %v\n", err)
		return status
	}
	if isWorker(args) {
		return say(failed, work(ctx, args)) // it comes back if it cannot begin
	}
	o, err := parse(args, os.Stderr)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err != nil:
		return say(misused, err)
	}
	if err := o.settleWorkers(); err != nil {
		return say(failed, err)
	}
	beam.Init()
	if !o.verbose {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
		beamlog.SetLogger(quiet{})
	}
	dead, err := o.run(ctx)
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		return say(misused, err)
	case err != nil:
		return say(failed, err)
	case dead > 0:
		return say(someDead, fmt.Errorf("%d rows or series could not be used: %s", dead, o.in("dead.csv")))
	}
	return 0
}

// quiet passes on Beam's errors alone.
type quiet struct{}

// Log implements Beam's logger.
func (quiet) Log(_ context.Context, severity beamlog.Severity, _ int, message string) {
	if severity >= beamlog.SevError {
		fmt.Fprintln(os.Stderr, message)
	}
}
