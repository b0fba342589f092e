// Package command is the command tsgen: its verbs, their flags and what they write.
package command

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/internal/panics"
)

// Run does what the arguments say, as the command of them would, and returns the exit status. Those
// are the words after the name of the program; FILE - means stdin.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
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

// execute does what the arguments say. A panic is an error.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (verb *cobra.Command, err error) {
	defer panics.Catch(&err)
	if args == nil {
		args = []string{} // cobra would take os.Args
	}
	// What fails before a verb begins is a mistake in the command line.
	begun := false
	root := newRoot()
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
func Flags(verb string) *pflag.FlagSet {
	for _, cmd := range newRoot().Commands() {
		if cmd.Name() == verb {
			return cmd.Flags()
		}
	}
	return nil
}

func newRoot() *cobra.Command {
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
	root.SetVersionTemplate("{{.Version}}")
	root.AddCommand(newDescribe(), newFit(), newForecast(), newUpdate(), newFuture(), newBacktest(), newScore(), newDetect(), newComponents(),
		newImpute(), newGenerate(), newSimulate(), newCompare(), newEncode(), newLikelihood(), newPlot(), newReport(), newServe(), newInfo(), newModels(), newConfig(), newVersion(), newDocs())
	root.AddCommand(helpTopics()...)
	return root
}
