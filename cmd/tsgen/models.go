package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// closedFormNames returns the names of the models that are not trained step by
// step, and so take little time.
func closedFormNames() []string {
	var names []string
	for _, k := range models.Kinds() {
		if !k.Trained() {
			names = append(names, k.Name)
		}
	}
	return names
}

// newModel returns a model with options that the command line sets.
func newModel(kind string, options map[string]string) (forecast.Model, error) {
	m, err := models.New(kind, options)
	var wrong *models.OptionError
	if errors.As(err, &wrong) {
		return nil, usagef("%s: %w", strings.TrimSpace("--set "+wrong.Option), wrong.Err)
	}
	return m, err
}

// loadModel reads a model file.
func loadModel(path string) (*modelfile.File, forecast.Model, error) {
	m, f, err := models.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; fit a model first: tsgen fit FILE -o %s", err, path)
	}
	return f, m, err
}

// abilities says what models of the kind can do beyond forecasting.
func abilities(k models.Kind) string {
	var names []string
	for _, a := range k.Abilities() {
		names = append(names, string(a))
	}
	return cmp.Or(strings.Join(names, ", "), "-")
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func newModels() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the models and what they can do",
		Long: `models lists the models that fit knows, what they make of data (known ahead:
whether they heed the covariates of --known), and what they can do beyond
forecasting: generate new series, impute what is missing, tell the likelihood of a
series, encode it as latent states. Their options are in the help of fit.`,
		Example: "  tsgen models",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tIRREGULAR TIMES\tMISSING VALUES\tCHANNELS\tKNOWN AHEAD\tFORECAST\tALSO")
			for _, k := range models.Kinds() {
				fmt.Fprintln(w, strings.Join([]string{k.Name, k.Irregular, k.Missing, k.Channels, yesOrNo(k.Known), k.Distribution, abilities(k)}, "\t"))
			}
			return w.Flush()
		},
	}
}
