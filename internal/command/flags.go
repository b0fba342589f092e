package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/forecast"
)

// A job is a command line that has been checked.
type job interface {
	run(ctx context.Context, stdout io.Writer) error
}

// runJob returns what runs the job that check makes of a command line.
func runJob[J job](check func(*cobra.Command, []string) (J, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		j, err := check(cmd, args)
		if err != nil {
			return err
		}
		return j.run(cmd.Context(), cmd.OutOrStdout())
	}
}

// completeWords has the shell complete a flag with the given words.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	completeBy(cmd, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// maxSteps bounds the numbers of steps that the flags may ask for.
const maxSteps = 1 << 17

// maxSamples bounds the numbers of sample paths.
const maxSamples = 1 << 17

// leastLimit is the least time limit, in which a training makes an update.
const leastLimit = time.Millisecond

func registerOutliers(fl *pflag.FlagSet, how *string) {
	fl.StringVar(how, "outliers", "limit", "`what` models see of absurd values and breaks: limit (the usual instead) or keep (all as it is)")
}

// outliers returns what the flag says.
func outliers(how string) (forecast.Outliers, error) {
	switch how {
	case "limit", "":
		return forecast.LimitOutliers, nil
	case string(forecast.KeepOutliers):
		return forecast.KeepOutliers, nil
	}
	return "", usagef("--outliers is %q, want limit or keep", how)
}

func registerLevels(fl *pflag.FlagSet, levels *[]float64, preset ...float64) {
	fl.Float64SliceVar(levels, "level", preset, "levels of the intervals in `percent`")
	var words []string
	for _, l := range preset {
		words = append(words, strconv.FormatFloat(l, 'g', -1, 64))
	}
	fl.Lookup("level").DefValue = cmp.Or(strings.Join(words, ","), "none")
}

// plainFlagError says in the error of a flag's value which flag it is, what it has and what it wants, in the words of
// the command where the reader of the value has but those of a program.
func plainFlagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	flag := invalid.GetFlag()
	want := map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0 up",
		"float64": "a number", "float64Slice": "numbers with commas between", "intSlice": "whole numbers with commas between",
		"bool": "true or false", "duration": "a time such as 90s, 10m or 1h30m",
	}[flag.Value.Type()]
	switch {
	case strings.HasPrefix(invalid.Unwrap().Error(), "--"):
		return invalid.Unwrap()
	case want == "":
		return fmt.Errorf("--%s is %q: %w", flag.Name, invalid.GetValue(), invalid.Unwrap())
	case errors.Is(err, strconv.ErrRange):
		want += " of fewer digits"
	}
	return fmt.Errorf("--%s is %q, want %s", flag.Name, invalid.GetValue(), want)
}

// checkSteps says which of the named flags is given and out of range.
func checkSteps(fl *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if n, err := fl.GetInt(name); err == nil && fl.Changed(name) && (n < 1 || n > maxSteps) {
			return usagef("--%s is %d, want 1 to %d", name, n, maxSteps)
		}
	}
	return nil
}

// checkLevels says what is wrong with the levels of intervals.
func checkLevels(levels []float64) error {
	for i, l := range levels {
		if !(l > 0 && l < 100) {
			return usagef("--level is %v, want more than 0 and less than 100", l)
		}
		if l < 1 {
			return usagef("--level is in percent, and %v would be hardly an interval at all; give %.12g for %.12g %%", l, 100*l, 100*l)
		}
		if slices.Contains(levels[:i], l) {
			return usagef("--level %v is given twice", l)
		}
	}
	return nil
}
