package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitData        = 3
	exitMismatch    = 4
	exitInterrupted = 130
)

const exitHelp = `Exit status:
  0    done
  1    failed: a file cannot be opened or written, or training diverged
  2    the command line is wrong
  3    the data are wrong; the message names file, line, column and value
  4    the model does not fit the data: other channels or steps, too few
       observations, or a model file that is damaged or of a newer version
  130  interrupted; a training keeps its best model so far in OUTPUT.partial`

// A usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// report writes the error, if it is one, as one line and returns the exit
// status that it means. After a mistake in the command line a second line
// says where help is, and after a panic comes its stack.
func report(w io.Writer, verb *cobra.Command, err error) int {
	if err == nil {
		return exitDone
	}
	var bug *forecast.PanicError
	if errors.As(err, &bug) {
		fmt.Fprintf(w, "tsgen: internal error, please report it with what follows: %v\n", err)
		return exitFailed
	}
	status := exitStatus(err)
	fmt.Fprintf(w, "tsgen: %s\n", sentence(err, status))
	if status == exitUsage {
		fmt.Fprintf(w, "Run '%s --help' for usage.\n", verb.CommandPath())
	}
	return status
}

// sentence says an error of the given status in a line.
func sentence(err error, status int) string {
	if status == exitInterrupted {
		return "interrupted"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// exitStatus says what an error means for the exit status.
func exitStatus(err error) int {
	var usage *usageError
	var parse *series.ParseError
	var short *series.ShortError
	var model *modelfile.FormatError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, forecast.ErrMismatch), errors.Is(err, forecast.ErrTooShort), errors.Is(err, series.ErrGrid),
		errors.As(err, &short), errors.As(err, &model):
		return exitMismatch
	case errors.As(err, &parse), errors.Is(err, series.ErrKnown), errors.Is(err, series.ErrEvents):
		return exitData
	}
	return exitFailed
}
