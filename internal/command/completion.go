package command

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// completeColumns has the shell complete the flags of columns with those of the first CSV file
// among the arguments.
func completeColumns(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		completeWith(cmd, flag, func(args []string, _ string) []string { return columnsOf(args) })
	}
}

// completeSeries has the shell complete --series with the names of the series of the first file
// among the arguments, or else of the model.
func completeSeries(cmd *cobra.Command) {
	completeWith(cmd, bySeries, func(args []string, model string) []string { return namesOf(args, model) })
}

// completeWith has the shell complete a flag of words with commas between them. words is
// given the arguments and the file of --model.
func completeWith(cmd *cobra.Command, flag string, words func(args []string, model string) []string) {
	completeBy(cmd, flag, func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		model := ""
		if f := cmd.Flags().Lookup("model"); f != nil {
			model = f.Value.String()
		}
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		given := strings.Split(before, ",")
		var all []string
		for _, w := range words(args, model) {
			if !slices.Contains(given, w) {
				all = append(all, before+w)
			}
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

// completions are what completes the flags of a verb that is being made.
type completions map[string]cobra.CompletionFunc

type completionsKey struct{}

// completeBy keeps what completes a flag in the context of the verb, until settleCompletions.
func completeBy(cmd *cobra.Command, flag string, by cobra.CompletionFunc) {
	kept := completionsOf(cmd)
	if kept == nil {
		kept = make(completions)
		cmd.SetContext(context.WithValue(context.Background(), completionsKey{}, kept))
	}
	kept[flag] = by
}

func completionsOf(cmd *cobra.Command) completions {
	if cmd.Context() == nil {
		return nil
	}
	kept, _ := cmd.Context().Value(completionsKey{}).(completions)
	return kept
}

// settleCompletions gives a verb that has been made its context. If a shell asks, what completes its flags is
// registered: cobra keeps that for ever, and a service makes a verb for each request.
func settleCompletions(ctx context.Context, cmd *cobra.Command, asked bool) {
	kept := completionsOf(cmd)
	cmd.SetContext(ctx)
	for flag, by := range kept {
		if !asked {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(flag, by); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// completeOptions has the shell complete fit --set with the options of the kind of model.
func completeOptions(cmd *cobra.Command) {
	completeWith(cmd, "set", func(_ []string, model string) []string {
		k, err := models.Lookup(model)
		if err != nil {
			return nil
		}
		var all []string
		for _, o := range k.OptionList() {
			all = append(all, o.Name+"=")
		}
		return all
	})
}

// mostToComplete is the number of bytes of a file that are read while the shell waits.
const mostToComplete = 1 << 20

// sniff reads the beginning of the first file of series among the arguments.
func sniff(args []string) (*series.Panel, *series.Sniffed, error) {
	at := slices.IndexFunc(args, func(a string) bool { return filepath.Ext(a) != ".tsgen" && a != "-" })
	if at < 0 {
		return nil, nil, os.ErrNotExist
	}
	in, err := os.Open(args[at])
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, mostToComplete))
	if err != nil {
		return nil, nil, err
	}
	if len(head) == mostToComplete {
		head = head[:bytes.LastIndexByte(head, '\n')+1] // whole lines
	}
	return series.ReadCSV(bytes.NewReader(head), series.ReadOptions{Name: args[at], MinRows: 1})
}

func columnsOf(args []string) []string {
	_, found, err := sniff(args)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Concat([]string{found.ID, found.Time}, found.Channels, found.Known, found.LeftOut),
		func(name string) bool { return name == "" })
}

func namesOf(args []string, model string) []string {
	panel, _, err := sniff(args)
	if err != nil {
		for _, a := range args {
			if filepath.Ext(a) == ".tsgen" {
				model = a
			}
		}
		file, err := modelfile.Load(model)
		if err != nil {
			return nil
		}
		panel = file.History
	}
	var all []string
	for _, s := range panel.Series {
		if s.ID != "" {
			all = append(all, s.ID)
		}
	}
	return all
}
