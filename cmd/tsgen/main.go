// Command tsgen fits generative models of time series to CSV files and
// forecasts with them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tsgen/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(command.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
