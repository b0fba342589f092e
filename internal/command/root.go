// Package command is the command tsgen: its verbs, their flags and what they write.
package command

import (
	"context"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/internal/panics"
	"tsgen/series"
)

// Run does what the arguments say, as the command of them would, and returns the exit status. Those
// are the words after the name of the program; FILE - means stdin.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	room := series.NewScratch(os.TempDir())
	defer room.Close() // of a file that has no name any more
	ctx = context.WithValue(ctx, scratchKey{}, room)
	out := &counter{Writer: stdout}
	verb, err := execute(ctx, args, stdin, out, stderr)
	status := report(stderr, verb, err)
	if err != nil && out.n == 0 && wantsJSON(verb, args) {
		if failed := reportJSON(stdout, verb, err, status); failed != nil {
			return report(stderr, verb, failed)
		}
	}
	return status
}

type scratchKey struct{}

// scratchOf returns where a run holds many numbers, nil for memory, as on behalf of a service.
func scratchOf(ctx context.Context) *series.Scratch {
	room, _ := ctx.Value(scratchKey{}).(*series.Scratch)
	return room
}

// execute does what the arguments say. A panic is an error.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (verb *cobra.Command, err error) {
	defer panics.Catch(&err)
	if args == nil {
		args = []string{} // cobra would take os.Args
	}
	// What fails before a verb begins is a mistake in the command line.
	begun := false
	root := rootFor(ctx, args)
	root.PersistentPreRunE = func(verb *cobra.Command, _ []string) error {
		begun = true
		// What a request does not say is as the command has it, and not as who runs the service likes it.
		if _, serving := verb.Context().Value(servedKey{}).(*served); !serving {
			if err := configure(verb, stderr); err != nil {
				return err
			}
		}
		return checkApart(verb.Flags())
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	verb, err = root.ExecuteContextC(ctx)
	if err != nil && !begun {
		err = &usageError{err}
	}
	return verb, err
}

// Flags returns the flags of a verb, nil if there is no such verb.
func Flags(name string) *pflag.FlagSet {
	for _, v := range verbs() {
		if v.name == name {
			return v.make().Flags()
		}
	}
	return nil
}

// A verb is one of the command: what the list of all says of it, and how it is made.
type verb struct {
	name, short string
	make        func() *cobra.Command
}

func verbs() []verb {
	return []verb{
		{"describe", "Say how the series of a file are understood", newDescribe},
		{"fit", "Fit a model to the series of a file", newFit},
		{"forecast", "Forecast with a fitted model", newForecast},
		{"update", "Take new rows into a fitted model", newUpdate},
		{"future", "Write the times to forecast, for their covariates to be filled in", newFuture},
		{"backtest", "Compare models on the past of the series of a file", newBacktest},
		{"score", "Score the forecasts of any tool against actual values", newScore},
		{"detect", "Find anomalous values", newDetect},
		{"components", "Split series into trend, seasons and remainder", newComponents},
		{"impute", "Fill in missing values with a fitted model", newImpute},
		{"generate", "Draw new series from a fitted model", newGenerate},
		{"simulate", "Make series of known making", newSimulate},
		{"compare", "Judge generated series by real ones", newCompare},
		{"encode", "Find the latent states of series with a fitted model", newEncode},
		{"likelihood", "Compute the likelihood of series under a fitted model", newLikelihood},
		{"plot", "Draw series, forecasts beside them, or a model's forecast", newPlot},
		{"report", "Write all about a model and its data as one HTML file", newReport},
		{"serve", "Serve models over HTTP, with a page to try them", newServe},
		{"info", "Say what a model file holds, and verify it", newInfo},
		{"models", "List the models, or tell of one and its options", newModels},
		{"config", "Settings that flags need not say each time", newConfig},
		{"version", "Print the version and how the program was built", newVersion},
	}
}

// rootFor returns the command with those verbs whole that the arguments name. Of the others it has
// what the list of all says: their flags would take longer than some verbs do.
func rootFor(ctx context.Context, args []string) *cobra.Command {
	completing := len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
	return rootWith(ctx, completing, func(name string) bool { return slices.Contains(args, name) })
}

// newRoot returns the command with all verbs.
func newRoot() *cobra.Command {
	return rootWith(context.Background(), false, func(string) bool { return true })
}

func rootWith(ctx context.Context, completing bool, whole func(verb string) bool) *cobra.Command {
	root := &cobra.Command{
		Use:   "tsgen",
		Short: "Generative models of time series",
		Long: `tsgen fits generative models of time series to tables and forecasts with
them. Observations may be equally spaced or not, and values may be missing.

Results go to standard output or to the file named by -o, everything else to
standard error. The same input and seed give the same bytes on any number of
processors.

` + exitHelp,
		Example: `  tsgen fit sales.csv
  tsgen forecast --horizon 24 --plot forecast.png > forecast.csv`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.PersistentFlags().BoolP("quiet", "q", false, "say nothing on standard error but what went wrong")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return plainFlagError(err) })
	root.SetVersionTemplate("{{.Version}}")
	for _, v := range verbs() {
		cmd := &cobra.Command{Use: v.name, Run: func(*cobra.Command, []string) {}}
		if whole(v.name) {
			cmd = v.make()
			settleCompletions(ctx, cmd, completing)
		}
		cmd.Short = v.short
		root.AddCommand(cmd)
	}
	root.AddCommand(helpTopics()...)
	return root
}
